test_that("a report is one file, readable by its owner only, that loads nothing", {
  results <- reported_results()
  dir <- withr::local_tempdir()
  file <- file.path(dir, "report.html")
  writeLines("old", file)
  Sys.chmod(file, "644")
  liveness_report(results, file, thresholds = 90)
  expect_identical(list.files(dir, all.files = TRUE, no.. = TRUE), "report.html")
  if (.Platform$OS.type == "unix") {
    expect_identical(format(file.mode(file)), "600")
  }
  text <- report_of(results, thresholds = 90)
  expect_contains_text(text, "Content-Security-Policy\" content=\"default-src 'none'; img-src data:;")
  # Without the images and the script.
  rest <- sub("(?s)<script>.*</script>", "", gsub("\"data:[^\"]*\"", "\"data:\"", text), perl = TRUE)
  attributes <- "(src|href|action|srcset|poster|data)\\s*=\\s*[\"']?+(?!data:)[^\\s>]"
  expect_identical(count_matches(attributes, rest), 0L)
  expect_identical(count_matches("url\\(|@import|https?:|[\"'(]//", rest), 0L)
  expect_identical(
    count_matches("https?:|fetch\\(|import|XMLHttpRequest|eval|innerHTML", sub(".*<script>", "", text)),
    0L
  )
  expect_identical(count_matches("<!DOCTYPE html>", text), 1L)
  expect_identical(count_matches("<tr data-status", text), nrow(results))
})

test_that("a report has the results of each session", {
  results <- reported_results()
  text <- report_of(results)
  expect_identical(report_cells(text, "Session"), results$session_id)
  expect_identical(
    report_cells(text, "Confidence"),
    c("99.95", "89.99999", "90", "71.25", "12.5", "95", "", "", "")
  )
  expect_identical(gsub("<[^>]*>", "", report_cells(text, "Status")[9]), "SessionNotFoundException")
  expect_match(report_cells(text, "Error")[9], "SessionNotFoundException (HTTP 400).", fixed = TRUE)
  expect_identical(report_cells(text, "Error")[1:8], rep("", 8))
  feedback <- gsub("<[^>]*>", "|", report_cells(text, "Feedback"))
  expect_identical(
    feedback[5:8],
    c("|The lighting was too dim.|", "", "|The face was not visible.|||The eyes were closed.|", "")
  )
  retrieved <- gsub("</?span[^>]*>", "", report_cells(text, "Retrieved \\(UTC\\)"))
  time <- format(results$retrieved_at, "%Y-%m-%d %H:%M:%S", tz = "UTC")
  expect_identical(retrieved, paste0(time, "<br>", results$request_id))
  images <- report_cells(text, "Images")
  expect_match(images[1], as.character(results$reference_image[[1]]), fixed = TRUE)
  expect_match(images[1], as.character(results$audit_images[[1]][[1]]), fixed = TRUE)
  expect_match(images[6], "reference: s3://b/k/r&amp;d.jpg", fixed = TRUE)
  expect_identical(count_matches("class=\"box\" style", text), 10L)
  expect_contains_text(text, "<dd>9</dd>")
  expect_contains_text(text, "<dt>SUCCEEDED</dt><dd>6</dd>")
  expect_contains_text(text, "<dt>SessionNotFoundException</dt><dd>1</dd>")
})

test_that("thresholds in a report are those of threshold_rates()", {
  results <- reported_results()
  results$live <- c(TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, NA, NA, NA)
  thresholds <- c(90, 99.5, 71.25)
  rates <- rekognition:::threshold_rates(results, thresholds, "live", NULL)
  text <- report_of(results, thresholds = thresholds, label = "live")
  rows <- vapply(
    seq_len(nrow(rates)),
    function(i) {
      rate <- rates[i, ]
      shares <- rekognition:::format_percent(c(rate$share, rate$false_accept, rate$false_reject))
      cells <- c(rate$threshold, paste(rate$passed, "of", rate$sessions), shares)
      paste0("<tr>", paste0("<td>", cells, "</td>", collapse = ""), "</tr>")
    },
    ""
  )
  for (row in rows) {
    expect_contains_text(text, row)
  }
  expect_contains_text(text, "Reviewed: 3 live people, 3 attacks.")
  expect_contains_text(text, "<option value=\"99.5\">below 99.5</option>")
  expect_match(
    text,
    "role=\"img\" aria-label=\"Histogram of the confidence of 6 sessions, from 12.5 to 99.95",
    fixed = TRUE
  )
  none <- report_of(results)
  expect_false(grepl(">Threshold<|>below |A session passes", none))
})

