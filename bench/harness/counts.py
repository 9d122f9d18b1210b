"""What can be counted exactly, on a noisy machine too: system calls and user-space instructions."""

import concurrent.futures
import contextlib
import re
import signal
import subprocess
import time

from . import client, prompt
from .server import on_cores
from .work import Failed, Work, size_name


class Calls(Work):
    """System calls for each request and each event, by strace, attached when the connections are up."""

    section = "calls"
    key = "calls"
    title = "System calls"
    once = True
    connections = 64

    def unfit(self, peer):
        return "-" if self.only and peer.name not in self.only else ""  # each does what it can

    def __init__(self, rounds, only=None):
        self.rounds, self.only = rounds, only

    def measure(self, stage, peer):
        values = {}
        with stage.fresh(peer) as target:
            if not peer.streams_only:
                stage.verify(target, 1000)
                values["calls_request"], values["which"] = self.of_requests(stage, target)
            if peer.streams:
                values["calls_event"], values["which_event"] = self.of_events(stage, target)
        return values

    def of_requests(self, stage, target):
        request = prompt.request(prompt.body(1000), target.headers)
        with client.connections(target.port, self.connections) as opened:
            client.rounds(opened, request, 5)
            with traced(stage, target) as calls:
                count = client.rounds(opened, request, self.rounds)
        return per(calls, count)

    def of_events(self, stage, target):
        request = prompt.request(prompt.body(1000, "sse-100-20ms"), target.headers)
        with client.connections(target.port, self.connections) as opened:
            audience = client.Audience(opened, request)
            with contextlib.closing(audience):
                audience.listen(0.3)
                with traced(stage, target) as calls:
                    before = audience.events()
                    audience.listen(0.8)
                    count = audience.events() - before
        if not count:
            raise Failed("no event came while it was traced")
        return per(calls, count)


def per(calls, count):
    """(all calls for each of count, the usual ones in words)"""
    each = sorted(((number / count, name) for name, number in calls.items()), reverse=True)
    return sum(number for number, _ in each), " ".join(
        f"{name} {number:.2f}" for number, name in each[:6] if number >= 0.01
    )


@contextlib.contextmanager
def traced(stage, target):
    """Fills a {call: count} at its end."""
    report = target.place.folder / "strace.txt"
    attach = [word for pid in target.server.pids() for word in ("-p", str(pid))]
    command = ["strace", "-c", "-f", "-o", str(report), *attach]
    calls = {}
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=on_cores(stage.cores.load))
    try:
        line = tracer.stderr.readline()
        if "attached" not in line:
            raise Failed(f"strace: {line.strip()}")
        time.sleep(0.2)  # the other processes and threads
        yield calls
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.communicate(timeout=30)
    for row in report.read_text().splitlines():
        found = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?([a-z_0-9]+)$", row)
        if found and found[2] != "total":
            calls[found[2]] = int(found[1])


class Instructions(Work):
    """User-space instructions by valgrind's callgrind: the difference of a short and a long run, so that neither
    starting nor connecting is in it. The same figure whatever else the machine does."""

    section = "instructions"
    once = True

    def __init__(self, size=None, few=20, many=100, only=None):
        self.size, self.few, self.many, self.only = size, few, many, only
        self.key = f"instructions {size_name(size)}" if size else "instructions event"
        self.title = f"a {size_name(size)} request" if size else "an event of a stream"
        # Timers run meanwhile, too; many events at once keep their share small.
        self.connections = 16 if size else 64

    def unfit(self, peer):
        if not peer.under_valgrind:
            return "-"
        if self.size and peer.body_max and self.size > peer.body_max:
            return peer.why
        return super().unfit(peer)

    def measure(self, stage, peer):
        # Both at once where nothing is timed; events must not pile up because a core was busy.
        with concurrent.futures.ThreadPoolExecutor(2 if self.size else 1) as pool:
            low, high = pool.map(lambda count: self.run(stage, peer, count), (self.few, self.many))
        return {"instructions": (high - low) / ((self.many - self.few) * self.connections)}

    def run(self, stage, peer, count):
        place = stage.place(peer, single=True)
        report = place.folder / "callgrind.out"
        target = stage.start(peer, place, ["valgrind", "--tool=callgrind", f"--callgrind-out-file={report}"], wait_s=60)
        try:
            with client.connections(target.port, self.connections) as opened:
                if self.size:
                    client.rounds(opened, prompt.request(prompt.body(self.size), target.headers), count)
                else:
                    audience = client.Audience(
                        opened, prompt.request(prompt.body(1000, f"sse-{count}-40ms"), target.headers)
                    )
                    with contextlib.closing(audience):
                        if not audience.listen():
                            raise Failed("the streams do not end")
        finally:
            target.server.stop(wait_s=60)
        found = re.search(r"^(?:totals|summary): (\d+)", report.read_text() if report.exists() else "", re.MULTILINE)
        if not found:
            raise Failed(f"callgrind left no totals: {target.server.last_words()}")
        return int(found[1])
