"""A provider that is a socket: each connection goes, with its first head read, to what its model or path names."""

import contextlib
import socket
import threading
import urllib.parse

from harness import SLOW, free_port


def read_head(link):
    data = b""
    while b"\r\n\r\n" not in data:
        more = link.recv(65536)
        if not more:
            break
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head.decode(), rest


def fields_of(head):
    lines = head.split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


class Provider:
    """Hands each connection, with its head read, to what its query's `model=` names, else to what its path does."""

    def __init__(self):
        self.port = free_port()
        self.seen, self.plays = [], {}
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(link,), daemon=True).start()

    def serve(self, link):
        link.settimeout(30 * SLOW)
        with link:
            head, rest = read_head(link)
            if not head:
                return
            self.seen.append(head)
            url = urllib.parse.urlsplit(head.split(" ")[1])
            name = urllib.parse.parse_qs(url.query).get("model", [url.path])[0]
            try:
                self.plays[name](link, fields_of(head), rest)
            except OSError:
                pass

    def stop(self):
        with contextlib.suppress(OSError):  # it is already
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