test_that("results and title are escaped", {
  results <- reported_results()
  hostile <- c(
    "<script>alert(1)</script>",
    "\"onmouseover=\"alert(2)",
    "'><img src=x onerror=alert(3)>",
    "a & b",
    "</td>"
  )
  results$session_id[1:5] <- hostile
  results$status[1:5] <- rev(hostile)
  results$request_id[1:5] <- hostile
  results$challenge_type[1:5] <- hostile
  results$feedback[[1]] <- data.frame(code = hostile[1:2], message = hostile[2:3])
  results$error[[2]] <- simpleError(hostile[1])
  results[["<script>alert(4)</script>"]] <- rep_len(hostile, nrow(results))
  results$notes <- lapply(seq_len(nrow(results)), function(i) hostile)
  results$kind <- factor(rep_len(hostile, nrow(results)))
  text <- report_of(results, title = "</title><script>alert(5)</script>")
  expect_identical(count_matches("<script", text), 1L)
  expect_identical(count_matches("<title>", sub("<svg.*?</svg>", "", text)), 1L)
  expect_identical(count_matches("<img src=x| onmouseover=\"", text), 0L)
  expect_identical(count_matches("<td ", text), count_matches("</td>\n", text))
  expect_contains_text(text, "&lt;script&gt;alert(1)&lt;/script&gt;")
  expect_contains_text(text, "data-label=\"&lt;script&gt;alert(4)&lt;/script&gt;\"")
  expect_contains_text(text, "a &amp; b")
})

test_that("an unknown feedback code is shown with the service's message", {
  results <- reported_results()
  results$feedback[[1]] <- data.frame(code = "SUNGLASSES_DETECTED", message = "Take them off.")
  results$feedback[[2]] <- data.frame(code = "HAT_DETECTED", message = NA_character_)
  feedback <- gsub("<[^>]*>", "", report_cells(report_of(results), "Feedback"))
  expect_identical(feedback[1:2], c("SUNGLASSES_DETECTED: Take them off.", "HAT_DETECTED"))
})

test_that("a report shows added columns, and does not need the removed ones", {
  results <- reported_results()
  results$user <- c("Ada", NA, letters[3:9])
  results$score <- c(1.5, NA, 3:9)
  results$day <- as.Date("2026-01-31") + 0:8
  results$both <- cbind(1:9, 11:19)
  results$scan <- rep(list(as.raw(1:3)), 9)
  results$empty <- NA
  results$due <- as.POSIXct("2026-01-31", tz = "UTC") + 3600 * c(0:7, NA)
  attr(results$due, "tzone") <- "Asia/Tokyo"
  results$start <- as.POSIXlt("2026-01-31", tz = "UTC")
  text <- report_of(results)
  expect_identical(report_cells(text, "user"), c("Ada", "", letters[3:9]))
  expect_identical(report_cells(text, "score")[1:3], c("1.5", "", "3"))
  expect_identical(report_cells(text, "day")[2], "2026-02-01")
  expect_identical(report_cells(text, "both")[2], "2 12")
  expect_identical(report_cells(text, "scan")[2], "3 bytes")
  expect_identical(report_cells(text, "empty"), character())
  # Times have their date and time in UTC, also at midnight.
  due <- gsub("<[^>]*>", "", report_cells(text, "due \\(UTC\\)"))
  expect_identical(due[c(1, 2, 9)], c("2026-01-31 00:00:00", "2026-01-31 01:00:00", ""))
  expect_identical(gsub("<[^>]*>", "", report_cells(text, "start \\(UTC\\)")[9]), "2026-01-31 00:00:00")

  few <- report_of(results[c("session_id", "status")])
  expect_identical(report_cells(few, "Session"), results$session_id)
  expect_contains_text(few, "No session has a confidence.")
  expect_error(
    report_of(results[c("session_id", "confidence")]),
    "no column `status`",
    class = "rekognition_error"
  )
  # No partial matching: `error_code` alone is not `error`.
  some <- report_of(results[c("session_id", "status", "error_code")])
  expect_match(gsub("<[^>]*>", "", report_cells(some, "Status")[9]), "SessionNotFoundException")
  expect_identical(report_cells(some, "Error"), character())
})

