# Text for machines does not depend on options and the locale; text for people follows them.

locale_results <- function() {
  x <- data.frame(
    session_id = c("a", "b", "c"),
    status = c("SUCCEEDED", "IN_PROGRESS", "FAILED"),
    confidence = c(95.5, NA, 12.25),
    attempts = 1L,
    error_code = NA_character_
  )
  x$feedback <- list(NULL, NULL, NULL)
  x$price <- c(1234.5, NA, 2)
  file <- system.file("extdata", "face-0.jpg", package = "rekognition")
  image <- rekognition::liveness_image(list(
    Bytes = readBin(file, "raw", file.size(file)),
    BoundingBox = list(Left = 0.125, Top = 0.25, Width = 0.5, Height = 0.5)
  ))
  x$reference_image <- list(image, NULL, NULL)
  rekognition::as_liveness_results(x)
}

# The attributes and styles of a report, without its text.
for_browsers <- function(file) {
  text <- paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
  tags <- unlist(regmatches(text, gregexpr("<[a-z][^>]*>", text)))
  gsub(" (aria-label|alt|title)=\"[^\"]*\"", "", tags)
}

test_that("a report has decimal points in its attributes, whatever the options", {
  results <- locale_results()
  write <- function() {
    file <- withr::local_tempfile()
    liveness_report(results, file, thresholds = c(95.5, 90), title = "t")
    list(tags = for_browsers(file), text = paste(readLines(file), collapse = "\n"))
  }
  plain <- write()
  expect_true("<option value=\"95.5\">" %in% plain$tags)
  for (options in list(
    list(OutDec = ","),
    list(scipen = -10),
    list(scipen = 50, digits = 3),
    list(OutDec = ",", digits = 15)
  )) {
    withr::with_options(options, expect_identical(write()$tags, plain$tags))
  }
  withr::with_options(list(OutDec = ","), expect_match(write()$text, ">95,5</td>", fixed = TRUE))
})

test_that("a report has decimal points in its attributes in a locale with decimal commas", {
  tags <- run_in_locale(
    "de_DE.ISO-8859-1",
    function(locale_results, for_browsers) {
      results <- locale_results()
      write <- function() {
        file <- tempfile()
        rekognition::liveness_report(results, file, thresholds = c(95.5, 90), title = "t")
        for_browsers(file)
      }
      before <- write()
      # R warns that setting LC_NUMERIC can break things.
      suppressWarnings(Sys.setlocale("LC_NUMERIC", "de_DE.ISO-8859-1"))
      list(sprintf("%.1f", 1.5), before, write())
    },
    list(locale_results, for_browsers)
  )
  expect_identical(tags[[1]], "1,5")
  expect_identical(tags[[2]], tags[[3]])
})

test_that("print() and images follow the decimal mark", {
  results <- locale_results()
  withr::local_options(OutDec = ",")
  expect_output(print(results), "95,50", fixed = TRUE)
  expect_output(print(summary(results, thresholds = 95.5)), "95,5", fixed = TRUE)
  expect_match(format(results$reference_image[[1]]), "15,6 kB, face at 0,125;0,25 0,5x0,5>", fixed = TRUE)
})

test_that("counts are never written as 1e+05", {
  results <- locale_results()[rep(1:3, length.out = 1e5), ]
  withr::local_options(scipen = -10)
  lines <- capture.output(print(results), print(summary(results, thresholds = 90)))
  expect_match(lines[1], "<100000 sessions> 33334 SUCCEEDED, 33333 FAILED, 33333 IN_PROGRESS", fixed = TRUE)
  expect_match(lines, "... and 99990 more", fixed = TRUE, all = FALSE)
  dir <- withr::local_tempdir()
  images <- list(results$reference_image[[1]], results$reference_image[[1]])
  liveness_save(images, dir)
  expect_identical(list.files(dir), c("image-1.jpg", "image-2.jpg"))
})

test_that("codes and levels have the same meaning in Turkish", {
  found <- run_in_locale(
    "tr_TR.UTF-8",
    function(locale_results) {
      options(rekognition.log_level = "INFO")
      emulator <- rekognition::rekognition_emulator()
      svc <- rekognition::rekognition(config = emulator$config)
      id <- svc$create_face_liveness_session()$SessionId
      emulator$stop()
      results <- locale_results()
      file <- tempfile(fileext = ".png")
      grDevices::png(file, type = "cairo")
      plot(results)
      grDevices::dev.off()
      liveness_app <- new.env()
      console <- new.env()
      sys.source(system.file("examples", "shiny", "R", "text.R", package = "rekognition"), console)
      list(
        lower = tolower("INFO"),
        id = id,
        dim = dim(as.raster(results$reference_image[[1]])),
        class = console$ascii_lower("IN_PROGRESS"),
        printed = capture.output(print(results))
      )
    },
    list(locale_results)
  )
  expect_identical(found$lower, "\u0131nfo")
  expect_match(found$id, "^[0-9a-f-]{36}$")
  expect_identical(found$dim, c(640L, 480L))
  expect_identical(found$class, "in_progress")
  expect_match(found$printed[1], "1 IN_PROGRESS", fixed = TRUE)
})

test_that("conditions have the same classes and names in a German session", {
  found <- run_in_locale(
    "de_DE.UTF-8",
    function() {
      caught <- function(expr) tryCatch(expr, error = identity)
      settings <- stats::setNames(list(1), "100%s %d\u00e9")
      emulator <- rekognition::rekognition_emulator()
      on.exit(emulator$stop())
      svc <- rekognition::rekognition(emulator$config)
      emulator$fault("html", times = 2, status_code = 404)
      list(
        argument = conditionMessage(caught(svc$create_face_liveness_session(Settings = settings))),
        class = class(caught(svc$create_face_liveness_session()))
      )
    },
    language = "de"
  )
  expect_match(found$argument, "`100%s %d\u00e9`", fixed = TRUE)
  expect_identical(
    found$class,
    c("http_404", "http_error", "rekognition_service_error", "rekognition_error", "error", "condition")
  )
})
