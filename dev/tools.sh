#!/bin/sh
# Installs a tool of cargo's, at the version named here, and says where it is: sh dev/tools.sh cargo-deny. It is compiled
# once and kept.
set -eu
case $1 in
cargo-deny) version=0.18.9 ;;
cargo-cyclonedx) version=0.5.9 ;;
*) echo "unknown tool: $1" >&2; exit 1 ;;
esac
root=${XDG_CACHE_HOME:-$HOME/.cache}/rekognition/tools/$1-$version
if [ ! -x "$root/bin/$1" ]; then
  # Compiling it fast is worth more here than its speed.
  CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    cargo install --quiet --locked --root "$root" --version "$version" "$1" >&2
fi
echo "$root/bin/$1"
