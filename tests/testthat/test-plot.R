# Results with these confidences; NA is a session that failed.
scored <- function(confidence, frame = parent.frame()) {
  emulator <- test_emulator(frame = frame)
  svc <- rekognition(config = emulator$config)
  ids <- vapply(confidence, function(score) new_session(svc), "")
  for (i in seq_along(ids)) {
    if (is.na(confidence[i])) {
      emulator$check(ids[i], status = "FAILED")
    } else {
      emulator$check(ids[i], confidence = confidence[i])
    }
  }
  liveness_results(ids, svc)
}

on_paper <- function(draw, width = 480, height = 480) {
  file <- withr::local_tempfile(fileext = ".png")
  grDevices::png(file, width, height, type = "cairo")
  tryCatch(draw(), finally = grDevices::dev.off())
}

test_that("a session passes at or above the threshold; sessions without a confidence are not counted", {
  results <- scored(c(99, 90, 89.99, 10, NA))
  rates <- on_paper(function() plot(results, "threshold", thresholds = c(90, 0, 99.5)))
  expect_identical(rates$threshold, c(0, 90, 99.5))
  expect_identical(rates$sessions, rep(4L, 3))
  expect_identical(rates$passed, c(4L, 2L, 0L))
  expect_identical(rates$share, c(1, 0.5, 0))
})

test_that("with labels of a reviewer, false accepts and false rejects are counted", {
  results <- scored(c(99, 95, 92, 85, 40, 91, 30, 97))
  results$live <- c(TRUE, TRUE, TRUE, TRUE, TRUE, FALSE, FALSE, NA)
  rates <- on_paper(function() plot(results, "threshold", thresholds = c(50, 90), label = "live"))
  expect_identical(rates$live, c(5L, 5L))
  expect_identical(rates$attacks, c(2L, 2L))
  expect_equal(rates$false_accept, c(1 / 2, 1 / 2))
  expect_equal(rates$false_reject, c(1 / 5, 2 / 5))
  # Compared with the definition, for every threshold.
  at <- seq(0, 100, 0.5)
  rates <- on_paper(function() plot(results, "confidence", thresholds = at, label = "live"))
  attack <- results$live %in% FALSE
  live <- results$live %in% TRUE
  expect_equal(rates$false_accept, vapply(at, function(t) mean(results$confidence[attack] >= t), 0))
  expect_equal(rates$false_reject, vapply(at, function(t) mean(results$confidence[live] < t), 0))
})

test_that("there is no default threshold", {
  results <- scored(c(99, 50))
  expect_identical(nrow(on_paper(function() plot(results, "threshold"))), 0L)
  expect_identical(nrow(on_paper(function() plot(results, "confidence"))), 0L)
})

test_that("plots work for any number of sessions, without a confidence, and for any page size", {
  results <- scored(c(97, NA))
  results$live <- c(TRUE, NA)
  for (rows in list(integer(), 1, 2, 1:2)) {
    for (type in c("gallery", "confidence", "threshold")) {
      for (side in c(250, 1500)) {
        thresholds <- if (type != "gallery") 90
        expect_no_warning(on_paper(
          function() plot(results[rows, ], type, thresholds = thresholds),
          side,
          side * 0.8
        ))
      }
    }
    expect_no_warning(on_paper(function() {
      plot(results[rows, ], "threshold", thresholds = 90, label = "live")
    }))
  }
})

test_that("a gallery shows images from memory and files, and notes for all others", {
  emulator <- test_emulator()
  svc <- rekognition(config = emulator$config)
  ids <- c(new_session(svc), new_session(svc), some_id, "broken")
  emulator$check(ids[1])
  emulator$check(ids[2])
  emulator$put_result(
    some_id,
    list(
      SessionId = some_id,
      Status = "SUCCEEDED",
      ReferenceImage = list(S3Object = list(Bucket = "b", Name = "k"))
    )
  )
  emulator$put_result(
    "broken",
    list(SessionId = "broken", Status = "SUCCEEDED", ReferenceImage = list(Bytes = as.raw(1:9)))
  )
  results <- liveness_results(ids, svc)
  in_files <- liveness_results(ids, svc, dir = withr::local_tempdir())
  unlink(in_files$reference_image[[2]])
  for (x in list(results, in_files, liveness_results(ids, svc, images = "drop"))) {
    expect_no_warning(on_paper(function() expect_identical(plot(x), x)))
    expect_no_warning(on_paper(function() plot(x, n = 2)))
  }
})

