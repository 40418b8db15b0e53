#!/bin/sh
# Fuzzes the readers of answers and of errors, coverage-guided, for SECONDS_EACH (default: half an hour) each.
# What is found ends it with an error; libFuzzer says where the input is. `make fuzz` calls it.
set -eu
cd "$(dirname "$0")/.."
command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
# The sanitizers are in the stable compiler, behind this variable.
export RUSTC_BOOTSTRAP=1
mkdir -p .build/fuzz
for target in answer error; do
  mkdir -p ".build/fuzz/$target"
  # New inputs are kept in .build; the seeds in dev/fuzz/corpus stay what they are.
  cargo fuzz run --fuzz-dir dev/fuzz --release --target-dir "${CARGO_TARGET_DIR:-target}/fuzz" "$target" \
    ".build/fuzz/$target" "dev/fuzz/corpus/$target" -- \
    -max_total_time="${SECONDS_EACH:-1800}" -max_len=65536 -timeout=5 -rss_limit_mb=1024 \
    -dict=dev/fuzz/json.dict -print_final_stats=1 -artifact_prefix=.build/fuzz/
done
