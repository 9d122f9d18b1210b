"""What the fault tests share: a gate between scripted providers, many cases at once, and the invariants afterwards.

Routes: `one/TAG` has one candidate (the provider `bad`), `two/TAG` has `spare` behind it. Both are fault upstreams; the
tag chooses the script of `bad`, while `spare` answers well unless it is told otherwise.
"""

import collections
import concurrent.futures
import contextlib
import itertools
import json
import os
import socket
import time

import fault_upstream as fu
from harness import SLOW, Case, chat, listening, provider, request, wait_until

SECRET = "sk-fault-upstream-secret-0001"
SANITIZED = SLOW > 1
FULL = bool(os.environ.get("SPILLWAY_FULL"))
PATHS = {"chat": "/v1/chat/completions", "completions": "/v1/completions", "embeddings": "/v1/embeddings",
         "other": "/v1/images/generations"}


def ms(value):
    """A time limit for the config, longer in sanitized builds."""
    return int(value * SLOW)


def every(found, n):
    """All of them, or each n-th in sanitized builds."""
    found = list(found)
    return found[::n] if SANITIZED else found


def route_to(name, *providers, policies=(), more=""):
    """`name/*`, each provider a tier of its own, the model's name passed on."""
    text = f'[[route]]\nmodel = "{name}/*"\npolicies = {json.dumps(list(policies))}\n{more}'
    for one in providers:
        text += f'[[route.tier]]\nname = "{one}"\ntargets = [{{ provider = "{one}" }}]\n'
    return text


class Asked:
    """A case's answer with its request id."""

    def __init__(self, answer, number):
        self.answer, self.number = answer, number


