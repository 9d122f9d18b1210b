"""A scripted provider that does what no sane one does. A script is a list of steps for one request:

    send(BYTES)  each(BYTES, ms)  sleep(ms)  fin()  rst()  hang()  wait(EVENT)  stall()  call(FUNCTION)

`hang` says nothing more and notes when the peer leaves; `stall` is for `scripts_unread`: it never reads the request. A
script that ends without fin, rst or hang leaves the connection open for the next request. Which script a request gets
is told by its tag: the last part of the model's name ("one/u5-17" -> "u5-17"), else the last part of the path. A tag has
one script, or a list of them for its first, second, ... request (the last one repeats). Unknown tags get a good answer.

Standard library only; one thread per connection; everything it saw is in `log`.
"""

import contextlib
import json
import re
import socket
import threading
import time

MODEL = re.compile(rb'"model"\s*:\s*"([^"]*)"')


def send(data):
    return ("send", data)


def each(data, ms):
    return ("each", data, ms)


def sleep(ms):
    return ("sleep", ms)


def fin():
    return ("fin",)


def rst():
    return ("rst",)


def hang():
    return ("hang",)


def wait(event):
    return ("wait", event)


def stall():
    return ("stall",)


def call(function):
    return ("call", function)


def reply(body, status="200 OK", more="", kind="application/json"):
    """A whole answer with its length."""
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
DONE = b"data: [DONE]\n\n"


def event(delta, finish=None, end=b"\n\n", **more):
    """One event of a chat stream, unframed."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    data = {"id": "fu", "object": "chat.completion.chunk", "created": 1, "model": "fu", "choices": [choice], **more}
    return b"data: " + json.dumps(data, separators=(",", ":")).encode() + end


def stream_events(words=4):
    """Role, words, finish, [DONE]: each a piece of its own."""
    events = [event({"role": "assistant", "content": ""})]
    events += [event({"content": f"word{n} "}) for n in range(words)]
    return events + [event({}, "stop"), DONE]


def chat_body(text="a good answer", **more):
    message = {"role": "assistant", "content": text}
    return {"id": "fu", "object": "chat.completion", "created": 1, "model": "fu",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}, **more}


def error(message="it broke", **more):
    return {"error": {"message": message, **more}}


def good(request):
    """What a healthy provider answers to this request."""
    body = request.json()
    if request.path.endswith("/embeddings"):
        return [send(reply({"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}],
                            "model": "fu", "usage": {"prompt_tokens": 3, "total_tokens": 3}}))]
    if not request.path.endswith("/completions"):
        return [send(reply({"path": request.path}))]
    if body.get("stream"):
        return [send(STREAM_HEAD + b"".join(chunk(one) for one in stream_events()) + LAST_CHUNK)]
    if request.path.endswith("/chat/completions"):
        return [send(reply(chat_body()))]
    return [send(reply({"id": "fu", "object": "text_completion", "created": 1, "model": "fu",
                        "choices": [{"index": 0, "text": "a good answer", "finish_reason": "stop"}],
                        "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}}))]


class Seen:
    """One request as it arrived, and how the peer left while it was being answered."""

    def __init__(self, number, head, body):
        self.number, self.head, self.body = number, head, body
        line = head.split(b"\r\n", 1)[0].split(b" ")
        self.path = line[1].decode().split("?")[0] if len(line) > 1 else ""
        model = MODEL.search(body)
        self.tag = (model.group(1).decode() if model else self.path).rsplit("/", 1)[-1]
        self.began = time.monotonic()
        self.left = None  # "fin" or "rst", when the peer left before the script's end
        self.left_at = None
        self.gone = threading.Event()

    def json(self):
        with contextlib.suppress(ValueError):
            found = json.loads(self.body)
            return found if isinstance(found, dict) else {}
        return {}


class Gone(Exception):
    pass


class FaultUpstream:
    """`tls` is an ssl.SSLContext: the same scripts inside TLS. `unread` is a script for connections, before any request."""

    def __init__(self, tls=None, unread=None):
        self.tls, self.unread = tls, unread
        self.scripts, self.counts, self.log = {}, {}, []
        self.connections = 0
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.links, self.closed = set(), False
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def script(self, tag, *scripts):
        """One list of steps, or several for the tag's first, second, ... request; a function of the request also does."""
        self.scripts[tag] = scripts

    def asked(self, tag):
        with self.lock:
            return self.counts.get(tag, 0)

    def seen(self, tag):
        with self.lock:
            return [one for one in self.log if one.tag == tag]

    def wait_asked(self, tag, count=1, seconds=10):
        """The tag's newest request, once there were `count`."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.counts.get(tag, 0) >= count, seconds):
                raise AssertionError(f"{tag} was asked {self.counts.get(tag, 0)} times, not {count}")
            return [one for one in self.log if one.tag == tag][-1]

    def stop(self):
        self.closed = True
        # A blocked accept() does not notice a close: shutdown wakes it.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            links = list(self.links)
        for link in links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        self.thread.join(5)

    def accept(self):
        while not self.closed:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.links.add(link)
            threading.Thread(target=self.serve, args=(link,), daemon=True).start()

    def serve(self, plain):
        link = plain
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls is not None:
                link = self.tls.wrap_socket(plain, server_side=True)
            if self.unread is not None:
                return self.run(link, Seen(0, b"", b""), self.unread)
            rest = b""
            while True:
                request, rest = self.read(link, rest)
                if request is None or not self.run(link, request, self.pick(request)):
                    return
        except (OSError, Gone):
            pass
        finally:
            with self.lock:
                self.links.discard(plain)
            with contextlib.suppress(OSError):
                link.close()

    def pick(self, request):
        with self.changed:
            number = self.counts.get(request.tag, 0)
            self.counts[request.tag] = number + 1
            self.log.append(request)
            self.changed.notify_all()
        scripts = self.scripts.get(request.tag, (good,))
        found = scripts[min(number, len(scripts) - 1)]
        return found(request) if callable(found) else found

    def read(self, link, rest):
        while b"\r\n\r\n" not in rest:
            piece = link.recv(65536)
            if not piece:
                return None, b""
            rest += piece
        head, _, rest = rest.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length:\s*(\d+)", head)
        wanted = int(length.group(1)) if length else 0
        while len(rest) < wanted:
            piece = link.recv(65536)
            if not piece:
                return None, b""
            rest += piece
        return Seen(len(self.log), head, rest[:wanted]), rest[wanted:]

    def run(self, link, request, steps):
        """True: the connection is good for another request."""
        try:
            for step in steps:
                if not self.do(link, request, *step):
                    return False
        except (ConnectionError, Gone) as how:
            self.note_left(request, "fin" if isinstance(how, Gone) else "rst")
            return False
        return True

    def note_left(self, request, how):
        if request.left is None:
            request.left, request.left_at = how, time.monotonic()
            request.gone.set()

    def do(self, link, request, what, *more):
        if what == "send":
            link.sendall(more[0])
        elif what == "each":
            for byte in more[0]:
                link.sendall(bytes([byte]))
                time.sleep(more[1] / 1000)
        elif what == "sleep":
            time.sleep(more[0] / 1000)
        elif what == "wait":
            more[0].wait(30)
        elif what == "call":
            more[0]()
        elif what == "fin":
            return False
        elif what == "rst":
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            return False
        elif what in ("hang", "stall"):
            if what == "stall":
                while not self.closed:
                    time.sleep(0.05)
                return False
            if not link.recv(1):
                raise Gone
        else:
            raise ValueError(what)
        return True
