"""Too much of everything: rows R1-R3 and X10 of the fault map (tests/FAULTS.md)."""

import collections
import concurrent.futures
import fcntl
import http.client
import os
import resource
import selectors
import signal
import socket
import threading
import time

import fault_upstream as fu
from fault_upstream import LAST_CHUNK, STREAM_HEAD, chunk, event, hang, reply, send
from faults import FULL, SANITIZED, SECRET, FaultCase, ms, read_until, route_to, send_request
from harness import SLOW, chat, provider, request, route, shared_object, wait_until


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Descriptors(FaultCase):
    """R1 with 128 descriptors and many more clients than that."""

    LIMIT = 128
    WORKERS = 2

    def gate_with(self, limits="", config="", policies=(), **options):
        limit = self.LIMIT
        return super().gate_with(limits, config, policies,
                                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)), **options)

    def test_R1_more_clients_than_descriptors_wait_and_are_all_served(self):
        self.bad.script("busy", lambda found: [fu.sleep(30), *fu.good(found)])
        count = 60 if SANITIZED else 400
        worst, stop = [0], threading.Event()

        def watch():
            while not stop.wait(0.01):
                worst[0] = max(worst[0], self.gate.descriptors())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            self.all_at_once(lambda stream: self.is_good(self.ask("one/busy", stream, timeout=60), by="bad"),
                             [(n % 2 == 1,) for n in range(count)], threads=count)
        finally:
            stop.set()
            watcher.join()
        print(f"\n{count} clients at once under {self.LIMIT} descriptors: at most {worst[0]} open, all answered")
        self.assertLess(worst[0], self.LIMIT)
        self.assertNotIn("cannot accept", self.gate.text())
        self.invariants()

    def test_R1_idle_clients_make_room(self):
        idle = []
        for _ in range(60):  # more than the process may have at a time
            link = socket.create_connection(("127.0.0.1", self.gate.port), timeout=20 * SLOW)
            link.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\nX-Request-Id: case-%d\r\n\r\n" % next(self.numbers))
            idle.append(link)
            self.assertIn(b"200 OK", link.recv(1000))
        metrics = self.gate.metrics()
        self.assertLess(metrics["spillway_connections"], 60)
        self.assertGreater(metrics["spillway_idle_closed_total"], 0)
        self.is_good(self.ask("one/x"))
        for link in idle:
            link.close()
        self.invariants()

    def test_R1_waiting_costs_no_cpu_and_ends_when_somebody_leaves(self):
        release = threading.Event()
        self.bad.script("long", lambda found: [fu.wait(release), *fu.good(found)])
        links = [(number, send_request(self.gate.port, "one/long", number=number))
                 for number in (next(self.numbers) for _ in range(90))]
        wait_until(lambda: self.gate.metrics()["spillway_crowded_total"] > 0, what="the limit reached")
        time.sleep(0.2 * SLOW)
        before = cpu_seconds(self.gate.pid)
        time.sleep(1)
        used = cpu_seconds(self.gate.pid) - before
        self.assertLess(used, 0.25 * SLOW, "CPU seconds in one second of waiting")
        began = time.monotonic()
        release.set()
        for _, link in links:
            self.assertIn(b"a good answer", read_until(link, b"a good answer"))
            link.close()
        self.assertLess(time.monotonic() - began, 10 * SLOW)
        print(f"\n90 clients, room for 32: {used * 100:.0f} % CPU while they wait")
        self.invariants()


class Requests(FaultCase):
    def test_one_more_than_the_bound_is_refused_at_once(self):
        gate = self.gate = self.gate_with("requests = 3\n")
        self.descriptors, self.memory = gate.descriptors(), gate.resident_kib()
        self.numbers = iter(range(1, 10_000))
        release = threading.Event()
        self.bad.script("held", lambda found: [fu.wait(release), *fu.good(found)])
        links = [send_request(gate.port, "one/held", n == 1, number=next(self.numbers)) for n in range(3)]
        self.bad.wait_asked("held", 3)
        for stream in (False, True):
            asked = self.ask("one/other", stream)
            self.is_refused(asked, (503,), "overloaded")
            self.assertEqual(asked.answer.header("retry-after"), "1")
            self.assertEqual(self.line_of(asked.number)["end"], "refused")
        # A large body is refused by its head, before it is sent.
        link = socket.create_connection(("127.0.0.1", gate.port), timeout=10 * SLOW)
        link.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\nX-Request-Id: case-%d\r\n\r\n"
                     % next(self.numbers))
        got = read_until(link, b"never")
        self.assertTrue(got.startswith(b"HTTP/1.1 503"), got[:80])
        self.assertIn(b"connection: close", got)
        link.close()
        for path in ("/health", "/health/ready"):
            self.assertEqual(request(gate.port, path=path, headers={"x-request-id": f"case-{next(self.numbers)}"}).status, 200)
        self.assertGreaterEqual(gate.metrics()['spillway_overload_total{why="requests"}'], 3)
        release.set()
        for link in links:
            read_until(link, b"good" if link is not links[1] else b"[DONE]")
            link.close()
        wait_until(lambda: gate.metrics()["spillway_inflight"] == 0, what="all of them ended")
        self.assertEqual(self.bad.asked("other"), 0)
        self.next_is_fine()
        self.invariants()


