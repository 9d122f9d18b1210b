#!/usr/bin/env python3
"""Runs the request corpus against the nginx of this machine, to see where the two disagree: peer.py [-v]. A refusal counts
with any status of 4xx or 5xx, or with the connection closed. -v names the cases that nginx does not pass."""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
import harness  # noqa: E402
from test_http1 import NEXT, corpus, talk  # noqa: E402
from client import Bad, read_replies  # noqa: E402
from recorder import CREDENTIAL, Recorder  # noqa: E402

CONFIG = """
daemon off; master_process off; pid {dir}/pid; error_log {dir}/error.log crit;
events {{ worker_connections 256; }}
http {{
  access_log off; client_max_body_size 64k; large_client_header_buffers 6 16385; client_body_temp_path {dir}/body;
  proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  upstream up {{ server 127.0.0.1:{up}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://up; proxy_http_version 1.1; proxy_ignore_client_abort on; proxy_set_header Connection "";
      proxy_set_header Authorization "Bearer {key}";
    }}
  }}
}}
"""


def passes(case, port, up):
    steps = list(case.steps)
    if case.expect.ends_whole:
        steps[-1] += NEXT
    data, _ = talk(port, [b"".join(steps)], fin=not case.expect.ends_whole)
    requests, _ = up.take()
    items = [item for item in case.expect.items if item.whole]
    wanted = [(*item.head.split(" "), item.body) for item in items if not item.verdict]
    if case.expect.ends_whole and not case.expect.close:
        wanted.append(("GET", "/v1/files/next", b""))
    if [(one.method, one.target, one.body) for one in requests] != wanted:
        return False
    try:
        replies, _ = read_replies(data, [item.head.split(" ")[0] for item in items])
    except Bad:
        return False
    return not case.expect.refused or len(replies) < len(items) or replies[-1].status >= 400


def main():
    counts, failed = {}, []
    up, port = Recorder(), harness.free_port()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "nginx.conf")
        with open(path, "w") as file:
            file.write(CONFIG.format(dir=folder, up=up.port, port=port, key=CREDENTIAL))
        child = subprocess.Popen(["nginx", "-c", path, "-e", os.path.join(folder, "error.log")])
        try:
            harness.wait_until(lambda: harness.listening(port), what="nginx listening")
            for case in corpus.load("request"):
                good = passes(case, port, up)
                level = case.rule.split(" ")[-1]
                all_of, passed = counts.get(level, (0, 0))
                counts[level] = (all_of + 1, passed + good)
                if not good:
                    failed.append(f"{case.place} {case.name} ({level})")
        finally:
            child.terminate()
            child.wait()
            up.stop()
    if "-v" in sys.argv:
        print("\n".join(failed))
    for level, (all_of, passed) in sorted(counts.items()):
        print(f"{level}: nginx passes {passed} of {all_of}")


main()