test_that("a report of no sessions, of one, and of plain data frames can be written", {
  results <- reported_results()
  expect_contains_text(report_of(results[0, ], thresholds = 80), "<dd>0</dd>")
  expect_contains_text(report_of(results[1, ], thresholds = 80), "100%")
  expect_contains_text(report_of(results[9, ]), "No session has a confidence.")
  expect_identical(report_cells(report_of(as.data.frame(results)), "Session"), results$session_id)
  factors <- data.frame(session_id = factor("x"), status = factor("SUCCEEDED"), confidence = 50L)
  expect_identical(report_cells(report_of(factors), "Confidence"), "50")
})

test_that("images in files are in the report, except those that cannot be read", {
  dir <- withr::local_tempdir()
  results <- reported_results(dir = dir)
  unlink(results$reference_image[[1]])
  writeLines("not an image", results$reference_image[[2]])
  # One warning for all.
  expect_warning(
    text <- report_of(results),
    "^2 images could not be read[.] The report says which, and why[.]$"
  )
  images <- report_cells(text, "Images")
  expect_match(
    images[1],
    "class=\"error\">reference: `reference_image` is not a readable file",
    fixed = TRUE
  )
  expect_match(images[1], "audit-1 image of", fixed = TRUE)
  expect_match(images[2], "reference: The image is neither JPEG nor PNG.", fixed = TRUE)
  expect_match(images[3], as.character(liveness_image(results$reference_image[[3]])), fixed = TRUE)
  expect_identical(count_matches("class=\"box\"", images[3]), 2L)
})

test_that("a report of results without images has their number", {
  images <- report_cells(report_of(reported_results(images = "drop")), "Images")
  expect_match(images[1], "1 audit image, not kept", fixed = TRUE)
  expect_false(any(grepl("<img|data:", images)))
})

test_that("a report is UTF-8 in every locale, without control characters", {
  write <- function(config) {
    results <- data.frame(session_id = c("\u00e9\u5c71", "b"), status = "SUCCEEDED", confidence = c(1.5, 2))
    latin <- rawToChar(as.raw(c(0x4a, 0x6f, 0x73, 0xe9)))
    Encoding(latin) <- "latin1"
    bytes <- rawToChar(as.raw(c(0xff, 0xfe)))
    Encoding(bytes) <- "bytes"
    results$user <- c(latin, bytes)
    results$note <- c("a\u0001b\u001b[31mc\rd\u0085e", "line\nline\ttab")
    file <- tempfile(fileext = ".html")
    rekognition::liveness_report(results, file, title = latin, thresholds = 1.75)
    readBin(file, "raw", 1e6)
  }
  in_c <- callr::r(
    write,
    list(NULL),
    env = c(callr::rcmd_safe_env(), R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep), LC_ALL = "C")
  )
  for (bytes in list(in_c, write(NULL))) {
    text <- rawToChar(bytes)
    Encoding(text) <- "UTF-8"
    expect_true(validEnc(text))
    expect_contains_text(text, "<h1>Jos\u00e9</h1>")
    expect_identical(report_cells(text, "Session"), c("\u00e9\u5c71", "b"))
    expect_identical(report_cells(text, "user"), c("Jos\u00e9", "&lt;ff&gt;&lt;fe&gt;"))
    expect_identical(report_cells(text, "note"), c("a\ufffdb\ufffd[31mc\ufffdd\ufffde", "line\nline tab"))
    expect_false(any(bytes %in% as.raw(c(0:8, 11:31))))
  }
})

test_that("a report that cannot be written completely is not written at all", {
  skip_on_os("windows")
  dir <- withr::local_tempdir()
  script <- local_file(c(
    "dir <- commandArgs(TRUE)",
    "x <- data.frame(session_id = rep(strrep('x', 1000), 200), status = 'SUCCEEDED')",
    "caught <- tryCatch(rekognition::liveness_report(x, file.path(dir, 'report.html')), rekognition_error = identity)",
    "cat(conditionMessage(caught), list.files(dir, all.files = TRUE, no.. = TRUE), file = stderr())"
  ))
  # A disk that is full after a few blocks.
  shell <- "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\""
  result <- callr::process$new(
    "sh",
    c("-c", shell, file.path(R.home("bin"), "Rscript"), script, dir),
    stderr = "|",
    env = c("current", R_LIBS = paste(.libPaths(), collapse = .Platform$path.sep))
  )
  result$wait(60000)
  expect_match(result$read_all_error(), "Cannot write file .*report.html[.] $")
  expect_identical(list.files(dir, all.files = TRUE, no.. = TRUE), character())
})

