#!/bin/sh
# Installs what is needed to build, test and check the package; it does nothing where everything is installed.
#   sh dev/deps.sh             with apt on Debian and Ubuntu; elsewhere it prints what to install
#   sh dev/deps.sh venv        with pip, into .build/venv: boto3, which the tests compare with, and air, which formats R
#   sh dev/deps.sh cargo-deny  with cargo, once, and prints the path: any of the tools below
set -eu
cd "$(dirname "$0")/.."

case ${1:-} in
'') ;;
venv)
  venv=.build/venv
  if ! "$venv/bin/python" -c 'import boto3' 2>/dev/null || ! [ -x "$venv/bin/air" ]; then
    mkdir -p .build
    python3 -m venv "$venv"
    if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check boto3 air-formatter; then
      echo "pip could not install boto3 and air-formatter, which make test and make lint need." >&2
      exit 1
    fi
  fi
  exit
  ;;
*)
  case $1 in
  cargo-cyclonedx) version=0.5.9 ;;
  cargo-deny) version=0.18.9 ;;
  cargo-fuzz) version=0.13.2 ;;
  cargo-llvm-cov) version=0.9.1 ;;
  *) echo "unknown tool: $1" >&2; exit 1 ;;
  esac
  root=${XDG_CACHE_HOME:-$HOME/.cache}/rekognition/tools/$1-$version
  if [ ! -x "$root/bin/$1" ]; then
    # A short compilation matters more here than a fast tool.
    CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
      cargo install --quiet --locked --root "$root" --version "$version" "$1" >&2
  fi
  echo "$root/bin/$1"
  exit
  ;;
esac

rust=$(sed -n 's/.*rustc >= \([0-9.]*\).*/\1/p' DESCRIPTION)
packages="cli testthat roxygen2 jpeg png callr withr dplyr tibble rlang vctrs curl jsonlite base64enc later promises plumber shiny bslib digest htmltools httpuv \
  knitr rmarkdown pkgdown processx DBI RSQLite RPostgreSQL"
debian="r-base-core r-base-dev r-cran-testthat r-cran-roxygen2 r-cran-jpeg r-cran-png r-cran-callr r-cran-withr \
  r-cran-cli r-cran-dplyr r-cran-tibble r-cran-rlang r-cran-vctrs r-cran-curl r-cran-jsonlite r-cran-base64enc r-cran-later r-cran-promises \
  r-cran-plumber r-cran-shiny r-cran-bslib r-cran-digest r-cran-htmltools r-cran-httpuv r-cran-knitr r-cran-rmarkdown r-cran-pkgdown pandoc \
  r-cran-processx r-cran-dbi r-cran-rsqlite r-cran-rpostgresql postgresql nginx-light \
  python3-venv devscripts qpdf tidy curl poppler-utils chromium chromium-driver valgrind tinyproxy-bin libnss-wrapper locales"
if grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; then
  debian=$(echo "$debian" | sed 's/chromium chromium-driver/chromium-browser chromium-chromedriver/')
fi
# Node.js from elsewhere contains npm and conflicts with Debian's.
command -v npm >/dev/null || debian="$debian nodejs npm"

stop_with_list() {
  cat >&2 <<EOF

To build and test rekognition you need:

  R 4.2 or later, with the tools to build packages (on Windows: Rtools)
  R packages: $packages
      install.packages(c($(echo "$packages" | sed 's/\([^ ]*\)/"\1"/g; s/ /, /g')))
  Rust $rust or later (cargo and rustc): https://rustup.rs
  Python 3 with venv, for boto3 (the peer that the tests compare with) and air (which formats R)
  for R CMD check: checkbashisms (devscripts), qpdf, tidy
  for the vignettes and the website: pandoc
  for the tests and the website: npm, which comes with Node.js
  for the tests: curl, pdftotext (poppler), Chromium or Chrome with its chromedriver, PostgreSQL (the server), nginx;
  on Linux also valgrind, tinyproxy, nss_wrapper, localedef with the locales of /usr/share/i18n

Missing here: $1
EOF
  exit 1
}

missing() {
  command -v R >/dev/null || { echo "R"; return; }
  command -v cc >/dev/null || echo "a C compiler"
  for package in $packages; do
    Rscript --vanilla -e "if (!requireNamespace('$package', quietly = TRUE)) cat('$package\n')"
  done
  python3 -c 'import venv, ensurepip' 2>/dev/null || echo "Python's venv"
  for tool in checkbashisms qpdf tidy curl pandoc pdftotext chromedriver npm nginx; do
    command -v $tool >/dev/null || echo "$tool"
  done
  # Debian has several versions side by side, outside of PATH.
  command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo "PostgreSQL"
  if [ "$(uname)" = Linux ]; then
    for tool in valgrind tinyproxy localedef; do
      command -v $tool >/dev/null || echo "$tool"
    done
    [ -f /usr/share/i18n/locales/tr_TR ] || echo "the locales of /usr/share/i18n"
    # The loader prints an error where it is not installed.
    [ -z "$(env LD_PRELOAD=libnss_wrapper.so sh -c : 2>&1)" ] || echo "nss_wrapper"
  fi
}

rust_is_missing() {
  found=$(rustc --version 2>/dev/null | sed 's/^rustc \([0-9.]*\).*/\1/')
  ! command -v cargo >/dev/null || [ "$(printf '%s\n%s\n' "$rust" "${found:-0}" | sort -V | head -n 1)" != "$rust" ]
}

PATH="$PATH:${HOME:-/root}/.cargo/bin"
if rust_is_missing; then
  stop_with_list "Rust $rust or later (found: ${found:-none}). Distributions ship older ones: take it from https://rustup.rs"
fi

if [ -n "$(missing)" ]; then
  command -v apt-get >/dev/null || stop_with_list "$(missing | tr '\n' ' ')"
  sudo=
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || stop_with_list "$(missing | tr '\n' ' ')(and neither root nor sudo to install it with apt)"
    sudo=sudo
  fi
  mkdir -p .build
  echo "Installing with apt (output in .build/apt.log):" $debian
  # shellcheck disable=SC2086 # a list of words
  if ! { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends $debian; } >.build/apt.log 2>&1; then
    tail -n 20 .build/apt.log >&2
    stop_with_list "$(missing | tr '\n' ' ')(apt failed)"
  fi
  [ -z "$(missing)" ] || stop_with_list "$(missing | tr '\n' ' ')(apt installed what it has)"
fi
