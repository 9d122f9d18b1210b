"""Reload, drain, kill; breakers and storms; plugins that die or hang: rows L1-L3, P1, P2, B1, B2 and H1 of the fault map
(tests/FAULTS.md)."""

import concurrent.futures
import contextlib
import os
import random
import selectors
import signal
import socket
import sqlite3
import tempfile
import threading
import time

import fault_upstream as fu
from fault_upstream import reply, send
from faults import FULL, SANITIZED, FaultCase, ms, read_until, send_request
from harness import SLOW, Case, chat, listening, provider, request, route, shared_object, wait_until

RELOAD_REQUESTS = 100_000 if FULL else 1_500 if SANITIZED else 10_000


def head_and_length(data):
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return None, 0
    return head, int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0) - len(body)


class Persistent:
    """A client that keeps its connection while it may, as an SDK does."""

    def __init__(self, port, model):
        body = chat(model).encode()
        self.port, self.link = port, None
        self.data = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    def ask(self):
        """The status line's number; an error if there was no whole answer."""
        if self.link is None:
            self.link = socket.create_connection(("127.0.0.1", self.port), timeout=20 * SLOW)
            self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.link.sendall(self.data)
        got = b""
        while True:
            piece = self.link.recv(65536)
            if not piece:
                raise ConnectionError(f"no whole answer: {got[:60]}")
            got += piece
            head, missing = head_and_length(got)
            if head is not None and missing <= 0:
                break
        if b"connection: close" in head.lower():
            self.close()
        return int(head.split(b" ")[1])

    def close(self):
        if self.link is not None:
            self.link.close()
            self.link = None


class Reload(Case):
    def test_L1_no_request_fails_over_twenty_reloads_three_of_them_broken(self):
        up = self.mock()
        port = up.port
        good = [provider("up", port) + route("a", [("up", "ok")], policies=policies) + more
                for policies in ((), ("breaker",), ("cache", "free_first", "breaker"))
                for more in ("", "[limits]\nidle_ms = 60000\n")]
        broken = [provider("up", port) + route("a", [("nobody", "ok")]), "this is [[no TOML\n",
                  provider("up", port) + route("a", [("up", "ok")], policies=["no_such_policy"])]
        configs = (good * 4)[:17]
        for n, one in enumerate(broken):
            configs.insert(3 + 6 * n, one)
        self.assertEqual(len(configs), 20)
        gate = self.spillway(good[0], workers=2)
        lock, left, failures, answered = threading.Lock(), [RELOAD_REQUESTS], [], [0]

        def client():
            mine = Persistent(gate.port, "a")
            while True:
                with lock:
                    if left[0] == 0:
                        break
                    left[0] -= 1
                try:
                    status = mine.ask()
                except OSError as failure:
                    status = repr(failure)
                    mine.close()
                with lock:
                    answered[0] += 1
                    if status != 200:
                        failures.append(status)
            mine.close()

        began = time.monotonic()
        threads = [threading.Thread(target=client) for _ in range(64 if not SANITIZED else 16)]
        for thread in threads:
            thread.start()
        for n, config in enumerate(configs):
            # Spread over the whole run, whatever the machine's pace.
            share = RELOAD_REQUESTS * (n + 0.5) / len(configs)
            wait_until(lambda share=share: answered[0] >= share, seconds=300, what="the load going on")
            gate.reload(config)
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        reloaded, refused = gate.text().count('"config reloaded"'), gate.text().count('"config not reloaded')
        print(f"\n{RELOAD_REQUESTS} requests on {len(threads)} connections in {took:.1f} s over {reloaded + refused} reloads, "
              f"{refused} of them broken: {len(failures)} failed")
        self.assertEqual(failures[:5], [])
        self.assertEqual((answered[0], reloaded, refused), (RELOAD_REQUESTS, 17, 3))
        wait_until(lambda: gate.metrics()["spillway_inflight"] == 0, what="the last answers accounted")
        metrics = gate.metrics()
        self.assertEqual(metrics['spillway_requests_total{api="chat",route="a",provider="up",code="200"}']
                         + metrics.get('spillway_requests_total{api="chat",route="a",provider="",code="200"}', 0), RELOAD_REQUESTS)
        self.assertEqual(len(gate.log_lines(RELOAD_REQUESTS)), RELOAD_REQUESTS, "a line for each")


