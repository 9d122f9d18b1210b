"""What is measured, in the order of the report: all of it, or what fits into five minutes."""

from peers import all_peers

from .counts import Calls, Instructions
from .handshakes import Handshakes
from .memory import IdleMemory, Start, StreamMemory
from .paced import Rate, Streams
from .requests import Requests

KB, MB = 1000, 1_000_000
CHAIN_BESIDE = ("floor", "spillway-chain", "nginx", "haproxy")
# Reading the body changes nothing once the answer streams.
WITHOUT_VARIANTS = tuple(one.name for one in all_peers() if one.name not in ("nginx-lua", "haproxy-json"))
COUNTED = ("floor", "spillway", "spillway-chain", "nginx", "haproxy")
IN_PAIRS = ("spillway", "spillway-chain", "nginx", "haproxy", "h2o")


def full(seconds, connections_most):
    works = [Requests(size, count, seconds) for size in (KB, 10 * KB, 100 * KB, MB) for count in (64, 1, 512)]
    works += [Streams(count, gap_ms, seconds) for count, gap_ms in ((256, 10), (1, 10), (64, 10), (1000, 50))]
    works += [Rate(rate, seconds) for rate in (1000, 5000, 10_000)]
    works += [Requests(KB, 64, seconds, "tls", tls=True), Requests(100 * KB, 64, seconds, "tls", tls=True)]
    works += [Requests(KB, 16, seconds, "tls", tls=True, close=True)]
    works += [Requests(KB, 64, seconds, "cache hits", cached=True, only=CHAIN_BESIDE)]
    works += [
        Requests(size, count, seconds, "two workers", workers=2, only=IN_PAIRS)
        for size in (KB, 10 * KB)
        for count in (64, 512)
    ]
    works += [IdleMemory(1000), IdleMemory(connections_most), StreamMemory(1000), IdleMemory(1000, tls=True)]
    works += [Handshakes(100, seconds), Start(11), Calls(100)]
    works += [Instructions(size) for size in (KB, 10 * KB, 100 * KB)] + [Instructions()]
    return works


def quick(seconds):
    works = [Requests(size, 64, seconds) for size in (KB, 10 * KB, 100 * KB, MB)]
    works += [Streams(256, 10, seconds, only=WITHOUT_VARIANTS)]
    works += [Requests(KB, 64, seconds, "cache hits", cached=True, only=CHAIN_BESIDE)]
    works += [IdleMemory(1000, only=WITHOUT_VARIANTS), StreamMemory(1000, only=WITHOUT_VARIANTS), Start(3)]
    works += [Calls(20, only=WITHOUT_VARIANTS)]
    works += [Instructions(size, few=10, many=40, only=COUNTED) for size in (KB, None)]
    return works


def micro(seconds):
    """Beside the functions: what is in no function."""
    return [Start(20), Requests(KB, 64, seconds), Handshakes(100, seconds)]


def instructions():
    return [Instructions(size) for size in (KB, 10 * KB, 100 * KB)] + [Instructions()]
