#!/bin/sh
# Makes .build/venv with boto3, the peer that the tests compare with, and air, which formats R.
set -eu
cd "$(dirname "$0")/.."
venv=.build/venv
if ! "$venv/bin/python" -c 'import boto3' 2>/dev/null || ! [ -x "$venv/bin/air" ]; then
  mkdir -p .build
  python3 -m venv "$venv"
  if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check boto3 air-formatter; then
    echo "pip could not install boto3 and air-formatter, which make test and make lint need." >&2
    exit 1
  fi
fi