test_that("bad arguments are errors before anything is written", {
  results <- reported_results()
  dir <- withr::local_tempdir()
  file <- file.path(dir, "report.html")
  refuses <- function(argument, ...) {
    error <- caught(liveness_report(...))
    expect_s3_class(error, "rekognition_argument_error")
    expect_identical(error$argument, argument)
    expect_identical(error$call, quote(liveness_report(...)))
  }
  refuses("results")
  refuses("results", list(), file)
  refuses("results", data.frame(session_id = "a", status = "b", confidence = "99"), file)
  refuses("file", results, 1)
  refuses("file", results, "")
  for (path in c(dir, file.path(dir, "no", "report.html"))) {
    error <- caught(liveness_report(results, path))
    expect_s3_class(error, "rekognition_file_error")
    expect_identical(error$path, path)
  }
  refuses("title", results, file, title = NULL)
  refuses("thresholds", results, file, thresholds = 101)
  refuses("label", results, file, label = "user")
  refuses("label", results, file, thresholds = 90, label = "session_id")
  expect_error(
    liveness_report(results[c("session_id", "status")], file, thresholds = 90),
    "no column `confidence`",
    class = "rekognition_error"
  )
  expect_identical(list.files(dir), character())
})

test_that("summary() includes thresholds", {
  results <- reported_results()
  results$live <- c(TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, NA, NA, NA)
  expect_null(summary(results)$thresholds)
  summed <- summary(results, thresholds = c(95, 90), label = "live")
  expect_identical(summed$thresholds, rekognition:::threshold_rates(results, c(90, 95), "live", NULL))
  expect_identical(summed$thresholds$passed, c(3L, 2L))
  expect_output(
    print(summed),
    "thresholds:\n threshold sessions passed  share .*\n        90        6      3 0.5000"
  )
  expect_no_match(capture.output(print(summary(results))), "thresholds")
  expect_error(summary(results, 101), class = "rekognition_argument_error")
  expect_error(summary(results, label = "user"), class = "rekognition_argument_error")
})

test_that("a session with a status and an error is counted by its status, and shows both", {
  results <- reported_results()
  results$error_code[1] <- "rekognition_file_error"
  results$error[[1]] <- simpleError("The file cannot be written: a.")
  text <- report_of(results)
  expect_contains_text(text, "<dt>SUCCEEDED</dt><dd>6</dd>")
  expect_contains_text(text, "<dt>with rekognition_file_error</dt><dd>1</dd>")
  expect_match(report_cells(text, "Status")[1], "SUCCEEDED", fixed = TRUE)
  expect_identical(report_cells(text, "Error")[1], "The file cannot be written: a.")
  code <- report_of(results[c("session_id", "status", "error_code")])
  expect_identical(report_cells(code, "Error"), c("rekognition_file_error", rep("", 8)))
})

test_that("a report does not round a confidence up", {
  results <- reported_results()
  results$confidence[1:2] <- c(99.99999999, 89.999999999)
  text <- report_of(results, thresholds = c(90, 100))
  expect_identical(report_cells(text, "Confidence")[1:2], c("99.99999", "89.99999"))
  expect_contains_text(text, "to 99.99999, median")
  expect_contains_text(text, "data-confidence=\"99.99999999")
})

test_that("text from a server is cleaned and truncated in a report", {
  results <- reported_results()
  turned <- "user\u202egnp.exe\u2066"
  huge <- strrep("A\u202e\n", 350000)
  for (column in c("session_id", "status", "challenge_type", "sdk_type", "request_id")) {
    results[[column]][1:2] <- c(turned, huge)
  }
  results$error[1:2] <- list(simpleError(turned), simpleError(huge))
  results$feedback[1:2] <- list(
    data.frame(code = turned, message = huge),
    data.frame(code = huge, message = turned)
  )
  results$notes <- huge
  results[[turned]] <- "a"
  results$reference_image[[2]] <- liveness_image(list(S3Object = list(Bucket = "b", Name = huge)))
  text <- report_of(results, title = turned)
  expect_false(grepl("[\u202e\u2066]", text))
  expect_contains_text(text, "user\ufffdgnp.exe\ufffd")
  without_images <- gsub("data:image/[^\"]*", "", text)
  expect_lt(nchar(without_images), 200000)
})

test_that("a report of reviewed sessions that are all live has no bar for attacks", {
  results <- reported_results()[1:5, ]
  results$live <- TRUE
  text <- report_of(results, label = "live")
  expect_match(text, "class=\"group-live\"", fixed = TRUE)
  expect_no_match(text, "<rect class=\"group-attack\"", fixed = TRUE)
})
