# The tests of the example application in vignette("testing"), run as a user would run them.

skip_on_cran()
for (package in c("callr", "curl", "httpuv", "jsonlite", "plumber", "promises", "shiny", "withr")) {
  skip_if_not_installed(package)
}
skip_without_page()

# Runs some of its test files in a fresh process, and returns which tests do not pass, and how many expectations there are.
results_of_example <- function(filter) {
  results <- run_elsewhere(
    function(folder, filter) {
      results <- testthat::test_dir(folder, filter = filter, reporter = "silent", stop_on_failure = FALSE)
      as.data.frame(results)[c("file", "test", "nb", "failed", "skipped", "error", "warning")]
    },
    list(system.file("examples", "testing", "tests", "testthat", package = "rekognition"), filter)
  )
  is_bad <- results$failed > 0 | results$skipped | results$error | results$warning > 0
  list(bad = results$test[is_bad], files = unique(results$file), expectations = sum(results$nb))
}

test_that("the tests of an app and of an API pass on the emulator", {
  results <- results_of_example("verdict|app|api")
  expect_identical(results$bad, character())
  expect_setequal(results$files, c("test-verdict.R", "test-app.R", "test-api.R"))
  expect_gte(results$expectations, 25)
})

test_that("a test runs a whole check in Chromium without a driver", {
  skip_without_camera()
  results <- results_of_example("browser")
  expect_identical(results$bad, character())
  expect_identical(results$expectations, 1L)
})

test_that("the application starts as its first lines say", {
  emulator <- test_emulator()
  app <- local_app("shiny", emulator, dir = system.file("examples", "testing", package = "rekognition"))
  expect_match(new_user(app)("GET", "/")$text, 'id="verdict-verdict"', fixed = TRUE)
})
