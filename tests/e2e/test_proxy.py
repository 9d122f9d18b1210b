"""One provider behind one route: what goes through, what is refused, in which shape."""

import base64
import gzip
import json
import socket
import time
import zlib

from harness import Case, chat, provider, raw, request, route

SMALLEST = """
[[provider]]
name = "up"
base_url = "http://127.0.0.1:{port}/v1"
api_key = "env:UP_KEY"

[[route]]
model = "*"
targets = [{{ provider = "up" }}]
"""


class Smallest(Case):
    """The smallest config of the design, as it stands there but for the ports."""

    def setUp(self):
        super().setUp()
        self.up = self.mock("--api-key", "sk-provider-secret")
        self.gate = self.spillway(SMALLEST.format(port=self.up.port), env={"UP_KEY": "sk-provider-secret"})

    def test_any_model_is_passed_on_as_it_is(self):
        answer = self.gate.chat("ok")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json()["model"], "ok")
        self.assertEqual(answer.json()["choices"][0]["message"]["content"][:12], "You said: Hi")
        self.assertEqual(self.up.asked("ok"), 1)

    def test_the_rest_of_a_name_is_what_the_provider_is_asked_for(self):
        text = SMALLEST.format(port=self.up.port).replace('"*"', '"x-*"').replace('"up" }', '"up", model = "*" }')
        gate = self.spillway(text, env={"UP_KEY": "sk-provider-secret"})
        answer = gate.chat("x-ok")
        self.assertEqual((answer.status, answer.json()["model"]), (200, "ok"))
        self.assertEqual(gate.chat("x-status-404").status, 404)

    def test_a_stream_is_relayed_event_by_event(self):
        answer = self.gate.chat("sse-4-0ms", stream=True)
        self.assertEqual(answer.header("content-type"), "text/event-stream")
        self.assertEqual(answer.words(), "word0 word1 word2 word3")
        self.assertEqual(answer.events()[-1], "[DONE]")
        self.assertFalse(any('"choices":[]' in event for event in answer.events()), "usage was not asked for")

    def test_usage_chunk_comes_when_asked_for(self):
        answer = self.gate.chat("sse-4-0ms", stream=True, stream_options={"include_usage": True})
        self.assertTrue(any('"choices":[]' in event for event in answer.events()))

    def test_answers_carry_ids_and_who_answered(self):
        answer = self.gate.chat("ok", headers={"x-request-id": "my-id-1"})
        self.assertEqual(answer.header("x-request-id"), "my-id-1")
        self.assertEqual(answer.header("x-spillway-provider"), "up")
        self.assertEqual(answer.header("x-spillway-model"), "ok")
        self.assertEqual(answer.header("x-spillway-attempts"), "1")
        self.assertEqual(answer.header("x-spillway-route"), "*")
        self.assertIn("up/ok 200", answer.header("x-spillway-trail"))
        made = self.gate.chat("ok").header("x-request-id")
        self.assertRegex(made, "^req_[0-9a-f]+$")

    def test_bad_requests_get_400_in_the_openai_shape(self):
        cases = [
            (b"{", None),
            (b'{"model":"ok","messages":[],"model":"other"}', "model"),
            (b'{"model":"ok","mod\\u0065l":"other","messages":[]}', "model"),
            (b'{"model":7,"messages":[]}', "model"),
            (b'{"model":"","messages":[]}', "model"),
            (b'{"model":"a\\u0000b","messages":[]}', "model"),
            (b'{"model":"ok","messages":[],"stream":"yes"}', "stream"),
            (b'{"model":"ok"}', "messages"),
            (b'{"model":"ok","messages":[],"x":007}', None),
            (b'{"model":"ok","messages":[],"x":"\xff"}', None),
            (b'{"model":"ok","messages":[],"x":' + b"[" * 100000, None),
            (b'{"model":"ok","messages":[]} {}', None),
            (b"[]", None),
        ]
        for body, param in cases:
            with self.subTest(body=body[:60]):
                answer = request(self.gate.port, "POST", "/v1/chat/completions", body, {"content-type": "application/json"})
                self.assertEqual(answer.status, 400, answer.body[:200])
                error = answer.json()["error"]
                self.assertEqual(error["type"], "invalid_request_error")
                if param:
                    self.assertEqual(error["param"], param)
        self.assertEqual(self.up.stats()["models"], {})

    def test_the_body_goes_through_byte_for_byte(self):
        sent = (
            '{ "z" : 12345678901234567890123456 ,\t"model":"ok", "nested":{"a":1,"a":2},\n'
            '"u":"\\u00e9\\ud83d\\ude00", "messages" : [ {"role":"user","content":"Hi"} ], "f":1.0e0 }'
        )
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        gate = self.spillway(provider("spy", listener.getsockname()[1]) + route("ok", [("spy", "")]).replace(', model = ""', ""))
        link = socket.create_connection(("127.0.0.1", gate.port))
        self.addCleanup(link.close)
        link.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(sent), sent.encode())
        )
        peer, _ = listener.accept()
        peer.settimeout(5)
        got = b""
        while len(got.partition(b"\r\n\r\n")[2]) < len(sent):
            got += peer.recv(65536)
        link.close()  # else the request would be tried again, and again
        peer.close()
        listener.close()
        self.assertEqual(got.partition(b"\r\n\r\n")[2], sent.encode())

    def test_packed_bodies_are_unpacked_within_bounds(self):
        plain = chat("ok").encode()
        for coding, packed in (("gzip", gzip.compress(plain)), ("deflate", zlib.compress(plain))):
            answer = request(
                self.gate.port, "POST", "/v1/chat/completions", packed,
                {"content-type": "application/json", "content-encoding": coding},
            )
            self.assertEqual(answer.status, 200, coding)
        bomb = gzip.compress(b" " * (64 << 20))
        answer = request(self.gate.port, "POST", "/v1/chat/completions", bomb, {"content-encoding": "gzip"})
        self.assertEqual(answer.status, 413)
        answer = request(self.gate.port, "POST", "/v1/chat/completions", plain, {"content-encoding": "br"})
        self.assertEqual(answer.status, 415)
        answer = request(self.gate.port, "POST", "/v1/chat/completions", gzip.compress(plain)[:-9], {"content-encoding": "gzip"})
        self.assertEqual(answer.status, 400)

    def test_embeddings_and_completions_and_other_paths(self):
        json_type = {"content-type": "application/json"}
        answer = request(self.gate.port, "POST", "/v1/embeddings", '{"model":"ok","input":["a","b"]}', json_type)
        self.assertEqual(len(answer.json()["data"]), 2)
        body = '{"model":"ok","input":"a","encoding_format":"base64"}'
        answer = request(self.gate.port, "POST", "/v1/embeddings", body, json_type)
        self.assertEqual(len(base64.b64decode(answer.json()["data"][0]["embedding"])), 16)
        answer = request(self.gate.port, "POST", "/v1/completions", '{"model":"ok","prompt":"Say"}', json_type)
        self.assertEqual(answer.json()["object"], "text_completion")
        answer = request(self.gate.port, "POST", "/v1/audio/speech", "raw bytes", {"content-type": "text/plain"})
        self.assertEqual(answer.json(), {"path": "/v1/audio/speech", "bytes": 9})
        answer = request(self.gate.port, "GET", "/v1/files?limit=2")
        self.assertEqual(answer.json()["path"], "/v1/files")

    def test_unknown_paths_and_methods(self):
        self.assertEqual(request(self.gate.port, "GET", "/nothing").status, 404)
        answer = request(self.gate.port, "GET", "/v1/chat/completions")
        self.assertEqual((answer.status, answer.header("allow")), (405, "POST"))
        for path in ("/v1/../v1/models", "/v1//chat/completions", "/v1/%2e%2e/models", "/v1\\models"):
            self.assertIn(request(self.gate.port, "GET", path).status, (400, 404), path)

    def test_health(self):
        for path in ("/health", "/healthz", "/health/liveliness", "/health/ready", "/readyz", "/health/readiness"):
            self.assertEqual(request(self.gate.port, "GET", path).status, 200, path)
        self.assertEqual(request(self.gate.port, "HEAD", "/health").body, b"")
        self.assertEqual(request(self.gate.admin, "GET", "/health").status, 200)

    def test_http_1_0_and_pipelining_and_100_continue(self):
        body = chat("ok").encode()
        head = b"POST /v1/chat/completions HTTP/1.%d\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%b\r\n"
        text = raw(self.gate.port, head % (0, len(body), b"") + body)
        self.assertTrue(text.startswith(b"HTTP/1.1 200"))
        self.assertNotIn(b"transfer-encoding", text.lower())
        stream = chat("sse-3-0ms", stream=True).encode()
        text = raw(self.gate.port, head % (0, len(stream), b"") + stream)
        self.assertNotIn(b"transfer-encoding", text.lower())
        self.assertTrue(text.endswith(b"data: [DONE]\n\n"))
        pair = head % (1, len(body), b"") + body + b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
        last = head % (1, len(body), b"Connection: close\r\n") + body
        text = raw(self.gate.port, pair + last)
        self.assertEqual(text.count(b"HTTP/1.1 200"), 3)
        self.assertLess(text.index(b"You said"), text.index(b'"status":"ok"'))
        with socket.create_connection(("127.0.0.1", self.gate.port)) as link:
            link.sendall(head % (1, len(body), b"Expect: 100-continue\r\nConnection: close\r\n"))
            link.settimeout(5)
            self.assertEqual(link.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
            link.sendall(body)
            self.assertTrue(link.recv(4096).startswith(b"HTTP/1.1 200"))

    def test_large_bodies_end_where_they_end(self):
        head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%b\r\n"
        small = chat("ok").encode()
        for size in (65_000, 65_536, 300_000, 1_500_000):
            large = json.dumps({"model": "ok", "messages": [{"role": "user", "content": f"see {size} " + "x" * size}]}).encode()
            first = head % (len(large), b"") + large
            last = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n" + head % (len(small), b"Connection: close\r\n") + small
            for cut in (0, 1, len(last)):  # of what follows, how much comes at once with the large one
                with self.subTest(size=size, cut=cut), socket.create_connection(("127.0.0.1", self.gate.port)) as link:
                    link.settimeout(10)
                    link.sendall(first + last[:cut])
                    time.sleep(0.02)
                    link.sendall(last[cut:])
                    text = b"".join(iter(lambda: link.recv(65536), b""))
                    self.assertEqual((text.count(b"HTTP/1.1 200"), text.count(b"see %d" % size)), (3, 1))

    def test_invalid_http_is_refused_and_the_connection_closed(self):
        good = b"Host: a\r\n"
        cases = [
            (b"GET /health HTTP/1.1\r\n\r\n", 400),
            (b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
            (b"GET /health HTTP/1.1\r\n" + good + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            (b"POST /v1/x HTTP/1.1\r\n" + good + b"Content-Length: 1, 1\r\n\r\na", 400),
            (b"POST /v1/x HTTP/1.1\r\n" + good + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
            (b"GET /health HTTP/1.1\r\n" + good + b"X : y\r\n\r\n", 400),
            (b"GET /health HTTP/1.1\nHost: a\n\n", 400),
            (b"GET /health HTTP/2.0\r\n" + good + b"\r\n", 505),
            (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + good + b"\r\n", 414),
            (b"GET /health HTTP/1.1\r\n" + good + b"X: " + b"a" * 20000 + b"\r\n\r\n", 431),
            (b"GET /health HTTP/1.1\r\n" + good + b"X: a\x00b\r\n\r\n", 400),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        ]
        for data, status in cases:
            with self.subTest(data=data[:50]):
                text = raw(self.gate.port, data)
                self.assertTrue(text.startswith(b"HTTP/1.1 %d " % status), text[:80])
                self.assertIn(b"connection: close", text.lower())
                self.assertEqual(text.count(b"\r\n\r\n"), 1, "one answer")

    def test_half_closed_clients_are_served(self):
        body = chat("delay-200").encode()
        head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        text = raw(self.gate.port, head % len(body) + body, half_close=True)
        self.assertIn(b"HTTP/1.1 200", text)
        self.assertIn(b"You said", text)


class Keys(Case):
    CONFIG = """
[[key]]
name = "alice"
secret = "env:ALICE_KEY"
[[key]]
name = "bob"
secret = "env:BOB_KEY"
models = ["allowed", "team-*"]
"""

    def setUp(self):
        super().setUp()
        self.up = self.mock("--api-key", "sk-provider-secret-123")
        config = self.CONFIG + provider("up", self.up.port, api_key="env:UP_KEY")
        config += route(["allowed", "other"], [("up", "ok")]) + route("team-*", [("up", "ok")])
        env = {"UP_KEY": "sk-provider-secret-123", "ALICE_KEY": "alice-secret-key-1", "BOB_KEY": "bob-secret-key-22"}
        self.gate = self.spillway(config, env=env)

    def test_no_key_and_wrong_keys_are_401(self):
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic abc"}, {"x-api-key": "alice-secret-key-"}):
            answer = self.gate.chat("allowed", headers=headers)
            self.assertEqual(answer.status, 401)
            self.assertEqual(answer.json()["error"]["code"], "invalid_api_key")
        self.assertEqual(self.up.stats()["requests"], 1, "only the stats request itself")

    def test_no_spelling_of_a_path_goes_round_the_keys(self):
        paths = ["/v1/models", "/v1/models/", "/V1/models", "//v1/models", "/v1/./models", "/v1/models?x=1", "/v1/models%2f",
                 "/health/../v1/models", "/v1/models;a=b", "/v1/files", "/health/x", "/v1/models#", "http://a/v1/models"]
        for path in paths:
            with self.subTest(path=path):
                text = raw(self.gate.port, b"GET " + path.encode() + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                self.assertIn(text.split(b" ")[1], (b"400", b"401", b"404"), text[:60])
                self.assertNotIn(b"allowed", text)

    def test_every_way_to_send_a_key_works(self):
        for headers in ({"authorization": "bearer alice-secret-key-1"}, {"x-api-key": "alice-secret-key-1"},
                        {"api-key": "alice-secret-key-1"}, {"x-goog-api-key": "alice-secret-key-1"}):
            self.assertEqual(self.gate.chat("allowed", headers=headers).status, 200)
        answer = request(self.gate.port, "POST", "/v1/chat/completions?key=alice-secret-key-1", chat("allowed"))
        self.assertEqual(answer.status, 200)

    def test_a_key_may_use_its_models_only(self):
        bob = {"authorization": "Bearer bob-secret-key-22"}
        self.assertEqual(self.gate.chat("allowed", headers=bob).status, 200)
        self.assertEqual(self.gate.chat("team-red", headers=bob).status, 200)
        answer = self.gate.chat("other", headers=bob)
        self.assertEqual((answer.status, answer.json()["error"]["code"]), (403, "model_not_allowed"))
        ids = [model["id"] for model in request(self.gate.port, "GET", "/v1/models", headers=bob).json()["data"]]
        self.assertEqual(ids, ["allowed"])
        self.assertEqual(request(self.gate.port, "GET", "/v1/models/other", headers=bob).status, 404)

    def test_secrets_stay_where_they_belong(self):
        alice = {"authorization": "Bearer alice-secret-key-1"}
        self.gate.chat("allowed", headers=alice)
        self.gate.chat("no-such-model", headers=alice)
        lines = json.dumps(self.gate.log_lines(2))
        everything = lines + self.gate.text() + request(self.gate.admin, path="/metrics").body.decode()
        for secret in ("alice-secret-key-1", "bob-secret-key-22", "sk-provider-secret-123"):
            self.assertNotIn(secret, everything)
        self.assertIn('"key": "alice"', lines)

    def test_unknown_models_get_404_with_close_names(self):
        answer = self.gate.chat("alowed", headers={"authorization": "Bearer alice-secret-key-1"})
        self.assertEqual(answer.status, 404)
        self.assertEqual(answer.json()["error"]["code"], "model_not_found")
        self.assertIn("allowed", answer.json()["error"]["message"])


class Forwarding(Case):
    """What a provider gets to see, by a spy that records one request."""

    def spy(self, client_lines, config=""):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        text = provider("spy", listener.getsockname()[1], api_key="env:UP_KEY") + config + route("m", [("spy", "upstream-model")])
        gate = self.spillway(text, env={"UP_KEY": "sk-up"})
        body = chat("m").encode()
        link = socket.create_connection(("127.0.0.1", gate.port))
        self.addCleanup(link.close)
        link.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n%b\r\n%b" % (len(body), client_lines, body))
        peer, _ = listener.accept()
        peer.settimeout(5)
        got = b""
        while b"Hi" not in got:
            got += peer.recv(65536)
        peer.sendall(b'HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nContent-Length: 24\r\nX-Up: 1\r\nConnection: keep-alive, X-Up\r\n\r\n{"error":{"message":"n"}}'[:-1] + b"}")
        link.recv(65536)
        link.close()
        peer.close()
        return got.decode().lower()

    def test_hop_by_hop_and_credentials_stay_out(self):
        got = self.spy(
            b"Connection: keep-alive, X-Private\r\nX-Private: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nUpgrade: h2c\r\n"
            b"Authorization: Bearer client-key\r\nX-Api-Key: client-key\r\nCookie: a=b\r\nProxy-Authorization: x\r\n"
            b"X-Forwarded-For: 10.1.1.1\r\nVia: 1.0 edge\r\nX-Custom: stays\r\nAccept-Encoding: gzip\r\n"
        )
        for gone in ("x-private", "keep-alive: 5", "te: trailers", "upgrade", "client-key", "cookie", "proxy-authorization"):
            self.assertNotIn(gone, got)
        for there in ("authorization: bearer sk-up", "x-custom: stays", "x-forwarded-for: 10.1.1.1, 127.0.0.1",
                      "via: 1.0 edge, 1.1 spillway", "x-forwarded-proto: http", "accept-encoding: identity",
                      '"model": "upstream-model"', "x-request-id: req_"):
            self.assertIn(there, got)
