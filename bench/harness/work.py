"""What every measurement is: a key, a section of the report, the peers it applies to, and one `measure` that returns
the figures of one peer in one round."""

import json


class Failed(RuntimeError):
    """Nothing of this round may be used."""


class Work:
    section = ""
    key = ""
    title = ""
    direct = False  # measured without a proxy as well
    once = False  # exact, or slow: one round is enough
    only = None  # names of the peers it is about

    def unfit(self, peer):
        """Why this peer has no row here; empty when it has."""
        if self.only and peer.name not in self.only:
            return "-"
        return "-" if peer.streams_only else ""

    def warm(self, stage, peer):
        """Before the first round."""

    def measure(self, stage, peer):
        raise NotImplementedError


def figures(output):
    """The last line is JSON."""
    lines = output.strip().splitlines()
    if not lines or not lines[-1].startswith("{"):
        raise Failed(f"no figures, but {output[-300:]!r}")
    return json.loads(lines[-1])


class CpuSpan:
    """The proxy's CPU time between two moments."""

    def __init__(self, target):
        self.server = target.server if target.peer else None
        self.before = (self.server.cpu_us(), self.server.ran_ns()) if self.server else None

    def per(self, count):
        """Since then, for each of `count`."""
        if not self.server or not count:
            return {}
        user, kernel = (after - before for after, before in zip(self.server.cpu_us(), self.before[0]))
        # Both are time on a core; ticks are 10 ms, too coarse for a single stream, but they know of threads that ended.
        whole, ran = user + kernel, self.server.ran_ns()
        if ran and self.before[1].keys() <= ran.keys():
            whole = sum(ns - self.before[1].get(task, 0) for task, ns in ran.items()) / 1000
        return {"cpu_us": whole / count, "user_us": user / count, "kernel_us": kernel / count}


def size_name(size):
    return f"{size // 1_000_000} MB" if size >= 1_000_000 else f"{size // 1000} KB"
