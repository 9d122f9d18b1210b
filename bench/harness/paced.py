"""What the load client of bench/native does: requests at a fixed rate, and streams."""

import contextlib
import subprocess
import time

from peers.floor import NATIVE

from . import prompt
from .server import on_cores
from .work import CpuSpan, Failed, Work, figures


@contextlib.contextmanager
def load(stage, target, kind, content, **words):
    """The load client, in the background."""
    path = target.place.folder if target.place else stage.folder
    request = path / f"request-{kind}"
    request.write_bytes(prompt.request(content, target.headers))
    command = [str(NATIVE / "load"), kind, f"port={target.port}", f"request={request}"]
    command += [f"{name}={value}" for name, value in words.items()]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=on_cores(stage.cores.load))
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()
        child.stdout.close()


class Rate(Work):
    """Open loop: a fixed number of requests a second, latency from the moment each was due."""

    section = "rate"
    direct = True

    def __init__(self, rate, seconds):
        self.rate, self.seconds = rate, seconds
        self.key = f"rate {rate}"
        self.title = f"1 KB prompts, {rate:,} requests a second, 64 connections"

    def warm(self, stage, peer):
        if peer:
            stage.verify(stage.target(peer), 1000)

    def measure(self, stage, peer):
        target = stage.target(peer)
        words = {"rate": self.rate, "connections": 64, "seconds": self.seconds, "warm_ms": 500}
        span = CpuSpan(target)
        with load(stage, target, "rate", prompt.body(1000), **words) as child:
            found = figures(child.communicate(timeout=self.seconds + 60)[0])
        if found["errors"]:
            raise Failed(
                f"{found['errors']} of {found['requests'] + found['errors']} requests failed or were never answered"
            )
        values = {name: found[name] for name in ("p50_us", "p90_us", "p99_us")}
        return values | span.per(found["requests"] * (self.seconds + 0.5) / self.seconds)


class Streams(Work):
    """Paced streams; the CPU is that of a span in which all of them run."""

    section = "streams"
    direct = True

    def __init__(self, streams, gap_ms, seconds, only=None):
        self.streams, self.gap_ms, self.seconds, self.only = streams, gap_ms, seconds, only
        self.key = f"streams {streams}"
        self.title = f"{streams:,} stream{'s' * (streams > 1)}, 100 tokens, one every {gap_ms} ms"

    def unfit(self, peer):
        if not peer.streams:
            return peer.why
        return "-" if self.only and peer.name not in self.only else ""

    def measure(self, stage, peer):
        target = stage.target(peer)
        # Streams begin over the length of one, so that their events are spread evenly.
        words = {"streams": self.streams, "ramp_ms": 102 * self.gap_ms, "seconds": self.seconds}
        with load(stage, target, "streams", prompt.body(1000, f"sse-100-{self.gap_ms}ms"), **words) as child:
            begun = child.stdout.readline()
            if not begun.startswith("begin"):
                raise Failed(f"the streams do not begin: {begun.strip()}")
            span = CpuSpan(target)
            found = figures(child.stdout.readline())
            cpu = span.per(found["events"])
            child.wait(timeout=30)
        time.sleep(0.2)  # the streams that were cut are cleared away
        if found["errors"] or not found["events"]:
            raise Failed(f"{found['errors']} streams failed")
        values = {"eps": found["events"] / found["seconds"], "first_us": found.get("first_p50_us")}
        values |= {"late_p50_us": found.get("late_p50_us"), "late_p99_us": found.get("late_p99_us")}
        return {name: value for name, value in values.items() if value is not None} | cpu
