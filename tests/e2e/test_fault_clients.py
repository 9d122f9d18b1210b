"""What clients may do to us: rows C1-C9, and H1 as far as clients leave, of the fault map (tests/FAULTS.md)."""

import gzip
import json
import resource
import socket
import threading
import time

import fault_upstream as fu
from fault_upstream import LAST_CHUNK, STREAM_HEAD, chunk, event, hang, reply, send
from faults import FULL, SANITIZED, SECRET, BlackHole, FaultCase, every, ms, read_until, reset, route_to, send_request
from harness import SLOW, chat, provider, raw, request, wait_until

TRIALS = 1000 if FULL else 4 if SANITIZED else 16


class Leaving(FaultCase):
    LIMITS = f"connect_ms = {ms(5000)}\nstream_idle_ms = {ms(8000)}\n"

    def config(self, limits="", policies=()):
        self.hole = BlackHole()
        self.addCleanup(self.hole.stop)
        text = provider("hole", self.hole.port) + route_to("hole", "hole", "spare")
        return text + route_to("cached", "bad", policies=["cache"]) + super().config(limits, policies)

    def leave(self, link, how):
        left = time.monotonic()
        if how == "rst":
            reset(link)
        else:
            link.close()
        return left

    def trial(self, api, stream, how, wanted, waits):
        """One request that is left; its provider has to see it, and the log line to say so."""
        number = next(self.numbers)
        tag = f"gone-{api}-{int(stream)}-{number}"
        self.bad.script(tag, waits)
        link = send_request(self.gate.port, f"two/{tag}", stream, api, number)
        seen = self.bad.wait_asked(tag, seconds=10 * SLOW)
        if wanted:
            read_until(link, wanted)
        left = self.leave(link, how)
        self.assertTrue(seen.gone.wait(5 * SLOW), f"{tag}: the provider is still at work")
        self.times.append((seen.left_at - left) * 1000)
        line = self.line_of(number)
        self.assertEqual(line["end"], "client_gone")
        self.assertEqual(self.spare.asked(tag), 0)
        if wanted and stream:
            self.assertGreaterEqual(line["tokens_out"], 2)

    def run_trials(self, kind, shapes, script, wanted=lambda api, stream: b""):
        self.times = []
        cases = [(api, stream, how, wanted(api, stream), script(api, stream))
                 for api, stream in shapes for how in ("fin", "rst") for _ in range(TRIALS // 2)]
        self.all_at_once(self.trial, cases, threads=8)
        self.times.sort()
        print(f"\n{kind}: {len(cases)} of {len(cases)} cancelled, provider told after "
              f"{self.times[len(cases) // 2]:.1f} ms (median), {self.times[int(len(cases) * 0.99)]:.1f} ms (p99)")
        self.invariants()

    def test_C1_in_the_middle(self):
        def script(api, stream):
            if api == "chat":
                return [send(STREAM_HEAD + b"".join(chunk(one) for one in fu.stream_events()[:3])), hang()]
            if api == "completions":
                text = b'data: {"id":"x","object":"text_completion","choices":[{"index":0,"text":"word%d ","finish_reason":null}]}\n\n'
                return [send(STREAM_HEAD + chunk(text % 0) + chunk(text % 1)), hang()]
            # No probe can be put between the bytes of an image: who has left is found out by the next piece.
            head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 100000\r\n\r\n"
            return [send(head + b"word1" * 1000), *[step for _ in range(90) for step in (fu.sleep(20), send(b"x" * 1000))], hang()]

        shapes = [("chat", True), ("completions", True), ("other", False)]
        self.run_trials("C1 mid-answer", shapes, script, lambda api, stream: b"word1")

    def test_C2_C3_before_the_first_byte(self):
        shapes = [(api, stream) for api in ("chat", "completions") for stream in (False, True)]
        shapes += [("embeddings", False), ("other", False)]
        self.run_trials("C2/C3 before the first byte", shapes, lambda api, stream: [hang()])

    def test_C3_in_the_middle_of_a_plain_answer(self):
        half = [send(reply(fu.chat_body("x" * 5000))[:2000]), hang()]
        self.run_trials("C3 mid-body", [("chat", False), ("embeddings", False)], lambda api, stream: half)

    def test_C4_while_the_next_provider_is_reached(self):
        """The first one fails, the second is being dialed: it is never asked."""
        def check(stream, how):
            number = next(self.numbers)
            link = send_request(self.gate.port, f"hole/gone-{number}", stream, number=number)
            time.sleep(0.05 * SLOW)  # the dial is under way, or will be: either way nobody may be asked
            self.leave(link, how)
            self.assertEqual(self.line_of(number)["end"], "client_gone")
            self.assertEqual(self.spare.asked(f"gone-{number}"), 0)

        self.all_at_once(check, [(stream, how) for stream in (False, True) for how in ("fin", "rst") for _ in range(4)])
        self.invariants()

    def test_C4_H1_a_follower_that_leaves_changes_nothing(self):
        """Equal requests wait for one that leads; those who leave are forgotten, the others get its answer."""
        release = threading.Event()
        self.bad.script("equal", [fu.wait(release), *[send(reply(fu.chat_body()))]])
        count = 20 if SANITIZED else 120
        links = [(number, send_request(self.gate.port, "cached/equal", number=number, temperature=0))
                 for number in (next(self.numbers) for _ in range(count))]
        self.bad.wait_asked("equal")
        wait_until(lambda: self.gate.metrics()["spillway_inflight"] == count, what="all of them waiting")
        for n, (_, link) in enumerate(links[count // 2:]):
            self.leave(link, "rst" if n % 2 else "fin")
        wait_until(lambda: self.gate.metrics()["spillway_inflight"] == count // 2, what="the leavers forgotten")
        release.set()
        for _, link in links[: count // 2]:
            self.assertIn(b"a good answer", read_until(link, b"a good answer"))
            link.close()
        self.assertEqual(self.bad.asked("equal"), 1)
        ends = [self.line_of(number)["end"] for number, _ in links]
        self.assertEqual(sorted(set(ends)), ["client_gone", "ok", "replied"])
        self.invariants()

    def test_H1_a_leader_that_leaves_keeps_nobody_waiting(self):
        release = threading.Event()
        self.bad.script("lead", [hang()], [fu.wait(release), send(reply(fu.chat_body()))])
        first = next(self.numbers)
        leader = send_request(self.gate.port, "cached/lead", number=first, temperature=0)
        self.bad.wait_asked("lead")
        others = [send_request(self.gate.port, "cached/lead", number=next(self.numbers), temperature=0) for _ in range(12)]
        wait_until(lambda: self.gate.metrics()["spillway_inflight"] == 13, what="all of them waiting")
        self.leave(leader, "rst")
        self.bad.wait_asked("lead", 13)
        release.set()
        for link in others:
            self.assertIn(b"a good answer", read_until(link, b"a good answer"))
            link.close()
        # The cache's own choice: a queue of leaders could cost the last one minutes, so all go on alone, once each.
        self.assertEqual(self.bad.asked("lead"), 13)
        self.invariants()

    def test_C5_a_half_closed_client_is_served(self):
        def check(api, stream, slow):
            tag = f"half-{api}-{int(stream)}-{int(slow)}"
            if slow:
                self.bad.script(tag, lambda found: [fu.sleep(80), *fu.good(found)])
            number = next(self.numbers)
            link = send_request(self.gate.port, f"one/{tag}", stream, api, number)
            link.shutdown(socket.SHUT_WR)
            got = read_until(link, b"never")
            link.close()
            # Between the two a harmless interim answer may stand, which tells whether the client is still there.
            self.assertIn(b"HTTP/1.1 200 ", got)
            wanted = {"embeddings": b"0.25", "other": b'"path"'}.get(api, b"[DONE]" if stream else b"a good answer")
            self.assertIn(wanted, got)
            self.assertEqual(self.line_of(number)["end"], "ok")

        self.all_at_once(check, [(api, stream, slow) for slow in (False, True) for api, stream in
                                 (("chat", False), ("chat", True), ("completions", False), ("embeddings", False), ("other", False))])
        self.invariants()


class Slow(FaultCase):
    LIMITS = (f"head_timeout_ms = {ms(500)}\nbody_timeout_ms = {ms(500)}\nwrite_stall_ms = {ms(500)}\nidle_ms = {ms(700)}\n")

    def test_C6_C7_slow_heads_and_bodies_are_cut_and_hurt_nobody(self):
        count = 20 if SANITIZED else 120
        head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n{"
        links = []
        for n in range(count):
            link = socket.create_connection(("127.0.0.1", self.gate.port), timeout=20 * SLOW)
            link.sendall([b"POST /v1/cha", head, b""][n % 3])
            links.append(link)
        began = time.monotonic()
        answers = {}
        times = []
        while len(answers) < count and time.monotonic() - began < 15 * SLOW:
            for n, link in enumerate(links):
                if n in answers:
                    continue
                link.settimeout(0.0005)
                try:
                    if n % 3 != 2:
                        link.sendall(b"x")
                    answers[n] = link.recv(4096)
                except TimeoutError:
                    continue
                except ConnectionError:
                    answers[n] = b"reset"
            before = time.monotonic()
            self.next_is_fine()
            times.append(time.monotonic() - before)
        self.assertEqual(len(answers), count, "some are still there")
        for n, answer in answers.items():
            # A byte that came after our answer may turn it into a reset; who never spoke gets no answer.
            expected = (b"",) if n % 3 == 2 else (b"HTTP/1.1 408", b"reset")
            self.assertTrue(answer.startswith(expected) if n % 3 != 2 else answer == b"", (n, answer[:60]))
        self.assertLess(max(times), 2 * SLOW, "others are served meanwhile")
        for link in links:
            link.close()
        self.assertEqual(self.bad.asked("cha"), 0)
        self.invariants()

    def test_C8_who_does_not_read_is_let_go_and_its_provider_too(self):
        big = chunk(event({"content": "word0 " + "x" * 30_000}))
        self.bad.script("endless", [send(STREAM_HEAD), *[send(big)] * 2000, send(LAST_CHUNK)])
        self.bad.script("endless-raw", [send(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 60000000\r\n\r\n"),
                                        *[send(b"x" * 30_000)] * 2000])  # more than all buffers on the way
        links = []
        for n in range(6):
            api, tag = (("chat", "endless"), ("other", "endless-raw"))[n % 2]
            number = next(self.numbers)
            links.append((number, send_request(self.gate.port, f"one/{tag}", api == "chat", api, number)))
        for number, _ in links:
            self.assertEqual(self.line_of(number)["end"], "client_gone")
        for tag in ("endless", "endless-raw"):
            wait_until(lambda tag=tag: all(one.left for one in self.bad.seen(tag)), what="the provider let go")
        for _, link in links:
            link.close()
        self.invariants()

    def test_idle_connections_are_closed_after_their_time(self):
        link = socket.create_connection(("127.0.0.1", self.gate.port), timeout=20 * SLOW)
        link.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\nX-Request-Id: case-%d\r\n\r\n" % next(self.numbers))
        began = time.monotonic()
        got = read_until(link, b"never")
        self.assertTrue(got.startswith(b"HTTP/1.1 200"))
        self.assertGreater(time.monotonic() - began, 0.3 * SLOW)
        link.close()
        self.invariants()


class Idle(FaultCase):
    def test_C9_idle_connections_cost_little_and_still_work(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        count = 10_000 if FULL else 200 if SANITIZED else 2_000
        count = min(count, hard // 3)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        before = self.gate.resident_kib()
        links = []
        for _ in range(count):
            link = socket.create_connection(("127.0.0.1", self.gate.port), timeout=20 * SLOW)
            link.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            links.append(link)
        for link in links:
            self.assertIn(b"200 OK", link.recv(1000))
        wait_until(lambda: self.gate.metrics()["spillway_connections"] == count, what="all connected")
        each_kib = (self.gate.resident_kib() - before) / count
        print(f"\n{count} idle connections: {each_kib:.2f} KiB of resident memory each")
        if not SANITIZED:
            self.assertLess(each_kib, 4)
        for link in links:
            link.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        for link in links:
            self.assertIn(b"200 OK", link.recv(1000))
            link.close()
        wait_until(lambda: self.gate.metrics()["spillway_connections"] == 0, what="all gone")
        self.assertEqual(request(self.gate.port, path="/health").status, 200)
        self.assertLess(self.gate.descriptors(), 60)


class Written(FaultCase):
    """X2, X3, X4, X9: nothing a client or provider writes ends up where it does not belong."""

    def test_X2_X3_names_forge_no_header_and_no_line(self):
        for n in every(range(256), 9):
            name = f"one/a{chr(n)}b\r\nX-Forged: yes"
            asked = self.ask(name)
            self.assertNotIn("x-forged", list(asked.answer.headers))
            self.line_of(asked.number)  # every line is JSON, and this one is there
            if n in (0, 10, 13) or n == 127:
                continue
            body = chat("one/x", user="u").encode()
            agent = bytes([n]).replace(b"\t", b" ")
            number = next(self.numbers)
            raw(self.gate.port, b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUser-Agent: a" + agent
                + b'","status":1,"x":"b\r\nX-Request-Id: case-%d\r\nContent-Length: %d\r\n\r\n%b' % (number, len(body), body))
            if n >= 32 and n != 127:
                self.assertNotEqual(self.line_of(number)["status"], 1)
        for one in self.bad.log:
            self.assertNotIn(b"x-forged", one.head.lower())

    def test_X1_no_answer_is_shared_between_keys_or_unequal_requests(self):
        keys = "".join(f'[[key]]\nname = "{name}"\nsecret = "env:{name.upper()}"\n' for name in ("alice", "bob"))
        secrets = {"alice": "alice-secret-key-01", "bob": "bob-secret-key-0002"}
        count = iter(range(1 << 20))
        self.bad.script("kept", lambda found: [send(reply(fu.chat_body(f"a good answer, number {next(count)}")))])
        gate = self.spillway(keys + self.config(policies=["cache"]), workers=2,
                             env={"FU_KEY": SECRET, **{name.upper(): secret for name, secret in secrets.items()}})

        def ask(name, **more):
            headers = {"authorization": f"Bearer {secrets[name]}"}
            answer = gate.chat("one/kept", headers=headers, **{"temperature": 0, **more})
            return answer.header("x-spillway-cache"), answer.body

        whole = {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}], "seed": 1, "max_tokens": 5,
                 "tools": [{"type": "function", "function": {"name": "f"}}], "stop": ["x"], "n": 1, "top_p": 1,
                 "response_format": {"type": "text"}, "user": "u1", "metadata": {"a": "b"}}
        flips = [("seed", 2), ("max_tokens", 6), ("stop", ["y"]), ("n", 2), ("top_p", 0.5), ("response_format", {"type": "json_object"}),
                 ("user", "u2"), ("metadata", {"a": "c"}), ("tools", [{"type": "function", "function": {"name": "g"}}]),
                 ("messages", [{"role": "system", "content": "t"}, {"role": "user", "content": "u"}]),
                 ("messages", [{"role": "user", "content": "su"}])]
        variants = [whole] + [{**whole, name: value} for name, value in flips]
        seen = {}
        for variant in variants:
            for name in secrets:
                found, body = ask(name, **variant)
                self.assertEqual(found, "miss", f"{name}: {variant}")
                self.assertNotIn(body, seen)
                seen[body] = (name, variant)
        for variant in variants:
            for name in secrets:
                found, body = ask(name, **variant)
                self.assertEqual((found, seen[body]), ("hit", (name, variant)))

    def test_X1_what_broke_off_is_never_kept(self):
        whole = json.dumps(fu.chat_body()).encode()
        for n, script in enumerate(([send(reply(whole)[:-9]), fu.fin()], [send(reply(whole[:-9]))], [send(reply(fu.error("x"), "200 OK"))],
                                    [send(reply(fu.error("slow"), "429 X"))], [send(reply({**fu.chat_body(), "choices": []}))])):
            self.bad.script(f"broken-{n}", script, script, fu.good)
        gate = self.spillway(self.config(policies=["cache"]), env={"FU_KEY": SECRET})
        for n in range(5):
            for stream in (False, True):
                tag = f"one/broken-{n}"
                while (answer := gate.chat(tag, stream, temperature=0, seed=int(stream))).status != 200:
                    self.assertEqual(answer.header("x-spillway-cache"), "miss")
                self.assertEqual(answer.header("x-spillway-cache"), "miss")
                self.assertEqual(gate.chat(tag, stream, temperature=0, seed=int(stream)).header("x-spillway-cache"), "hit")

    def test_X9_packed_requests_stay_within_bounds(self):
        bomb = gzip.compress(b" " * (200 << 20), 9)
        before = self.gate.resident_kib()
        for _ in range(3):
            answer = request(self.gate.port, "POST", "/v1/chat/completions", bomb,
                             {"content-encoding": "gzip", "x-request-id": f"case-{next(self.numbers)}"})
            self.assertEqual(answer.status, 413)
        self.assertLess(self.gate.resident_kib() - before, (64 if not SANITIZED else 512) * 1024)
        self.invariants(memory_kib=64 * 1024)

    def test_X4_a_providers_words_betray_no_key(self):
        leak = fu.error(f"Incorrect API key provided: {SECRET}. You can find your key at http://127.0.0.1:{self.bad.port}/")
        for status in (400, 401, 403, 404, 422, 429, 500, 503):
            self.bad.script(f"leak-{status}", [send(reply(leak, f"{status} X", "X-Debug: ok\r\n"))])
        self.bad.script("leak-stream", [send(STREAM_HEAD + chunk(event({"content": "word0 "}))
                                             + chunk(b"data: " + json.dumps(leak).encode() + b"\n\n") + LAST_CHUNK)])
        for status in (400, 401, 403, 404, 422, 429, 500, 503):
            for stream in (False, True):
                asked = self.ask(f"one/leak-{status}", stream)
                self.assertGreaterEqual(asked.answer.status, 400)
                self.assertNotIn(SECRET, asked.answer.body.decode() + str(asked.answer.headers))
        asked = self.ask("one/leak-stream", True)
        self.assertNotIn(SECRET, asked.answer.body.decode())
        self.invariants()
        with open(self.gate.directory + "/access.log") as file:
            everything = file.read() + self.gate.text() + request(self.gate.admin, path="/metrics").body.decode()
        everything += request(self.gate.admin, path="/admin/status").body.decode()
        self.assertNotIn(SECRET, everything)