class Drain(Case):
    def test_L2_sigterm_with_500_streams_cuts_none(self):
        count = 40 if SANITIZED else 500
        up = self.mock()
        gate = self.spillway(provider("up", up.port) + route("s", [("up", f"sse-30-{ms(100)}ms")]),
                             server=f"drain_s = {ms(60)}\ndrain_notice_ms = {ms(700)}", workers=2)
        selector = selectors.DefaultSelector()
        got = {}
        for _ in range(count):
            link = send_request(gate.port, "s", stream=True)
            got[link] = b""
            selector.register(link, selectors.EVENT_READ)

        def pump(until):
            end = time.monotonic() + 60 * SLOW
            while not until() and time.monotonic() < end:
                for key, _ in selector.select(0.1):
                    piece = key.fileobj.recv(65536)
                    got[key.fileobj] += piece
                    if not piece:
                        selector.unregister(key.fileobj)

        pump(lambda: all(b"word0" in one for one in got.values()))
        idle = socket.create_connection(("127.0.0.1", gate.port), timeout=10 * SLOW)
        self.addCleanup(idle.close)
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertIn(b"200 OK", idle.recv(1000))
        gate.signal(signal.SIGTERM)
        wait_until(lambda: "draining" in gate.text(), what="the drain")
        # First readiness says no, on a new connection, while requests are still served.
        self.assertEqual(request(gate.port, path="/health/ready").status, 503)
        self.assertEqual(request(gate.port, path="/health").status, 200)
        late = request(gate.port, path="/v1/models")
        self.assertEqual((late.status, late.header("connection")), (200, "close"))
        self.assertEqual(sum(1 for one in got.values() if b"[DONE]" in one), 0, "the streams are still running")
        pump(lambda: not listening(gate.port))
        self.assertFalse(listening(gate.port), "then nobody new is let in")
        self.assertEqual(idle.recv(1000), b"", "idle connections are closed")
        pump(lambda: not selector.get_map())
        whole = sum(1 for one in got.values() if b"data: [DONE]\n\n" in one and one.endswith(b"0\r\n\r\n") and b"word29" in one)
        self.assertEqual(gate.wait(), 0)
        print(f"\nSIGTERM with {count} live streams: {whole} ended whole")
        self.assertEqual(whole, count)
        for link in got:
            link.close()

    def test_L2_a_second_sigterm_ends_it_at_once(self):
        up = self.mock()
        gate = self.spillway(provider("up", up.port) + route("s", [("up", "sse-1000-50ms")]), server="drain_s = 600")
        links = [send_request(gate.port, "s", stream=True) for _ in range(5)]
        for link in links:
            read_until(link, b"word0")
        gate.signal(signal.SIGTERM)
        wait_until(lambda: "draining" in gate.text(), what="the drain")
        gate.signal(signal.SIGTERM)
        for link in links:
            got = read_until(link, b"never")
            self.assertIn(b'data: {"error"', got)
            self.assertNotIn(b"[DONE]", got)
            link.close()
        self.assertEqual(gate.wait(10), 0)


class Killed(Case):
    ROUNDS = 100 if FULL else 2 if SANITIZED else 10
    LATE_S = 1.0  # a ledger is saved, and written, a few tenths of a second behind (store.h, free_first.c)

    def test_L3_kill_9_at_any_point_loses_no_ledger_and_no_store(self):
        up = self.mock()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        path = os.path.join(directory.name, "state.db")
        config = provider("up", up.port, free_rpd=100_000_000, free_rpm=0)
        config += route("m", [("up", "ok:free")], policies=["free_first"])
        dice = random.Random(7)
        known = 0

        def used(gate):
            def accounts():
                gate.chat("m")  # a worker knows an account from its first request on
                stamps.append(time.monotonic())
                return request(gate.admin, path="/admin/status").json()["free_first"]

            return wait_until(accounts, what="the account")[0]["used"]

        for n in range(self.ROUNDS):
            gate = self.spillway(config, store=f"sqlite:{path}", expect_exit=None, workers=2)
            wait_until(lambda: listening(gate.port) and listening(gate.admin), what="the start")
            stamps, stop = [], threading.Event()
            found = used(gate) - len(stamps)
            self.assertGreaterEqual(found, known, f"round {n}: what was counted before the kill is gone")

            def hammer():
                client = Persistent(gate.port, "m")
                with contextlib.suppress(OSError):
                    while not stop.is_set():
                        if client.ask() == 200:
                            stamps.append(time.monotonic())
                client.close()

            threads = [threading.Thread(target=hammer) for _ in range(3)]
            for thread in threads:
                thread.start()
            time.sleep(dice.uniform(0.02, 0.6) + (self.LATE_S if n % 5 == 0 else 0))
            killed = time.monotonic()
            gate.child.kill()
            gate.child.wait()
            stop.set()
            for thread in threads:
                thread.join()
            known = found + sum(1 for one in stamps if one < killed - self.LATE_S * SLOW)
            store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            self.assertEqual(store.execute("PRAGMA integrity_check").fetchone()[0], "ok")
            store.close()
            self.assertEqual([one for one in os.listdir(directory.name) if "corrupt" in one], [])
            self.stack.remove(gate)
            gate.stop()
        print(f"\n{self.ROUNDS} kills: store whole each time, at least {known} requests remembered of what was due")
        self.assertGreater(known, 0)


