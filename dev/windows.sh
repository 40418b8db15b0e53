#!/bin/sh
# Compiles the source package of `make dist` for Windows as R does there, links and loads its DLL, and runs the tests of
# the crates under Wine, in a chroot of Debian sid with R, rustc and cargo: sh dev/windows.sh CHROOT. It needs root.
# `make windows` runs it.
set -eu
cd "$(dirname "$0")/.."

if [ "${1:-}" != --inside ]; then
  chroot=${1:?the path of a chroot}
  [ -x "$chroot/usr/bin/cargo" ] || { echo "No chroot with R, rustc and cargo: $chroot" >&2; exit 1; }
  target=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/rekognition/target}/windows
  mkdir -p "$target" "$chroot/repo" "$chroot/target"
  # The mounts end with this command. The repository is mounted read-only.
  exec unshare --mount --propagation private sh -euc '
    mount -t proc proc "$1/proc"
    mount --bind /dev "$1/dev"
    mount --bind . "$1/repo"
    mount -o remount,bind,ro "$1/repo"
    mount --bind "$2" "$1/target"
    exec chroot "$1" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
      sh /repo/dev/windows.sh --inside
  ' sh "$chroot" "$target"
fi

triple=x86_64-pc-windows-gnu
# Like the gcc of Rtools, it links to the C library that Windows 10 contains.
gcc=x86_64-w64-mingw32ucrt
export CARGO_TARGET_DIR=/target
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=$gcc-gcc CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine
export CC_x86_64_pc_windows_gnu=$gcc-gcc AR_x86_64_pc_windows_gnu=$gcc-ar
export WINEDEBUG=-all

if ! dpkg-query -s rust-src gcc-mingw-w64-ucrt64 binutils-mingw-w64-x86-64 wine64 wine >/dev/null 2>&1; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    rust-src gcc-mingw-w64-ucrt64 binutils-mingw-w64-x86-64 wine64 wine >/target/apt.log 2>&1 || { tail -n 20 /target/apt.log >&2; exit 1; }
fi

# Debian has no standard library for Windows: the stable compiler compiles it from source behind this variable, into the
# folder that rustup would use. LTO needs its bitcode.
lib=$(rustc --print target-libdir --target $triple)
if [ "$(cat "$lib/made-by" 2>/dev/null)" != "$(rustc --version)" ]; then
  rm -rf "$lib" /target/std
  cargo new --quiet --vcs none --lib --name nothing /target/std
  (cd /target/std && RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes cargo build -j 2 --release \
    -Zbuild-std=std,panic_unwind,test --target $triple --target-dir target)
  mkdir -p "$lib"
  cp "/target/std/target/$triple/release/deps/"*.rlib "$lib"
  rm "$lib"/libnothing*
  rustc --version >"$lib/made-by"
fi

cargo test -j 2 --locked --manifest-path /repo/Cargo.toml -p rekognition-core -p rekognition-emulator --target $triple

# Makevars.win is the same as on R for Windows, except for the name of cargo.
rm -rf /target/package
mkdir /target/package
tar -xzf /repo/.build/dist/rekognition_*.tar.gz -C /target/package
cd /target/package/rekognition
Rscript --vanilla -e '.Platform$OS.type <- "windows"; Sys.info <- function() c(sysname = "Windows")' \
  -e 'source("tools/config.R")'
cd src
# An R.dll with the symbols that the package needs and without code: enough to link and to load.
nm -D --defined-only "$(R RHOME)/lib/libR.so" | sed 's/@.*//' >R.symbols
awk '/^#/ {next} $2 ~ /[TWi]/ {print "int " $3 "(void) {return 0;}"} $2 ~ /[BDR]/ {print "void *" $3 ";"}' R.symbols |
  grep -E '[ *](R_|Rf_|[A-Z_]+(\(|;))' >R.c
$gcc-gcc -fno-builtin -w -shared -o R.dll R.c
cat >start.c <<'END'
#include <stdio.h>
#include <windows.h>
int main(void) {
  HMODULE dll = LoadLibraryA("rekognition.dll");
  void (*init)(void *) = dll ? (void (*)(void *)) GetProcAddress(dll, "R_init_rekognition") : NULL;
  if (!init) return printf("error %lu\n", GetLastError());
  init(NULL);
  puts("rekognition.dll is loaded and initialized");
  return 0;
}
END
# The rules of R's winshlib.mk.
cat >link.mk <<'END'
CFLAGS = -O2 -Wall -Werror
rekognition.dll: entrypoint.o later.o termination.o text.o vectors.o
	$(CC) -shared -s -static-libgcc -o $@ rekognition-win.def entrypoint.o later.o termination.o text.o vectors.o $(PKG_LIBS) -L. -lR
END
headers=$(Rscript --vanilla -e 'cat(R.home("include"))')
make -f Makevars.win -f link.mk SHLIB=rekognition.dll WIN=64 CC=$gcc-gcc AR=$gcc-ar CPPFLAGS="-I$headers" all

found=$($gcc-objdump -p rekognition.dll)
echo "$found" | grep 'DLL Name'
unknown=$(echo "$found" | sed -n 's/.*DLL Name: //p' | tr '[:upper:]' '[:lower:]' | grep -vxE \
  'r.dll|(advapi32|bcrypt|bcryptprimitives|crypt32|kernel32|ntdll|secur32|userenv|ws2_32|api-ms-win-.*).dll' || true)
[ -z "$unknown" ] || { echo "A DLL that Windows may not have: $unknown" >&2; exit 1; }
exported=$(echo "$found" | sed -n '/^\[Ordinal\/Name Pointer\]/,/^$/s/^.*+base\[ *[0-9]*\] *[0-9a-f]* //p')
[ "$exported" = R_init_rekognition ] || { echo "It exports: $exported" >&2; exit 1; }
$gcc-gcc -o start.exe start.c
wine start.exe
