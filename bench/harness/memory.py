"""Start and memory: each on an instance of its own."""

import contextlib
import statistics
import time

from . import client, prompt
from .paced import load
from .work import Failed, Work, figures


class Start(Work):
    """From fork to the first connection that is accepted, and the memory then."""

    section = "start"
    key = "start"
    title = "From fork to listening, median of several starts"
    once = True

    def __init__(self, times):
        self.times = times

    def measure(self, stage, peer):
        took, pss = [], []
        for _ in range(self.times if peer.starts_in_s <= 10 else 3):
            with stage.fresh(peer, bare=True) as target:
                took.append(target.server.started_ms)
                time.sleep(0.1)
                pss.append(target.server.pss_kib() / 1024)
        return {"start_ms": statistics.median(took), "start_mib": statistics.median(pss)}


class IdleMemory(Work):
    """Connections that have had one answer and wait. By difference, so that what is paid once is not in it."""

    section = "memory"
    once = True
    few = 100

    def __init__(self, most, tls=False, only=None):
        self.most, self.tls, self.only = most, tls, only
        self.key = f"idle {most}" + (" tls" if tls else "")
        self.title = f"{most:,} idle {'TLS ' if tls else ''}connections"

    def unfit(self, peer):
        return "it has no TLS" if self.tls and not peer.tls else super().unfit(peer)

    def measure(self, stage, peer):
        with stage.fresh(peer, tls=self.tls) as target, contextlib.ExitStack() as all_of_them:
            request = prompt.request(prompt.body(1000), target.headers)
            held = []

            def hold(count):
                while len(held) < count:
                    opened = all_of_them.enter_context(
                        client.connections(target.port, min(50, count - len(held)), self.tls)
                    )
                    client.rounds(opened, request, 1)
                    held.extend(opened)
                time.sleep(0.3)
                return target.server.pss_kib()

            low, high = hold(self.few), hold(self.most)
            gone = sum(1 for one in held if is_gone(one.socket))
            if gone:
                raise Failed(f"it let {gone:,} of {self.most:,} idle connections go")
            return {"idle_kib": (high - low) / (self.most - self.few), "pss_mib": high / 1024}


def is_gone(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except (BlockingIOError, OSError) as failure:
        # An SSL socket says "want read" with an OSError of its own.
        return isinstance(failure, ConnectionError)


class StreamMemory(Work):
    """Streams that are under way, by difference."""

    section = "memory"
    once = True
    few = 100

    def __init__(self, most, only=None):
        self.most, self.only = most, only
        self.key = f"live {most}"
        self.title = f"{most:,} live streams"

    def unfit(self, peer):
        if not peer.streams:
            return peer.why
        return "-" if self.only and peer.name not in self.only else ""

    def measure(self, stage, peer):
        with stage.fresh(peer) as target:
            low, high = self.pss(stage, target, self.few), self.pss(stage, target, self.most)
            return {"stream_kib": (high - low) / (self.most - self.few), "pss_mib": high / 1024}

    def pss(self, stage, target, streams):
        words = {"streams": streams, "ramp_ms": 500, "seconds": 1}
        with load(stage, target, "streams", prompt.body(1000, "sse-100-100ms"), **words) as child:
            if not child.stdout.readline().startswith("begin"):
                raise Failed("the streams do not begin")
            time.sleep(0.6)
            pss = target.server.pss_kib()
            found = figures(child.stdout.readline())
        if found["errors"]:
            raise Failed(f"{found['errors']} streams failed")
        return pss
