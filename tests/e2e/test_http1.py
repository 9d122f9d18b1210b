"""The HTTP/1.1 corpus of tests/http1 against the real binary, in front of a strict recording provider. After each case two
canaries on fresh connections prove that nobody gets another's reply."""

import contextlib
import os
import socket
import sys

from harness import SLOW, Case, provider

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "http1"))
import corpus  # noqa: E402
from client import Bad, read_replies  # noqa: E402
from recorder import CREDENTIAL, Recorder, send_pieces  # noqa: E402

BODY_BYTES = 64 * 1024  # the limit that the corpus is written for
ROUTE = '[[route]]\nmodel = "*"\ntargets = [{ provider = "up" }]\n'
NEXT = b"GET /v1/files/next HTTP/1.1\r\nHost: next\r\nConnection: close\r\n\r\n"


def talk(port, steps, fin=False, piece_bytes=0):
    """Sends the steps, waiting for an interim reply between each two; everything that comes until the other side closes,
    and whether it did so by a reset. With `piece_bytes`, each step goes out in pieces of that size."""
    with socket.create_connection(("127.0.0.1", port), timeout=10 * SLOW) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        out, reset = b"", False
        try:
            for number, step in enumerate(steps):
                while number > 0 and out.count(b"HTTP/1.1 100 ") < number:
                    piece = link.recv(65536)
                    if not piece:
                        return out, reset
                    out += piece
                send_pieces(link, step, piece_bytes)
            if fin:
                with contextlib.suppress(OSError):
                    link.shutdown(socket.SHUT_WR)
            while piece := link.recv(65536):
                out += piece
        except ConnectionError:
            reset = True
        return out, reset


# Nothing longer is worth thousands of system calls.
PIECES_OF, PIECE_BYTES = 2048, 3


class Corpus(Case):
    PREFIX = "request"

    def setUp(self):
        super().setUp()
        self.cases = corpus.load(self.PREFIX)
        self.up = Recorder([(case.bytes, case.fin) for case in self.cases] if self.PREFIX == "reply" else [])
        self.addCleanup(self.up.stop)
        config = f"[limits]\nbody_bytes = {BODY_BYTES}\n" + provider("up", self.up.port, api_key="env:UP_KEY") + ROUTE
        self.gate = self.spillway(config, env={"UP_KEY": CREDENTIAL})

    def check_canaries(self, place):
        """Two requests of their own connections, each with its own reply; the upstream connection of the first."""
        links = []
        for number in (1, 2):
            target = f"/v1/files/canary-{number}"
            data, _ = talk(self.gate.port, [f"GET {target} HTTP/1.1\r\nHost: canary\r\nConnection: close\r\n\r\n".encode()])
            requests, faults = self.up.take()
            self.assertEqual(faults, [], place)
            self.assertEqual([one.target for one in requests], [target], f"{place}: beside a canary")
            replies, _ = read_replies(data, ["GET"])
            self.assertEqual([(one.status, one.get("x-seen")) for one in replies], [(200, str(requests[0].serial))], place)
            links.append(requests[0].link)
        return links[0]


class Requests(Corpus):
    def test_requests_are_refused_or_forwarded_as_the_corpus_says(self):
        self.assertGreaterEqual(len(self.cases), 250)
        for case in self.cases:
            with self.subTest(case=case.place, name=case.name):
                self.check(case)

    def test_requests_in_small_pieces_fare_the_same(self):
        for case in self.cases:
            if len(case.bytes) <= PIECES_OF:
                with self.subTest(case=case.place, name=case.name):
                    self.check(case, PIECE_BYTES)

    def check(self, case, piece_bytes=0):
        place = f"{case.place} {case.name}"
        steps = list(case.steps)
        if case.expect.ends_whole:
            steps[-1] += NEXT
        unfinished = not case.expect.ends_whole and not case.expect.refused
        data, _ = talk(self.gate.port, steps, unfinished, piece_bytes)
        requests, faults = self.up.take()
        self.assertEqual(faults, [], place)
        expected = self.expected(case)
        forwarded = [item for item in expected if not item.verdict]
        self.assertEqual([(one.method, one.target, one.body) for one in requests],
                         [(*item.head.split(" "), item.body) for item in forwarded], place)
        methods = [item.head.split(" ")[0] for item in case.expect.items if item.whole]
        replies, interim = read_replies(data, methods)
        self.assertNotIn(CREDENTIAL.encode(), data, place)
        if not case.expect.open:  # a client that has only stopped to speak gets harmless probes
            self.assertEqual(interim, len(case.steps) - 1, f"{place}: interim replies")
        serials = iter(requests)
        self.assertEqual([(one.status, one.get("x-seen")) for one in replies],
                         [self.reply_to(item, serials) for item in expected], place)
        if case.expect.refused or case.expect.close:
            self.assertEqual(replies[-1].get("connection"), "close", place)
        self.check_canaries(place)

    def expected(self, case):
        items = [item for item in (case.gateway or case.expect).items if item.whole]
        if case.expect.ends_whole and not case.expect.close:
            items.append(corpus.Item("GET /v1/files/next", False))
        return items

    @staticmethod
    def reply_to(item, serials):
        return (int(item.head), None) if item.verdict else (200, str(next(serials).serial))


