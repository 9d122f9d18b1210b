"""Spillway itself: passing everything through, and with the whole chain, whose access log is on."""

import os
import pathlib

from .peer import Peer, said

BINARY = pathlib.Path(__file__).resolve().parents[2] / "build/release/spillway"

# Connections live as long as a measurement does, as those of the peers do.
COMMON = """
[server]
listen = ["127.0.0.1:{port}"]
workers = {workers}
{tls}
[log]
access = "{access}"
level = "error"
[admin]
listen = []
[store]
url = "memory:"
[limits]
requests_per_connection = 1000000000
pool_idle_connections = 2048
connections = 12000
[[provider]]
name = "up"
base_url = "http://127.0.0.1:{origin}/v1"
"""

PLAIN = """
[[route]]
model = "*"
targets = [{ provider = "up" }]
"""

CHAIN = """
[[route]]
model = "*"
policies = ["cache", "free_first", "breaker"]
spill = "exhausted"
[[route.tier]]
name = "free"
targets = [{ provider = "up", free = true }]
[[route.tier]]
name = "paid"
targets = [{ provider = "up" }]
"""


class Spillway(Peer):
    name = "spillway"
    title = "Spillway, plain"
    routes = PLAIN
    access = "off"

    def __init__(self, binary=None):
        self.binary = pathlib.Path(binary or os.environ.get("SPILLWAY_BINARY") or BINARY)

    def missing(self):
        return "" if os.access(self.binary, os.X_OK) else f"{self.binary} is not built"

    def version(self):
        return said(self.binary, "--version")

    def command(self, place):
        tls = ""
        if place.certificate:
            tls = f'[server.tls]\ncert = "{place.certificate}"\nkey = "{place.certificate}"'
        access = self.access or str(place.folder / "access.log")
        common = COMMON.format(port=place.port, workers=place.workers, tls=tls, access=access, origin=place.origin)
        more = [] if os.geteuid() == 0 else ["--dumpable"]  # what /proc tells of its memory is root's otherwise
        return [str(self.binary), "serve", *more, "-c", str(place.write("spillway.toml", common + self.routes))]


class SpillwayChain(Spillway):
    name = "spillway-chain"
    title = "Spillway, whole chain"
    routes = CHAIN
    access = ""


class SpillwayMock(Spillway):
    """The product's synthetic provider, asked directly: how it compares with the origin used here."""

    name = "mock"
    title = "spillway mock, direct"
    upstream = False
    tls = False
    many_workers = False
    default = False

    def command(self, place):
        return [str(self.binary), "mock", "--listen", f"127.0.0.1:{place.port}"]
