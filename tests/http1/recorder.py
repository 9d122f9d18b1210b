"""A provider that records every request it gets and flags whatever in it is not written the one canonical way. Its parser
is its own: a request is matched against the grammar as a whole, so it shares no mistake with the gateway's."""

import contextlib
import json
import re
import socket
import threading

REQUEST_LINE = re.compile(rb"([A-Z]+(?:-[A-Z]+)?) (/[!-~]*) HTTP/1\.1")
# Canonical: one space, no blank at either end, no control bytes.
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ((?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?)")
ONCE = ["host", "content-length", "content-type", "content-encoding", "authorization", "via", "x-forwarded-for",
        "x-request-id", "accept-encoding", "x-forwarded-proto"]
NEVER = ["connection", "keep-alive", "proxy-connection", "proxy-authorization", "proxy-authenticate", "te", "trailer",
         "transfer-encoding", "upgrade", "expect", "http2-settings", "cookie", "x-api-key", "api-key", "x-goog-api-key",
         "forwarded", "x-forwarded-host", "x-drop", "x-drop-one", "x-drop-two"]
# In a head these come from a client who should not have got them through.
FOREIGN = [b"client-secret", b"evil", b"10.9.9.9, 10.9.9.9", b"/admin"]
CREDENTIAL = "provider-secret-4711"


def send_pieces(link, data, piece_bytes=0):
    """Everything, or until the other side has closed: what it had to say is still to be read."""
    size = piece_bytes or max(len(data), 1)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for at in range(0, len(data), size):
            link.sendall(data[at:at + size])


class Request:
    def __init__(self, serial, link, method, target, fields):
        self.serial, self.link, self.method, self.target, self.fields = serial, link, method, target, fields
        self.body = b""


def check_fields(fields, authority, flag):
    names = [name for name, _ in fields]
    for name in ONCE:
        if names.count(name) > 1:
            flag(f"{name} twice")
    for name in names:
        if name in NEVER or name.startswith("x-spillway-"):
            flag(f"{name} forwarded")
        if "_" in name:
            flag(f"{name}: a name that some read as another")
    values = dict(fields)
    if values.get("host") != authority:
        flag(f"host {values.get('host')!r}")
    if values.get("authorization") != "Bearer " + CREDENTIAL:
        flag("without the provider's credential")
    if not re.fullmatch(r"0|[1-9][0-9]*", values.get("content-length", "0")):
        flag("content-length " + values["content-length"])
    return int(values.get("content-length", "0"))


class Recorder:
    """`replies` are byte strings with a flag whether to close behind them; a request that names `play-N` gets the N-th."""

    def __init__(self, replies=()):
        self.replies, self.piece_bytes = replies, 0
        self.requests, self.faults, self.links = [], [], 0
        self.lock = threading.Lock()
        self.open = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.authority = f"127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def stop(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            links = list(self.open)
        for link in links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def take(self):
        """What came since the last call."""
        with self.lock:
            requests, faults = self.requests, self.faults
            self.requests, self.faults = [], []
        return requests, faults

    def accept(self):
        serial = 0
        with contextlib.suppress(OSError):
            while True:
                link, _ = self.listener.accept()
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                serial += 1
                with self.lock:
                    self.open.add(link)
                threading.Thread(target=self.serve, args=(link, serial), daemon=True).start()

    def flag(self, text):
        with self.lock:
            self.faults.append(text)

    def serve(self, link, number):
        with contextlib.suppress(OSError):
            rest = b""
            while True:
                request, rest = self.read(link, number, rest)
                if request is None or not self.answer(link, request):
                    break
        link.close()
        with self.lock:
            self.open.discard(link)

    def read(self, link, number, got):
        while b"\r\n\r\n" not in got:
            piece = link.recv(262144)
            if not piece:
                if got:
                    self.flag(f"half a head: {got[:200]!r}")
                return None, b""
            got += piece
        head, _, got = got.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        start = REQUEST_LINE.fullmatch(lines[0])
        found = [FIELD.fullmatch(line) for line in lines[1:]]
        if start is None or None in found:
            self.flag(f"not canonical: {head[:300]!r}")
            return None, b""
        fields = [(one[1].decode().lower(), one[2].decode("latin-1")) for one in found]
        with self.lock:
            self.links += 1
            request = Request(self.links, number, start[1].decode(), start[2].decode(), fields)
        for word in FOREIGN:
            if word in head:
                self.flag(f"{word!r} in the head of {lines[0]!r}")
        length = check_fields(fields, self.authority, self.flag)
        while len(got) < length:
            piece = link.recv(262144)
            if not piece:
                self.flag("half a body")
                return None, b""
            got += piece
        request.body = got[:length]
        if len(got) > length:
            self.flag(f"more than one request at a time: {got[length:][:200]!r}")
        with self.lock:
            self.requests.append(request)
        return request, got[length:]

    def answer(self, link, request):
        play = re.search(rb"play-(\d+)", request.target.encode() + b" " + request.body[:200])
        if play is not None:
            data, close = self.replies[int(play[1])]
            send_pieces(link, data, self.piece_bytes)
            if close:
                link.shutdown(socket.SHUT_WR)
                while link.recv(65536):
                    pass
            return not close
        message = {"role": "assistant", "content": "hi"}
        body = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Seen: {request.serial}\r\nContent-Length: {len(body)}\r\n\r\n"
        link.sendall(head.encode() + (b"" if request.method == "HEAD" else body))
        return True
