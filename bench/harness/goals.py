"""The goals, and whether a run reached them. They are stated against nginx in the same run."""

import dataclasses

PLAIN, CHAIN = "spillway", "spillway-chain"


@dataclasses.dataclass(frozen=True)
class Goal:
    what: str
    work: str
    value: str
    plain: float | None
    chain: float | None
    base: str = ""  # ratio to this peer; empty: the figure itself
    base_work: str = ""  # where the peer's figure is taken, if it is another work
    added: bool = False  # over direct, and compared with the base's

    def of(self, results, peer):
        if self.added:
            ours, theirs = (results.added(self.work, one, self.value) for one in (peer, self.base))
            # A tenth of a millisecond is what a p99 of one run is good for.
            return None if ours is None or theirs is None else max(ours, 0) / max(theirs, 100)
        if self.base:
            return results.ratio(self.work, peer, self.value, self.base)
        return results.median(self.work, peer, self.value)


def cpu(what, work, plain, chain):
    return Goal(f"CPU {what}, ratio to nginx", work, "cpu_us", plain, chain, "nginx")


GOALS = (
    Goal("user instructions per 1 KB request", "instructions 1 KB", "instructions", 12_000, 20_000),
    Goal("user instructions per stream event", "instructions event", "instructions", 1_400, 1_600),
    cpu("per request, 1 KB, 64 connections", "requests 1 KB x 64", 0.75, 0.85),
    cpu("per request, 10 KB, 64 connections", "requests 10 KB x 64", 0.75, 0.85),
    cpu("per request, 100 KB, 64 connections", "requests 100 KB x 64", 0.60, 0.85),
    cpu("per request, 1 MB, 64 connections", "requests 1 MB x 64", 0.65, 1.0),
    cpu("per request, 1 KB, 512 connections", "requests 1 KB x 512", 0.75, 0.85),
    cpu("per request, 10 KB, 512 connections", "requests 10 KB x 512", 0.75, 0.85),
    cpu("per request, 1 KB, 2 workers", "two workers 1 KB x 64", 0.75, 0.85),
    cpu("per stream event, 256 streams", "streams 256", 0.95, 1.0),
    Goal("system calls per request", "calls", "calls_request", 4.1, 4.2),
    Goal("memory per idle connection, KiB", "idle", "idle_kib", 0.6, 0.6),
    Goal("memory per live stream, KiB", "live", "stream_kib", 1.5, 3),
    Goal("memory per idle TLS connection, KiB", "idle tls", "idle_kib", 20, 20),
    Goal("memory at start, MiB", "start", "start_mib", 6, 6),
    Goal("start to listening, ms", "start", "start_ms", 15, 15),
    Goal("100 TLS handshakes/s: added p99 gap between events, ms", "handshakes 100", "added_p99_ms", 1, 1),
    Goal("added p99 at 1,000/s, ratio to nginx's", "rate 1000", "p99_us", 1, 1, "nginx", added=True),
    Goal("added p99 at 5,000/s, ratio to nginx's", "rate 5000", "p99_us", 1, 1, "nginx", added=True),
    Goal("added p99 at 10,000/s, ratio to nginx's", "rate 10000", "p99_us", 1, 1, "nginx", added=True),
    cpu("of a cache hit", "cache hits 1 KB x 64", None, 0.35),
)


@dataclasses.dataclass(frozen=True)
class Verdict:
    goal: Goal
    peer: str
    limit: float
    figure: float | None

    @property
    def word(self):
        if self.figure is None:
            return "not measured"
        return "reached" if self.figure <= self.limit else "not reached"


def largest(results, work):
    """ "idle" is whichever of "idle 1000" and "idle 10000" the run has; the larger says more."""
    keys = {one.work for one in results.samples}
    if work in keys:
        return work
    first, *rest = work.split()
    fitting = [key for key in keys if key.split()[0] == first and key.split()[2:] == rest]
    return max(fitting, key=lambda key: int(key.split()[1]) if key.split()[1].isdigit() else 0, default=work)


def judge(results):
    verdicts = []
    for goal in GOALS:
        there = dataclasses.replace(goal, work=largest(results, goal.work))
        for peer, limit in (PLAIN, goal.plain), (CHAIN, goal.chain):
            if limit is not None:
                verdicts.append(Verdict(there, peer, limit, there.of(results, peer)))
    return verdicts
