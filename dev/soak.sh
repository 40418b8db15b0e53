#!/bin/sh
# The long forms of what `make test` does in short: it takes about half an hour. `make soak` calls it.
set -u
cd "$(dirname "$0")/.."
failed=0
step() {
  name=$1
  shift
  echo "== $name"
  if "$@"; then echo "== $name: passed"; else
    echo "== $name: FAILED"
    failed=1
  fi
}
export TEST_COUNTS=.build/soak.txt NOT_CRAN=true REKOGNITION_BOTO3_PYTHON="$PWD/.build/venv/bin/python"

# 100,000 calls, 1,000 clients, 500 emulators, and native code with a garbage collection at every allocation.
long() {
  REKOGNITION_SOAK=1 TEST_FILTER="^soak$" Rscript --vanilla dev/test.R
}
# The tests with a garbage collection at every 200th allocation of R.
torture() {
  GCTORTURE_STEP=200 TEST_FILTER="^(conditions|emulator|fork|operations|rekognition|responses|secrets|settings)$" \
    Rscript --vanilla dev/test.R
}
# The tests under valgrind, which computes R's long doubles with 64 bits: the tests of exact numbers are left out.
memcheck() {
  TEST_FILTER="^(conditions|emulator|log|native|operations|secrets|settings)$" \
    sh dev/memcheck.sh dev/test.R
}
# Everything in Rust with AddressSanitizer, which the stable compiler has behind RUSTC_BOOTSTRAP.
sanitize() {
  host=$(rustc -vV | sed -n 's/^host: //p')
  RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address cargo test --locked --workspace --exclude rekognition \
    --target "$host" --target-dir "${CARGO_TARGET_DIR:-target}/asan"
}
step "long runs" long
step "gctorture" torture
step "memcheck" memcheck
step "AddressSanitizer" sanitize
exit $failed