class Breakers(FaultCase):
    def gate_with(self, limits="", config="", policies=("breaker",), **options):
        config = config or self.config(limits, policies) + "[policy.breaker]\nconsecutive = 5\nopen_s = 0.6\nprobes_to_close = 2\n"
        return super().gate_with(limits, config, policies, **options)

    WORKERS = 2

    def test_B1_one_probe_and_the_others_go_elsewhere(self):
        release = threading.Event()
        failing = [send(reply(fu.error("broken"), "503 X"))]
        self.bad.script("b1", *[failing] * 5, lambda found: [fu.wait(release), *fu.good(found)])
        count = 15 if SANITIZED else 60
        for _ in range(3):
            self.is_good(self.ask("two/b1"), by="spare")
        self.assertEqual(self.bad.asked("b1"), 5, "opened by the fifth")
        time.sleep(0.9)  # the time open, with its jitter of 20 %
        self.assertTrue(self.probing(), "no probe")
        self.all_at_once(lambda n: self.is_good(self.ask("two/b1", n % 2 == 1), by="spare"), [(n,) for n in range(count)])
        self.assertEqual(self.bad.asked("b1"), 6, "one probe in flight, whatever else comes")
        release.set()
        self.probe.close()
        wait_until(lambda: self.ask("two/b1").answer.header("x-spillway-provider") == "bad", what="the circuit closing")
        self.invariants()

    def probing(self):
        """Sends requests until one of them is the probe, which the provider then holds."""
        for _ in range(50):
            self.probe = send_request(self.gate.port, "two/b1", number=next(self.numbers))
            with contextlib.suppress(AssertionError):
                self.bad.wait_asked("b1", 6, 0.2)
                return True
            self.probe.close()
        return False

    def test_B2_when_all_fail_providers_are_spared(self):
        failing = [send(reply(fu.error("broken"), "503 X"))]
        for upstream in (self.bad, self.spare):
            upstream.script("b2", failing)
        count = 150 if SANITIZED else 1000
        statuses = set()

        def check(n):
            asked = self.ask(f"{('one', 'two')[n % 2]}/b2", n % 4 > 1)
            statuses.add(asked.answer.status)
            self.is_refused(asked, (502, 503))
            if asked.answer.status == 503:
                self.assertGreaterEqual(int(asked.answer.header("retry-after")), 1)

        self.all_at_once(check, [(n,) for n in range(count)])
        upstream = self.bad.asked("b2") + self.spare.asked("b2")
        print(f"\nall providers fail: {count} requests made {upstream} attempts ({upstream / count:.2f} each)")
        self.assertLessEqual(upstream, 1.2 * count)
        self.assertEqual(statuses, {502, 503})
        for one in (self.bad, self.spare):
            one.script("b2", fu.good)
        wait_until(lambda: self.ask("one/b2").answer.status == 200, what="coming back")
        wait_until(lambda: self.ask("one/canary").answer.status == 200, what="closed again")
        self.invariants()


