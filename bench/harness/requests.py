"""Requests in a closed loop, by wrk."""

import os
import pathlib
import subprocess

from . import prompt
from .server import on_cores
from .work import CpuSpan, Failed, Work, figures, size_name

POST_LUA = pathlib.Path(__file__).with_name("post.lua")


class Requests(Work):
    """Closed loop by wrk."""

    direct = True

    def __init__(
        self, size, connections, seconds, section="requests", tls=False, workers=1, cached=False, close=False, only=None
    ):
        self.section = section
        self.size, self.connections, self.seconds = size, connections, seconds
        self.tls, self.workers, self.cached, self.close = tls, workers, cached, close
        self.only = only
        self.direct = not (tls or cached)
        self.title = f"{size_name(size)} prompts, {connections} connection{'s' * (connections > 1)}"
        self.key = f"{section} {size_name(size)} x {connections}"
        # Every connection must come round more than once, or what is begun is large beside what is done.
        self.more_s = size * connections // 128_000_000
        if close:
            self.title += ", a new one for each request"
            self.key += " new"

    def unfit(self, peer):
        if self.tls and not peer.tls:
            return "it has no TLS"
        if self.workers > 1 and not peer.many_workers:
            return "-"
        if peer.body_max and self.size > peer.body_max:
            return peer.why
        return super().unfit(peer)

    def warm(self, stage, peer):
        target = stage.target(peer, self.workers, self.tls)
        if peer:
            stage.verify(target, self.size)
        form = (target.port, self.connections, self.close)
        if form not in stage.warmed:
            self.wrk(stage, target, 1 + self.more_s)
            stage.warmed.add(form)

    def measure(self, stage, peer):
        target = stage.target(peer, self.workers, self.tls)
        span = CpuSpan(target)
        found = self.wrk(stage, target, self.seconds + self.more_s)
        values = {"rps": found["requests"] / found["seconds"], "p50_us": found["p50_us"], "p99_us": found["p99_us"]}
        values |= span.per(found["requests"])
        if peer:
            target.server.settle()
        return values

    def wrk(self, stage, target, seconds):
        content = stage.folder / f"body-{self.size}-{self.cached}"
        if not content.exists():
            content.write_bytes(prompt.body(self.size, cacheable=self.cached))
        headers = prompt.HEADERS | target.headers
        if self.close:
            headers["Connection"] = "close"
        scheme = "https" if self.tls else "http"
        cores = stage.cores.clients(self.workers)
        threads = len(cores) if self.workers > 1 else 1
        threads = max(1, min(threads, self.connections))
        command = ["wrk", f"-t{threads}", f"-c{self.connections}", f"-d{seconds}s", "--timeout", "20s"]
        command += ["-s", str(POST_LUA), f"{scheme}://127.0.0.1:{target.port}{prompt.PATH}"]
        lines = "\n".join(f"{name}: {value}" for name, value in headers.items())
        run = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env={**os.environ, "BENCH_BODY": str(content), "BENCH_HEADERS": lines},
            preexec_fn=on_cores(cores),
            timeout=seconds + 60,
        )
        found = figures(run.stdout)
        if found["errors"] or found["bad_status"] or not found["requests"]:
            raise Failed(f"{found['bad_status']} bad answers, {found['errors']} errors in {found['requests']} requests")
        return found
