#!/bin/sh
# Runs all tests, Rust and R, and ends with one line that counts them. `make test` calls it.
set -u
cd "$(dirname "$0")/.."
log=.build/cargo-test.log

"${CARGO:-cargo}" test --locked --workspace --exclude rekognition >"$log" 2>&1
rust=$?
cat "$log"
# What cargo could not compile has no line of its own.
set -- $(sed -n 's/^test result: .* \([0-9]*\) passed; \([0-9]*\) failed;.*/\1 \2/p' "$log" |
  awk '{p += $1; f += $2} END {print p + 0, f + 0}')
passed=$1
failed=$2
[ "$rust" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1

counts=.build/r-test.txt
rm -f "$counts"
NOT_CRAN=true REKOGNITION_BOTO3_PYTHON="$PWD/.build/venv/bin/python" TEST_COUNTS="$counts" \
  Rscript --vanilla dev/test.R
if [ -f "$counts" ]; then
  read -r r_passed r_failed <"$counts"
  passed=$((passed + r_passed))
  failed=$((failed + r_failed))
else
  failed=$((failed + 1))
fi

# valgrind knows Linux best, and CI runs there.
if [ "$(uname)" = Linux ]; then
  echo "dev/memcheck.R under valgrind"
  if sh dev/memcheck.sh; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