test_that("an error names the bad argument", {
  results <- scored(99)
  results$who <- "a"
  refused <- function(...) caught(on_paper(function() plot(results, ...)))$argument
  expect_identical(refused("pie"), "type")
  expect_identical(refused("threshold", thresholds = 101), "thresholds")
  expect_identical(refused("threshold", thresholds = "a"), "thresholds")
  expect_identical(refused("confidence", label = "no_such"), "label")
  expect_identical(refused("confidence", label = "who"), "label")
  expect_identical(refused(n = 0), "n")
  expect_identical(refused(units = "cm"), "units")
  expect_s3_class(caught(on_paper(function() plot(results["status"]))), "rekognition_error")
  expect_s3_class(caught(on_paper(function() plot(results["status"], "confidence"))), "rekognition_error")
})

test_that("percentages are 0% or 100% only if exact", {
  rates <- data.frame(share = c(0, 0.0004, 0.5, 0.99999, 1, NaN))
  format_percent <- get("format_percent", asNamespace("rekognition"))
  expect_identical(format_percent(rates$share), c("0%", "<0.1%", "50%", ">99.9%", "100%", "-"))
})

test_that("invalid columns are errors, and names are not matched partially", {
  results <- scored(c(99, 50))
  invalid <- results
  invalid$confidence <- c("99", "9")
  expect_match(conditionMessage(caught(summary(invalid))), "`confidence`", fixed = TRUE)
  expect_s3_class(caught(on_paper(function() plot(invalid, "threshold"))), "rekognition_error")
  expect_s3_class(caught(on_paper(function() plot(invalid, "confidence"))), "rekognition_error")
  renamed <- results
  names(renamed)[names(renamed) == "confidence"] <- "confidence_old"
  expect_match(conditionMessage(caught(summary(renamed))), "`confidence`", fixed = TRUE)
  for (column in c("status", "error_code", "feedback", "attempts")) {
    expect_s3_class(caught(summary(results[setdiff(names(results), column)])), "rekognition_error")
  }
  results$status <- factor(results$status)
  expect_output(print(results), "<2 sessions> 2 SUCCEEDED", fixed = TRUE)
})

test_that("thresholds from 0 to 1 and unknown arguments are errors", {
  results <- scored(c(99, 50))
  refused <- function(...) caught(on_paper(function() plot(results, ...)))$argument
  expect_identical(refused("confidence", thresholds = c(0.8, 0.9)), "thresholds")
  expect_identical(caught(summary(results, thresholds = 0.9))$argument, "thresholds")
  expect_identical(refused("confidence", color = "red"), "...")
  expect_no_warning(on_paper(function() plot(results, "confidence", main = "A title")))
})

test_that("a plot without a confidence says so, as a report does", {
  results <- scored(c(NA, NA))
  for (type in c("confidence", "threshold")) {
    drawn <- text_in_plot(function() plot(results, type, thresholds = 90, decision = c(pass = 95)))
    expect_true("No session has a confidence." %in% drawn)
  }
})

test_that("the numbers of sessions are not cut off on a small device", {
  results <- scored(c(99, 85, 30, NA))
  drawn <- text_in_plot(
    function() plot(results, "confidence", decision = c(review = 80, pass = 95)),
    width = 2.4,
    height = 3
  )
  expect_true(all(c("4 sessions, 1 without a confidence", "1 pass, 1 review, 2 fail") %in% drawn))
})

test_that("labels of lines are not over lines or each other", {
  place_labels <- get("place_labels", asNamespace("rekognition"))
  for (lines in list(
    list(at = c(80, 95), width = 32),
    list(at = c(80, 90, 95, 99), width = 20),
    list(at = c(5, 10, 30, 50), width = 32),
    list(at = c(2, 98), width = 54),
    list(at = numeric(), width = 10)
  )) {
    at <- lines$at
    place <- place_labels(at, rep(lines$width, length(at)), -4, 104)
    left <- at - ifelse(place$side < 0, lines$width, 0)
    right <- left + lines$width
    expect_true(all(left >= -4 & right <= 104))
    for (i in seq_along(at)) {
      # Lines that begin in the row of the label or above, and other labels in its row.
      others <- seq_along(at) != i
      expect_false(any(others & place$row <= place$row[i] & at > left[i] & at < right[i]))
      expect_false(any(others & place$row == place$row[i] & left < right[i] & right > left[i]))
    }
  }
})

