"""The pass-through of bench/native/floor.cc: what remains of a proxy when it only finds a message's end."""

import os
import pathlib

from .peer import Peer

NATIVE = pathlib.Path(__file__).resolve().parents[2] / "build/bench/native"


class Floor(Peer):
    name = "floor"
    title = "floor (pass-through)"
    tls = False
    many_workers = False

    def missing(self):
        return "" if os.access(NATIVE / "floor", os.X_OK) else "bench/native is not built"

    def command(self, place):
        return [str(NATIVE / "floor"), f"port={place.port}", f"upstream={place.origin}"]
