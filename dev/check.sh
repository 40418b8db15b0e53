#!/bin/sh
# R CMD build and R CMD check --as-cran, in .build/check. Errors, warnings and NOTEs that cran-comments.md does
# not explain fail it. `make check` calls it.
set -eu
cd "$(dirname "$0")/.."
top=$PWD
rm -rf .build/check
mkdir -p .build/check
cd .build/check
R CMD build "$top"
# No network and no LaTeX are needed; the clock and CRAN's list of packages are looked up in the network.
export _R_CHECK_CRAN_INCOMING_REMOTE_=false _R_CHECK_SYSTEM_CLOCK_=0 _R_CHECK_FORCE_SUGGESTS_=false
R CMD check --as-cran --no-manual rekognition_*.tar.gz
log=rekognition.Rcheck/00check.log
if grep -E '(ERROR|WARNING)$|^Status:.*(ERROR|WARNING)' "$log"; then
  exit 1
fi
grep -E '^\* .*NOTE$' "$log" | while read -r note; do
  note=$(echo "$note" | sed 's/^\* //; s/ \.\.\..*//')
  if ! grep -qF "$note" "$top/cran-comments.md"; then
    echo "This NOTE is not explained in cran-comments.md: $note" >&2
    exit 1
  fi
done