class Hang(Case):
    def gate(self, limits, for_ms, **options):
        up = self.mock()
        config = f'[[plugin]]\npath = "{shared_object(self, "plugins/hang.c")}"\n' + provider("up", up.port) + f"[limits]\n{limits}\n"
        config += route("fine", [("up", "ok")]) + route("stuck", [("up", "ok")], policies=["hang"])
        return self.spillway(config + f"[policy.hang]\nfor_ms = {for_ms}\n", **options)

    def test_P2_a_hook_that_never_returns_ends_the_process_and_is_named(self):
        gate = self.gate("hook_abort_ms = 2000", 0, expect_exit=None)
        wait_until(lambda: listening(gate.port), what="the start")
        self.assertEqual(gate.chat("fine").status, 200)
        with self.assertRaises(OSError):
            gate.chat("stuck")
        self.assertEqual(gate.wait(), -signal.SIGABRT)
        self.assertRegex(gate.text(), 'warn "a policy\'s hook has not returned yet" policy=hang hook=on_request')
        self.assertRegex(gate.text(), 'error "a policy\'s hook never returned.*" policy=hang hook=on_request ms=2000')

    def test_P2_a_slow_hook_is_named_and_waited_for(self):
        gates = [self.gate(limits, 2500) for limits in ("", "hook_abort_ms = 0")]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            statuses = list(pool.map(lambda gate: gate.chat("stuck").status, gates))
        self.assertEqual(statuses, [200, 200])
        for gate in gates:
            self.assertIn('"a policy\'s hook has not returned yet" policy=hang hook=on_request', gate.text())
            self.assertIn('"a policy\'s hook blocked the loop" policy=hang', gate.text())
            self.assertEqual(gate.metrics()['spillway_plugin_slow_total{policy="hang"}'], 1)

    def test_P2_a_pause_of_the_whole_process_blames_nobody(self):
        gate = self.gate("hook_abort_ms = 2000", 0)
        gate.signal(signal.SIGSTOP)
        time.sleep(3)
        gate.signal(signal.SIGCONT)
        self.assertEqual(gate.chat("fine").status, 200)
        self.assertNotIn("has not returned", gate.text())


def child_of(pid):
    """Its only child, if it has one just now."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return int((file.read().split() or [0])[0]) or None
    return None


class Crash(Case):
    def test_P1_a_plugin_that_crashes_ends_the_process_and_the_next_one_goes_on(self):
        """A plugin runs in the process and takes it along. Nothing worse may follow: the next start finds all it needs."""
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        library = shared_object(self, "plugins/crash.c")
        up = self.mock()
        config = f'[[plugin]]\npath = "{library}"\n' + provider("up", up.port, free_rpd=1000)
        config += route("fine", [("up", "ok:free")], policies=["free_first"]) + route("boom", [("up", "ok")], policies=["crash"])
        store = f"sqlite:{directory.name}/state.db"
        gate = self.spillway(config, store=store, expect_exit=None)
        wait_until(lambda: listening(gate.port), what="the start")
        for _ in range(5):
            self.assertEqual(gate.chat("fine").status, 200)
        time.sleep(1.0 * SLOW)  # until the ledger is written, see Killed
        with self.assertRaises(OSError):
            gate.chat("boom")
        self.assertNotEqual(gate.wait(), 0)
        self.stack.remove(gate)
        with contextlib.suppress(AssertionError):  # under a sanitizer the crash leaves its report, which is expected here
            gate.stop()
        gate = self.spillway(config, store=store)
        self.assertEqual(gate.chat("fine").status, 200)
        self.assertEqual(request(gate.admin, path="/admin/status").json()["free_first"][0]["used"], 6)

    def test_P1_a_supervisor_starts_it_anew(self):
        up = self.mock()
        config = provider("up", up.port) + route("fine", [("up", "ok")])
        gate = self.spillway(config, args=["--supervise"])
        self.assertEqual(gate.chat("fine").status, 200)
        for _ in range(2):
            serving = child_of(gate.pid)
            os.kill(serving, signal.SIGKILL)
            wait_until(lambda: child_of(gate.pid) not in (None, serving) and listening(gate.port), what="the next one")
            self.assertEqual(gate.chat("fine").status, 200)
        self.assertIn('error "the serving process died" signal=9 restart_in_ms=200', gate.text())
        gate.reload(config + route("more", [("up", "ok")]))
        self.assertEqual(gate.chat("more").status, 200, "SIGHUP is passed on, and so is SIGTERM at the end")

    def test_P1_the_child_does_not_outlive_its_supervisor(self):
        up = self.mock()
        gate = self.spillway(provider("up", up.port) + route("fine", [("up", "ok")]), args=["--supervise"], expect_exit=-signal.SIGKILL)
        wait_until(lambda: listening(gate.port), what="the start")
        self.assertEqual(gate.chat("fine").status, 200)
        os.kill(gate.pid, signal.SIGKILL)
        wait_until(lambda: not listening(gate.port), what="its end")
