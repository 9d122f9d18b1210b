"""A client that counts exactly: connections in lock-step, for what valgrind, strace and /proc are asked about. Slow, so
nothing is timed with it."""

import contextlib
import functools
import re
import selectors
import socket
import ssl
import time

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
PATIENCE_S = 60


class Failed(RuntimeError):
    pass


@functools.cache
def any_certificate():
    """One for all, and without the system's authorities, which cost more to load than a handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Connection:
    def __init__(self, port, tls=False):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = any_certificate().wrap_socket(self.socket)
        self.events = 0
        self.last = b""

    def send(self, request):
        self.socket.sendall(request)

    def answer(self):
        """The whole of a plain answer: head and body."""
        got = b""
        while True:
            piece = self.socket.recv(1 << 18)
            if not piece:
                raise Failed(f"the connection ended after {got[:200]!r}")
            got += piece
            end = got.find(b"\r\n\r\n")
            if end < 0:
                continue
            length = LENGTH.search(got, 0, end + 2)
            whole = len(got) >= end + 4 + int(length[1]) if length else got.endswith(b"0\r\n\r\n")
            if whole:
                if not re.match(rb"HTTP/1\.[01] 200", got):
                    raise Failed(f"the answer is {got[:300]!r}")
                return got

    def hear(self):
        """What has come of a stream; False when it is over."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise Failed("the connection ended within a stream")
        if self.last == b"" and not re.match(rb"HTTP/1\.[01] 200", piece):
            raise Failed(f"the answer is {piece[:300]!r}")
        # Every event has one "data: ", and so has none of what the origin says inside of them.
        joined = self.last + piece
        self.events += joined.count(b"data: ") - self.last.count(b"data: ")
        self.last = joined[-16:]
        return not joined.endswith(b"0\r\n\r\n")

    def close(self):
        self.socket.close()


@contextlib.contextmanager
def connections(port, count, tls=False):
    opened = []
    try:
        for _ in range(count):
            opened.append(Connection(port, tls))
        yield opened
    finally:
        for one in opened:
            one.close()


def rounds(opened, request, count):
    """`count` times: one request on every connection, then all their answers. Returns the number of requests."""
    for _ in range(count):
        for one in opened:
            one.send(request)
        for one in opened:
            one.answer()
    return count * len(opened)


class Audience:
    """Many streams read at once."""

    def __init__(self, opened, request):
        self.selector = selectors.DefaultSelector()
        self.opened = opened
        self.live = len(opened)
        for one in opened:
            one.send(request)
            self.selector.register(one.socket, selectors.EVENT_READ, one)

    def events(self):
        return sum(one.events for one in self.opened)

    def listen(self, seconds=PATIENCE_S):
        """Until all have ended, or so long."""
        end = time.monotonic() + seconds
        while self.live and time.monotonic() < end:
            for key, _ in self.selector.select(min(1, seconds)):
                if not key.data.hear():
                    self.selector.unregister(key.data.socket)
                    self.live -= 1
        return self.live == 0

    def close(self):
        self.selector.close()
