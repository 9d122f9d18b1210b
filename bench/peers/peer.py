"""What the harness must know of a program that is measured: how to start it, and what it cannot do."""

import dataclasses
import pathlib
import shutil
import subprocess


@dataclasses.dataclass(frozen=True)
class Place:
    """Where one instance runs, and in which form."""

    folder: pathlib.Path  # its own, for configuration and logs
    port: int
    origin: int  # the upstream's port
    workers: int = 1
    certificate: pathlib.Path | None = None  # PEM with the key in it: TLS in front
    single: bool = False  # one process without a supervisor, for valgrind

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path


class Peer:
    name = ""
    title = ""
    program = ""  # what must be on the PATH
    headers = {}  # that every request to it needs
    body_max = None  # bytes of the largest prompt it can do its work on; None: any
    streams = True
    streams_only = False  # a variant that exists for streams
    why = ""  # what it cannot do, in words
    tls = True
    many_workers = True
    under_valgrind = True
    upstream = True  # it passes requests on; the rest answers them itself
    default = True  # measured unless --peers says otherwise
    starts_in_s = 10

    def missing(self):
        """Why it cannot run here; empty when it can."""
        return "" if shutil.which(self.program) else f"{self.program} is not installed"

    def version(self):
        return ""

    def command(self, place):
        """Writes its configuration into the place and returns the command that serves there."""
        raise NotImplementedError

    def environment(self, place):
        return {}


def said(*command):
    """The first line of what a program says about itself."""
    run = subprocess.run(command, capture_output=True, text=True, timeout=30)
    lines = (run.stdout + run.stderr).strip().splitlines()
    return lines[0].strip() if lines else ""
