#!/usr/bin/env bash
# Real clients against the binary: run.sh [--matrix] BINARY. Installs the pinned npm packages beside this file, unless
# they are those of the lock file already. --matrix writes the table of tests/README.md instead of comparing it.
set -euo pipefail
if [ "$1" = --matrix ]; then
  export MATRIX_WRITE=1
  shift
fi
export SPILLWAY_BINARY=$(realpath "$1")
cd "$(dirname "$0")"
if ! cmp -s package-lock.json node_modules/.installed; then
  npm ci --no-audit --no-fund --ignore-scripts >/dev/null
  cp package-lock.json node_modules/.installed
fi
code=0
node --test --test-reporter=tap *.test.mjs | tee /dev/stderr 2>/dev/null | awk '
  /^# pass /{p=$3} /^# fail /{f=$3} END {printf "%d passed, %d failed\n", p, f; exit f > 0 || p == 0}' || code=$?
exit $code
