#!/bin/sh
# Makes a chroot with another R and another Rust, and prints its path: sh dev/chroot.sh noble|trixie|sid. It needs root
# and about 2 GB. An existing chroot is kept.
#   noble   Ubuntu 24.04, with R 4.3 and Rust 1.82, the oldest Rust that the package supports
#   trixie  Debian 13, with R 4.5 and Rust 1.85
#   sid     Debian unstable, with the newest R and Rust
set -eu
suite=$1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/rekognition/chroots
root=$cache/$suite
if [ -e "$root/ready" ]; then
  echo "$root"
  exit
fi
exec 3>&1 >&2
rm -rf "$root"
mkdir -p "$cache/tools"
cd "$cache"

# The tools are not installed on this machine.
if [ ! -d tools/usr/share/debootstrap ]; then
  (cd tools && apt-get download debootstrap && dpkg -x debootstrap_*.deb .)
fi
rust="rustc cargo"
case $suite in
noble)
  # Debian does not have Ubuntu's keys.
  keys=ubuntu-keyring_2023.11.28.1_all.deb
  (cd tools && curl -sSfO "http://archive.ubuntu.com/ubuntu/pool/main/u/ubuntu-keyring/$keys" &&
    echo "36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8  $keys" | sha256sum -c && dpkg -x $keys .)
  set -- --keyring=tools/usr/share/keyrings/ubuntu-archive-keyring.gpg --components=main,universe \
    noble "$root" http://archive.ubuntu.com/ubuntu gutsy
  rust="rustc-1.82 cargo-1.82"
  ;;
trixie | sid)
  set -- --keyring=/usr/share/keyrings/debian-archive-keyring.gpg "$suite" "$root" http://deb.debian.org/debian
  ;;
*)
  echo "usage: sh dev/chroot.sh noble|trixie|sid"
  exit 1
  ;;
esac
DEBOOTSTRAP_DIR=$PWD/tools/usr/share/debootstrap sh tools/usr/sbin/debootstrap --variant=minbase "$@"

# No service may start, and package lists may have expired.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/99valid"
if [ "$suite" = noble ]; then
  echo "deb http://archive.ubuntu.com/ubuntu noble-updates main universe" >>"$root/etc/apt/sources.list"
else
  browser="chromium chromium-driver"
fi
packages="r-base-core r-base-dev"
for name in cli testthat jpeg png callr withr dplyr tibble curl jsonlite base64enc later promises plumber shiny httpuv knitr rmarkdown; do
  packages="$packages r-cran-$name"
done
DEBIAN_FRONTEND=noninteractive chroot "$root" sh -c "apt-get update && apt-get install -y --no-install-recommends \
  $packages $rust ${browser:-} pandoc devscripts qpdf tidy curl poppler-utils tinyproxy-bin libnss-wrapper \
  ca-certificates python3-venv valgrind locales &&
  localedef -i en_US -f UTF-8 en_US.UTF-8 && localedef -i de_DE -f ISO-8859-1 de_DE.ISO-8859-1"
# Crates and wheels are fetched with this machine's certificate authorities.
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
touch "$root/ready"
echo "$root" >&3
