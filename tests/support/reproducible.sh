#!/usr/bin/env bash
# Two release builds in two directories must give the same binary, bit for bit; without ccache, which would answer the
# second from the first. From anywhere: tests/support/reproducible.sh [WORK_DIR]; takes two full builds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=$PWD
work=${1:-$(mktemp -d)}
mkdir -p "$work"
export CCACHE_DISABLE=1
unset CCACHE_BASEDIR CCACHE_NOHASHDIR SOURCE_DATE_EPOCH

options=(-DSPW_TESTS=OFF)
if [ -e build/deps/simdjson/simdjson.cpp ]; then options+=("-DSIMDJSON_SOURCE_DIR=$here/build/deps/simdjson"); fi
if [ -e build/deps/mbedtls/lib/libmbedtls.a ]; then options+=("-DMBEDTLS_ROOT=$here/build/deps/mbedtls"); fi

# Directories of different length, so that a path that got in shows even as an offset.
for name in one another-directory; do
  mkdir -p "$work/$name"
  git archive HEAD | tar -x -C "$work/$name"
  (cd "$work/$name" && cmake --preset release "${options[@]}" && cmake --build build/release --target spillway -j "$(nproc)") \
    >"$work/$name.log" 2>&1 || { tail -n 20 "$work/$name.log" >&2; exit 1; }
  sleep 1 # so that a time that got in differs, too
done
cmp "$work/one/build/release/spillway" "$work/another-directory/build/release/spillway"
if grep -aqF "$work" "$work/one/build/release/spillway"; then
  echo "the build's directory stands in the binary" >&2
  exit 1
fi
sha256sum "$work"/{one,another-directory}/build/release/spillway
echo "the same, bit for bit"
