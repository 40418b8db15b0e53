#!/bin/sh
# Updates the crates to what the package's Rust can compile (.cargo/config.toml), and the lock that ships.
set -eu
cd "$(dirname "$0")/.."
cargo update
# With the tables of unicode-rs: those of ICU4X are twenty crates more, and want a later Rust.
cargo update idna_adapter --precise 1.1.0
sh dev/lock.sh
Rscript --vanilla dev/versions.R
