#!/bin/sh
# Installs the source package of `make dist` on a machine without a network and without crates, and checks it as CRAN
# does, in .build/check: `make check`. Errors, warnings and NOTEs that dev/cran-comments.md does not explain fail it.
#
# With --all [SUITE...] it does the same and runs all tests in each chroot of dev/chroot.sh, with the R and the Rust of
# that system: `make check-all`. A chroot takes a quarter of an hour.
set -eu
cd "$(dirname "$0")/.."
top=$PWD

check() {
  rm -rf .build/check
  mkdir -p ".build/check/a folder" .build/check/home .build/check/library .build/check/tmp
  cd .build/check
  here=$PWD
  package=$(ls "$top"/.build/dist/rekognition_*.tar.gz)

  # A namespace without interfaces, where one can be made; otherwise a proxy that does not exist.
  if unshare --net true 2>/dev/null; then
    offline="unshare --net"
  elif unshare --map-root-user --net true 2>/dev/null; then
    offline="unshare --map-root-user --net"
  else
    echo "no network namespace can be made here: a proxy that does not exist replaces it"
    offline="env https_proxy=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9"
  fi
  tar -xzf "$package" -C "a folder"
  # R CMD check installs with this, to tell the package's own symbols from those of libraries.
  export _R_SHLIB_BUILD_OBJECTS_SYMBOL_TABLES_=TRUE
  # shellcheck disable=SC2086 # a list of words
  if ! env -u CARGO_HOME -u CARGO_TARGET_DIR HOME="$here/home" RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}" \
    TMPDIR="$here/tmp" $offline R CMD INSTALL --library="$here/library" "a folder/rekognition" >install.log 2>&1; then
    tail -n 50 install.log >&2
    exit 1
  fi
  grep '^Using ' install.log
  left=$(find home tmp -mindepth 1; find "a folder" -name target -o -name vendor -o -name .cargo)
  if [ -n "$left" ]; then
    echo "the installation left files behind: $left" >&2
    exit 1
  fi
  rm -r "a folder"

  # This needs no network and no LaTeX. The clock and CRAN's list of packages would be looked up on the network.
  export _R_CHECK_CRAN_INCOMING_REMOTE_=false _R_CHECK_SYSTEM_CLOCK_=0 _R_CHECK_FORCE_SUGGESTS_=false
  R CMD check --as-cran --no-manual --library="$here/library" --install="check:$here/install.log" "$package"
  log=rekognition.Rcheck/00check.log
  if grep -E '(ERROR|WARNING)$|^Status:.*(ERROR|WARNING)' "$log"; then
    exit 1
  fi
  grep -E '^\* .*NOTE$' "$log" | while read -r note; do
    note=$(echo "$note" | sed 's/^\* //; s/ \.\.\..*//')
    if ! grep -qF "$note" "$top/dev/cran-comments.md"; then
      echo "dev/cran-comments.md does not explain this NOTE: $note" >&2
      exit 1
    fi
  done
  cd "$top"
}

# Runs in a chroot.
check_and_test() {
  R --version | head -n 1
  check
  # Ubuntu's names have a version; its cargo knows its rustc.
  CARGO=$(command -v cargo || command -v cargo-1.82)
  export CARGO R_LIBS="$PWD/.build/check/library"
  python3 -m venv .build/venv
  .build/venv/bin/pip install --quiet --disable-pip-version-check boto3
  # Ubuntu has a browser only as a snap.
  command -v chromedriver >/dev/null || export TEST_MAY_SKIP='apps|report|stream-browser|test-page(-relay)?[.]R'
  sh dev/test.sh
}

check_all() {
  mkdir -p .build/check-all
  [ $# -gt 0 ] || set -- noble trixie sid
  status=0
  for suite in "$@"; do
    root=$(sh dev/chroot.sh "$suite")
    rm -rf "$root/rekognition"
    mkdir -p "$root/rekognition/.build/dist"
    git ls-files --cached --others --exclude-standard -z | xargs -0 cp --parents -t "$root/rekognition"
    cp .build/dist/rekognition_*.tar.gz "$root/rekognition/.build/dist/"
    cp -r .build/page "$root/rekognition/.build/"
    log=.build/check-all/$suite.log
    # R needs /proc, and browsers need /dev/shm.
    if unshare --mount --pid --fork --propagation private sh -c "mount -t proc proc '$root/proc' &&
      mount --rbind /dev '$root/dev' && exec chroot '$root' env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
      LANG=C.UTF-8 TERM=dumb sh /rekognition/dev/check.sh --in-chroot" >"$log" 2>&1; then
      result=passed
    else
      result=failed
      status=1
    fi
    sed -n '/^R version/p; /^Using /p; /^Status:/p; /^\* .*NOTE$/p; /passed, .* failed/p' "$log" | sort -u | sed "s/^/$suite: /"
    echo "$suite: $result ($log)"
  done
  return $status
}

case ${1:-} in
--all) shift && check_all "$@" ;;
--in-chroot) check_and_test ;;
*) check ;;
esac
