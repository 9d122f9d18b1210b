# The suites of `./dev test`, sourced by it. Each is named and counted; the last line is the sum.

passed_all=0 failed_all=0
declare -a table=()

# tally NAME LOG: adds what a suite's output says: GoogleTest's closing lines, or "N passed, N failed".
tally() {
  local name=$1 log=$2 passed=0 failed=0 line
  passed=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | awk '{s += $1} END {print s + 0}')
  failed=$(sed -n 's/^ *\([0-9]*\) FAILED TESTS\{0,1\}$/\1/p' "$log" | awk '{s += $1} END {print s + 0}')
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1 || true)
  if [ -n "$line" ]; then
    passed=$((passed + $(echo "$line" | awk '{print $1}')))
    failed=$((failed + $(echo "$line" | awk '{print $3}')))
  fi
  if [ "${3:-0}" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi  # it ended badly without saying how
  if [ $((passed + failed)) = 0 ]; then failed=1; fi             # a suite that ran nothing is no suite
  passed_all=$((passed_all + passed))
  failed_all=$((failed_all + failed))
  table+=("$(printf '%-28s %5d passed %3d failed' "$name" "$passed" "$failed")")
}

# suite NAME COMMAND...
suite() {
  local name=$1 code=0 began=$SECONDS
  shift
  mkdir -p "$log_dir"
  printf '%-44s' "$name" >&2
  "$@" >"$log_dir/test-$name.log" 2>&1 </dev/null || code=$?
  tally "$name" "$log_dir/test-$name.log" "$code"
  printf ' %4d s%s\n' $((SECONDS - began)) "$([ "$code" = 0 ] || echo '  FAILED')" >&2
  if [ "$code" != 0 ]; then tail -n 80 "$log_dir/test-$name.log" >&2; fi
}

gtests() {
  local preset=$1 code=0 binary
  for binary in build/"$preset"/tests/unit_* build/"$preset"/tests/abi/abi_test build/"$preset"/tests/regress; do
    if [ -f "$binary" ] && [ -x "$binary" ]; then "$binary" || code=1; fi
  done
  return $code
}

out_of_tree_plugins() {
  rm -rf build/plugins build/template
  cmake -S plugins -B build/plugins -DCMAKE_BUILD_TYPE=Release && cmake --build build/plugins -j "$jobs" &&
    cmake -S plugins/template -B build/template -DSPILLWAY_HEADER_DIR="$PWD/plugins" &&
    cmake --build build/template && ctest --test-dir build/template --output-on-failure &&
    echo "2 passed, 0 failed"
}

run_suites() {
  configure release -DSPW_TESTS=ON
  compile release
  suite unit gtests release
  suite tidy build/release/tests/tidy
  suite plugins out_of_tree_plugins
  suite e2e python3 tests/e2e/run.py --binary build/release/spillway
  suite e2e-loaded-plugins python3 tests/e2e/run.py --binary build/release/spillway --plugins build/plugins --without test_load
  if command -v npm >/dev/null; then
    suite clients tests/clients/run.sh build/release/spillway
  else
    table+=("clients                      left out: no npm on this machine")
  fi
  configure asan -DSPW_TESTS=ON
  compile asan
  suite unit-asan-ubsan env UBSAN_OPTIONS=print_stacktrace=1 bash -c "$(declare -f gtests); gtests asan"
  suite e2e-asan-ubsan python3 tests/e2e/run.py --binary build/asan/spillway --slow 3
  configure tsan -DSPW_TESTS=ON
  compile tsan
  suite unit-tsan bash -c "$(declare -f gtests); gtests tsan"
  suite e2e-tsan python3 tests/e2e/run.py --binary build/tsan/spillway --slow 5
  echo
  printf '%s\n' "${table[@]}"
  echo "$passed_all passed, $failed_all failed"
  [ "$failed_all" = 0 ]
}
