"""Streams on which nothing moves: a head before there is an answer, and signs of life."""

import json
import socket
import time

import fault_upstream as fu
from fault_upstream import LAST_CHUNK, STREAM_HEAD, chunk
from faults import FaultCase
from harness import SLOW, chat

WHOLE = [fu.send(STREAM_HEAD + chunk(b"".join(fu.stream_events())) + LAST_CHUNK)]


class Silence(FaultCase):
    LIMITS = "commit_after_ms = 500\nkeep_alive_ms = 500\n"

    def rest(self):
        pass

    def read(self, model, api="chat"):
        """The head and what came with it before the provider said a word; then all of it."""
        path, body = ("/v1/chat/completions", chat(model, True)) if api == "chat" else \
            ("/v1/messages", json.dumps({"model": model, "max_tokens": 9, "stream": True, "messages": [{"role": "user", "content": "Hi"}]}))
        link = socket.create_connection(("127.0.0.1", self.gate.port), timeout=20 * SLOW)
        self.addCleanup(link.close)
        link.sendall(b"POST %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                     % (path.encode(), len(body), body.encode()))
        early = link.recv(65536)
        whole = early
        while more := link.recv(65536):
            whole += more
        return early, whole

    def case_a_head_goes_out_before_the_first_word(self):
        self.bad.script("m0", [fu.sleep(int(3500 * SLOW)), *WHOLE])
        early, whole = self.read("one/m0")
        self.assertTrue(early.startswith(b"HTTP/1.1 200 OK\r\n"), early)
        self.assertIn(b"content-type: text/event-stream\r\n", early)
        self.assertNotIn(b"word0", early)
        self.assertGreaterEqual(whole.count(b": keep-alive\n\n"), 2, whole)
        self.assertEqual(whole.count(b"HTTP/1.1"), 1, "one head")
        self.assertIn(b"word3", whole)
        self.assertTrue(whole.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n"), whole)

    def case_what_fails_then_is_told_inside_and_is_no_clean_end(self):
        self.bad.script("m1", [fu.sleep(int(2500 * SLOW)), fu.send(fu.reply(fu.error(), "503 Service Unavailable"))])
        early, whole = self.read("one/m1")
        self.assertTrue(early.startswith(b"HTTP/1.1 200 OK\r\n"), early)
        error = json.loads(whole.split(b"data: ")[-1].split(b"\n")[0])
        self.assertEqual(error["error"]["code"], "upstream_error")
        self.assertNotIn(b"[DONE]", whole)
        self.assertFalse(whole.endswith(b"0\r\n\r\n"))

    def case_another_provider_may_still_answer(self):
        self.bad.script("m2", [fu.sleep(int(2500 * SLOW)), fu.rst()])
        self.spare.script("m2", WHOLE)
        early, whole = self.read("two/m2")
        self.assertNotIn(b"word0", early)
        self.assertIn(b"word3", whole)
        self.assertTrue(whole.endswith(b"0\r\n\r\n"))

    def case_an_answer_that_is_no_stream_is_no_answer_then(self):
        self.bad.script("m3", [fu.sleep(int(2500 * SLOW)), fu.send(fu.reply(fu.chat_body()))])
        self.spare.script("m3", WHOLE)
        self.assertIn(b"word3", self.read("two/m3")[1])

    def case_anthropic_s_clients_get_pings(self):
        self.bad.script("m4", [fu.sleep(int(2500 * SLOW)), *WHOLE])
        early, whole = self.read("one/m4", "messages")
        self.assertNotIn(b"message_start", early)
        self.assertIn(b"event: ping\ndata: {\"type\":\"ping\"}\n\n", whole)
        self.assertIn(b"event: message_stop", whole)

    def case_a_silent_stream_is_kept_alive_between_its_events(self):
        events = fu.stream_events()
        self.bad.script("m5", [fu.send(STREAM_HEAD + chunk(b"".join(events[:2]))), fu.sleep(int(2500 * SLOW)),
                              fu.send(chunk(b"".join(events[2:])) + LAST_CHUNK)])
        early, whole = self.read("one/m5")
        self.assertIn(b"word0", early)
        self.assertIn(b": keep-alive\n\n", whole)
        self.assertIn(b"word3", whole)

    def case_zero_is_never(self):
        gate = self.gate_with("commit_after_ms = 0\nkeep_alive_ms = 0\n")
        self.bad.script("m6", [fu.sleep(int(1800 * SLOW)), fu.send(fu.reply(fu.error(), "503 Service Unavailable"))])
        began = time.monotonic()
        self.assertEqual(self.ask("one/m6", stream=True, gate=gate).answer.status, 502)
        self.assertGreater(time.monotonic() - began, 1.5)

    def test_all_of_them(self):
        """At once, because each of them waits."""
        cases = sorted(name for name in dir(self) if name.startswith("case_"))
        self.all_at_once(lambda name: getattr(self, name)(), [(name,) for name in cases])
        self.assertEqual(len(cases), 7)
