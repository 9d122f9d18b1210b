#!/usr/bin/env bash
# How much of its own code each fuzz target reaches: line coverage by clang, over the seeds in the tree and, where
# `./dev fuzz` has left one, the corpus in build/corpus. From anywhere: tests/support/fuzz_coverage.sh
# It builds a second time (build/fuzz-coverage), because sanitizers and counters do not mix well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tests/support/fuzz.sh
out=build/fuzz-coverage
read -r suffix <<<"$(clang_suffix)"

# What each target is about. Other code it runs through is another target's.
declare -A own=(
  [request_fuzz]="core/http/request_reader.cc core/http/request_check.cc core/http/head_fields.cc core/http/head_scan.cc core/http/plain_fields.cc core/http/field_id.cc core/http/framing.cc core/http/host_check.cc core/http/writer.cc core/http/websocket.cc"
  [response_fuzz]="core/http/response_reader.cc core/http/response_check.cc core/http/head_fields.cc core/http/head_scan.cc core/http/plain_fields.cc core/http/framing.cc"
  [chunks_fuzz]="core/http/chunks.cc core/http/body.cc"
  [sse_fuzz]="core/http/sse.cc"
  [url_fuzz]="core/http/url.cc core/http/host_check.cc"
  [json_fuzz]="core/json/grammar.cc core/json/pass.cc core/json/scan.cc core/json/reader.cc core/json/value.cc core/json/canonical.cc core/json/write.cc"
  [facts_fuzz]="core/llm/facts.cc core/llm/native_facts.cc core/llm/form.cc core/llm/splice.cc"
  [classify_fuzz]="core/llm/classify.cc core/llm/told.cc core/llm/said.cc core/llm/wait.cc"
  [codecs_fuzz]="$(echo core/llm/{anthropic,cohere,gemini,ollama,openai,responses}_*.cc) core/llm/codec.cc core/llm/completions.cc core/llm/fit.cc core/llm/fit_history.cc core/llm/parts.cc core/llm/plain_form.cc core/llm/repair.cc core/llm/repair_write.cc core/llm/tool_slots.cc core/llm/translation.cc"
  [replay_fuzz]="core/llm/replay.cc core/llm/assemble.cc core/llm/answer_tree.cc core/llm/stored.cc"
  [catalog_fuzz]="core/catalog/model.cc core/catalog/source.cc core/catalog/price.cc core/catalog/health.cc core/catalog/make.cc core/catalog/pool.cc core/catalog/score.cc"
  [config_fuzz]="core/conf/checks.cc core/conf/forms.cc core/conf/load.cc core/conf/options.cc core/conf/reader.cc core/conf/sections.cc core/conf/source.cc core/conf/statements.cc core/conf/tree.cc"
  [plugin_fuzz]="core/policy/options.cc core/policy/host.cc core/policy/host_plan.cc core/policy/host_request.cc core/policy/host_state.cc core/policy/call.cc core/policy/chain.cc core/policy/chain_events.cc"
)

options=()
if [ -e build/deps/simdjson/simdjson.cpp ]; then options+=("-DSIMDJSON_SOURCE_DIR=$PWD/build/deps/simdjson"); fi
if [ -e build/deps/mbedtls/lib/libmbedtls.a ]; then options+=("-DMBEDTLS_ROOT=$PWD/build/deps/mbedtls"); fi
if command -v ccache >/dev/null; then
  options+=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
cmake --preset fuzz -B "$out" -DCMAKE_C_COMPILER="clang$suffix" -DCMAKE_CXX_COMPILER="clang++$suffix" \
  -DSPW_FUZZ_COVERAGE=ON "${options[@]}" >/dev/null
cmake --build "$out" --target fuzzers -j "$(nproc)" >/dev/null

printf '%-16s %8s %8s %8s\n' target lines reached share
for binary in "$out"/*_fuzz; do
  name=$(basename "$binary")
  if [ -z "${own[$name]:-}" ]; then echo "$name: say above which files it is about" >&2 && exit 1; fi
  corpus=()
  for folder in "tests/fuzz/corpus/$name" "build/corpus/$name"; do
    if [ -d "$folder" ]; then corpus+=("$folder"); fi
  done
  LLVM_PROFILE_FILE="$out/$name.raw" "$binary" -runs=0 "${corpus[@]}" >"$out/$name.log" 2>&1
  "llvm-profdata$suffix" merge -o "$out/$name.profile" "$out/$name.raw"
  "llvm-cov$suffix" show "$binary" -path-equivalence="$out/core/,core/" -instr-profile="$out/$name.profile" >"$out/$name.txt" 2>/dev/null
  # Picked here: llvm-cov's own choice of files does not know names that the build has made relative.
  "llvm-cov$suffix" report "$binary" -instr-profile="$out/$name.profile" 2>/dev/null |
    awk -v name="$name" -v own=" ${own[$name]} " 'index(own, " " $1 " ") {lines += $8; missed += $9}
      END {printf "%-16s %8d %8d %7.1f%%\n", name, lines, lines - missed, 100 * (lines - missed) / lines}'
done
echo "line by line: $out/NAME.txt"
