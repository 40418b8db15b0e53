# Runs the R tests on the installed package and writes how many passed and failed to the file that is named. A
# second argument chooses test files. A test that is skipped counts as failed: here everything that the tests
# need is there.

arguments <- commandArgs(TRUE)
counts <- Sys.getenv("TEST_COUNTS", if (length(arguments) > 0) arguments[1] else "")
filter <- Sys.getenv("TEST_FILTER", if (length(arguments) > 1) arguments[2] else NA)
step <- as.integer(Sys.getenv("GCTORTURE_STEP", "0"))
invisible(loadNamespace("rekognition"))
invisible(gctorture2(step))
results <- testthat::test_dir(
  "tests/testthat",
  filter = if (!is.na(filter)) filter,
  package = "rekognition",
  load_package = "installed",
  reporter = "summary",
  stop_on_failure = FALSE
)
invisible(gctorture2(0))
results <- as.data.frame(results)
good <- results$failed == 0 & !results$error & !results$skipped & results$warning == 0
bad <- results[!good, c("file", "test", "failed", "skipped", "error", "warning")]
if (nrow(bad) > 0) {
  print(bad, row.names = FALSE)
}
writeLines(paste(sum(good), sum(!good)), counts)
if (any(!good)) {
  quit("no", 1)
}