class FaultCase(Case):
    LIMITS = ""
    WORKERS = 1

    def setUp(self):
        super().setUp()
        self.numbers = itertools.count(1)
        self.bad = self.upstream()
        self.spare = self.upstream()
        self.gate = self.gate_with()
        self.rest()

    def upstream(self, **options):
        one = fu.FaultUpstream(**options)
        self.addCleanup(one.stop)
        return one

    def config(self, limits="", policies=()):
        text = provider("bad", self.bad.port, api_key="env:FU_KEY") + provider("spare", self.spare.port, api_key="env:FU_KEY")
        text += route_to("one", "bad", policies=policies) + route_to("two", "bad", "spare", policies=policies)
        return text + "[limits]\n" + (limits or self.LIMITS)

    def gate_with(self, limits="", config="", policies=(), **options):
        options.setdefault("workers", self.WORKERS)
        return self.spillway(config or self.config(limits, policies), env={"FU_KEY": SECRET}, **options)

    def rest(self):
        """Remembers what a gate that has served a request holds, to compare with afterwards."""
        for stream in (False, True):
            self.assertEqual(self.ask("one/warm", stream).answer.status, 200)
        self.descriptors, self.memory = self.gate.descriptors(), self.gate.resident_kib()

    def ask(self, model, stream=False, api="chat", gate=None, timeout=30, **more):
        number = next(self.numbers)
        body = chat(model, stream, **more)
        if api != "chat":
            body = json.dumps({"model": model, "prompt": "Hi", "input": "Hi", **({"stream": True} if stream else {}), **more})
        headers = {"content-type": "application/json", "x-request-id": f"case-{number}"}
        return Asked(request((gate or self.gate).port, "POST", PATHS[api], body, headers, timeout), number)

    def all_at_once(self, function, cases, threads=12):
        """Runs function(*case) for all cases, a few at a time; all failures are told together."""
        failures = []

        def run(case):
            try:
                function(*case)
            except (AssertionError, OSError) as failure:
                return f"{case}: {failure!r}"[:600]
            return None

        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            failures = [one for one in pool.map(run, cases) if one]
        self.assertEqual(failures[:8], [], f"{len(failures)} of {len(cases)} cases")

    # What an answer has to be.

    def is_good(self, asked, by=None):
        answer = asked.answer
        self.assertEqual(answer.status, 200, answer.body[:300])
        self.assertTrue(answer.whole, "broke off")
        if by is not None:
            self.assertEqual(answer.header("x-spillway-provider"), by)
        if answer.header("content-type") == "text/event-stream":
            self.assertEqual(answer.events()[-1], "[DONE]")
            self.assertIn("word0", answer.words())
        else:
            self.assertIn(b"a good answer", answer.body)

    def is_refused(self, asked, statuses=(502,), code=None):
        """One clear answer of ours, in our shape, that betrays nothing."""
        answer = asked.answer
        self.assertIn(answer.status, statuses, answer.body[:300])
        self.assertTrue(answer.whole)
        found = answer.json()["error"]
        self.assertTrue(found["message"])
        if code is not None:
            self.assertEqual(found["code"], code)
        self.assertEqual(answer.header("x-request-id"), f"case-{asked.number}")
        text = answer.body.decode() + str(answer.headers)
        for hidden in (SECRET, str(self.bad.port), str(self.spare.port)):
            self.assertNotIn(hidden, text)

    def is_broken_stream(self, asked, shown=None):
        """The head was out: an error in the stream, no [DONE], no clean end."""
        answer = asked.answer
        self.assertEqual(answer.status, 200)
        self.assertFalse(answer.whole, "a clean end")
        self.assertNotIn(b"[DONE]", answer.body)
        self.assertTrue(answer.body.endswith(b"\n\n"), answer.body[-80:])
        last = json.loads(answer.events()[-1])
        self.assertTrue(last["error"]["message"])
        self.assertNotIn(SECRET, answer.body.decode())
        if shown is not None:
            self.assertEqual(answer.body.count(b'"content":"word'), shown)

    def fails_before_content(self, tag, statuses=(502,), code=None, streams=(False, True)):
        """Both kinds of request, one candidate and two: refused, or answered by the spare one; then all is well."""
        for stream in streams:
            self.is_refused(self.ask(f"one/{tag}", stream), statuses, code)
            self.is_good(self.ask(f"two/{tag}", stream), by="spare")
        self.next_is_fine()

    def next_is_fine(self, gate=None):
        self.is_good(self.ask("one/canary", gate=gate), by="bad")

    # The invariants I of reliability.md section 3.

    def line_of(self, number):
        self.log_has(number)
        return self.lines[f"case-{number}"]

    def read_log(self):
        with contextlib.suppress(FileNotFoundError):
            with open(os.path.join(self.gate.directory, "access.log"), errors="strict") as file:
                return [json.loads(line) for line in file if line.endswith("\n")]
        return []

    def log_has(self, number):
        def there():
            self.lines = {line["request_id"]: line for line in self.read_log()}
            return f"case-{number}" in self.lines

        wait_until(there, what=f"the log line of case {number}")

    def invariants(self, descriptors=8, memory_kib=24 * 1024):
        """Alive, nothing in flight, descriptors and memory back, one line for each request, the next one is fine."""
        self.assertIsNone(self.gate.child.poll(), "the process died: " + self.gate.text()[-2000:])
        self.next_is_fine()
        wait_until(lambda: self.gate.metrics().get("spillway_inflight", 1) == 0, what="nothing in flight")
        wait_until(lambda: self.gate.metrics().get("spillway_connections", 1) == 0, what="all clients gone")
        asked = next(self.numbers) - 1
        wait_until(lambda: len(self.read_log()) >= asked, what=f"{asked} log lines")
        count = collections.Counter(line["request_id"] for line in self.read_log())
        expected = {f"case-{number}" for number in range(1, asked + 1)}
        self.assertEqual([one for one in count if count[one] != 1], [], "more than one line")
        self.assertEqual(expected - set(count), set(), "no line")
        idle = self.gate.metrics()["spillway_upstream_connections"]
        wait_until(lambda: self.gate.descriptors() <= self.descriptors + idle + descriptors, what="descriptors given back")
        bound = memory_kib * (8 if SANITIZED else 1)
        self.assertLess(self.gate.resident_kib() - self.memory, bound, "KiB of memory kept")


def send_request(port, model, stream=False, api="chat", number=None, **more):
    """The request on a connection of its own, which the caller reads, closes or leaves."""
    body = json.loads(chat(model, stream, **more)) if api == "chat" else {"model": model, "prompt": "Hi", "input": "Hi", **more}
    if stream:
        body["stream"] = True
    data = json.dumps(body).encode()
    link = socket.create_connection(("127.0.0.1", port), timeout=30 * SLOW)
    name = b"X-Request-Id: case-%d\r\n" % number if number is not None else b""
    link.sendall(b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n%b"
                 % (PATHS[api].encode(), name, len(data), data))
    return link


def read_until(link, wanted, most=1 << 20):
    got = b""
    while wanted not in got and len(got) < most:
        piece = link.recv(65536)
        if not piece:
            break
        got += piece
    return got


def reset(link):
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    link.close()


class BlackHole:
    """A port that takes no connection: its backlog is full, so that SYNs are dropped."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.fillers = []
        for _ in range(4):
            link = socket.socket()
            link.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                link.connect(("127.0.0.1", self.port))
            self.fillers.append(link)
        time.sleep(0.05)

    def stop(self):
        for link in [*self.fillers, self.listener]:
            link.close()


__all__ = ["BlackHole", "FULL", "FaultCase", "PATHS", "SANITIZED", "SECRET", "every", "listening", "ms", "read_until", "reset",
           "route_to", "send_request"]
