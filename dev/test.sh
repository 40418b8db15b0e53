#!/bin/sh
# Runs all tests, Rust and R, and prints the number that passed and failed on the last line: `make test`. With --long it
# runs the long forms instead, in about half an hour: `make soak`.
set -u
cd "$(dirname "$0")/.."
mkdir -p .build
export NOT_CRAN=true REKOGNITION_BOTO3_PYTHON="$PWD/.build/venv/bin/python"

# Runs an R script under valgrind, where any invalid memory access is an error. The script is read before it runs: a
# forked child moves its parent's position in a file that is still being read.
memcheck() {
  R --vanilla --no-echo -d "valgrind --tool=memcheck --leak-check=no --error-exitcode=9 --num-callers=30 -q" \
    -e "source('$1')"
}

run_all() {
  log=.build/cargo-test.log
  "${CARGO:-cargo}" test --locked --workspace --exclude rekognition >"$log" 2>&1
  rust=$?
  cat "$log"
  # A test that does not compile has no line of its own.
  set -- $(sed -n 's/^test result: .* \([0-9]*\) passed; \([0-9]*\) failed;.*/\1 \2/p' "$log" |
    awk '{p += $1; f += $2} END {print p + 0, f + 0}')
  passed=$1
  failed=$2
  [ "$rust" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1

  counts=.build/r-test.txt
  rm -f "$counts"
  TEST_COUNTS="$counts" Rscript --vanilla dev/test.R
  if [ -f "$counts" ]; then
    read -r r_passed r_failed <"$counts"
    passed=$((passed + r_passed))
    failed=$((failed + r_failed))
  else
    failed=$((failed + 1))
  fi

  # valgrind is reliable on Linux, where CI runs.
  if [ "$(uname)" = Linux ]; then
    echo "dev/memcheck.R under valgrind"
    if memcheck dev/memcheck.R; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  fi

  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}

# 100,000 calls, 1,000 clients, 500 emulators, and native code with a garbage collection at every allocation.
long_runs() {
  REKOGNITION_SOAK=1 TEST_FILTER="^soak$" Rscript --vanilla dev/test.R
}
# The tests with a garbage collection at every 200th allocation of R.
torture() {
  GCTORTURE_STEP=200 TEST_FILTER="^(conditions|emulator|fork|operations|rekognition|responses|secrets|settings)$" \
    Rscript --vanilla dev/test.R
}
# valgrind computes R's long doubles with 64 bits, so the tests of exact numbers are left out.
memcheck_tests() {
  TEST_FILTER="^(conditions|emulator|log|native|operations|secrets|settings)$" memcheck dev/test.R
}
# All Rust tests with AddressSanitizer, which the stable compiler has behind RUSTC_BOOTSTRAP.
sanitize() {
  host=$(rustc -vV | sed -n 's/^host: //p')
  RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address cargo test --locked --workspace --exclude rekognition \
    --target "$host" --target-dir "${CARGO_TARGET_DIR:-target}/asan"
}

run_long() {
  export TEST_COUNTS=.build/soak.txt
  status=0
  for step in long_runs torture memcheck_tests sanitize; do
    echo "== $step"
    if $step; then echo "== $step: passed"; else
      echo "== $step: FAILED"
      status=1
    fi
  done
  return $status
}

case ${1:-} in
--long) run_long ;;
*) run_all ;;
esac
