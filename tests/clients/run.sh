#!/usr/bin/env bash
# Real clients against the binary: run.sh BINARY. Installs the pinned npm packages beside this file.
set -euo pipefail
export SPILLWAY_BINARY=$(realpath "$1")
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --ignore-scripts >/dev/null
code=0
node --test --test-reporter=tap *.test.mjs | tee /dev/stderr 2>/dev/null | awk '
  /^# pass /{p=$3} /^# fail /{f=$3} END {printf "%d passed, %d failed\n", p, f; exit f > 0 || p == 0}' || code=$?
exit $code
