#!/bin/sh
# Collects a release in .build/release, after `make release` has run all checks, and says what is left to a person.
set -eu
cd "$(dirname "$0")/.."
out=.build/release
rm -rf "$out"
mkdir -p "$out"
version=$(sed -n 's/^Version: //p' DESCRIPTION)
if [ -n "$(git status --porcelain)" ]; then
  echo "there are changes that are not committed" >&2
  exit 1
fi
if ! sed -n "/^# rekognition $version$/,/^# /p" NEWS.md | grep -q '^\*'; then
  echo "NEWS.md says nothing of $version" >&2
  exit 1
fi
cp ".build/dist/rekognition_$version.tar.gz" "$out/"
cp .build/sbom/rekognition.cdx.json "$out/rekognition_$version.cdx.json"
tar --sort=name --owner=0 --group=0 --numeric-owner -czf "$out/rekognition_${version}_site.tar.gz" -C .build site
(cd "$out" && sha256sum rekognition_* >SHA256SUMS && cat SHA256SUMS)
cat <<EOF

Left to you:
  - dev/cran-comments.md says what \`make check-all\` told
  - DESCRIPTION names the maintainer, and the date of NEWS.md is today's
  - git tag v$version, and push it: .github/workflows/release.yaml publishes
  - https://cran.r-project.org/submit.html with $out/rekognition_$version.tar.gz
EOF
