# `dev/coverage.sh` calls it: Rscript dev/coverage.R FOLDER runs the tests of R under covr; with `report` it tells what
# was reached, by file, and fails below 90 % of the lines of either language.

arguments <- commandArgs(TRUE)
out <- arguments[1]
minimum <- 90

if (length(arguments) == 1) {
  # Two tests cannot hold here: covr writes into the bodies of functions, and a file when R ends. `make test` judges.
  run <- sprintf(
    'setwd("%s")
    testthat::test_dir("tests/testthat", package = "rekognition", load_package = "installed",
      reporter = "summary", stop_on_failure = FALSE)
    # A process that was killed leaves half a trace.
    for (trace in list.files("%s", "^covr_trace", full.names = TRUE)) {
      tryCatch(readRDS(trace), error = function(e) unlink(trace))
    }',
    getwd(),
    file.path(out, "lib")
  )
  # rustc asks for the runtime that writes profiles where it links itself; here R does.
  options(covr.flags = c(LDFLAGS = "-Wl,-u,__llvm_profile_runtime"))
  coverage <- covr::package_coverage(
    type = "none",
    code = run,
    quiet = FALSE,
    clean = FALSE,
    install_path = file.path(out, "lib")
  )
  saveRDS(coverage, file.path(out, "r.rds"))
  quit("no")
}

# One row a line of source that can be reached.
coverage <- readRDS(file.path(out, "r.rds"))
r <- covr::tally_coverage(coverage, by = "line")
r <- r[grepl("^R/", r$filename), c("filename", "line", "value")]

lcov <- readLines(file.path(out, "rust.info"))
is_file <- startsWith(lcov, "SF:")
files <- sub("^SF:.*?/src/rust/", "src/rust/", lcov[is_file], perl = TRUE)
is_line <- startsWith(lcov, "DA:")
fields <- strsplit(sub("DA:", "", lcov[is_line]), ",")
rust <- data.frame(
  filename = files[cumsum(is_file)[is_line]],
  line = as.integer(vapply(fields, `[`, "", 1)),
  value = as.numeric(vapply(fields, `[`, "", 2))
)
# A test module at the end of a file is no part of what ships.
tests <- vapply(
  unique(rust$filename),
  function(path) {
    c(grep("^#\\[cfg\\(test\\)\\]", readLines(path)), Inf)[1]
  },
  0
)
rust <- rust[rust$line < tests[rust$filename], ]

share <- function(lines) 100 * mean(lines$value > 0)
ranges <- function(lines) {
  missed <- sort(lines$line[lines$value == 0])
  if (!length(missed)) {
    return("")
  }
  groups <- split(missed, cumsum(c(TRUE, diff(missed) > 1)))
  paste(vapply(groups, function(g) paste(unique(range(g)), collapse = "-"), ""), collapse = " ")
}
stopifnot(nrow(r) > 1000, nrow(rust) > 1000)
totals <- c(R = share(r), Rust = share(rust), both = share(rbind(r, rust)))
by_file <- split(rbind(r, rust), c(r$filename, rust$filename))
by_file <- by_file[order(vapply(by_file, share, 0))]
table <- c(
  sprintf("%-36s %5.1f %%", names(totals), totals),
  "",
  vapply(
    names(by_file),
    function(name) {
      missed <- ranges(by_file[[name]])
      sprintf("%-36s %5.1f %%  %s", name, share(by_file[[name]]), missed)
    },
    ""
  )
)
writeLines(table, file.path(out, "coverage.txt"))
cat(table, sep = "\n")
if (any(totals < minimum)) {
  message("less than ", minimum, " %")
  quit("no", status = 1)
}
