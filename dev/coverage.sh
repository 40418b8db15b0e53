#!/bin/sh
# Measures which lines the tests reach, in .build/coverage: R with covr, Rust with cargo-llvm-cov, for which the R tests
# count as well. Fails below 90 % of the lines of either. The package is compiled again for it: `make coverage`.
set -eu
cd "$(dirname "$0")/.."
out=$PWD/.build/coverage
rm -rf "$out"
mkdir -p "$out"
Rscript --vanilla -e 'invisible(loadNamespace("covr"))'

PATH=$(dirname "$(sh dev/deps.sh cargo-llvm-cov)"):$PATH
export CARGO_TARGET_DIR="${XDG_CACHE_HOME:-$HOME/.cache}/rekognition/coverage"
# It needs LLVM's tools of rustc's own version: rustup's component llvm-tools, or LLVM_COV and LLVM_PROFDATA.
environment=$(cargo llvm-cov show-env --sh --no-cfg-coverage)
eval "$environment"
cargo llvm-cov clean --profraw-only
export CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
export NOT_CRAN=true REKOGNITION_BOTO3_PYTHON="$PWD/.build/venv/bin/python"

cargo test --locked --workspace --exclude rekognition --exclude rekognition-bench --no-fail-fast

failed=0
Rscript --vanilla - "$out" <<'END' || failed=1
out <- commandArgs(TRUE)
# rustc requests the runtime that writes profiles where it links itself; here R links.
options(covr.flags = c(LDFLAGS = "-Wl,-u,__llvm_profile_runtime"))
# Two tests cannot pass here: covr writes into the bodies of functions, and a file when R ends. `make test` decides.
run <- sprintf(
  'setwd("%s")
  testthat::test_dir("tests/testthat", package = "rekognition", load_package = "installed", reporter = "summary",
    stop_on_failure = FALSE)
  # A process that was killed leaves half a trace.
  for (trace in list.files("%s", "^covr_trace", full.names = TRUE)) {
    tryCatch(readRDS(trace), error = function(e) unlink(trace))
  }',
  getwd(),
  file.path(out, "lib")
)
install_path <- file.path(out, "lib")
coverage <- covr::package_coverage(type = "none", code = run, quiet = FALSE, clean = FALSE, install_path = install_path)
lines <- covr::tally_coverage(coverage, by = "line")
lines <- lines[startsWith(lines$filename, "R/"), ]
missed <- lines[lines$value == 0, ]
writeLines(sprintf("%s:%d", missed$filename, missed$line), file.path(out, "r-missed.txt"))
share <- 100 * mean(lines$value > 0)
message(sprintf("R: %.1f %% of %d lines; the others are in %s/r-missed.txt", share, nrow(lines), out))
if (share < 90) quit("no", 1)
END

# R linked the library, outside of cargo's folder.
export LLVM_COV_FLAGS="--object=$out/lib/rekognition/libs/rekognition.so"
cargo llvm-cov report --ignore-filename-regex '/dev/' --show-missing-lines --fail-under-lines 90 >"$out/rust.txt" || failed=1
echo "Rust: $(grep '^TOTAL' "$out/rust.txt")"
echo "The lines that no test reaches are at the end of $out/rust.txt"
exit $failed
