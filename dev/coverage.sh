#!/bin/sh
# Measures what the tests of both languages reach, in .build/coverage: R with covr, Rust with LLVM, for which the tests of R
# count, too. Fails below 90 % of the lines of either. The package is compiled anew for it.
set -eu
cd "$(dirname "$0")/.."
out=$PWD/.build/coverage
rm -rf "$out"
mkdir -p "$out/raw"

Rscript --vanilla -e 'invisible(loadNamespace("covr"))'
# LLVM's tools of rustc's own version: rustup's component llvm-tools, or the system's.
major=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
PATH=$PATH:$(rustc --print target-libdir)/../bin
for tool in llvm-cov llvm-profdata; do
  found=$(command -v "$tool-$major" || "$tool" --version 2>/dev/null | grep -q "version $major" && echo "$tool" || true)
  if [ -z "$found" ]; then
    echo "$tool of LLVM $major is needed: rustup component add llvm-tools, or your system's package llvm-$major" >&2
    exit 1
  fi
  [ $tool = llvm-cov ] && cov=$found || profdata=$found
done

export CARGO_TARGET_DIR="${XDG_CACHE_HOME:-$HOME/.cache}/rekognition/coverage"
export RUSTFLAGS="-C instrument-coverage" LLVM_PROFILE_FILE="$out/raw/%p-%4m.profraw"
export CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
export NOT_CRAN=true REKOGNITION_BOTO3_PYTHON="$PWD/.build/venv/bin/python"

cargo test --locked --workspace --exclude rekognition --exclude rekognition-bench --no-fail-fast
objects=$(cargo test --locked --workspace --exclude rekognition --exclude rekognition-bench --no-run --message-format json 2>/dev/null |
  sed -n 's/.*"executable":"\([^"]*\)".*/--object \1/p')

Rscript --vanilla dev/coverage.R "$out"

# A process that was killed leaves half a profile. The crates that ship count, less what is theirs alone to test.
"$profdata" merge --sparse --failure-mode all "$out"/raw/*.profraw -o "$out/rust.profdata"
# shellcheck disable=SC2086
"$cov" export --format lcov --instr-profile "$out/rust.profdata" --object "$out/lib/rekognition/libs/rekognition.so" $objects \
  --ignore-filename-regex '/registry/|/rustc/|/tests/|/tests\.rs|/dev/' >"$out/rust.info"
Rscript --vanilla dev/coverage.R "$out" report
