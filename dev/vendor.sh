#!/bin/sh
# Packs the crates that ship with the package: sh dev/vendor.sh ARCHIVE. They are pruned to what the supported
# targets compile; the same crates make the same archive.
set -eu
archive=$(realpath -m "$1")
cd "$(dirname "$0")/.."
targets="x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-apple-darwin aarch64-apple-darwin x86_64-pc-windows-gnu"

# An archive of the same crates is kept.
state=$(cat src/rust/Cargo.lock dev/vendor.sh dev/vendor.R | sha256sum | cut -d ' ' -f 1)
kept=.build/vendor/$state.tar.xz
if [ ! -f "$kept" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p .build/vendor "$work/src"
  # Outside the workspace, as the package is built.
  cp -r src/rust "$work/src/"
  (cd "$work/src/rust" && cargo vendor --quiet --locked --versioned-dirs "$work/vendor")
  for target in $targets; do
    (cd "$work/src/rust" && cargo tree --locked --target "$target" --edges normal,build --prefix none)
  done | sed -n '/(\//!s/^\([^ ]*\) v\([^ ]*\).*/\1-\2/p' | sort -u >"$work/used"
  Rscript --vanilla dev/vendor.R "$work/vendor" "$work/used" "$work/vendor.tar.xz"
  mv "$work/vendor.tar.xz" "$kept"
fi
cp "$kept" "$archive"