test_that("an image in a file that is not there is named by its path, and an image in a bucket has no face box", {
  results <- scored(c(99, 98))
  path <- file.path("checks", "reference.jpg")
  box <- list(Width = 0.5, Height = 0.5, Left = 0.2, Top = 0.2)
  results$reference_image <- list(
    path,
    liveness_image(list(S3Object = list(Bucket = "b", Name = "k.jpg"), BoundingBox = box))
  )
  drawn <- text_in_plot(function() plot(results))
  expect_match(paste(drawn, collapse = ""), "Cannot read checks/reference.jpg", fixed = TRUE)
  expect_true("s3://b/k.jpg" %in% drawn)
  file <- withr::local_tempfile(fileext = ".png")
  grDevices::png(file, 600, 600, type = "cairo", antialias = "none")
  plot(results)
  grDevices::dev.off()
  pixels <- png::readPNG(file)
  expect_false(any(pixels[,, 1] > 0.9 & pixels[,, 3] < 0.4))
})

test_that("labels of many thresholds do not cover bars", {
  results <- scored(c(99, 98.5, 97, 50))
  # The blue pixels of each bar.
  blue <- function(...) {
    file <- withr::local_tempfile(fileext = ".png")
    grDevices::png(file, 600, 600, type = "cairo", antialias = "none")
    plot(results, "confidence", ...)
    grDevices::dev.off()
    pixels <- png::readPNG(file)
    is_blue <- pixels[,, 3] > 0.6 & pixels[,, 1] < 0.1
    # The edges of letters can have colors, but letters are lower.
    heights <- colSums(is_blue)
    columns <- which(heights > 40)
    vapply(split(columns, cumsum(c(0, diff(columns) > 1))), function(bar) max(heights[bar]), 0)
  }
  bars <- blue(thresholds = c(95, 96, 97, 98, 99))
  # A bar of one session is half as high as one of two, even where thresholds are.
  expect_equal(max(bars) / min(bars), 2, tolerance = 0.03)
})

test_that("labels of close thresholds are on separate lines", {
  results <- scored(c(20, 30))
  lines_of_text <- function(thresholds) {
    file <- withr::local_tempfile(fileext = ".png")
    grDevices::png(file, 600, 600, type = "cairo", antialias = "none")
    plot(results, "confidence", thresholds = thresholds)
    grDevices::dev.off()
    # Above the bars, to the right of the axis. The dotted lines of thresholds have only a pixel or two in a row.
    pixels <- png::readPNG(file)[60:150, 400:560, 1:3]
    is_text <- rowSums(apply(pixels, 1:2, max) < 0.5) > 4
    sum(diff(c(FALSE, is_text)) == 1)
  }
  expect_identical(lines_of_text(80), 1L)
  expect_identical(lines_of_text(c(80, 81)), 2L)
  expect_identical(lines_of_text(c(80, 81, 82)), 3L)
})

test_that("colors are lighter on a dark background", {
  results <- scored(c(99, 50))
  bar_color <- function(background) {
    file <- withr::local_tempfile(fileext = ".png")
    grDevices::png(file, 300, 300, type = "cairo", antialias = "none")
    graphics::par(bg = background)
    plot(results, "confidence")
    grDevices::dev.off()
    pixels <- png::readPNG(file)
    is_blue <- pixels[,, 3] > pixels[,, 1] + 0.3
    # The median is that of bars: only the edges of letters can have colors.
    round(stats::median(pixels[,, 1][is_blue]) * 255)
  }
  expect_identical(bar_color("white"), 0)
  expect_identical(bar_color("#1e1e1e"), 0x56 + 0)
})

test_that("arguments that do not apply to the type are errors", {
  results <- scored(99)
  results$live <- TRUE
  refused <- function(...) caught(on_paper(function() plot(results, ...)))$argument
  expect_identical(refused(thresholds = 90), "thresholds")
  expect_identical(refused("gallery", label = "live"), "label")
  expect_identical(refused(main = "A title"), "main")
  expect_identical(refused("confidence", n = 3), "n")
  expect_identical(refused("threshold", units = "pixel"), "units")
})

test_that("captions are not rounded up, have no control characters, and are truncated", {
  results <- scored(99.99999)
  caption <- function(row) get("gallery_caption", asNamespace("rekognition"))(row)
  expect_identical(caption(results), paste0("99.99 SUCCEEDED\n", results$session_id))
  results$error_code <- "rekognition_file_error"
  expect_match(caption(results), "99.99 SUCCEEDED, rekognition_file_error", fixed = TRUE)
  results$status <- strrep("A\u202e\n", 350000)
  results$session_id <- strrep("b", 1e6)
  expect_length(strsplit(caption(results), "\n")[[1]], 2)
  expect_no_match(caption(results), "\u202e")
  results$reference_image[[1]] <- liveness_image(list(
    S3Object = list(Bucket = "b", Name = strrep("k", 1e6))
  ))
  expect_no_warning(on_paper(function() plot(results)))
  expect_no_warning(on_paper(function() plot(results$reference_image[[1]], caption = strrep("c ", 5e5))))
})
