#!/bin/sh
# Makes the source package with all crates in it, in .build/dist: it installs without a network. The crates are pruned
# to what the supported targets compile (dev/vendor.R).
set -eu
cd "$(dirname "$0")/.."
top=$PWD
targets="x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-apple-darwin aarch64-apple-darwin x86_64-pc-windows-gnu"

# An archive of the same crates is kept.
state=$(cat src/rust/Cargo.lock src/rust/Cargo.toml src/rust/*/Cargo.toml dev/dist.sh dev/vendor.R | sha256sum | cut -d ' ' -f 1)
crates=$top/.build/vendor/$state.tar.xz
if [ ! -f "$crates" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p .build/vendor "$work/src"
  # Outside the workspace, as the package is built.
  cp -r src/rust "$work/src/"
  (cd "$work/src/rust" && cargo vendor --quiet --locked --versioned-dirs "$work/vendor")
  # shellcheck disable=SC2086 # a list of words
  Rscript --vanilla dev/vendor.R "$work/vendor" "$work/src/rust/Cargo.toml" "$work/vendor.tar.xz" $targets
  mv "$work/vendor.tar.xz" "$crates"
fi

rm -rf .build/dist
mkdir -p .build/dist
cd .build/dist
# It installs the package to build the vignettes: with the crates that are compiled already.
R CMD build "$top"
package=$(ls rekognition_*.tar.gz)
tar -xzf "$package"
cp "$crates" rekognition/src/rust/vendor.tar.xz
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="$(date +%F)" -c rekognition | gzip -n >"$package"
rm -r rekognition
size=$(wc -c <"$package")
echo "$package: $size bytes"
if [ "$size" -gt 10000000 ]; then
  echo "CRAN accepts at most 10 MB" >&2
  exit 1
fi
