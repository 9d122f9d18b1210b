"""What a provider may do to us: rows U1-U19 and T1-T6 of the fault map (tests/FAULTS.md)."""

import email.utils
import json
import os
import shutil
import socket
import ssl
import tempfile
import threading
import time

import fault_upstream as fu
from fault_upstream import DONE, LAST_CHUNK, STREAM_HEAD, chat_body, chunk, each, error, event, fin, hang, reply, rst, send, sleep
from faults import SANITIZED, BlackHole, FaultCase, every, ms, read_until, route_to, send_request
from harness import SLOW, free_port, provider
from test_tls import Authority

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GOOD = json.dumps(chat_body()).encode()


def script_by_kind(plain, stream):
    """One script for plain requests, another for streamed ones."""
    return lambda request: stream if request.json().get("stream") else plain


class Connecting(FaultCase):
    LIMITS = f"connect_ms = {ms(300)}\nfirst_byte_ms = {ms(2000)}\n"

    def config(self, limits="", policies=()):
        self.hole = BlackHole()
        self.addCleanup(self.hole.stop)
        text = provider("dead", free_port()) + provider("hole", self.hole.port)
        text += '[[provider]]\nname = "nowhere"\nbase_url = "http://no-such-host.invalid/v1"\n'
        for name in ("dead", "hole", "nowhere"):
            text += route_to(f"one-{name}", name) + route_to(f"two-{name}", name, "spare")
        return text + super().config(limits, policies)

    def test_who_cannot_be_reached(self):
        """U1 refused, U2 a black hole, D1 a name that does not exist."""
        def check(name, stream):
            self.is_refused(self.ask(f"one-{name}/x", stream), (502, 504))
            began = time.monotonic()
            asked = self.ask(f"two-{name}/x", stream)
            self.is_good(asked, by="spare")
            self.assertLess(time.monotonic() - began, 10 * SLOW)
            self.assertIn(self.line_of(asked.number)["attempts"][0]["fault"], ("transient", "timeout"))
            self.next_is_fine()

        self.all_at_once(check, [(name, stream) for name in ("dead", "hole", "nowhere") for stream in (False, True)])
        self.invariants()


