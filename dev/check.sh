#!/bin/sh
# Installs the source package of `make dist` as on a machine with no network and no crates, and checks it as CRAN
# does, in .build/check. Errors, warnings and NOTEs that dev/cran-comments.md does not explain fail it.
set -eu
cd "$(dirname "$0")/.."
top=$PWD
rm -rf .build/check
mkdir -p ".build/check/a folder" .build/check/home .build/check/library .build/check/tmp
cd .build/check
here=$PWD
package=$(ls "$top"/.build/dist/rekognition_*.tar.gz)

# A namespace without interfaces, where one may be made; else a proxy that is not there.
if unshare --net true 2>/dev/null; then
  alone="unshare --net"
elif unshare --map-root-user --net true 2>/dev/null; then
  alone="unshare --map-root-user --net"
else
  echo "no network namespace can be made here: a proxy that is not there stands in"
  alone="env https_proxy=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9"
fi
tar -xzf "$package" -C "a folder"
# R CMD check installs with this, to tell the package's own symbols from those of libraries.
export _R_SHLIB_BUILD_OBJECTS_SYMBOL_TABLES_=TRUE
if ! env -u CARGO_HOME -u CARGO_TARGET_DIR HOME="$here/home" RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}" TMPDIR="$here/tmp" \
  $alone R CMD INSTALL --library="$here/library" "a folder/rekognition" >install.log 2>&1; then
  tail -n 50 install.log >&2
  exit 1
fi
grep '^Using ' install.log
left=$(find home tmp -mindepth 1; find "a folder" -name target -o -name vendor -o -name .cargo)
if [ -n "$left" ]; then
  echo "the installation left something behind: $left" >&2
  exit 1
fi
rm -r "a folder"

# No network and no LaTeX are needed; the clock and CRAN's list of packages are looked up in the network.
export _R_CHECK_CRAN_INCOMING_REMOTE_=false _R_CHECK_SYSTEM_CLOCK_=0 _R_CHECK_FORCE_SUGGESTS_=false
R CMD check --as-cran --no-manual --library="$here/library" --install="check:$here/install.log" "$package"
log=rekognition.Rcheck/00check.log
if grep -E '(ERROR|WARNING)$|^Status:.*(ERROR|WARNING)' "$log"; then
  exit 1
fi
grep -E '^\* .*NOTE$' "$log" | while read -r note; do
  note=$(echo "$note" | sed 's/^\* //; s/ \.\.\..*//')
  if ! grep -qF "$note" "$top/dev/cran-comments.md"; then
    echo "This NOTE is not explained in dev/cran-comments.md: $note" >&2
    exit 1
  fi
done
