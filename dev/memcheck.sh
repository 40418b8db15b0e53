#!/bin/sh
# Runs a script of R under valgrind's memcheck: any invalid access in it is an error. Without an argument it is
# the short one that `make test` runs.
set -eu
cd "$(dirname "$0")/.."
script=${1:-dev/memcheck.R}
# Read whole before it runs: a child that is forked moves its parent's place in a file that is still being read.
R --vanilla --no-echo -d "valgrind --tool=memcheck --leak-check=no --error-exitcode=9 --num-callers=30 -q" \
  -e "source('$script')"
