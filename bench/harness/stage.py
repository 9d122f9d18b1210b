"""Where measurements happen: the origin, the certificate, and the servers that run meanwhile."""

import contextlib
import json
import pathlib
import subprocess
import tempfile

from peers.floor import NATIVE
from peers.peer import Place

from . import client, prompt
from .server import Server, free_port
from .work import Failed

ACCESS_LOG_BYTES_MAX = 256 << 20
SAME_CONNECTION = 10  # requests, by which one sees whether it is


class Target:
    """What load is aimed at: a peer's server, or the origin itself."""

    def __init__(self, peer, server, place=None):
        self.peer = peer
        self.server = server
        self.place = place
        self.port = server.port

    @property
    def headers(self):
        return self.peer.headers if self.peer else {}

    @property
    def tls(self):
        return bool(self.place and self.place.certificate)

    @property
    def workers(self):
        return self.place.workers if self.place else 1


class Stage:
    def __init__(self, cores):
        self.cores = cores
        self.running = {}  # by peer and variant
        self.verified = {}
        self.warmed = set()

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="spillway-bench-")))
        self.folder.chmod(0o755)  # h2o and nginx may give up being root
        self.certificate = self.make_certificate()
        self.origin = self.start_origin("origin")
        return self

    def __exit__(self, *failure):
        self.stop_all()
        self.stack.close()

    def make_certificate(self):
        path = self.folder / "certificate.pem"
        key = self.folder / "key.pem"
        command = (
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost".split()
        )
        subprocess.run([*command, "-keyout", key, "-out", path], check=True, capture_output=True)
        path.write_text(path.read_text() + key.read_text())
        return path

    def start_origin(self, name):
        port = free_port()
        server = Server([str(NATIVE / "origin"), f"port={port}"], port, self.cores.origin, self.folder / f"{name}.log")
        self.stack.callback(server.stop)
        return server

    def place(self, peer, workers=1, tls=False, single=False):
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{peer.name}-", dir=self.folder))
        folder.chmod(0o777)
        certificate = self.certificate if tls else None
        return Place(folder, free_port(), self.origin.port, workers, certificate, single)

    def start(self, peer, place, wrapper=(), wait_s=None, bare=False):
        command = [*wrapper, *peer.command(place)]
        server = Server(
            command,
            place.port,
            self.cores.all if wrapper else self.cores.proxies(place.workers),
            place.folder / "output.log",
            peer.environment(place),
            wait_s or peer.starts_in_s,
            bare,
        )
        return Target(peer, server, place)

    @contextlib.contextmanager
    def fresh(self, peer, bare=False, **form):
        """An instance of its own for one measurement."""
        target = self.start(peer, self.place(peer, **form), bare=bare)
        try:
            yield target
        finally:
            target.server.stop()

    def target(self, peer, workers=1, tls=False):
        """The instance that serves all measurements of one form; None is the origin itself."""
        if peer is None:
            return Target(None, self.origin)
        key = (peer.name, workers, tls)
        if key not in self.running:
            self.running[key] = self.start(peer, self.place(peer, workers, tls))
        target = self.running[key]
        if target.server.child.poll() is not None:
            del self.running[key]
            raise RuntimeError(f"{peer.title} has ended: {target.server.last_words()}")
        log = target.place.folder / "access.log"
        if log.exists() and log.stat().st_size > ACCESS_LOG_BYTES_MAX:
            log.write_bytes(b"")
        return target

    def stop_all(self):
        for target in self.running.values():
            target.server.stop()
        self.running.clear()

    def verify(self, target, size):
        """That the peer does the work at all: the whole prompt goes through, the origin's answer comes back, and the
        connection to the origin is used again. Otherwise its figures would be of something else."""
        key = (target.port, size)
        if key not in self.verified:
            self.verified[key] = self.fault(target, size)
        if self.verified[key]:
            raise Failed(self.verified[key])

    def fault(self, target, size):
        """What it does wrong; empty when nothing."""
        request = prompt.request(prompt.body(size), target.headers)
        opened = 0
        try:
            with client.connections(self.origin.port, 1) as (probe,):
                probe.send(prompt.request(prompt.body(1000)))
                newest = number_of(json.loads(body_of(probe.answer())))
            with client.connections(target.port, 1, target.tls) as (one,):
                for _ in range(SAME_CONNECTION):
                    one.send(request)
                    body = body_of(one.answer())
                    answer = json.loads(body)
                    if answer["choices"][0]["message"]["content"] != prompt.ANSWER:
                        return "" if not target.peer.upstream else f"it changes the answer: {body[:200]!r}"
                    opened, newest = opened + (number_of(answer) > newest), max(newest, number_of(answer))
        except (OSError, client.Failed, ValueError, KeyError, IndexError) as failure:
            return f"a prompt of {size:,} bytes fails: {failure}"
        kept = opened <= SAME_CONNECTION / 2
        return "" if kept else f"it opened {opened} upstream connections for {SAME_CONNECTION} requests"


def body_of(answer):
    head, body = answer.split(b"\r\n\r\n", 1)
    return body[body.find(b"{") : body.rfind(b"}") + 1] if b"chunked" in head.lower() else body


def number_of(answer):
    """Of the origin's connection that brought the answer; they are counted up."""
    return int(answer["id"].rpartition("-")[2])
