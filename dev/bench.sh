#!/bin/sh
# Runs the benchmark on the installed package; "quick" runs a short form that says little.
set -eu
cd "$(dirname "$0")/.."

# What the SDK's users get, not what keeps a package small.
export CARGO_PROFILE_RELEASE_OPT_LEVEL=3
cargo build --release --locked --package rekognition-bench
# Nothing but the arguments says where requests go.
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy REKOGNITION_LOG
exec Rscript --vanilla dev/bench/run.R "${CARGO_TARGET_DIR:-target}/release/rekognition-bench" .build/venv/bin/python "$@"
