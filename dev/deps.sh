#!/bin/sh
# Installs what is needed to build, test and check the package: with apt on Debian and Ubuntu. Elsewhere it
# says what to install. It does nothing where everything is there.
set -eu
cd "$(dirname "$0")/.."

rust=$(sed -n 's/.*rustc >= \([0-9.]*\).*/\1/p' DESCRIPTION)
packages="cli testthat roxygen2 jpeg png callr withr dplyr tibble rlang vctrs curl jsonlite base64enc later promises plumber shiny \
  knitr rmarkdown pkgdown"
debian="r-base-core r-base-dev r-cran-testthat r-cran-roxygen2 r-cran-jpeg r-cran-png r-cran-callr r-cran-withr \
  r-cran-cli r-cran-dplyr r-cran-tibble r-cran-rlang r-cran-vctrs r-cran-curl r-cran-jsonlite r-cran-base64enc r-cran-later r-cran-promises \
  r-cran-plumber r-cran-shiny r-cran-knitr r-cran-rmarkdown r-cran-pkgdown pandoc \
  python3-venv devscripts qpdf tidy curl poppler-utils chromium chromium-driver valgrind tinyproxy-bin libnss-wrapper locales"
if grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; then
  debian=$(echo "$debian" | sed 's/chromium chromium-driver/chromium-browser chromium-chromedriver/')
fi

say_what_to_install() {
  cat >&2 <<EOF

What is needed to build and test rekognition:

  R 4.2 or later, with the tools to build packages (on Windows: Rtools)
  R packages: $packages
      install.packages(c($(echo "$packages" | sed 's/\([^ ]*\)/"\1"/g; s/ /, /g')))
  Rust $rust or later (cargo and rustc): https://rustup.rs
  Python 3 with venv, for boto3 (the peer that the tests compare with) and air (which formats R)
  for R CMD check: checkbashisms (devscripts), qpdf, tidy
  for the vignettes and the website: pandoc; for the website also npm, which comes with Node.js
  for the tests: curl, pdftotext (poppler), Chromium or Chrome with its chromedriver; on Linux also
  valgrind, tinyproxy, nss_wrapper, localedef with the locales of /usr/share/i18n

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
  for tool in checkbashisms qpdf tidy curl pandoc pdftotext chromedriver; do
    command -v $tool >/dev/null || echo "$tool"
  done
  if [ "$(uname)" = Linux ]; then
    for tool in valgrind tinyproxy localedef; do
      command -v $tool >/dev/null || echo "$tool"
    done
    [ -f /usr/share/i18n/locales/tr_TR ] || echo "the locales of /usr/share/i18n"
    # Loaded only where it is there: the loader says so otherwise.
    [ -z "$(env LD_PRELOAD=libnss_wrapper.so sh -c : 2>&1)" ] || echo "nss_wrapper"
  fi
}

rust_is_missing() {
  found=$(rustc --version 2>/dev/null | sed 's/^rustc \([0-9.]*\).*/\1/')
  ! command -v cargo >/dev/null || [ "$(printf '%s\n%s\n' "$rust" "${found:-0}" | sort -V | head -n 1)" != "$rust" ]
}

PATH="$PATH:${HOME:-/root}/.cargo/bin"
if rust_is_missing; then
  say_what_to_install "Rust $rust or later (found: ${found:-none}). Distributions ship older ones: take it from https://rustup.rs"
fi

if [ -n "$(missing)" ]; then
  command -v apt-get >/dev/null || say_what_to_install "$(missing | tr '\n' ' ')"
  sudo=
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || say_what_to_install "$(missing | tr '\n' ' ')(and neither root nor sudo to install it with apt)"
    sudo=sudo
  fi
  mkdir -p .build
  echo "Installing with apt (its words go to .build/apt.log):" $debian
  # shellcheck disable=SC2086 # a list of words
  if ! { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends $debian; } >.build/apt.log 2>&1; then
    tail -n 20 .build/apt.log >&2
    say_what_to_install "$(missing | tr '\n' ' ')(apt failed)"
  fi
  [ -z "$(missing)" ] || say_what_to_install "$(missing | tr '\n' ' ')(apt has installed what it has)"
fi
