#!/usr/bin/env bash
# Do the models catch mistakes? Puts one fault at a time into a scratch copy of the breaker, its gates and the quota
# ledger, and runs the model tests against it: each mutant must be caught. From anywhere: tests/support/mutants.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A fault: file, the code as it is, the code as somebody might have got it wrong.
faults=(
  'breaker_machine.h|if (now < s.until \&\& !early) {|if (now + 500 < s.until \&\& !early) {|a probe half a second early'
  'breaker_machine.h|} else if (s.flying) {|} else if (s.flying \&\& now < s.until - 5) {|two probes near the deadline'
  'breaker_machine.h|change.stale = s.gen != permit->gen;|change.stale = s.gen < permit->gen;|old reports count'
  'breaker_machine.h|ms < p->open_max_ms; ++i) ms \*= 2;|ms < p->open_max_ms; ++i) ms += p->open_ms;|waits grow linearly'
  'breaker_machine.h|(800 + random % 401) / 1000|(700 + random % 601) / 1000|jitter of thirty per cent'
  'breaker_machine.h|if (s.run < p->consecutive \&\& !rate)|if (s.run <= p->consecutive \&\& !rate)|one failure too many'
  'breaker_machine.h|fail \* 1000 >= (ok + fail)|fail * 1000 > (ok + fail)|exactly at the rate'
  'breaker_machine.h|if (s.state == BRK_CLOSED \&\& next.state == BRK_OPEN) brk_forget(cells);|;|the window survives an opening'
  'breaker_machine.h|} else if (permit->early) {|} else if (permit->early \&\& verdict == BRK_FAIL) {|a cancelled early probe stays'
  'breaker_machine.h|if (soft >= BRK_SOFT_AS_OK) verdict|if (soft > BRK_SOFT_AS_OK) verdict|eleven neutral answers'
  'breaker_machine.h|!s.flying \|\| now < s.until) return s;|!s.flying \|\| now < s.until + 60000) return s;|lost probes hang on'
  'breaker_machine.h|100 + 900 \* (now - s.until)|100 + 450 * (now - s.until)|half a ramp'
  'breaker_gates.h|while (old < until \&\& !brk_swap(cell, \&old, until)) {|while (old != until \&\& !brk_swap(cell, \&old, until)) {|a throttle that shrinks'
  'breaker_gates.h|if (gate_wait_ms(word, now, reload) > 0 \&\& (!early \|\| g.probing)) return 0;|if (gate_wait_ms(word, now, reload) > 0 \&\& !early) return 0;|two ask for a key'
  'breaker_gates.h|g.reason != GATE_BUDGET \&\& g.reload|g.reload|a reload lifts a spent budget'
  'quota_ledger.h|} else if (answer.limit > 0 \&\& d.used >= answer.limit) {|} else if (answer.limit > 0 \&\& d.used > answer.limit) {|one over the day'
  'quota_ledger.h|now < time + QUOTA_MINUTE_MS)|now + 1000 < time + QUOTA_MINUTE_MS)|a minute of 59 s'
  'quota_ledger.h|if (!quota_swap(slot, \&old, quota_slot(seq, taken, opens))) continue;|if (!quota_swap(slot, \&old, quota_slot(seq, taken, count ? time : opens))) continue;|a slot as old as its first'
  'quota_ledger.h|if (d.day != hold->day \|\| d.used == 0) break;|if (d.used == 0) break;|given back to another day'
  'quota_ledger.h|if (used > d.used) d.used = used;|d.used = used;|headers lower the count'
  'quota_ledger.h|if (today > d.day \|\| d.day - today|if (today != d.day \|\| d.day - today|a step back changes the day'
  'quota_ledger.h|  hold->day = hold->seq = 0;|  hold->day = 0;|given back twice'
  'quota_tokens.h|if (word == 0 \|\| second <= (word >> 36) + TOKENS_SPAN_S) continue;|if (word == 0 \|\| second + 1 <= (word >> 36) + TOKENS_SPAN_S) continue;|a second of tokens gone too early'
  'quota_tokens.h|if (!quota_swap(slot, \&word, word - back)) continue;|if (!quota_swap(slot, \&word, word)) continue;|tokens given back to the sum alone'
  'quota_tokens.h|tokens_day_add(cells, limits, wall_ms, more < 0 ? day : 0, more);|tokens_day_add(cells, limits, wall_ms, 0, more);|tokens given back to another day'
  'quota_ledger.h|while (quota_unpack(word).day > d.day \&\& !quota_swap|while (0 \&\& !quota_swap|a wrong day never put right'
)

compile() { # compile PLUGINS_DIR OUT
  g++ -std=c++20 -O1 -I"$1" -Icore -Itests -Itests/unit/plugins tests/unit/plugins/{breaker_model,quota_ledger_model,quota_tokens}_test.cc \
    core/base/{dice,clock,error}.cc -lgtest -lgtest_main -lpthread -o "$2"
}

cp plugins/*.h "$scratch"
compile "$scratch" "$scratch/sound"
"$scratch/sound" >/dev/null || { echo "the models refuse the code as it is"; exit 1; }
caught=0 equal=0
for fault in "${faults[@]}"; do
  IFS='|' read -r file was is what <<<"${fault//\\|/$'\x01'}"
  was=${was//$'\x01'/|} is=${is//$'\x01'/|}
  cp plugins/*.h "$scratch"
  sed -i "s/$(sed 's#/#\\/#g' <<<"$was")/$(sed 's#/#\\/#g' <<<"$is")/" "$scratch/$file"
  if cmp -s "plugins/$file" "$scratch/$file"; then
    echo "not to be found any more in $file: $was"
    exit 1
  fi
  compile "$scratch" "$scratch/mutant"
  if timeout 60 "$scratch/mutant" --gtest_brief=1 >"$scratch/log" 2>&1; then
    printf 'MISSED  %s: %s\n' "$file" "$what"
    equal=$((equal + 1))
  else
    caught=$((caught + 1))
    printf 'caught  %s: %s (%s)\n' "$file" "$what" "$(sed -n 's/^    Which is: "\(..*\)"$/\1/p' "$scratch/log" | head -n 1)"
  fi
done
echo "$caught caught, $equal missed"
[ "$equal" = 0 ]
