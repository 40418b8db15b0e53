#!/bin/sh
# The bill of materials of what ships, in CycloneDX: sh dev/sbom.sh FILE.
set -eu
file=$(realpath -m "$1")
cd "$(dirname "$0")/.."
tool=$(sh dev/tools.sh cargo-cyclonedx)
version=$(sed -n 's/^Version: //p' DESCRIPTION)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r src/rust "$work/"
# The version is in DESCRIPTION alone.
sed -i "s/^name = \"rekognition\"$/&\nversion = \"$version\"/" "$work/rust/Cargo.toml"
(cd "$work/rust" && cargo metadata --format-version 1 >/dev/null &&
  "$tool" cyclonedx --quiet --format json --spec-version 1.5 --target all --override-filename rekognition)
mkdir -p "$(dirname "$file")"
# Where it was made is nobody's business.
sed "s|file://$work/rust|file:///rekognition/src/rust|g" "$work/rust/rekognition.json" >"$file"
if grep -q "$work" "$file"; then
  echo "the bill of materials names a folder of this machine" >&2
  exit 1
fi
echo "$file: $(grep -c '"purl": "pkg:cargo' "$file") packages"
