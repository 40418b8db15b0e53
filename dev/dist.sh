#!/bin/sh
# Makes the source package with all crates in it, in .build/dist: it installs without a network.
set -eu
cd "$(dirname "$0")/.."
top=$PWD
rm -rf .build/dist
mkdir -p .build/dist
cd .build/dist
# It installs the package to build the vignettes: with the crates that are compiled already.
R CMD build "$top"
package=$(ls rekognition_*.tar.gz)
tar -xzf "$package"
sh "$top/dev/vendor.sh" rekognition/src/rust/vendor.tar.xz
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="$(date +%F)" -c rekognition | gzip -n >"$package"
rm -r rekognition
size=$(wc -c <"$package")
echo "$package: $size bytes"
if [ "$size" -gt 10000000 ]; then
  echo "CRAN takes no more than 10 MB" >&2
  exit 1
fi
