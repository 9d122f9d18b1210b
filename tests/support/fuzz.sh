# Runs the fuzz targets; sourced by ./dev and by fuzz_coverage.sh.

# "-14", "-19" or "": the suffix of a clang that is there and has its fuzzer's library.
clang_suffix() {
  local suffix
  for suffix in -14 -19 -18 -17 -16 -15 ""; do
    command -v "clang++$suffix" >/dev/null || continue
    [ -n "$(find "$(dirname "$("clang++$suffix" -print-libgcc-file-name -rtlib=compiler-rt)")" -name '*fuzzer*.a' 2>/dev/null)" ] ||
      continue
    echo "$suffix"
    return
  done
  return 1
}

# fuzz_one TARGET LIMIT...: one line at the end; on a find also what was found, and where the input is.
fuzz_one() {
  local target=$1 name log code=0
  shift
  name=$(basename "$target")
  log=build/log/$name.log
  local corpus=build/corpus/$name finds=build/finds
  mkdir -p "$corpus" "$finds" build/log
  "$target" "$@" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$finds/$name-" "$corpus" "tests/fuzz/corpus/$name" >"$log" 2>&1 </dev/null || code=$?
  local runs
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if [ "$code" = 0 ]; then
    printf '%-16s %9s executions  %6s edges  %5s inputs kept\n' "$name" "$runs" \
      "$(sed -n 's/.*DONE *cov: \([0-9]*\).*/\1/p' "$log" | tail -n 1)" "$(find "$corpus" -type f | wc -l)"
    return
  fi
  printf '%-16s FOUND SOMETHING after %s executions:\n' "$name" "${runs:-?}"
  grep -m 3 -E 'ERROR: |SUMMARY: |CHECK|runtime error' "$log" || tail -n 5 "$log"
  printf '  input: %s\n  again: %s %s\n  log:   %s\n' "$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)" \
    "$target" "$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)" "$log"
  return 1
}

# fuzz_all LIMIT...: each target within libFuzzer's limits, as many at a time as there are cores. Ends with "N passed, N
# failed".
fuzz_all() {
  local target failed=0 passed=0 pids=() pid
  for target in build/fuzz/*_fuzz; do
    if [ ! -x "$target" ]; then continue; fi
    if [ "${#pids[@]}" -ge "$jobs" ]; then
      wait "${pids[0]}" && passed=$((passed + 1)) || failed=$((failed + 1))
      pids=("${pids[@]:1}")
    fi
    fuzz_one "$target" "$@" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do
    wait "$pid" && passed=$((passed + 1)) || failed=$((failed + 1))
  done
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
