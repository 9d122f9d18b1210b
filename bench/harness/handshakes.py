"""What handshakes do to those who are already there: the gaps between the events of steady streams, with and without
new TLS connections on the same worker."""

import contextlib
import pathlib
import selectors
import subprocess
import sys
import time

from . import client, prompt
from .server import borrowed, on_cores
from .work import Failed, Work, figures

SHAKER = pathlib.Path(__file__).with_name("shaker.py")


class Handshakes(Work):
    section = "handshakes"
    streams = 4
    gap_ms = 10

    def __init__(self, rate, seconds):
        self.rate, self.seconds = rate, seconds
        self.key = f"handshakes {rate}"
        self.title = (
            f"gaps between events of {self.streams} TLS streams, one every {self.gap_ms} ms, "
            f"beside {rate} full TLS handshakes a second"
        )

    def unfit(self, peer):
        if not peer.tls or not peer.streams:
            return "-"
        return super().unfit(peer)

    def measure(self, stage, peer):
        with stage.fresh(peer, tls=True) as target:
            self.gaps(stage, target, 0, 1)  # the upstream connections are there
            quiet, _ = self.gaps(stage, target, 0, self.seconds)
            before = sum(target.server.cpu_us())
            busy, shaken = self.gaps(stage, target, self.rate, self.seconds)
            cpu_share = (sum(target.server.cpu_us()) - before) / 1e6 / self.seconds
        if shaken["errors"] or shaken["rate"] < self.rate * 0.9:
            made = f"{shaken['rate']:.0f} were made, {shaken['errors']} failed"
            raise Failed(f"of {self.rate} handshakes a second {made}")
        return {
            "quiet_p99_ms": p99(quiet),
            "busy_p99_ms": p99(busy),
            "added_p99_ms": p99(busy) - p99(quiet),
            "busy_max_ms": max(busy),
            "core_share": cpu_share,
        }

    def gaps(self, stage, target, rate, seconds):
        """(milliseconds between the events of each stream, what the shaker says)"""
        events = int(seconds * 1000 / self.gap_ms)
        request = prompt.request(prompt.body(1000, f"sse-{events}-{self.gap_ms}ms"), target.headers)
        with borrowed(stage.cores.load), client.connections(target.port, self.streams, True) as opened:
            with shaking(stage, target.port, rate, seconds) as child:
                found = listen(opened, request)
                shaken = figures(child.communicate(timeout=60)[0]) if child else {"errors": 0, "rate": 0}
        if len(found) < events * self.streams * 0.8:
            raise Failed(f"{len(found)} of {events * self.streams} gaps were seen")
        return found, shaken


@contextlib.contextmanager
def shaking(stage, port, rate, seconds):
    if not rate:
        yield None
        return
    command = [sys.executable, str(SHAKER), str(port), str(rate), str(seconds)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=on_cores(stage.cores.load))
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()
        child.stdout.close()


def listen(opened, request):
    gaps = []
    with selectors.DefaultSelector() as selector:
        for one in opened:
            one.send(request)
            one.heard_at = None
            selector.register(one.socket, selectors.EVENT_READ, one)
        live = len(opened)
        while live:
            ready = selector.select(client.PATIENCE_S)
            if not ready:
                raise Failed("the streams stand still")
            for key, _ in ready:
                if not hear(key.data, gaps):
                    selector.unregister(key.fileobj)
                    live -= 1
    return gaps


def hear(one, gaps):
    """All that is there, also what TLS has read already; False when the stream is over."""
    while True:
        before = one.events
        goes_on = one.hear()
        now = time.perf_counter()
        if one.events > before:
            if one.heard_at is not None:
                gaps.append((now - one.heard_at) * 1000)
            one.heard_at = now
        if not goes_on or not one.socket.pending():
            return goes_on


def p99(values):
    return sorted(values)[len(values) * 99 // 100]
