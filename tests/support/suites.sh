# The suites of `./dev test`, sourced by it. Each is named and counted; the last line is the sum.
export UBSAN_OPTIONS=print_stacktrace=1

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

# gtests PRESET PATTERN...: every test executable of build/PRESET/tests that matches, one for each processor at a time.
gtests() {
  local preset=$1 pattern binary
  shift
  for pattern in "$@"; do
    for binary in build/"$preset"/tests/$pattern; do echo "$binary"; done
  done | xargs -P "$jobs" -I '{}' bash -c \
    'if [ -x "$0" ]; then text=$("$0" 2>&1); code=$?; else text="there is no $0" code=1; fi; echo "$text"; exit $code' '{}'
}

# The shipped policies as shared objects, and the template with its own test, each with only the header.
out_of_tree_plugins() {
  rm -rf build/plugins build/template
  cmake -S plugins -B build/plugins -DCMAKE_BUILD_TYPE=Release && cmake --build build/plugins -j "$jobs" &&
    cmake -S plugins/template -B build/template -DSPILLWAY_HEADER_DIR="$PWD/plugins" &&
    cmake --build build/template && ctest --test-dir build/template --output-on-failure &&
    echo "2 passed, 0 failed"
}

# e2e PRESET OPTION...: the end-to-end tests of build/PRESET/spillway.
e2e() {
  local preset=$1
  shift
  python3 tests/e2e/run.py --binary "build/$preset/spillway" --jobs $((jobs * 2)) "$@"
}
leave_out() { [ -n "${whole:-}" ] || printf -- '--without test_%s ' "$@"; }

# built PRESET [TARGET...]: configures and compiles; when that fails it counts as a failed suite, and the others go on.
built() {
  local preset=$1 target targets=()
  shift
  for target in "$@"; do targets+=(--target "$target"); done
  configure "$preset" -DSPW_TESTS=ON -DSPW_WHOLE="${whole:-0}" && compile "$preset" "${targets[@]}" && return
  failed_all=$((failed_all + 1))
  table+=("$(printf '%-28s does not build: build/log' "$preset")")
  return 1
}

# The unit tests run under sanitizers; as a release build they are compiled, for a quarter of the whole time, when the
# whole is asked for. What no sanitizer has a part in runs here: the tree's own rules, the benchmark's own parts.
release_suites() {
  if [ -n "${whole:-}" ]; then suite unit gtests release "${all[@]}"; fi
  suite tidy gtests release tidy
  suite simulation gtests release simulation_test
  suite bench python3 bench/tests/test_pure.py
  suite plugins out_of_tree_plugins
  suite e2e e2e release
  # What a policy has a part in; the rest does not know where policies came from.
  suite e2e-loaded-plugins e2e release --plugins build/plugins $(leave_out load faults fault_clients overload operation http1 tls bench dialects inbound fitting start silence models tunnel upload keys)
  suite clients tests/clients/run.sh build/release/spillway
}

run_suites() {
  local began=$SECONDS all=('unit_*' http1 abi/abi)
  if compgen -G 'tests/regress/*_test.cc' >/dev/null; then all+=(regress); fi
  local of_release=(spillway tidy simulation_test)
  if [ -n "${whole:-}" ]; then of_release=(); fi
  if built release "${of_release[@]}"; then release_suites; fi
  if built asan; then
    suite unit-asan-ubsan gtests asan "${all[@]}"
    suite e2e-asan-ubsan e2e asan --slow 3 $(leave_out bench)
  fi
  if built tsan; then
    if [ -z "${whole:-}" ]; then all=('unit_*' abi/abi); fi  # where threads meet: see tests/CMakeLists.txt
    suite unit-tsan gtests tsan "${all[@]}"
    suite e2e-tsan e2e tsan --slow 5 $(leave_out bench http1 faults fault_clients models dialects inbound fitting start silence \
      tunnel upload keys)
  fi
  printf '\n%s\n' "$(printf '%s\n' "${table[@]}")"
  echo "in $(((SECONDS - began) / 60)) min $(((SECONDS - began) % 60)) s"
  echo "$passed_all passed, $failed_all failed"
  [ "$failed_all" = 0 ]
}
