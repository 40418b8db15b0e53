# Runs the R tests on the installed package and writes how many passed and failed to the file TEST_COUNTS.
# TEST_FILTER selects test files. GCTORTURE_STEP runs the garbage collector after that number of allocations. A skipped
# test counts as failed, because everything that the tests need is installed here; except in the files that the regular
# expression TEST_MAY_SKIP matches, on a system that lacks something.

filter <- Sys.getenv("TEST_FILTER")
step <- as.integer(Sys.getenv("GCTORTURE_STEP", "0"))
invisible(loadNamespace("rekognition"))
invisible(gctorture2(step))
results <- testthat::test_dir(
  "tests/testthat",
  filter = if (nzchar(filter)) filter,
  package = "rekognition",
  load_package = "installed",
  reporter = "summary",
  stop_on_failure = FALSE
)
invisible(gctorture2(0))
results <- as.data.frame(results)
may_skip <- Sys.getenv("TEST_MAY_SKIP")
skipped <- results$skipped & !(nzchar(may_skip) & grepl(may_skip, results$file))
good <- results$failed == 0 & !results$error & !skipped & results$warning == 0
bad <- results[!good, c("file", "test", "failed", "skipped", "error", "warning")]
if (nrow(bad) > 0) {
  print(bad, row.names = FALSE)
}
if (any(results$skipped & good)) {
  message("skipped, as allowed here: ", toString(unique(results$file[results$skipped & good])))
}
writeLines(paste(sum(good & !results$skipped), sum(!good)), Sys.getenv("TEST_COUNTS"))
if (any(!good)) {
  quit("no", 1)
}
