"""`spillway bench`, the load tool, against the synthetic provider: counts, classes of failures, reports, exit codes."""

import json
import os
import pty
import resource
import shutil
import signal
import subprocess
import tempfile

import harness
from harness import SLOW, Case, free_port, provider, route, wait_until
from test_tls import Authority

SIGNS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", "runtime error:", "CHECK")


class Ran:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def json(self):
        return json.loads(self.out)

    @property
    def target(self):
        return self.json()["target"]

    def errors(self):
        """The classes that are not zero, statuses by code."""
        found = dict(self.target["errors"])
        status = found.pop("status")
        return {name: times for name, times in {**found, **status}.items() if times}


def bench(url, *arguments, env=None, json_out=True):
    port = f"http://127.0.0.1:{url}" if isinstance(url, int) else url
    command = [harness.BINARY, "bench", port, *map(str, arguments)] + (["--json", "-"] if json_out else [])
    done = subprocess.run(command, capture_output=True, text=True, timeout=60 * SLOW, env={**os.environ, **(env or {})})
    for sign in SIGNS:
        if sign in done.stderr:
            raise AssertionError(f"{sign}:\n{done.stderr[-6000:]}")
    return Ran(done.returncode, done.stdout, done.stderr)


class Bench(Case):
    def directory(self):
        made = tempfile.mkdtemp(prefix="spillway-bench-")
        self.addCleanup(shutil.rmtree, made)
        return made

    def test_a_closed_loop_sends_exactly_what_was_asked_for(self):
        up = self.mock()
        for threads, connections, requests in ((1, 8, 200), (2, 5, 101), (2, 8, 1)):
            with self.subTest(threads=threads):
                up.forget()
                ran = bench(up.port, "--threads", threads, "--connections", connections, "--requests", requests)
                self.assertEqual((ran.code, ran.err), (0, ""))
                self.assertEqual(up.asked("ok"), requests)
                one = ran.target
                self.assertEqual((one["ok"], one["failed"], one["unfinished"]), (requests, 0, 0))
                self.assertEqual(one["connections"], connections)
                self.assertEqual(one["latency_ms"]["count"], requests)
                self.assertEqual(one["connect_ms"]["count"], connections)
                self.assertGreater(one["requests_per_s"], 0)
                self.assertEqual(one["url"], f"http://127.0.0.1:{up.port}/v1/chat/completions")
                latency = one["latency_ms"]
                order = [latency[name] for name in ("min", "p50", "p90", "p99", "p99_9", "max")]
                self.assertEqual(order, sorted(order))

    def test_warm_up_is_sent_and_not_measured(self):
        up = self.mock()
        ran = bench(up.port, "--connections", 2, "--warm-up", "300ms", "--duration", "400ms", "--model", "delay-20")
        self.assertEqual(ran.code, 0)
        self.assertAlmostEqual(ran.target["measured_s"], 0.4, places=6)
        self.assertGreater(up.asked("delay-20"), ran.target["ok"])
        self.assertGreaterEqual(ran.target["latency_ms"]["min"], 20)
        self.assertEqual(ran.json()["plan"]["warm_up_s"], 0.3)
        up.forget()
        ran = bench(up.port, "--connections", 1, "--warm-up", "200ms", "--requests", 3, "--model", "delay-20")
        self.assertEqual(ran.target["ok"], 3)
        self.assertGreater(up.asked("delay-20"), 3)

    def test_an_open_loop_starts_on_time_and_counts_the_wait(self):
        up = self.mock()
        for threads in (1, 2):
            ran = bench(up.port, "--rate", 500, "--duration", "500ms", "--warm-up", "100ms", "--threads", threads)
            self.assertEqual((ran.code, ran.target["ok"]), (0, 250))
        self.assertEqual(ran.json()["plan"]["loop"], "open")
        # One connection that takes 50 ms for what comes every 10 ms: the tenth waits for nine others. A tool that
        # counts from the moment of sending would say 50 ms for each.
        ran = bench(up.port, "--rate", 100, "--requests", 10, "--connections", 1, "--model", "delay-50")
        latency = ran.target["latency_ms"]
        self.assertEqual(latency["count"], 10)
        self.assertGreaterEqual(latency["max"], 10 * 50 - 9 * 10)
        self.assertGreaterEqual(latency["p50"], 5 * 50 - 4 * 10)
        closed = bench(up.port, "--requests", 10, "--connections", 1, "--model", "delay-50").target["latency_ms"]
        self.assertLess(closed["p50"], latency["p50"])

    def test_what_waited_too_long_is_a_timeout_and_never_sent(self):
        up = self.mock()
        ran = bench(up.port, "--rate", 1000, "--duration", "300ms", "--warm-up", "0s", "--connections", 1, "--timeout", "200ms",
                    "--model", "hang")
        self.assertEqual(ran.code, 1)
        self.assertEqual(ran.errors(), {"timeout": 300})
        self.assertLess(up.asked("hang"), 100)  # one in 10 ms, the grain of a time limit
        self.assertIn("no request was answered", ran.err)

    def test_streams_give_first_content_gaps_and_events(self):
        up = self.mock()
        ran = bench(up.port, "--stream", "--model", "sse-5-10ms", "--requests", 20, "--connections", 4)
        one = ran.target
        self.assertEqual((ran.code, one["ok"], ran.errors()), (0, 20, {}))
        self.assertEqual(one["events"], 20 * 8)  # role, five words, the finish, [DONE]
        self.assertEqual(one["event_gap_ms"]["count"], 20 * 7)
        self.assertEqual(one["first_content_ms"]["count"], 20)
        # The mock's timers count whole milliseconds, so each of its pauses may be up to one shorter.
        self.assertGreater(one["first_content_ms"]["min"], 9)
        self.assertGreater(one["latency_ms"]["min"], 45)
        self.assertGreater(one["events_per_s"], 0)

    def test_failures_are_counted_by_class(self):
        up = self.mock()
        plain = [("status-500", {"500": 6}), ("429-day", {"429": 6}), ("reset", {"reset": 6}), ("truncate", {"reset": 6}),
                 ("hang", {"timeout": 6})]
        streams = [("status-404", {"404": 6}), ("reset-midstream", {"broken_stream": 6}), ("truncate", {"broken_stream": 6}),
                   ("bad-chunk", {"broken_stream": 6}), ("error-in-stream", {"stream_error": 6}),
                   ("comment-then-error", {"stream_error": 6}), ("stall-midstream", {"timeout": 6}), ("reset", {"reset": 6})]
        for stream, cases in ((False, plain), (True, streams)):
            for model, wanted in cases:
                with self.subTest(model=model, stream=stream):
                    more = ["--stream"] if stream else []
                    ran = bench(up.port, "--model", model, "--requests", 6, "--connections", 2, "--timeout", "150ms", *more)
                    self.assertEqual((ran.code, ran.errors()), (1, wanted))
                    self.assertEqual(ran.target["latency_ms"], None)
        ran = bench(up.port, "--model", "fail-3-then-ok", "--requests", 10, "--connections", 1)
        self.assertEqual((ran.code, ran.target["ok"], ran.errors()), (0, 7, {"503": 3}))

    def test_lost_connections_are_dialed_again(self):
        up = self.mock("--requests-per-connection", "10")
        one = bench(up.port, "--requests", 60, "--connections", 2).target
        self.assertEqual(one["ok"] + one["failed"], 60)
        self.assertGreaterEqual(one["ok"], 40)
        self.assertGreaterEqual(one["connections"], 4)

    def start_bench(self, *arguments, **options):
        child = subprocess.Popen([harness.BINARY, "bench", *map(str, arguments)], text=True, **options)
        self.addCleanup(lambda: child.poll() is None and child.kill())
        return child

    def test_nobody_there_and_somebody_who_goes(self):
        ran = bench(free_port(), "--requests", 5)
        self.assertEqual((ran.code, ran.out), (1, ""))
        self.assertIn("cannot connect to 127.0.0.1", ran.err)
        for more in (["--duration", "1s"], ["--rate", "200", "--duration", "1s", "--timeout", "500ms"]):
            up = self.mock()
            child = self.start_bench(f"http://127.0.0.1:{up.port}", "--warm-up", "0s", "--connections", 4, "--json", "-", *more,
                                     stdout=subprocess.PIPE)
            wait_until(lambda: up.asked("ok") > 0, what="the first request")
            self.stack.remove(up)
            up.stop()
            out, _ = child.communicate(timeout=30 * SLOW)
            one = json.loads(out)["target"]
            self.assertGreater(one["ok"], 0)
            self.assertGreater(one["errors"]["connect"], 0)
            self.assertEqual(child.returncode, 0)

    def test_direct_and_proxy_take_turns(self):
        up = self.mock()
        gate = self.spillway(provider("up", up.port) + route("ok", [("up", "ok")]))
        base = f"http://127.0.0.1:{up.port}"
        ran = bench(gate.port, "--direct", base, "--requests", 52, "--connections", 4)
        report = ran.json()
        self.assertEqual((ran.code, report["target"]["ok"], report["direct"]["ok"]), (0, 52, 52))
        self.assertEqual(up.asked("ok"), 104)
        self.assertEqual(report["added_ms"]["rounds"], 5)
        text = bench(gate.port, "--direct", base, "--requests", 25, "--connections", 4, json_out=False)
        self.assertRegex(text.out, r"added latency, ms \(median of 5 alternating rounds\): p50 [+-]\d")

    def test_a_gate_exits_3(self):
        up = self.mock()
        few = ["--requests", 10, "--connections", 2]
        self.assertEqual(bench(up.port, *few, "--fail-p99", 60_000).code, 0)
        slow = bench(up.port, *few, "--model", "delay-30", "--fail-p99", 10)
        self.assertEqual((slow.code, slow.json()["exit_code"]), (3, 3))
        self.assertIn("p99 is", slow.err)
        flaky = bench(up.port, *few, "--model", "fail-1-then-ok", "--fail-p99", 60_000)
        self.assertEqual(flaky.code, 3)
        self.assertIn("1 requests failed", flaky.err)

    def test_sigint_ends_early_with_the_report(self):
        up = self.mock()
        base = f"http://127.0.0.1:{up.port}"
        for more in ([], ["--direct", f"http://localhost:{up.port}"], ["--rate", "300"], ["--threads", "2"]):
            up.forget()
            child = self.start_bench(base, "--duration", "60s", "--warm-up", "0s", "--json", "-", *more, stdout=subprocess.PIPE)
            wait_until(lambda: up.asked("ok") > 50, what="some requests")
            child.send_signal(signal.SIGINT)
            out, _ = child.communicate(timeout=20 * SLOW)
            report = json.loads(out)
            self.assertEqual(child.returncode, 0)
            self.assertTrue(report["interrupted"])
            self.assertGreater(report["target"]["ok"], 0)
            self.assertEqual(report["target"]["failed"], 0)
            self.assertLess(report["target"]["measured_s"], 59)

    def test_interrupted_before_anything_is_told(self):
        up = self.mock()
        child = self.start_bench(f"http://127.0.0.1:{up.port}", "--duration", "60s", "--warm-up", "60s",
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        wait_until(lambda: up.asked("ok") > 0, what="the first request")
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=20 * SLOW)
        self.assertEqual(child.returncode, 1)
        self.assertIn("nothing was measured", err)

    def test_https_is_verified_unless_told_otherwise(self):
        authority = Authority(self.directory())
        certificate, key = authority.issue("bench", "DNS:localhost")
        up = self.mock("--cert", certificate, "--key", key)
        url = f"https://localhost:{up.port}"
        few = ["--requests", 6, "--connections", 2]
        trusted = bench(url, *few, env={"SSL_CERT_FILE": authority.ca})
        self.assertEqual((trusted.code, trusted.target["ok"]), (0, 6))
        refused = bench(url, *few)
        self.assertEqual((refused.code, refused.out), (1, ""))
        self.assertIn("certificate", refused.err)
        self.assertEqual(bench(url, *few, "--insecure").target["ok"], 6)
        self.assertEqual(bench(url, *few, "--insecure", "--stream", "--threads", 2).target["ok"], 6)

    def test_the_key_is_sent_and_never_printed(self):
        up = self.mock("--api-key", "sk-bench-hidden")
        few = ["--requests", 4, "--connections", 1]
        self.assertEqual(bench(up.port, *few).errors(), {"401": 4})
        for json_out in (True, False):
            ran = bench(up.port, *few, "--key-env", "BENCH_KEY", env={"BENCH_KEY": "sk-bench-hidden"}, json_out=json_out)
            self.assertEqual(ran.code, 0)
            self.assertNotIn("hidden", ran.out + ran.err)
        header = bench(up.port, *few, "--header", "Authorization: Bearer sk-bench-hidden", "--header", "x-b: 1")
        self.assertEqual(header.target["ok"], 4)

    def test_a_body_of_ones_own_and_reports_in_files(self):
        up = self.mock()
        directory = self.directory()
        body, report = os.path.join(directory, "body.json"), os.path.join(directory, "report.json")
        with open(body, "w") as file:
            file.write(harness.chat("sse-2-1ms", stream=True))
        ran = bench(up.port, "--body", body, "--stream", "--requests", 4, "--markdown", "--json", report, json_out=False)
        self.assertEqual(ran.code, 0)
        self.assertEqual(up.asked("sse-2-1ms"), 4)
        self.assertIn("| latency, ms |", ran.out)
        with open(report) as file:
            self.assertEqual(json.load(file)["target"]["ok"], 4)
        large = bench(up.port, "--prompt-bytes", 300_000, "--requests", 4, "--connections", 2)
        self.assertEqual((large.target["ok"], large.json()["plan"]["body_bytes"] > 300_000), (4, True))

    def test_mistakes_are_usage_errors(self):
        cases = [[], ["nonsense"], ["http://127.0.0.1:0"], ["http://h?a#b"], ["http://u:secret@h"], ["http://h", "--rate", "0"],
                 ["http://h", "--rate", "x"], ["http://h", "--duration", "5"], ["http://h", "--duration", "1s", "--requests", "5"],
                 ["http://h", "--requests", "-1"], ["http://h", "--threads", "9", "--connections", "8"],
                 ["http://h", "--body", "/nowhere"], ["http://h", "--key-env", "SPILLWAY_NOT_SET"], ["http://h", "--insecure"],
                 ["http://h", "--markdown", "--json", "-"], ["http://h", "--header", "Host: x"], ["http://h", "--nope"],
                 ["http://h", "--json", "/nowhere/at/all.json"], ["http://h", "--direct", "h"], ["http://h", "extra"]]
        for arguments in cases:
            done = subprocess.run([harness.BINARY, "bench", *arguments], capture_output=True, text=True, timeout=20 * SLOW)
            self.assertEqual((done.returncode, done.stdout), (2, ""), (arguments, done.stdout))
            self.assertNotEqual(done.stderr, "", arguments)
            self.assertNotIn("secret", done.stderr)
        told = subprocess.run([harness.BINARY, "bench", "--help"], capture_output=True, text=True, timeout=20 * SLOW)
        self.assertEqual(told.returncode, 0)
        for part in ("Exit codes: 0", "3 --fail-p99", "--rate", "--direct", "intended start"):
            self.assertIn(part, told.stdout)

    def test_descriptors_are_made_room_for_or_asked_for(self):
        up = self.mock()
        command = [harness.BINARY, "bench", f"http://127.0.0.1:{up.port}", "--connections", "300", "--requests", "300", "--json", "-"]
        for soft, hard, code in ((128, 1024, 0), (128, 256, 2)):
            limit = lambda soft=soft, hard=hard: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            done = subprocess.run(command, capture_output=True, text=True, timeout=60 * SLOW, preexec_fn=limit)
            self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn("this process may have 256 (ulimit -n)", done.stderr)

    def test_progress_is_for_terminals_only(self):
        up = self.mock()
        url = f"http://127.0.0.1:{up.port}"
        arguments = [url, "--duration", "1200ms", "--warm-up", "0s", "--connections", 2, "--model", "delay-10"]
        self.assertEqual(bench(*arguments, json_out=False).err, "")
        ours, theirs = pty.openpty()
        child = self.start_bench(*arguments, stdout=subprocess.DEVNULL, stderr=theirs)
        os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        os.close(ours)
        self.assertEqual(child.wait(20 * SLOW), 0)
        self.assertRegex(seen.decode(), r"s  \d+ requests  \d+/s  0 failed")
