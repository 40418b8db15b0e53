#!/bin/sh
# Writes src/rust/Cargo.lock, the lock that ships: the workspace's Cargo.lock less what only developers need.
# With --check it changes nothing and fails if the shipped lock is not that.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src/rust"
cp -r src/rust/Cargo.toml src/rust/src src/rust/core src/rust/emulator "$work/src/rust/"
cp -r inst "$work/"
cp Cargo.lock "$work/src/rust/Cargo.lock"
(cd "$work/src/rust" && cargo metadata --format-version 1 >/dev/null)
if [ "${1:-}" = "--check" ]; then
  if ! cmp -s "$work/src/rust/Cargo.lock" src/rust/Cargo.lock; then
    echo "src/rust/Cargo.lock is out of date: run dev/lock.sh" >&2
    exit 1
  fi
else
  cp "$work/src/rust/Cargo.lock" src/rust/Cargo.lock
fi
