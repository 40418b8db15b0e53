#!/bin/sh
# Fuzzes the readers of responses, of errors and of the messages of streams with coverage guidance, each for SECONDS_EACH (default: half an hour):
# `make fuzz`. A finding ends it with an error; libFuzzer prints where the input is.
set -eu
cd "$(dirname "$0")/../.."
PATH=$(dirname "$(sh dev/deps.sh cargo-fuzz)"):$PATH
# The sanitizers are in the stable compiler, behind this variable. Link-time optimization drops what they need.
export RUSTC_BOOTSTRAP=1 CARGO_PROFILE_RELEASE_LTO=off
for target in response error message; do
  mkdir -p ".build/fuzz/$target"
  # New inputs go to .build; the seeds in dev/fuzz/corpus do not change.
  cargo fuzz run --fuzz-dir dev/fuzz --release --target-dir "${CARGO_TARGET_DIR:-target}/fuzz" "$target" \
    ".build/fuzz/$target" "dev/fuzz/corpus/$target" -- \
    -max_total_time="${SECONDS_EACH:-1800}" -max_len=65536 -timeout=5 -rss_limit_mb=1024 \
    -dict=dev/fuzz/json.dict -print_final_stats=1 -artifact_prefix=.build/fuzz/
done
