#!/bin/sh
# What dev/check-all.sh runs in a chroot.
set -eu
cd "$(dirname "$0")/.."
R --version | head -n 1
sh dev/check.sh

# The names of Rust on Ubuntu, whose own cargo knows its rustc.
cargo=$(command -v cargo || command -v cargo-1.82)
python3 -m venv .build/venv
.build/venv/bin/pip install --quiet --disable-pip-version-check boto3
# Ubuntu has no browser outside of snap.
command -v chromedriver >/dev/null || export TEST_MAY_SKIP='apps|report'
CARGO=$cargo R_LIBS=$PWD/.build/check/library sh dev/test.sh
