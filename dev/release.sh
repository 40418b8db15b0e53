#!/bin/sh
# Collects a release in .build/release and prints what is left to do by hand. `make release` runs it after all checks.
set -eu
cd "$(dirname "$0")/.."
out=.build/release
rm -rf "$out"
mkdir -p "$out"
version=$(sed -n 's/^Version: //p' DESCRIPTION)
if [ -n "$(git status --porcelain)" ]; then
  echo "there are uncommitted changes" >&2
  exit 1
fi
if ! sed -n "/^# rekognition $version$/,/^# /p" NEWS.md | grep -q '^\*'; then
  echo "NEWS.md has no entry for $version" >&2
  exit 1
fi
cp ".build/dist/rekognition_$version.tar.gz" "$out/"
tar --sort=name --owner=0 --group=0 --numeric-owner -czf "$out/rekognition_${version}_site.tar.gz" -C .build site

# The bill of materials, in CycloneDX: of the crates, and of the npm packages in the page of a check.
tool=$(sh dev/deps.sh cargo-cyclonedx)
bill=$out/rekognition_$version.cdx.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r src/rust "$work/"
# Only DESCRIPTION has the version.
sed -i "s/^name = \"rekognition\"$/&\nversion = \"$version\"/" "$work/rust/Cargo.toml"
(cd "$work/rust" && cargo metadata --format-version 1 >metadata.json &&
  "$tool" cyclonedx --quiet --format json --spec-version 1.5 --target all --override-filename rekognition)
sed "s|file://$work/rust|file:///rekognition/src/rust|g" "$work/rust/rekognition.json" >"$bill"
if grep -q "$work" "$bill"; then
  echo "the bill of materials contains a path of this machine" >&2
  exit 1
fi
echo "$bill: $(grep -c '"purl": "pkg:cargo' "$bill") packages"
page_bill=$out/rekognition_${version}_page.cdx.json
cp srcjs/package.json srcjs/package-lock.json srcjs/.npmrc "$work/"
(cd "$work" && npm pkg set version="$version" && npm sbom --package-lock-only --sbom-format=cyclonedx >all.json)
node srcjs/bill.mjs "$work/all.json" "$page_bill"
echo "$page_bill: $(grep -c '"purl": "pkg:npm' "$page_bill") packages"

(cd "$out" && sha256sum rekognition_* >SHA256SUMS && cat SHA256SUMS)
cat <<EOF

Left to do:
  - update dev/cran-comments.md from the results of \`make check-all\`
  - set the maintainer in DESCRIPTION, and today's date in NEWS.md
  - git tag v$version, and push it: .github/workflows/release.yaml publishes the release
  - submit $out/rekognition_$version.tar.gz at https://cran.r-project.org/submit.html
EOF
