"""/v1/realtime: WebSockets, from the handshake on (RFC 6455 4). The provider is a socket of this file's own."""

import base64
import hashlib
import socket
import threading

from harness import SLOW, Case, provider, route, wait_until
from socket_provider import Provider, fields_of, read_head

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def accept_of(key):
    return base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()


def switch(link, fields, more="", behind=b""):
    head = (f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept_of(fields['sec-websocket-key'])}\r\n{more}\r\n")
    link.sendall(head.encode() + behind)


def echo(link, fields, rest):
    switch(link, fields, behind=b"welcome")
    link.sendall(rest)
    while piece := link.recv(65536):
        link.sendall(piece)


class Tunnel(Case):
    def setUp(self):
        super().setUp()
        self.first, self.second = self.start(Provider()), self.start(Provider())
        self.first.plays["echo"] = self.second.plays["echo"] = echo
        config = "".join([
            provider("first", self.first.port, api_key="key-of-the-first"),
            provider("second", self.second.port, api_key="key-of-the-second"),
            '[[key]]\nname = "one"\nsecret = "sk-one"\nmodels = ["one", "two", "slow"]\n',
            route("one", [("first", "echo")]), route("slow", [("first", "late")]),
            route("two", [("first", "bad")], [("second", "echo")]),
            f"[limits]\ntunnel_idle_ms = {int(1500 * SLOW)}\n",
        ])
        self.gate = self.spillway(config, server='cors_origins = ["https://good.example"]')

    def open(self, model="one", fields=None, query="", protocols="", line="GET {} HTTP/1.1"):
        link = socket.create_connection(("127.0.0.1", self.gate.port), timeout=20 * SLOW)
        self.addCleanup(link.close)
        whole = {"Host": "gate", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Key": KEY,
                 "Sec-WebSocket-Version": "13", "Authorization": "Bearer sk-one", **(fields or {})}
        if protocols:
            whole["Sec-WebSocket-Protocol"] = protocols
        head = line.format(f"/v1/realtime?model={model}{query}") + "\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in whole.items() if value is not None)
        link.sendall(head.encode() + b"\r\n")
        return link

    def opened(self, **options):
        link = self.open(**options)
        head, rest = read_head(link)
        self.assertTrue(head.startswith("HTTP/1.1 101 Switching Protocols"), head)
        return link, fields_of(head), rest

    def read(self, link, size, data=b""):
        while len(data) < size:
            piece = link.recv(65536)
            self.assertTrue(piece, f"it ended after {len(data)} of {size} bytes")
            data += piece
        return data

    def test_bytes_pass_both_ways_once_a_provider_switched(self):
        link, fields, rest = self.opened(query="&key=sk-one&intent=x", fields={"Origin": "https://good.example", "Cookie": "a=b"},
                                         protocols="realtime, openai-insecure-api-key.sk-one, v1")
        self.assertEqual(fields["sec-websocket-accept"], accept_of(KEY))
        self.assertEqual(fields["x-spillway-provider"], "first")
        self.assertNotIn("transfer-encoding", fields)
        self.assertEqual(self.read(link, 7, rest), b"welcome")
        head = self.first.seen[0]
        self.assertTrue(head.startswith("GET /v1/realtime?model=echo&intent=x HTTP/1.1\r\n"), head)
        there = fields_of(head)
        self.assertEqual(there["authorization"], "Bearer key-of-the-first")
        self.assertEqual(there["sec-websocket-protocol"], "realtime, v1")
        self.assertNotIn("sk-one", head)
        for name in ("origin", "cookie"):
            self.assertNotIn(name, there)
        frames = bytes(range(256)) * 16384  # 4 MiB, while nobody reads at first
        sender = threading.Thread(target=link.sendall, args=(frames,))
        sender.start()
        self.assertEqual(self.read(link, len(frames)), frames)
        sender.join()
        link.shutdown(socket.SHUT_WR)
        self.assertEqual(link.recv(10), b"", "the provider has ended, too")
        entry = self.gate.log_lines(1)[0]
        self.assertEqual((entry["status"], entry["api"], entry["model_asked"]), (101, "realtime", "one"))

    def test_a_browser_s_key_among_the_subprotocols_is_a_credential(self):
        link, _, rest = self.opened(fields={"Authorization": None}, protocols="realtime, openai-insecure-api-key.sk-one")
        self.assertEqual(self.read(link, 7, rest), b"welcome")
        self.assertNotIn("sk-one", self.first.seen[0])
        for protocols in ("realtime", "realtime, openai-insecure-api-key.sk-two"):
            head, _ = read_head(self.open(fields={"Authorization": None}, protocols=protocols))
            self.assertTrue(head.startswith("HTTP/1.1 401 "), head)

    def test_what_is_no_handshake_reaches_nobody(self):
        wrong = [(426, {"Upgrade": None}, {}), (400, {"Connection": "close"}, {}), (400, {"Sec-WebSocket-Key": "short"}, {}),
                 (426, {"Sec-WebSocket-Version": "8"}, {}), (400, {"Content-Length": "5"}, {}),
                 (403, {"Origin": "https://evil.example"}, {}), (400, {}, {"line": "GET {} HTTP/1.0"}),
                 (403, {}, {"model": "three"}), (400, {}, {"model": "%zz"})]
        for status, fields, options in wrong:
            with self.subTest(fields=fields, **options):
                link = self.open(fields=fields, **options)
                if "Content-Length" in fields:
                    link.sendall(b"hello")
                head, _ = read_head(link)
                self.assertTrue(head.startswith(f"HTTP/1.1 {status} "), head)
                self.assertEqual(fields_of(head).get("connection"), "close")
                if status == 426:
                    self.assertEqual(fields_of(head)["sec-websocket-version"], "13")
        self.assertEqual(self.first.seen, [])

    def test_who_does_not_switch_is_passed_over(self):
        def refusing(link, fields, rest):
            link.sendall(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\n\r\n{}")

        def answering(link, fields, rest):
            link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        def redirecting(link, fields, rest):
            link.sendall(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

        def lying(link, fields, rest):
            switch(link, {"sec-websocket-key": "another"})

        def choosing(link, fields, rest):
            switch(link, fields, more="Sec-WebSocket-Protocol: unheard-of\r\n")

        def dying(link, fields, rest):
            pass

        for bad in (refusing, answering, redirecting, lying, choosing, dying):
            with self.subTest(bad=bad.__name__):
                self.first.plays["bad"] = bad
                link, fields, rest = self.opened(model="two")
                self.assertEqual(fields["x-spillway-provider"], "second")
                self.assertEqual(self.read(link, 7, rest), b"welcome")
                link.sendall(b"more")
                self.assertEqual(self.read(link, 4), b"more")
                link.close()

    def test_a_refusal_comes_as_an_answer_and_ends_the_connection(self):
        self.first.plays["echo"] = lambda link, fields, rest: link.sendall(
            b'HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 31\r\n\r\n{"error":{"message":"no such"}}')
        link = self.open()
        head, rest = read_head(link)
        self.assertTrue(head.startswith("HTTP/1.1 404 "), head)
        self.assertEqual(fields_of(head)["connection"], "close")

    def test_what_is_said_too_early_waits_for_the_switch(self):
        told = []

        def late(link, fields, rest):
            told.append(rest)
            link.settimeout(0.5 * SLOW)
            try:
                told.append(link.recv(100))
            except TimeoutError:
                told.append(b"")
            link.settimeout(20 * SLOW)
            switch(link, fields)
            told.append(link.recv(100))

        self.first.plays["late"] = late
        link = self.open(model="slow")
        link.sendall(b"early")
        head, _ = read_head(link)
        self.assertTrue(head.startswith("HTTP/1.1 101 "), head)
        wait_until(lambda: len(told) == 3, what="the provider's turn")
        self.assertEqual(told, [b"", b"", b"early"])

    def test_either_side_may_end_it(self):
        def leaving(link, fields, rest):
            switch(link, fields, behind=b"bye")

        self.first.plays["late"] = leaving
        link, _, rest = self.opened(model="slow")
        self.assertEqual(self.read(link, 3, rest), b"bye")
        self.assertEqual(link.recv(10), b"")

        gone = threading.Event()

        def waiting(link, fields, rest):
            switch(link, fields)
            link.recv(10)
            gone.set()

        self.first.plays["late"] = waiting
        link, _, _ = self.opened(model="slow")
        link.close()
        self.assertTrue(gone.wait(20 * SLOW), "the provider hears of a client that went")
        wait_until(lambda: self.gate.metrics()["spillway_inflight"] == 0, what="the end of both")

    def test_silence_of_both_ends_it(self):
        link, _, rest = self.opened()
        self.assertEqual(self.read(link, 7, rest), b"welcome")
        self.assertEqual(link.recv(10), b"", "nobody said anything for tunnel_idle_ms")
        entry = self.gate.log_lines(1)[0]
        self.assertEqual((entry["status"], entry["end"]), (101, "ok"))
