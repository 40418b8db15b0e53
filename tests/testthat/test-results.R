test_that("results print in a few lines, without image bytes", {
  results <- some_results()
  expect_snapshot(print(results))
  expect_snapshot(summary(results))
  expect_snapshot(results$reference_image[[1]])
  expect_snapshot(results$reference_image[[2]])
  expect_snapshot(results[0, ])
  printed <- capture.output(print(results[rep(1, 30), ]))
  expect_match(printed, "and 20 more", all = FALSE)
  expect_length(capture.output(print(results[rep(1, 30), ], n = 30)), 32)
  for (object in list(
    results,
    merge(results, data.frame(session_id = results$session_id)),
    as.data.frame(results)
  )) {
    expect_false(any(grepl("d8, ff|0xd8|ff d8", capture.output(print(object)))))
    expect_false(any(grepl("d8, ff|ff d8", unlist(lapply(format(object), as.character)))))
  }
})

test_that("results are data frames for base R", {
  results <- some_results()
  both <- rbind(results, results[2:3, ])
  expect_s3_class(both, "liveness_results")
  expect_identical(both$session_id, results$session_id[c(1:4, 2:3)])
  expect_identical(both$reference_image[[5]], results$reference_image[[2]])
  good <- results[which(results$confidence > 90), ]
  expect_identical(good$session_id, results$session_id[1])
  expect_s3_class(good, "liveness_results")
  expect_identical(good$reference_image[[1]]$Bytes, results$reference_image[[1]]$Bytes)
  expect_output(print(results["confidence"]), "99.5")
  users <- data.frame(session_id = rev(results$session_id), user = c("d", "c", "b", "a"))
  merged <- merge(results, users, by = "session_id")
  expect_identical(merged$user, c("a", "b", "c", "d"))
  expect_identical(merged$reference_image[[2]], results$reference_image[[2]])
  ordered <- results[order(results$confidence), ]
  expect_identical(ordered$confidence[1:2], c(41, 99.5))
  results$user <- letters[1:4]
  expect_identical(nrow(subset(results, user == "b")), 1L)
  expect_identical(
    c(results$feedback[2], results$feedback[3])[[1]]$code,
    c("FACE_NOT_VISIBLE", "EYES_CLOSED_DETECTED")
  )
  expect_identical(summary(results)$sessions, 4L)
  expect_identical(as.vector(summary(results)$status[c("SUCCEEDED", "FAILED")]), c(2L, 1L))
})

test_that("results are never a tibble, and keep their class in dplyr verbs", {
  skip_if_not_installed("dplyr")
  loadNamespace("tibble")
  results <- some_results()
  expect_identical(class(results), c("liveness_results", "data.frame"))
  ids <- results$session_id
  users <- data.frame(session_id = ids, user = letters[1:4])
  same <- list(
    dplyr::arrange(dplyr::filter(results, confidence > 0), confidence),
    dplyr::mutate(results, user = "a"),
    dplyr::select(results, session_id, reference_image),
    dplyr::slice(results, 2),
    dplyr::left_join(results, users, by = "session_id"),
    dplyr::right_join(results, users, by = "session_id"),
    dplyr::bind_rows(results, results),
    dplyr::distinct(results)
  )
  for (x in same) {
    expect_identical(class(x), class(results))
  }
  expect_identical(same[[1]]$confidence, c(41, 99.5))
  expect_identical(same[[1]]$reference_image[[2]], results$reference_image[[1]])
  expect_identical(same[[5]]$user, letters[1:4])
  expect_identical(dplyr::summarise(dplyr::group_by(results, status), n = dplyr::n())$n, c(1L, 2L, 1L))
})

test_that("as_liveness_results() restores the class", {
  skip_if_not_installed("dplyr")
  results <- some_results()
  users <- data.frame(session_id = results$session_id, user = letters[1:4])
  for (x in list(
    merge(results, users),
    cbind(results, user = letters[1:4]),
    dplyr::group_by(results, status),
    dplyr::rowwise(results),
    dplyr::left_join(users, results, by = "session_id"),
    tibble::as_tibble(results)
  )) {
    expect_false(inherits(x, "liveness_results"))
    again <- as_liveness_results(x)
    expect_identical(class(again), c("liveness_results", "data.frame"))
    expect_identical(again$reference_image, results$reference_image)
    expect_output(print(again), "<4 sessions>", fixed = TRUE)
    expect_identical(summary(again)$sessions, 4L)
  }
})

test_that("rows with the same images are duplicates", {
  skip_if_not_installed("dplyr")
  results <- some_results()
  twice <- rbind(results, results[1, ])
  expect_identical(nrow(dplyr::distinct(twice)), 4L)
  twice$reference_image[[5]]$Bytes[50] <- as.raw(0)
  expect_identical(nrow(dplyr::distinct(twice)), 5L)
  expect_identical(nrow(unique(twice)), 5L)
  expect_identical(nrow(dplyr::setdiff(twice, results)), 1L)
  expect_identical(dplyr::n_distinct(results$reference_image), 3L)
})