class OpenLoop:
    """Sends requests at a fixed rate whatever comes back, each on a connection that is free or a new one."""

    def __init__(self, port, model):
        body = chat(model).encode()
        self.address = ("127.0.0.1", port)
        self.data = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        self.selector = selectors.DefaultSelector()
        self.free, self.flying = [], {}
        self.good, self.refusals_ms, self.other = 0, [], []

    def run(self, rate, seconds):
        began = time.monotonic()
        sent = 0
        while (now := time.monotonic()) < began + seconds or (self.flying and now < began + seconds + 10 * SLOW):
            while now < began + seconds and sent < (now - began) * rate:
                sent += 1
                self.send()
            for key, _ in self.selector.select(0.002):
                self.receive(key.fileobj)
        # What came after the end was offered before it: both are counted, so the rate is over the time of arrival.
        for link in self.free:
            self.selector.unregister(link)
            link.close()
        self.free = []
        return sent

    def send(self):
        while True:
            link = self.free.pop() if self.free else None
            if link is None:
                link = socket.create_connection(self.address, timeout=10 * SLOW)
                self.selector.register(link, selectors.EVENT_READ)
            self.flying[link] = [time.monotonic(), b""]
            try:
                link.sendall(self.data)
                return
            except ConnectionError:
                self.drop(link)

    def drop(self, link):
        self.flying.pop(link, None)
        self.selector.unregister(link)
        link.close()

    def receive(self, link):
        flight = self.flying.get(link)
        piece = b""
        try:
            piece = link.recv(65536)
        except ConnectionError:
            pass
        if not piece or flight is None:
            if flight is not None:
                self.other.append("closed")
            elif link in self.free:
                self.free.remove(link)
            return self.drop(link)
        flight[1] += piece
        head, end, body = flight[1].partition(b"\r\n\r\n")
        if not end or len(body) < int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            return None
        if head.startswith(b"HTTP/1.1 200"):
            self.good += 1
        elif head.startswith(b"HTTP/1.1 503") and b"retry-after:" in head.lower():
            self.refusals_ms.append((time.monotonic() - flight[0]) * 1000)
        else:
            self.other.append(head[:20])
        del self.flying[link]
        if b"connection: close" in head.lower():
            return self.drop(link)
        self.free.append(link)
        return None