class Replies(Corpus):
    PREFIX = "reply"

    def test_replies_are_passed_on_clean_or_said_to_be_broken(self):
        self.assertGreaterEqual(len(self.cases), 80)
        for number, case in enumerate(self.cases):
            with self.subTest(case=case.place, name=case.name):
                self.check(case, number)

    def check(self, case, number):
        place = f"{case.place} {case.name}"
        data, reset = talk(self.gate.port, [f"{case.ask} /v1/files/play-{number} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode()])
        requests, faults = self.up.take()
        self.assertEqual(faults, [], place)
        self.assertNotIn(b"evil", data, place)
        first = case.expect.items[0]
        if not first.whole:
            with self.assertRaises(Bad, msg=f"{place}: passed on as whole"):
                self.assertTrue(data or reset)
                read_replies(data if data else b"reset", [case.ask])
        else:
            replies, _ = read_replies(data, [case.ask])
            self.assertEqual(len(replies), 1, place)
            self.assertFalse(reset, place)
            self.assertEqual(replies[0].status, 502 if first.verdict else int(first.head), place)
            if first.verdict:
                self.assertIn(b'"error"', replies[0].body if case.ask != "HEAD" else b'"error"', place)
            else:
                self.assertEqual(replies[0].body, first.body, place)
        link = self.check_canaries(place)
        played = [one.link for one in requests]
        self.assertEqual(link in played, len(case.expect.items) == 1 and not first.verdict and first.whole and case.reuse, f"{place}: reuse")

    def test_replies_in_small_pieces_fare_the_same(self):
        # What comes behind a whole reply may then come after the next request: nobody could tell it from its reply.
        self.up.piece_bytes = PIECE_BYTES
        for number, case in enumerate(self.cases):
            if len(case.bytes) <= PIECES_OF and len(case.expect.items) == 1:
                with self.subTest(case=case.place, name=case.name):
                    self.check(case, number)

    def test_a_chat_never_gets_a_broken_reply_as_its_answer(self):
        # None of these replies is a chat's: held back until they are whole, all become an error, or have no body at all.
        for number, case in enumerate(self.cases):
            for stream in ("false", "true") if case.ask == "GET" else ():
                with self.subTest(case=case.place, name=case.name, stream=stream):
                    self.check_chat(case, number, stream)

    def check_chat(self, case, number, stream):
        place = f"{case.place} {case.name} stream {stream}"
        body = f'{{"model":"play-{number}","stream":{stream},"messages":[{{"role":"user","content":"Hi"}}]}}'
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        data, reset = talk(self.gate.port, [(head + body).encode()])
        self.assertFalse(reset, place)
        self.assertNotIn(b"evil", data, place)
        _, faults = self.up.take()
        self.assertEqual(faults, [], place)
        replies, _ = read_replies(data, ["POST"])
        self.assertEqual(len(replies), 1, place)
        self.assertIn(replies[0].status, (204, 502), place)
        self.check_canaries(place)


class Edges(Corpus):
    """What needs another configuration than the corpus."""

    def setUp(self):
        Case.setUp(self)
        self.up = Recorder()
        self.addCleanup(self.up.stop)

    def start_with(self, config, **env):
        config += provider("up", self.up.port, api_key="env:UP_KEY") + ROUTE
        self.gate = self.spillway(config, env={"UP_KEY": CREDENTIAL, **env})

    def test_a_connection_ends_with_its_last_request(self):
        self.start_with("[limits]\nrequests_per_connection = 3\n")
        one = b"GET /v1/files HTTP/1.1\r\nHost: h\r\n\r\n"
        for sent, answered in ((2, 2), (3, 3), (4, 3)):
            data, _ = talk(self.gate.port, [one * sent], fin=sent < 3)
            replies, _ = read_replies(data, ["GET"] * sent)
            requests, faults = self.up.take()
            self.assertEqual((len(replies), len(requests), faults), (answered, answered, []), sent)
            self.assertEqual(replies[-1].get("connection") == "close", sent >= 3, sent)

    def test_what_follows_an_early_refusal_is_not_a_request(self):
        self.start_with('[[key]]\nname = "a"\nsecret = "env:A_KEY"\n', A_KEY="a-secret-of-a-client")
        inner = b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n"
        for framing, body in ((b"Content-Length: %d" % len(inner), inner),
                              (b"Transfer-Encoding: chunked", b"%x\r\n%s\r\n0\r\n\r\n" % (len(inner), inner)),
                              (b"Content-Length: 10\r\nExpect: 100-continue", inner)):
            data, _ = talk(self.gate.port, [b"POST /v1/files HTTP/1.1\r\nHost: h\r\n" + framing + b"\r\n\r\n" + body])
            replies, interim = read_replies(data, ["POST"])
            self.assertEqual(([one.status for one in replies], interim), ([401], 0), framing)
            self.assertEqual(replies[0].get("connection"), "close")
            self.assertEqual(self.up.take(), ([], []))

    def test_http_1_0_clients_are_told_that_a_connection_stays_open(self):
        self.start_with("")
        head = b" HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        for path in (b"/v1/files", b"/health", b"/nothing"):
            data, _ = talk(self.gate.port, [b"GET " + path + head + NEXT])
            replies, _ = read_replies(data, ["GET", "GET"])
            self.assertEqual([one.get("connection") for one in replies], ["keep-alive", "close"], path)