test_that("results regain their class, and user columns are shown", {
  results <- some_results()
  users <- data.frame(session_id = results$session_id, user = c("Ada", "Ben", "Chen", "Dita"))
  merged <- merge(results, users, by = "session_id")
  again <- as_liveness_results(merged)
  expect_s3_class(again, "liveness_results")
  expect_output(print(again), "Chen")
  expect_identical(summary(again)$sessions, 4L)
  expect_identical(as_liveness_results(again), again)
  expect_identical(caught(as_liveness_results(1))$argument, "x")
  expect_s3_class(caught(as_liveness_results(data.frame(a = 1))), "rekognition_error")
})

test_that("the requests of a duplicated session are counted once", {
  results <- some_results()
  expect_identical(summary(results[c(1, 1, 2), ])$attempts, 2L)
})

test_that("print() checks n, digits and width", {
  results <- some_results()
  lines <- function(...) capture.output(print(results, ...))
  expect_identical(lines(n = 0)[-1], "... and 4 more sessions")
  expect_length(lines(n = 2), 1 + 1 + 2 + 1)
  expect_length(lines(n = Inf), 1 + 1 + 4)
  for (bad in list(NA, NA_real_, -1, 1.5, "1", NULL, c(1, 2))) {
    expect_identical(caught(print(results, n = bad))$argument, "n")
  }
  for (bad in list(NA, 0, 2.5, 23, "1")) {
    expect_identical(caught(print(results, digits = bad))$argument, "digits")
  }
  expect_identical(caught(print(results, width = "a"))$argument, "width")
})

test_that("unknown arguments are errors with suggestions", {
  results <- some_results()
  image <- results$reference_image[[1]]
  for (refused in list(
    caught(print(results, digit = 3)),
    caught(print(results, 5)),
    caught(print(results, row.names = FALSE)),
    caught(print(summary(results), digit = 3)),
    caught(print(image, caption = "x")),
    caught(as.character(image, "x")),
    caught(as.raster(image, max = 1)),
    caught(summary(results, threshold = 90)),
    caught(summary(results, 80, 90)),
    caught(plot(results, threshold = 90)),
    caught(plot(results, thres = 90)),
    caught(plot(results, "confidence", 90)),
    caught(plot(image, cap = "x"))
  )) {
    expect_s3_class(refused, "rekognition_argument_error")
    expect_identical(refused$argument, "...")
  }
  expect_match(
    conditionMessage(caught(summary(results, threshold = 90))),
    "Did you mean `thresholds`?",
    fixed = TRUE
  )
  expect_match(
    conditionMessage(caught(plot(results, threshold = 90))),
    "Did you mean `thresholds`?",
    fixed = TRUE
  )
  # An unnamed argument is valid.
  expect_identical(summary(results, c(80, 90)), summary(results, thresholds = c(80, 90)))
  # R passes the arguments of print() on to the elements of a list.
  expect_output(
    print(list(image, results, summary(results)), digits = 3, quote = FALSE),
    "<4 sessions>",
    fixed = TRUE
  )
  expect_output(str(list(image), max.level = 1), "JPEG", fixed = TRUE)
})

test_that("columns of any type print on one line per row", {
  results <- some_results()
  results <- results[c("session_id", "status", "confidence", "error_code")]
  results$tags <- list("a", c("b", "c"), NULL, 1:3)
  results$when <- as.POSIXlt("2026-01-31 12:00:00", tz = "UTC") + 0:3
  results$both <- data.frame(a = 1:4, b = letters[1:4])
  results$matrix <- matrix(1:8, 4)
  results$kind <- factor(c("x", NA, "y", "x"))
  results$scan <- rep(list(as.raw(1:3)), 4)
  results$price <- c(1.5, 22222.25, NA, 3)
  expect_snapshot(print(results, width = 170))
})

test_that("a narrow page shortens IDs, then text, and then names the omitted columns", {
  results <- some_results()
  ids <- c("0f959dbb-37cc-45d8-a08d-dc42cce85fa8", "1e14c5d9-8f21-4c37-9a3e-0c2f5a1b7d60")
  results <- results[2:3, ]
  results$session_id <- ids
  results$note <- c("a note that goes on for a while, longer than others", "short")
  results$price <- c(10, 2.5)
  for (width in c(200, 120, 80, 40, 10)) {
    rows <- grep("^ [^ ]", capture.output(print(results, width = width)), value = TRUE)
    # The header and a line for each session, at any width.
    expect_length(rows, 3)
    expect_lte(max(nchar(rows)), width)
    expect_match(
      rows[2],
      c(
        if (width == 200) {
          ids[1]
        } else if (width > 10) {
          "0f959dbb..."
        } else {
          "0f959d..."
        }
      ),
      fixed = TRUE
    )
  }
  expect_snapshot({
    print(results, width = 120)
    print(results, width = 80)
    print(results, width = 40)
  })
  # IDs with the same beginning are shortened to their ends, or not at all.
  results$session_id <- paste0("00000000-0000-0000-0000-00000000000", 1:2)
  expect_match(capture.output(print(results, width = 80)), "...00000002", fixed = TRUE, all = FALSE)
  results$session_id <- c(strrep("a", 30), paste0(strrep("a", 12), "b", strrep("a", 17)))
  expect_match(capture.output(print(results, width = 60)), "aaaaaaaaaaaab... ", fixed = TRUE, all = FALSE)
})