class Overload(FaultCase):
    BOUND, ANSWER_MS = 16, 100

    def test_X10_goodput_holds_at_two_five_and_ten_times_the_capacity(self):
        up = self.mock()
        answer_ms = ms(self.ANSWER_MS)
        config = provider("up", up.port) + route("m", [("up", f"delay-{answer_ms}")]) + f"[limits]\nrequests = {self.BOUND}\n"
        gate = self.spillway(config)
        capacity = self.BOUND * 1000 / answer_ms
        seconds = 2 if not FULL else 10
        OpenLoop(gate.port, "m").run(capacity / 2, 0.5)
        table = []
        for times in (0.5, 2, 5, 10):
            loop = OpenLoop(gate.port, "m")
            sent = loop.run(capacity * times, seconds)
            refused = sorted(loop.refusals_ms)
            table.append((times, sent, loop.good, len(refused), refused[len(refused) // 2] if refused else 0,
                          refused[int(len(refused) * 0.99)] if refused else 0))
            self.assertEqual(loop.other, [], f"{times}x: neither answered nor refused with Retry-After")
            self.assertEqual(loop.good + len(refused), sent)
        peak = max(good / seconds for _, _, good, *_ in table)
        print(f"\ncapacity {capacity:.0f}/s ({self.BOUND} at a time, {answer_ms} ms each), {seconds} s each:")
        for times, sent, good, refused, median, p99 in table:
            print(f"  {times:4}x: offered {sent}, answered {good / seconds:.0f}/s ({good / seconds / peak * 100:.0f} % of the peak), "
                  f"refused {refused} in {median:.1f} ms (median), {p99:.1f} ms (p99)")
        self.assertLess(table[0][3], 0.1 * table[0][1], "below the capacity hardly anybody is refused")
        for times, _, good, refused, median, _ in table[1:]:
            self.assertGreaterEqual(good / seconds, 0.9 * peak * (0.8 if SANITIZED else 1), f"{times}x")
            self.assertGreater(refused, 0)
            self.assertLess(median, 50 * SLOW)  # the bar is 5 ms; this only tells a queue from none
        began = time.monotonic()
        answer = gate.chat("m")
        self.assertEqual(answer.status, 200)
        self.assertLess(time.monotonic() - began, 1 * SLOW, "recovery")


class Memory(FaultCase):
    """R2: the steps of the soft memory limit, each brought about by a limit that the process is above already."""

    def steps(self, no_store, refuse, drop):
        """Limits under which the resident memory is at half: 10 is reached, 90 is not."""
        limit = self.gate.resident_kib() * 1024 * 2
        config = self.config(f"memory_bytes = {limit}\nmemory_no_store_percent = {no_store}\nmemory_refuse_percent = {refuse}\n"
                             f"memory_drop_percent = {drop}\n")
        self.gate.reload(config)
        step = 3 if drop == 10 else 2 if refuse == 10 else 1 if no_store == 10 else 0
        wait_until(lambda: self.gate.metrics()["spillway_memory_step"] == step, what=f"step {step}")

    def config(self, limits="", policies=()):
        return route_to("cached", "bad", policies=["cache"]) + super().config(limits, policies)

    def test_R2_first_nothing_new_is_cached(self):
        def cache_of(seed):
            return self.ask("cached/x", temperature=0, seed=seed).answer.header("x-spillway-cache")

        self.assertEqual([cache_of(1), cache_of(1)], ["miss", "hit"])
        self.steps(10, 90, 90)
        self.assertEqual(cache_of(1), "hit", "what is kept stays")
        self.assertNotIn("hit", [cache_of(2), cache_of(2)])
        self.steps(90, 90, 90)
        self.assertEqual([cache_of(3), cache_of(3)], ["miss", "hit"])
        self.invariants()

    def test_R2_then_new_requests_are_refused(self):
        release = threading.Event()
        self.bad.script("running", [send(STREAM_HEAD + chunk(fu.stream_events()[1])), fu.wait(release),
                                    send(b"".join(chunk(one) for one in fu.stream_events()[2:]) + LAST_CHUNK)])
        running = send_request(self.gate.port, "one/running", True, number=next(self.numbers))
        read_until(running, b"word0")
        self.steps(10, 10, 90)
        for stream in (False, True):
            asked = self.ask("one/new", stream)
            self.is_refused(asked, (503,), "overloaded")
            self.assertEqual(asked.answer.header("retry-after"), "1")
        self.assertEqual(request(self.gate.port, path="/health", headers={"x-request-id": f"case-{next(self.numbers)}"}).status, 200)
        release.set()
        self.assertIn(b"[DONE]", read_until(running, b"[DONE]"), "who is in stays")
        running.close()
        self.assertEqual(self.bad.asked("new"), 0)
        self.steps(90, 90, 90)
        self.invariants()

    def test_R2_at_last_who_holds_most_is_ended(self):
        self.bad.script("held", [hang()])
        big = chunk(event({"content": "word0 " + "x" * 30_000}))
        self.bad.script("unread", [send(STREAM_HEAD), *[send(big)] * 2000, send(LAST_CHUNK)])
        small, large, unread = (next(self.numbers) for _ in range(3))
        little = send_request(self.gate.port, "one/held", number=small)
        much = send_request(self.gate.port, "one/held", number=large, user="x" * 3_000_000)
        stalled = send_request(self.gate.port, "one/unread", True, number=unread)
        half = socket.create_connection(("127.0.0.1", self.gate.port), timeout=20 * SLOW)
        half.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n" + b"x" * 2_000_000)
        self.bad.wait_asked("held", 2)
        self.bad.wait_asked("unread")
        time.sleep(0.3 * SLOW)  # until the stalled stream's queue is full
        self.steps(10, 10, 10)
        self.assertTrue(read_until(much, b"overloaded").startswith(b"HTTP/1.1 503"))
        self.assertTrue(read_until(half, b"overloaded").startswith(b"HTTP/1.1 503"))
        self.assertEqual(self.line_of(large)["end"], "refused")
        wait_until(lambda: sum(1 for one in self.bad.seen("held") if one.left) == 1, what="its provider let go")
        self.steps(90, 90, 90)
        self.assertIsNone(self.bad.seen("held")[0].left, "who holds little stays")
        self.assertGreaterEqual(self.gate.metrics()['spillway_overload_total{why="dropped"}'], 1)
        for link in (little, much, stalled, half):
            link.close()
        self.assertIn(self.line_of(unread)["end"], ("refused", "client_gone"))
        self.invariants(memory_kib=64 * 1024)


class Torture(FaultCase):
    """R2: allocations that fail one by one, in whatever part of the process they happen to be."""

    WORKERS = 2

    def gate_with(self, limits="", config="", policies=("cache", "free_first", "breaker"), **options):
        if SANITIZED:
            self.skipTest("the sanitizers' allocator is another one")
        env = {"FU_KEY": SECRET, "LD_PRELOAD": shared_object(self, "failing_malloc.c"), "SPW_FAIL_EVERY": self.every}
        return self.spillway(self.config(limits, policies), env=env, workers=self.WORKERS, **options)

    def one_of(self, asked):
        """Answered well, refused clearly, or the connection broke off."""
        try:
            answer = self.ask(*asked, timeout=20).answer
        except (OSError, http.client.HTTPException):
            return "closed"
        if answer.status == 200:
            return "good" if answer.whole else "broken off"
        self.assertIn(answer.status, (502, 503), answer.body[:300])
        self.assertTrue(answer.json()["error"]["message"])
        return str(answer.status)

    def torture(self, every, rounds):
        self.every = str(every)
        super().setUp()
        cases = [(f"{route}/x{n}", n % 2 == 0) for n in range(rounds) for route in ("one", "two")]
        self.gate.signal(signal.SIGUSR2)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            found = collections.Counter(pool.map(self.one_of, cases))
        self.gate.signal(signal.SIGUSR2)
        print(f"\none allocation of {every} fails: {dict(found)}")
        self.assertGreater(found["good"], 0)
        wait_until(lambda: self.gate.metrics()["spillway_memory_step"] == 0, what="memory again")
        self.invariants()

    def setUp(self):
        pass  # torture() does it, with its rate

    def test_R2_every_1009th(self):
        self.torture(1009, 300)

    def test_R2_every_307th(self):
        self.torture(307, 300)


class Logs(FaultCase):
    def gate_to(self, path):
        config = self.config() + f'[log]\naccess = "{path}"\n'
        return self.gate_with(config=config)

    def serve_some(self, gate, count):
        def check(n):
            self.is_good(self.ask("one/x", n % 2 == 1, gate=gate))

        self.all_at_once(check, [(n,) for n in range(count)])

    def test_R3_a_full_disk_costs_lines_and_nothing_else(self):
        gate = self.gate_to("/dev/full")
        self.serve_some(gate, 60)
        wait_until(lambda: gate.metrics()["spillway_access_log_dropped_total"] == 60, what="the lines counted")
        self.assertEqual(gate.metrics()["spillway_inflight"], 0)

    def test_R3_a_pipe_nobody_reads_stops_neither_serving_nor_stopping(self):
        path = os.path.join(self.gate.directory, "pipe")
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
        gate = self.gate_to(path)
        self.serve_some(gate, 60)
        wait_until(lambda: gate.metrics()["spillway_access_log_dropped_total"] > 0, what="lines dropped")
        self.serve_some(gate, 20)
        began = time.monotonic()
        self.stack.remove(gate)
        gate.stop()
        self.assertLess(time.monotonic() - began, 10 * SLOW)

    def test_R3_standard_output_that_nobody_reads_is_no_different(self):
        read_end, write_end = os.pipe()
        fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, 4096)
        self.addCleanup(os.close, read_end)
        config = self.config() + '[log]\naccess = "stdout"\n'
        gate = self.gate_with(config=config, preexec_fn=lambda: os.dup2(write_end, 1))
        os.close(write_end)
        self.serve_some(gate, 60)
        wait_until(lambda: gate.metrics()["spillway_access_log_dropped_total"] > 0, what="lines dropped")
        self.serve_some(gate, 20)
        self.stack.remove(gate)
        gate.stop()

    def test_R3_a_pipe_without_a_reader_is_an_error_at_the_start(self):
        path = os.path.join(self.gate.directory, "lonely")
        os.mkfifo(path)
        gate = self.spillway(self.config() + f'[log]\naccess = "{path}"\n', env={"FU_KEY": "sk-fault-upstream-secret-0001"}, expect_exit=1)
        self.assertEqual(gate.wait(), 1)
        self.assertIn("cannot open the access log", gate.text())
