#!/usr/bin/env bash
# Spillway beside nginx, in turn: the same 1 KB chat request to the same provider. See bench/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${ROUNDS:-3} seconds=${SECONDS_EACH:-4} connections=${CONNECTIONS:-64}
binary=$PWD/build/release/spillway
work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
mock=$(port) plain=$(port) chain=$(port) nginx=$(port)

"$binary" mock --listen "127.0.0.1:$mock" >/dev/null & pids+=($!)
config() { # config PORT POLICIES ACCESS
  printf '[server]\nlisten = ["127.0.0.1:%s"]\nworkers = 1\n[admin]\nlisten = []\n[store]\nurl = "memory:"\n[log]\naccess = "%s"\n' "$1" "$3"
  printf '[[provider]]\nname = "up"\nbase_url = "http://127.0.0.1:%s/v1"\n[[route]]\nmodel = "*"\npolicies = [%s]\ntargets = [{ provider = "up" }]\n' "$mock" "$2"
}
config "$plain" '' off >"$work/plain.toml"
config "$chain" '"cache", "free_first", "breaker"' "$work/access.log" >"$work/chain.toml"
"$binary" serve -c "$work/plain.toml" 2>"$work/plain.log" & plain_pid=$! pids+=($!)
"$binary" serve -c "$work/chain.toml" 2>"$work/chain.log" & chain_pid=$! pids+=($!)
cat >"$work/nginx.conf" <<EOF
worker_processes 1; daemon off; pid $work/nginx.pid; error_log $work/nginx-error.log;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path $work/a; proxy_temp_path $work/b; fastcgi_temp_path $work/c; uwsgi_temp_path $work/d; scgi_temp_path $work/e;
  upstream up { server 127.0.0.1:$mock; keepalive 512; keepalive_requests 1000000; }
  server { listen 127.0.0.1:$nginx; keepalive_requests 1000000;
    location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; } }
}
EOF
nginx -c "$work/nginx.conf" 2>/dev/null & pids+=($!)
sleep 0.5
nginx_pid=$(pgrep -P "${pids[-1]}" | head -n 1)

cat >"$work/post.lua" <<'EOF'
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"model":"ok","messages":[{"role":"user","content":"' .. string.rep("x", 950) .. '"}]}'
EOF
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
hz=$(getconf CLK_TCK)
measure() { # measure PORT PID -> "req/s cpu-us"
  local before after out requests
  before=$(ticks "$2")
  out=$(wrk -t1 -c"$connections" -d"${seconds}s" -s "$work/post.lua" "http://127.0.0.1:$1/v1/chat/completions")
  after=$(ticks "$2")
  requests=$(echo "$out" | awk '/requests in/ {print $1}')
  if echo "$out" | grep -q 'Non-2xx'; then echo "bench: $(echo "$out" | grep Non-2xx) on port $1" >&2; fi
  awk -v r="$requests" -v t=$((after - before)) -v hz="$hz" -v s="$seconds" 'BEGIN {printf "%.0f %.2f\n", r / s, t / hz * 1e6 / r}'
}
median() { sort -n | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'; }

measure "$plain" "$plain_pid" >/dev/null; measure "$nginx" "$nginx_pid" >/dev/null; measure "$chain" "$chain_pid" >/dev/null
printf '%-6s %22s %22s %22s\n' round 'nginx (req/s, CPU us)' 'spillway plain' 'spillway chain'
for round in $(seq "$rounds"); do
  n=$(measure "$nginx" "$nginx_pid") p=$(measure "$plain" "$plain_pid") c=$(measure "$chain" "$chain_pid")
  printf '%-6s %22s %22s %22s\n' "$round" "$n" "$p" "$c"
  echo "${n#* } ${p#* } ${c#* }" >>"$work/cpu"
done
echo "CPU per request against nginx, median of $rounds: plain $(awk '{printf "%.2f\n", $2 / $1}' "$work/cpu" | median), chain $(awk '{printf "%.2f\n", $3 / $1}' "$work/cpu" | median)"