test_that("a confidence is never rounded up", {
  results <- some_results()[c(1, 2), ]
  results$confidence <- c(99.99999999, 89.999999999)
  shown <- function(x) {
    numbers <- unlist(regmatches(x, gregexpr("[0-9]+[.][0-9]+", x)))
    as.numeric(numbers)
  }
  expect_identical(format(results)$confidence, c("99.99999", "89.99999"))
  expect_match(capture.output(print(results)), " 99.99999 ", fixed = TRUE, all = FALSE)
  expect_match(capture.output(print(results, digits = 3)), " 99.9 ", fixed = TRUE, all = FALSE)
  withr::with_options(
    list(digits = 4),
    expect_match(capture.output(print(results)), " 99.99 ", fixed = TRUE, all = FALSE)
  )
  summed <- summary(results, thresholds = c(90, 100))
  lines <- capture.output(print(summed))
  expect_true(all(shown(lines[5]) <= summed$confidence))
  expect_no_match(lines[5], "100.0", fixed = TRUE)
  format_score <- get("format_score", asNamespace("rekognition"))
  values <- c(0, 1e-12, 0.1 + 0.2, 12.5, 99.95, 98.63105010986328, 100 - 2^-46, 100, runif(200, 0, 100))
  for (digits in c(1, 4, 7, 15, 22)) {
    expect_true(all(as.numeric(format_score(values, digits)) <= values))
    expect_true(all(as.numeric(format_score(values, digits, align = TRUE)) <= values))
  }
  expect_identical(format_score(c(99.95, 12.5, 100, NA)), c("99.95", "12.5", "100", ""))
  # Only a share of all sessions is shown as 1.
  results <- results[rep(1:2, c(1, 99999)), ]
  results$confidence <- c(10, rep(99, 99999))
  expect_match(capture.output(print(summary(results, thresholds = 90))), " 0.9999$", all = FALSE)
})

test_that("a session with a status and an error is counted by its status, and shows both", {
  results <- some_results()
  results$error_code[1] <- "rekognition_file_error"
  results$error[[1]] <- simpleError("The file cannot be written.")
  lines <- capture.output(print(results, width = 120))
  expect_match(
    lines[1],
    "2 SUCCEEDED (1 with rekognition_file_error), 1 FAILED, 1 SessionNotFoundException",
    fixed = TRUE
  )
  expect_match(lines[3], "SUCCEEDED .* rekognition_file_error")
  summed <- capture.output(print(summary(results)))
  expect_match(summed, "status:     SUCCEEDED 2, FAILED 1", fixed = TRUE, all = FALSE)
  expect_match(summed, "rekognition_file_error 1", fixed = TRUE, all = FALSE)
})

test_that("text from a server cannot change how other text is displayed, and is truncated", {
  results <- some_results()
  orders <- "\u001b]0;title\u0007\u202egnp.exe\u2066\nnext line"
  huge <- strrep("A\u202e ", 350000)
  for (text in c(orders, huge)) {
    x <- results
    x$session_id[1] <- text
    x$status[1] <- text
    x$error_code[2] <- text
    x$feedback[[2]]$code <- text
    x$reference_image[[2]] <- text
    x$mine <- text
    x[[text]] <- "a"
    class(x$error[[4]]) <- c(substr(text, 1, 100), class(x$error[[4]]))
    lines <- c(
      capture.output(print(x)),
      capture.output(print(x[c("mine", "reference_image", "error")])),
      capture.output(print(summary(x))),
      capture.output(print(x$feedback), print(x$reference_image)),
      unlist(format(x)),
      unlist(lapply(x[c("reference_image", "feedback", "error")], as.character))
    )
    expect_no_match(lines, "[\u202e\u2066\u001b\u0007\n]")
    expect_lt(max(nchar(lines)), 1000)
    expect_lt(length(lines), 150)
  }
})

test_that("a confidence just below 100 has as many digits as needed", {
  x <- as_liveness_results(data.frame(session_id = "a", status = "b", confidence = 99.99999999999999))
  expect_match(capture.output(print(x))[3], "99.99999", fixed = TRUE)
  expect_match(capture.output(print(x, digits = 3))[3], "99.9", fixed = TRUE)
})

test_that("a selection of columns is printed completely, with a count of rows", {
  x <- as_liveness_results(data.frame(
    session_id = c("a", "b", NA),
    status = c("CREATED", "SUCCEEDED", NA),
    request_id = c("r1", "r2", NA),
    attempts = c(1L, 2L, NA)
  ))
  lines <- capture.output(print(x))
  expect_identical(lines[1], "<3 sessions> 1 SUCCEEDED, 1 CREATED, 1 no status")
  expect_match(lines[2], "session_id +status +request_id +attempts")
  expect_match(lines[5], "^ NA *$")
})
