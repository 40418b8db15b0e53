# Runs the R tests on the installed package and writes how many passed and failed to the file that is named.
# A test that is skipped counts as failed: here everything that the tests need is there.

results <- testthat::test_dir(
  "tests/testthat",
  package = "rekognition",
  load_package = "installed",
  reporter = "summary",
  stop_on_failure = FALSE
)
results <- as.data.frame(results)
good <- results$failed == 0 & !results$error & !results$skipped & results$warning == 0
bad <- results[!good, c("file", "test", "failed", "skipped", "error", "warning")]
if (nrow(bad) > 0) {
  print(bad, row.names = FALSE)
}
writeLines(paste(sum(good), sum(!good)), commandArgs(TRUE)[1])