class BeforeContent(FaultCase):
    LIMITS = f"first_byte_ms = {ms(400)}\nstream_idle_ms = {ms(400)}\nrequest_ms = {ms(2000)}\n"

    def run_scripts(self, scripts, statuses=(502,), code=None, fault="transient"):
        for tag, script in scripts.items():
            self.bad.script(tag, script)

        def check(tag, stream):
            self.is_refused(self.ask(f"one/{tag}", stream), statuses, code)
            asked = self.ask(f"two/{tag}", stream)
            self.is_good(asked, by="spare")
            line = self.line_of(asked.number)
            self.assertEqual({one.get("fault") for one in line["attempts"][:-1]}, {fault})
            self.assertEqual((line["end"], line["status"]), ("ok", 200))
            self.next_is_fine()

        self.all_at_once(check, [(tag, stream) for tag in scripts for stream in (False, True)])

    def test_U3_U4_cut_before_the_first_content(self):
        scripts = {"rst": [rst()], "fin": [fin()], "half-status": [send(b"HTTP/1.1 2"), fin()],
                   "half-head": [send(OK + b"Content-Len"), fin()], "half-head-rst": [send(OK), sleep(10), rst()],
                   "head-plain": [send(OK + b"Content-Length: 900\r\n\r\n"), fin()],
                   "head-stream": [send(STREAM_HEAD), fin()], "head-stream-rst": [send(STREAM_HEAD), sleep(10), rst()],
                   "role-only": [send(STREAM_HEAD + chunk(event({"role": "assistant", "content": ""}))), fin()],
                   "comments-only": [send(STREAM_HEAD + chunk(b": hello\n\n") * 3), fin()]}
        self.run_scripts(scripts)
        for tag in scripts:
            # Once, and once more at the same, for each of the four; an idle connection that closes is not counted as a try.
            self.assertIn(self.bad.asked(tag), range(8, 13), tag)
        self.invariants()

    def test_U7_U8_U9_silence_before_the_first_content(self):
        slow = OK + b"Content-Length: %d\r\n\r\n" % len(GOOD) + GOOD
        scripts = {"hang": [hang()], "hang-in-head": [send(OK), hang()], "hang-in-body": [send(slow[:-40]), hang()],
                   "hang-after-role": [send(STREAM_HEAD + chunk(event({"role": "assistant"}))), hang()],
                   "drip-head": [each(slow, ms(30))]}
        self.run_scripts(scripts, (504,), "upstream_timeout", fault="timeout")
        self.invariants()

    def test_U10_malformed_answers(self):
        body = b"Content-Length: %d\r\n\r\n" % len(GOOD) + GOOD
        json_type = b"Content-Type: application/json\r\n"
        scripts = {
            "status-2-digits": [send(b"HTTP/1.1 20 OK\r\n" + body), fin()],
            "status-4-digits": [send(b"HTTP/1.1 2000 OK\r\n" + body), fin()],
            "status-099": [send(b"HTTP/1.1 099 OK\r\n" + body), fin()],
            "status-600": [send(b"HTTP/1.1 600 OK\r\n" + body), fin()],
            "version-2": [send(b"HTTP/2.0 200 OK\r\n" + body), fin()],
            "lower-case": [send(b"http/1.1 200 OK\r\n" + body), fin()],
            "icy": [send(b"ICY 200 OK\r\n" + body), fin()],
            "http-0.9": [send(GOOD), fin()],
            "tls-alert": [send(b"\x15\x03\x01\x00\x02\x02\x28"), fin()],
            "switching": [send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"), fin()],
            "length-twice": [send(OK + b"Content-Length: 5\r\n" + body), fin()],
            "length-plus": [send(OK + b"Content-Length: +%d\r\n\r\n" % len(GOOD) + GOOD), fin()],
            "length-2^64": [send(OK + b"Content-Length: 18446744073709551621\r\n\r\n" + GOOD), fin()],
            "length-and-te": [send(OK + b"Transfer-Encoding: chunked\r\n" + body), fin()],
            "te-unknown": [send(OK + b"Transfer-Encoding: x\r\n\r\n" + GOOD), fin()],
            "te-twice": [send(OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + chunk(GOOD) + LAST_CHUNK), fin()],
            "bad-chunk": [send(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + GOOD), fin()],
            "chunk-negative": [send(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n" + GOOD), fin()],
            "chunk-2^64": [send(OK + b"Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\n" + GOOD), fin()],
            "no-colon": [send(b"HTTP/1.1 200 OK\r\nhello\r\n" + body), fin()],
            "empty-name": [send(b"HTTP/1.1 200 OK\r\n: x\r\n" + body), fin()],
            "nul": [send(b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n" + body), fin()],
            "bare-cr": [send(b"HTTP/1.1 200 OK\r\nX: a\rb\r\n" + body), fin()],
            "fold": [send(b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n" + json_type + body), fin()],
        }
        self.run_scripts(scripts)
        self.invariants()

    def test_U10_what_follows_an_answer_reaches_nobody(self):
        poison = reply(chat_body("POISON"))
        scripts = {"two-answers": [send(reply(chat_body()) + poison)], "bytes-after": [send(reply(chat_body()) + b"POISON")],
                   "late-answer": [send(reply(chat_body())), sleep(5), send(poison)],
                   "body-on-204": [send(b"HTTP/1.1 204 No Content\r\n\r\n" + poison)],
                   "body-on-304": [send(b"HTTP/1.1 304 Not Modified\r\n\r\n" + poison)]}
        for tag, script in scripts.items():
            self.bad.script(tag, script)

        def check(tag, n):
            answer = self.ask(f"one/{tag}").answer
            self.assertNotIn(b"POISON", answer.body)
            if tag == "late-answer":
                time.sleep(0.05 * SLOW)  # it must come while nobody waits on that connection: else nobody can tell
            for _ in range(2):
                canary = self.ask("one/canary")
                self.assertNotIn(b"POISON", canary.answer.body, f"after {tag}, round {n}")
                self.is_good(canary)

        self.all_at_once(check, [(tag, n) for tag in scripts for n in range(5)], threads=1)
        self.invariants()

    def test_U11_too_much_of_everything(self):
        interim = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
        scripts = {"head-80k": [send(OK + b"X: " + b"a" * 80_000 + b"\r\n\r\n"), fin()],
                   "endless-head": [send(OK + b"X-Y: abcdefgh\r\n" * 100_000), fin()],
                   "fields-10k": [send(OK + b"".join(b"X%d: 1\r\n" % n for n in range(10_000)) + b"\r\n"), fin()],
                   "interim-flood": [send(interim * 20_000), fin()],
                   "event-16m": [send(STREAM_HEAD + b"1000000\r\ndata: " + b"x" * (4 << 20)), fin()],
                   "prelude-endless": [send(STREAM_HEAD + chunk(b": still thinking\n\n" * 1000) * 40), fin()]}
        self.run_scripts(scripts)
        few = [send(interim * 3 + reply(chat_body()))]
        self.bad.script("interim-few", few)
        self.is_good(self.ask("one/interim-few"), by="bad")
        self.invariants(memory_kib=64 * 1024)

    def test_U12_no_answer_in_a_200(self):
        bodies = {"html": b"<html><body>Welcome</body></html>", "empty": b"", "null": b"null", "number": b"1", "array": b"[]",
                  "object": b"{}", "half": GOOD[:-20], "two": GOOD + GOOD, "text": b"service unavailable",
                  "no-choices": json.dumps({"id": "x", "object": "chat.completion"}).encode(),
                  "choices-empty": b'{"choices":[]}', "choices-null": b'{"choices":null}', "choices-object": b'{"choices":{}}',
                  "choice-null": b'{"choices":[null]}', "message-null": b'{"choices":[{"index":0,"message":null}]}',
                  "bad-utf8": GOOD.replace(b"good", b"g\xff\xfed"), "nan": GOOD.replace(b'"created": 1', b'"created": NaN'),
                  "deep": b'{"choices":' + b"[" * 5000, "control": GOOD.replace(b"a good", b"a \x01good"),
                  "error-200": json.dumps(error("overloaded", type="server_error")).encode()}
        self.run_scripts({f"json-{name}": [send(reply(body))] for name, body in bodies.items()})
        self.run_scripts({"type-html": [send(reply(bodies["html"], kind="text/html"))],
                          "stream-empty": [send(STREAM_HEAD + LAST_CHUNK)],
                          "stream-done-only": [send(STREAM_HEAD + chunk(DONE) + LAST_CHUNK)],
                          "stream-html": [send(STREAM_HEAD + chunk(bodies["html"]) + LAST_CHUNK)],
                          "stream-half-json": [send(STREAM_HEAD + chunk(b'data: {"choices":[{"delta":{"content":"x\n\n') + LAST_CHUNK)],
                          "x9-gzip-unasked": [send(reply(b"\x1f\x8b\x08" + bytes(50), more="Content-Encoding: gzip\r\n"))]})
        self.invariants()

    def test_U12_odd_usage_changes_no_answer(self):
        for name, usage in {"missing": None, "negative": {"prompt_tokens": -5, "completion_tokens": -1}, "text": {"prompt_tokens": "many"},
                            "huge": {"prompt_tokens": 10**18, "completion_tokens": 10**18}, "array": [], "real": {"prompt_tokens": 1e300}}.items():
            self.bad.script(f"usage-{name}", [send(reply(chat_body(usage=usage)))])
            asked = self.ask(f"one/usage-{name}")
            self.is_good(asked, by="bad")
            self.assertGreaterEqual(self.line_of(asked.number).get("tokens_out", 0), 0)
        self.invariants()


class InTheMiddle(FaultCase):
    LIMITS = f"first_byte_ms = {ms(5000)}\nstream_idle_ms = {ms(400)}\n"

    EVENTS = fu.stream_events(4)  # role, word0..word3, finish, [DONE]

    def after_cut(self, model, content, done, by_spare):
        """What a stream cut behind so many whole words has to look like."""
        asked = self.ask(model, stream=True)
        if done:
            return self.is_good(asked, by="bad")
        if content == 0:
            return self.is_good(asked, by="spare") if by_spare else self.is_refused(asked)
        self.is_broken_stream(asked, content)
        line = self.line_of(asked.number) if asked.number % 50 == 0 else None
        if line is not None:
            self.assertEqual((line["end"], line["attempts"][-1]["fault"]), ("upstream", "mid_stream"))
            self.assertGreaterEqual(line["tokens_out"], content)

    def whole_words(self, data):
        return sum(1 for one in data.split(b"\n\n")[:-1] if b'"content":"word' in one)

    def test_U5_cut_after_each_event(self):
        cases = []
        for n in range(len(self.EVENTS) + 1):
            sent = b"".join(self.EVENTS[:n])
            for how in ("fin", "rst", "end"):
                # "end": the body ends as if it were whole, only the stream in it is not.
                tail = {"fin": [fin()], "rst": [sleep(20), rst()], "end": [send(LAST_CHUNK)]}[how]
                self.bad.script(f"cut-{n}-{how}", [send(STREAM_HEAD + b"".join(chunk(one) for one in self.EVENTS[:n]))] + tail)
                # Without [DONE] a body that ends properly is whole only when the model said it had finished.
                done = DONE in sent or (how == "end" and b'"stop"' in sent)
                cases += [(f"{route}/cut-{n}-{how}", self.whole_words(sent), done, route == "two") for route in ("one", "two")]

        def check(model, content, done, two):
            if done and not model.endswith("end") or not done:
                return self.after_cut(model, content, done, two)
            answer = self.ask(model, stream=True).answer
            self.assertEqual((answer.status, answer.whole, answer.words().count("word")), (200, True, content))

        self.all_at_once(check, cases)
        self.invariants()

    def test_U5_cut_at_every_byte_of_an_event(self):
        before, at = b"".join(self.EVENTS[:2]), self.EVENTS[2]
        cases = []
        for n in every(range(len(at) + 1), 9):
            sent = before + at[:n]
            for how, tail in (("fin", [fin()]), ("rst", [sleep(20), rst()])):
                self.bad.script(f"byte-{n}-{how}", [send(STREAM_HEAD + chunk(sent))] + tail)
                cases += [(f"{route}/byte-{n}-{how}", self.whole_words(sent), False, route == "two") for route in ("one", "two")]
        self.all_at_once(self.after_cut, cases)
        self.invariants()

    def test_U6_cut_at_every_byte_of_an_answer_of_2_kib(self):
        """Plain by length, plain in chunks, and a stream: 2 KiB each, ended by FIN at every byte."""
        fill = 2048 - len(json.dumps(chat_body(""))) - 80
        body = json.dumps(chat_body("a good answer" + "." * fill)).encode()
        head = OK + b"Content-Length: %d\r\n\r\n" % len(body)
        by_length = (head + body)
        chunked = OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(body[:700]) + chunk(body[700:]) + LAST_CHUNK
        words = [event({"content": f"word{n} "}) for n in range(11)]
        stream = STREAM_HEAD + b"".join(chunk(one) for one in [self.EVENTS[0], *words, self.EVENTS[-2], DONE]) + LAST_CHUNK
        self.assertGreater(min(map(len, (by_length, chunked, stream))), 1900)
        whole = {"length": by_length, "chunked": chunked, "stream": stream}
        done_at = stream.index(DONE) + len(DONE)
        for name, data in whole.items():
            self.bad.script(f"off-{name}", lambda request, data=data: [send(data[: request.json()["seed"]]), fin()])

        def check(name, n, route):
            stream_asked = name == "stream"
            asked = self.ask(f"{route}/off-{name}", stream_asked, seed=n)
            if stream_asked and n >= done_at or n >= len(whole[name]):
                return self.assertEqual((asked.answer.status, asked.answer.whole), (200, True))
            shown = self.whole_words(b"".join(self.EVENTS[:1])) if not stream_asked else self.seen_words(stream[:n])
            if stream_asked and shown > 0:
                return self.is_broken_stream(asked, shown)
            return self.is_good(asked, by="spare") if route == "two" else self.is_refused(asked)

        cases = []
        for name, data in whole.items():
            for n in every(range(len(data) + 1), 61):
                cases.append((name, n, "two" if n % 2 else "one"))
        self.all_at_once(check, cases)
        self.invariants()

    def seen_words(self, sent):
        """Events whose last byte is out; what frames them does not matter, chunks are passed on as they come."""
        return sum(1 for n in range(11) if event({"content": f"word{n} "}) in sent)

    def test_U8_silence_in_a_stream_and_comments_as_life(self):
        words = b"".join(chunk(one) for one in self.EVENTS[:3])
        rest = b"".join(chunk(one) for one in self.EVENTS[3:]) + LAST_CHUNK
        self.bad.script("silent", [send(STREAM_HEAD + words), hang()])
        alive = [step for _ in range(8) for step in (sleep(ms(150)), send(chunk(b": working\n\n")))]
        self.bad.script("comments", [send(STREAM_HEAD + words), *alive, send(rest)])

        def check(route, tag):
            asked = self.ask(f"{route}/{tag}", stream=True)
            if tag == "comments":
                return self.is_good(asked, by="bad")
            self.is_broken_stream(asked, 2)
            self.assertEqual(self.bad.seen("silent")[0].gone.wait(5 * SLOW), True, "the provider is let go")

        self.all_at_once(check, [(route, tag) for route in ("one", "two") for tag in ("silent", "comments")])
        self.assertEqual(self.spare.asked("silent"), 0)
        self.invariants()

    def test_U9_drips_are_flushed_at_once(self):
        """Every event is with the client before the next byte is sent: the provider waits for it."""
        gates = [threading.Event() for _ in self.EVENTS]
        steps = [send(STREAM_HEAD)]
        for one, gate in zip(self.EVENTS, gates):
            steps += [fu.wait(gate), each(chunk(one), 0.1)]
        self.bad.script("flush", steps + [send(LAST_CHUNK)])
        link = send_request(self.gate.port, "one/flush", stream=True, number=next(self.numbers))
        gates[0].set()
        for n in range(4):
            gates[n + 1].set()
            self.assertIn(b"word%d" % n, read_until(link, b"word%d" % n))
        for gate in gates:
            gate.set()
        self.assertIn(b"[DONE]", read_until(link, b"[DONE]"))
        link.close()
        self.invariants()

    def test_U13_errors_inside_a_stream(self):
        overloaded = json.dumps(error("overloaded", type="overloaded_error", code=529)).encode()
        forms = {"lf": b"data: " + overloaded + b"\n\n", "crlf": b"data: " + overloaded + b"\r\n\r\n", "cr": b"data: " + overloaded + b"\r\r",
                 "no-space": b"data:" + overloaded + b"\n\n", "named": b"event: error\ndata: " + overloaded + b"\n\n",
                 "two-lines": b"data: " + overloaded.replace(b'"code"', b'\ndata: "code"') + b"\n\n"}
        cases = []
        for name, form in forms.items():
            # A CR may be half of a CRLF: whether the event has ended is known with the next byte.
            for when, first in (("early", b""), ("late", self.EVENTS[1])):
                for bom in (b"", b"\xef\xbb\xbf"):
                    tag = f"error-{name}-{when}-{len(bom)}"
                    self.bad.script(tag, [send(STREAM_HEAD + chunk(bom + first + form) + chunk(b": end\n\n")), send(LAST_CHUNK)])
                    cases += [(tag, route, when == "late") for route in ("one", "two")]
        for n in every(range(1, len(forms["lf"])), 7):
            data = forms["lf"]
            self.bad.script(f"split-{n}", [send(STREAM_HEAD + chunk(self.EVENTS[1] + data[:n])), sleep(1), send(chunk(data[n:]) + LAST_CHUNK)])
            cases.append((f"split-{n}", "two", True))

        def check(tag, route, late):
            asked = self.ask(f"{route}/{tag}", stream=True)
            if late:
                return self.is_broken_stream(asked, 1)
            return self.is_good(asked, by="spare") if route == "two" else self.is_refused(asked)

        self.all_at_once(check, cases)
        self.invariants()


class Dripping(FaultCase):
    LIMITS = f"stream_idle_ms = {ms(5000)}\nanswer_ms = {ms(2500)}\nstream_window_ms = {ms(600)}\n"

    def test_U9_an_answer_that_has_begun_must_go_on_and_must_end(self):
        """Every byte comes long before stream_idle_ms has passed, so only the least rate and the deadline end these."""
        role, word0, word1, stop = fu.stream_events(2)[:4]
        begun = send(STREAM_HEAD + chunk(role + word0 + word1))
        words = [step for n in range(100) for step in (sleep(ms(100)), send(chunk(event({"content": f"more{n} "}))))]
        body = b"x" * 1000
        self.bad.script("comments", [begun] + [sleep(ms(50)), send(chunk(b": working\n\n"))] * 200)
        self.bad.script("bytes", [begun, each(chunk(event({"content": "word2 " * 100})), ms(50))])
        self.bad.script("endless", [begun, *words])
        self.bad.script("steady", [begun, *words[:20], send(chunk(stop + DONE) + LAST_CHUNK)])
        self.bad.script("plain", [send(OK + b"Content-Length: %d\r\n\r\n" % len(body)), each(body, ms(20))])

        def check(route, tag):
            stream = tag != "plain"
            asked = self.ask(f"{route}/{tag}", stream, api="chat" if stream else "other")
            if tag == "steady":
                return self.is_good(asked, by="bad")
            line = self.line_of(asked.number)
            self.assertEqual((line["end"], line["attempts"][-1]["fault"]), ("upstream", "mid_stream"), line)
            self.assertIn("no end within" if tag in ("endless", "plain") else "fewer than 1 events of content", line["error"])
            self.assertLess(line["duration_ms"], 20_000 * SLOW)
            if not stream:
                return self.assertEqual((asked.answer.status, asked.answer.whole), (200, False))
            self.is_broken_stream(asked, 2)
            self.assertEqual(self.bad.seen(tag)[0].tag, tag)
            return None

        tags = ("comments", "bytes", "endless", "steady", "plain")
        self.all_at_once(check, [(route, tag) for route in ("one", "two") for tag in tags])
        for tag in tags:
            self.assertEqual((self.bad.asked(tag), self.spare.asked(tag)), (2, 0), "never again once bytes went out")
        self.invariants()

    def test_U9_a_slow_client_is_not_the_providers_fault(self):
        word = chunk(event({"content": "word " * 20_000}))
        self.bad.script("flood", [send(STREAM_HEAD)] + [send(word)] * 400 + [hang()])
        number = next(self.numbers)
        with send_request(self.gate.port, "one/flood", stream=True, number=number):
            line = self.line_of(number)
        self.assertEqual(line["attempts"][-1]["fault"], "client_gone", line)
        self.assertIn("no end within", line["error"])
        self.invariants(memory_kib=64 * 1024)


class Statuses(FaultCase):
    def check_all(self, cases):
        """cases: tag -> (script, status with one candidate, code, asked of it, whether two candidates help)."""
        for tag, (script, *_) in cases.items():
            self.bad.script(tag, script)

        def check(tag, stream):
            _, status, code, times, helps = cases[tag]
            one = self.ask(f"one/{tag}", stream)
            self.is_refused(one, (status,), code)
            two = self.ask(f"two/{tag}", stream)
            if helps:
                self.is_good(two, by="spare")
            else:
                self.is_refused(two, (status,), code)
            for asked in (one, two):
                mine = [attempt for attempt in self.line_of(asked.number)["attempts"] if attempt["provider"] == "bad"]
                self.assertEqual(len(mine), times)
            self.next_is_fine()

        self.all_at_once(check, [(tag, stream) for tag in cases for stream in (False, True)])

    def test_U16_U17_U18_U19_each_status_has_its_consequence(self):
        def answers(status, code=None, **more):
            return [send(reply(error(f"status {status}", **({"code": code} if code else {}), **more), f"{status} X"))]

        cases = {}
        for status in (500, 502, 503, 529, 520, 507):
            cases[f"s{status}"] = (answers(status), 502, "upstream_error", 2, True)
        for status in (504, 408, 524):
            cases[f"s{status}"] = (answers(status), 504, "upstream_timeout", 1, True)
        for status in (401, 403):
            cases[f"s{status}"] = (answers(status), 502, "provider_auth_failed", 1, True)
        cases["s402"] = (answers(402), 502, "provider_credit_exhausted", 1, True)
        for status, code in ((429, "insufficient_quota"), (429, "billing_hard_limit_reached"), (403, "insufficient_quota"),
                             (429, "credit_balance_exhausted"), (429, "exceeded_current_quota_error"), (400, "billing_error")):
            cases[f"q{status}-{code}"] = (answers(status, code), 502, "provider_credit_exhausted", 1, True)
        for status in (400, 409, 415, 418, 422):
            cases[f"s{status}"] = (answers(status), status, None, 1, False)
        cases["s429"] = (answers(429), 429, "upstream_rate_limited", 1, True)
        cases["s404"] = (answers(404), 404, None, 1, True)
        cases["s301"] = ([send(reply(b"", "301 Moved", "Location: http://127.0.0.1:1/\r\n"))], 502, "upstream_error", 2, True)
        self.check_all(cases)
        for status in (400, 409, 415, 418, 422):
            self.assertEqual(self.spare.asked(f"s{status}"), 0, "nobody else is asked")
        self.invariants()

    def test_U14_U15_when_to_come_back(self):
        def at(seconds, form):
            return time.strftime(form, time.gmtime(time.time() + seconds))

        forms = {"2": ("2", 2, 2), "0": ("0", 1, 1), "half": ("0.5", 1, 1), "negative": ("-1", 1, 60), "junk": ("soon", 1, 60),
                 "huge": ("1e9", 1, 86400), "digits": ("9" * 30, 1, 86400), "spaces": ("  7  ", 7, 7), "empty": ("", 1, 60),
                 "imf": (at(30, "%a, %d %b %Y %H:%M:%S GMT"), 27, 31), "rfc850": (at(30, "%A, %d-%b-%y %H:%M:%S GMT"), 27, 31),
                 "asctime": (at(30, "%a %b %e %H:%M:%S %Y"), 27, 31), "past": ("Sun, 06 Nov 1994 08:49:37 GMT", 1, 1),
                 "far": (at(40 * 86400, "%a, %d %b %Y %H:%M:%S GMT"), 86000, 86400)}
        skewed = "Date: " + email.utils.formatdate(time.time() - 86400, usegmt=True) + "\r\n"
        for name, (text, _, _) in forms.items():
            self.bad.script(f"ra-{name}", [send(reply(error("slow down"), "429 Too Many", f"Retry-After: {text}\r\n"))])
            self.bad.script(f"ra-{name}-skewed", [send(reply(error("slow down"), "429 Too Many", f"Retry-After: {text}\r\n{skewed}"))])

        def check(name, stream, more):
            _, least, most = forms[name]
            asked = self.ask(f"one/ra-{name}{more}", stream)
            self.is_refused(asked, (429,), "upstream_rate_limited")
            seconds = int(asked.answer.header("retry-after"))
            self.assertTrue(least <= seconds <= most, f"{name}: {seconds} s")
            self.is_good(self.ask(f"two/ra-{name}{more}", stream), by="spare")
            self.assertEqual(self.bad.asked("never"), 0)

        self.all_at_once(check, [(name, stream, more) for name in forms for stream in (False, True) for more in ("", "-skewed")])
        for name in forms:
            self.assertEqual(self.bad.asked(f"ra-{name}"), 4, "a rate limit is not tried again at the same")
        self.invariants()

    def test_U14_the_soonest_of_all_is_told(self):
        self.bad.script("soonest", [send(reply(error("slow"), "429 X", "Retry-After: 50\r\n"))])
        self.spare.script("soonest", [send(reply(error("slow"), "429 X", "Retry-After: 20\r\n"))])
        answer = self.ask("two/soonest").answer
        self.assertEqual((answer.status, answer.header("retry-after")), (429, "20"))
        self.invariants()

    def test_U14_a_reset_is_told_where_the_provider_names_no_wait(self):
        said = {"spent": "Rate limit exceeded: free-models-per-day. ", "slow": "slow down"}
        for name, text in said.items():
            reset = int((time.time() + 300) * 1000)
            told = f"X-RateLimit-Limit: 50\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: {reset}\r\n"
            for up in (self.bad, self.spare):
                up.script(name, [send(reply(error(text), "429 X", told))])
            answer = self.ask(f"two/{name}").answer
            self.assertEqual(answer.status, 429)
            self.assertTrue(240 <= int(answer.header("retry-after")) <= 300, f"{name}: {answer.header('retry-after')} s")
        self.invariants()


class Pooled(FaultCase):
    def test_U3_idle_connections_that_close_are_no_error(self):
        """After each answer the provider closes a connection it had promised to keep."""
        for name, how in (("fin", fin()), ("rst", rst())):
            for wait_ms in (0, 1):
                self.bad.script(f"leaves-{name}-{wait_ms}", lambda request, how=how, wait_ms=wait_ms:
                                [*fu.good(request), *([sleep(wait_ms)] if wait_ms else []), how])
        times = 40 if SANITIZED else 250

        def check(name, wait_ms):
            for n in range(times):
                asked = self.ask(f"one/leaves-{name}-{wait_ms}", stream=n % 2 == 1)
                self.is_good(asked, by="bad")
                self.assertEqual(asked.answer.header("x-spillway-attempts"), "1")

        self.all_at_once(check, [(name, wait_ms) for name in ("fin", "rst") for wait_ms in (0, 1)], threads=4)
        self.invariants()


class Certificates(FaultCase):
    """T1-T6: one bad certificate each, alone and with a spare behind it."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="spillway-tls-")
        self.addCleanup(shutil.rmtree, self.directory, True)
        super().setUp()

    def context(self, files):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        return context

    def config(self, limits="", policies=()):
        authority = Authority(self.directory)
        other = os.path.join(self.directory, "other")
        os.mkdir(other)
        stranger = Authority(other, "Stranger CA")
        old = self.context(authority.issue("old", "DNS:localhost"))
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        contexts = {
            "expired": self.context(authority.issue("expired", "DNS:localhost", end="20210101000000Z")),
            "future": self.context(authority.issue("future", "DNS:localhost", start="20980101000000Z")),
            "wrong-host": self.context(authority.issue("wrong", "DNS:other.example")),
            "cn-only": self.context(authority.issue("localhost", "email:a@b.example")),
            "unknown-ca": self.context(stranger.issue("unknown", "DNS:localhost")),
            "self-signed": self.context((stranger.ca, os.path.join(other, "ca.key"))),
            "tls-1.0": old,
            "ip-for-name": self.context(authority.issue("address", "IP:127.0.0.1")),
        }
        self.names = list(contexts)
        text = ""
        for name, context in contexts.items():
            port = self.upstream(tls=context).port
            text += f'[[provider]]\nname = "{name}"\nbase_url = "https://localhost:{port}/v1"\nca_file = "{authority.ca}"\n'
            text += route_to(f"one-{name}", name) + route_to(f"two-{name}", name, "spare")
        good = self.upstream(tls=self.context(authority.issue("good", "DNS:localhost")))
        text += f'[[provider]]\nname = "good"\nbase_url = "https://localhost:{good.port}/v1"\nca_file = "{authority.ca}"\n'
        return text + route_to("one-good", "good") + super().config(limits, policies)

    def test_T1_to_T6_nobody_is_believed_without_a_good_certificate(self):
        self.is_good(self.ask("one-good/x"), by="good")

        def check(name, stream):
            asked = self.ask(f"one-{name}/x", stream)
            self.is_refused(asked)
            self.assertRegex(asked.answer.json()["error"]["message"].lower(), "certificate|tls|handshake")
            asked = self.ask(f"two-{name}/x", stream)
            self.is_good(asked, by="spare")
            self.assertEqual(self.line_of(asked.number)["attempts"][0]["fault"], "transient")

        self.all_at_once(check, [(name, stream) for name in self.names for stream in (False, True)], threads=4)
        self.is_good(self.ask("one-good/x", True), by="good")
        self.invariants()
