"""Start, reload, drain, stop; clients that leave; what is left over afterwards."""

import http.client
import json
import os
import random
import resource
import signal
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import harness
from harness import SLOW, Case, chat, provider, request, route, wait_until


def open_stream(port, model, **more):
    body = chat(model, stream=True, **more).encode()
    link = socket.create_connection(("127.0.0.1", port), timeout=20 * SLOW)
    link.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                 b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    return link


class Cancel(Case):
    """The client going away closes the upstream, in every phase."""

    def setUp(self):
        super().setUp()
        self.up = self.mock()
        self.gate = self.spillway(provider("up", self.up.port) + route("*", [("up", "")]).replace(', model = ""', ""))

    def left_early(self):
        return self.up.stats()["left_early"]

    def check(self, model, stream, wait_for=b"", reset=False):
        before, asked = self.left_early(), self.up.asked(model)
        body = chat(model, stream=stream).encode()
        link = socket.create_connection(("127.0.0.1", self.gate.port), timeout=10 * SLOW)
        link.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        if wait_for:
            got = b""
            while wait_for not in got:
                got += link.recv(4096)
        else:
            wait_until(lambda: self.up.asked(model) > asked, what="the request upstream")
        if reset:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        link.close()
        began = time.monotonic()
        wait_until(lambda: self.left_early() > before, seconds=3, what="the upstream connection closing")
        return time.monotonic() - began

    def test_while_waiting_for_the_first_byte(self):
        self.check("hang", stream=True)
        self.check("delay-5000", stream=False)
        self.check("hang", stream=False, reset=True)

    def test_in_the_middle_of_a_stream(self):
        self.check("sse-500-20ms", stream=True, wait_for=b"word3")
        self.check("stall-midstream", stream=True, wait_for=b"word2")
        self.check("sse-400-20ms", stream=True, wait_for=b"word3", reset=True)

    def test_usage_so_far_is_accounted(self):
        self.check("sse-300-20ms", stream=True, wait_for=b"word3")
        line = self.gate.log_lines(1)[-1]
        self.assertEqual(line["end"], "client_gone")
        self.assertTrue(line["tokens_estimated"])
        self.assertGreaterEqual(line["tokens_out"], 3)


class Reload(Case):
    def setUp(self):
        super().setUp()
        self.up = self.mock()
        self.gate = self.spillway(provider("up", self.up.port) + route("a", [("up", "ok")]))

    def test_a_new_route_appears_and_a_bad_config_changes_nothing(self):
        self.assertEqual(self.gate.chat("b").status, 404)
        self.gate.reload(provider("up", self.up.port) + route("b", [("up", "ok")], policies=["breaker"]))
        self.assertEqual(self.gate.chat("b").status, 200)
        self.assertEqual(self.gate.chat("a").status, 404)
        self.gate.reload(provider("up", self.up.port) + route("c", [("nobody", "ok")]))
        self.assertEqual(self.gate.chat("b").status, 200)
        self.assertIn("config not reloaded", self.gate.text())
        self.assertEqual(self.gate.metrics()["spillway_config_last_reload_successful"], 0)

    def test_running_streams_survive_a_reload(self):
        self.gate.reload(provider("up", self.up.port) + route("s", [("up", "sse-20-30ms")]))
        link = open_stream(self.gate.port, "s")
        link.recv(1000)
        for name in ("x", "y", "z"):
            self.gate.reload(provider("up", self.up.port) + route(name, [("up", "ok")], policies=["free_first", "cache"]))
        got = b""
        while b"[DONE]" not in got:
            piece = link.recv(65536)
            self.assertTrue(piece, got[-200:])
            got += piece
        link.close()

    def test_no_request_fails_while_reloading_under_load(self):
        failures, stop = [], threading.Event()

        def hammer():
            while not stop.is_set():
                answer = self.gate.chat("a")
                if answer.status != 200:
                    failures.append((answer.status, answer.body[:100]))

        threads = [threading.Thread(target=hammer) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(10):
            self.gate.reload(provider("up", self.up.port) + route("a", [("up", "ok")], policies=["breaker"]))
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])


class Stop(Case):
    def setUp(self):
        super().setUp()
        self.up = self.mock()

    def test_sigterm_finishes_streams_and_takes_no_new_ones(self):
        gate = self.spillway(provider("up", self.up.port) + route("s", [("up", "sse-20-50ms")]), server="drain_s = 20")
        link = open_stream(gate.port, "s")
        link.recv(1000)
        gate.signal(signal.SIGTERM)
        wait_until(lambda: not harness.listening(gate.port), what="the listener closing")
        got = b""
        while True:
            piece = link.recv(65536)
            if not piece:
                break
            got += piece
        self.assertIn(b"[DONE]", got)
        self.assertEqual(gate.wait(), 0)

    def test_the_drains_end_cuts_with_an_error_event(self):
        gate = self.spillway(provider("up", self.up.port) + route("s", [("up", "sse-1000-50ms")]), server="drain_s = 1")
        link = open_stream(gate.port, "s")
        link.recv(1000)
        gate.signal(signal.SIGTERM)
        got = b""
        while True:
            piece = link.recv(65536)
            if not piece:
                break
            got += piece
        self.assertIn(b'data: {"error"', got)
        self.assertNotIn(b"[DONE]", got)
        self.assertEqual(gate.wait(), 0)

    def test_stopping_in_the_middle_of_traffic_leaks_nothing(self):
        # Under ASan this is the leak check: the process must end by itself, with everything given back.
        gate = self.spillway(provider("up", self.up.port) + route("*", [("up", "sse-50-20ms")], policies=["free_first", "breaker"]),
                             server="drain_s = 0", workers=2)
        links = [open_stream(gate.port, f"m{n}") for n in range(40)]
        for link in links[:20]:
            link.recv(500)
        gate.signal(signal.SIGTERM)
        self.assertEqual(gate.wait(), 0)
        for link in links:
            link.close()


class Cli(Case):
    def spillway_output(self, *arguments, env=None, cwd=None):
        done = subprocess.run([harness.BINARY, *arguments], capture_output=True, text=True, env={**os.environ, **(env or {})},
                              cwd=cwd, timeout=60 * SLOW)
        return done.returncode, done.stdout, done.stderr

    def test_check_prints_every_mistake_as_compilers_do(self):
        import tempfile

        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "bad.toml")
            with open(path, "w") as file:
                file.write('[server]\nlisten = ["127.0.0.1:4000"]\n[limits]\nidel_ms = 5\n[[provider]]\nname = "up"\n'
                           'base_url = "ftp://x"\n[[route]]\nmodel = "a"\npolicies = ["braker"]\n'
                           'targets = [{ provider = "upp" }]\n')
            code, _, errors = self.spillway_output("check", "-c", path)
            self.assertEqual(code, 2)
            self.assertIn(f"{path}:4:1: error:", errors)
            self.assertIn("idel_ms", errors)
            self.assertIn("idle_ms", errors)
            self.assertIn("base_url", errors)
            self.assertIn("upp", errors)
            self.assertIn("^", errors)

    def test_usage_errors_and_help(self):
        self.assertEqual(self.spillway_output("frobnicate")[0], 2)
        self.assertEqual(self.spillway_output()[0], 2)
        self.assertEqual(self.spillway_output("serve", "-c", "/nonexistent.toml")[0], 2)
        for arguments in (["--help"], ["serve", "--help"], ["mock", "--help"], ["--version"]):
            code, out, _ = self.spillway_output(*arguments)
            self.assertEqual(code, 0)
            self.assertIn("spillway", out.lower() + " spillway" if arguments != ["--version"] else out)

    def test_reference_is_a_config_that_loads(self):
        import tempfile

        code, out, _ = self.spillway_output("reference")
        self.assertEqual(code, 0)
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(out)
            file.flush()
            self.assertEqual(self.spillway_output("check", "-c", file.name)[0], 0)

    def test_a_port_in_use_is_a_clear_error(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            import tempfile

            with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
                file.write(f'[server]\nlisten = ["127.0.0.1:{port}"]\n[store]\nurl = "memory:"\n'
                           + provider("up", 1) + route("a", [("up", "ok")]))
                file.flush()
                code, _, errors = self.spillway_output("serve", "-c", file.name)
        self.assertEqual(code, 1)
        self.assertIn(str(port), errors)
        self.assertIn("in use", errors)

    def test_X8_only_root_may_look_into_the_process(self):
        """No core dump, no debugger: what /proc/PID holds of its memory then belongs to root. Root runs it as somebody else."""
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o755)
            binary, path = shutil.copy(harness.BINARY, directory), os.path.join(directory, "spillway.toml")
            port = harness.free_port()
            with open(path, "w") as file:
                file.write(f'[server]\nlisten = ["127.0.0.1:{port}"]\n[admin]\nlisten = []\n[log]\naccess = "off"\n'
                           + '[store]\nurl = "memory:"\n' + provider("up", 1) + route("a", [("up", "ok")]))
            user = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
            for more, owner in (([], 0), (["--dumpable"], user.get("user", os.geteuid()))):
                child = subprocess.Popen([binary, "serve", "-c", path, *more], stderr=subprocess.DEVNULL, **user)
                try:
                    wait_until(lambda: harness.listening(port), what="listening")
                    self.assertEqual(os.stat(f"/proc/{child.pid}/environ").st_uid, owner)
                finally:
                    child.terminate()
                    self.assertEqual(child.wait(20), 0)

    def test_X8_secrets_in_an_open_config_are_warned_of(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "spillway.toml")
            with open(path, "w") as file:
                file.write('[[key]]\nname = "a"\nsecret = "sk-literal-0123456789"\n' + provider("up", 1) + route("a", [("up", "ok")]))
            for mode, warned in ((0o644, True), (0o640, True), (0o600, False)):
                os.chmod(path, mode)
                code, _, errors = self.spillway_output("check", "-c", path)
                self.assertEqual((code, f"(mode {mode:04o}); chmod 600 {path}" in errors), (0, warned), errors)
                self.assertNotIn("sk-literal", errors)

    def test_demo_runs_and_its_table_is_in_the_readme(self):
        code, out, errors = self.spillway_output("demo")
        self.assertEqual(code, 0, errors)
        readme = os.path.join(os.path.dirname(__file__), "..", "..", "README.md")
        with open(readme) as file:
            self.assertIn(out.strip(), file.read())


class Observed(Case):
    def test_access_log_and_metrics(self):
        up = self.mock()
        gate = self.spillway(provider("up", up.port) + route("m", [("up", "status-500")], [("up", "ok", "price_in = 1.0, price_out = 2.0")],
                                                             policies=["cache", "breaker"]))
        gate.chat("m", temperature=0)
        gate.chat("m", temperature=0)
        gate.chat("nope \"more")
        first, second, third = gate.log_lines(3)
        self.assertEqual((first["status"], first["model"], first["cache"]), (200, "ok", "miss"))
        self.assertEqual([one["status"] for one in first["attempts"]], [500, 500, 200])
        self.assertGreater(first["cost_usd"], 0)
        self.assertEqual(second["cache"], "hit")
        self.assertEqual(third["status"], 404)
        metrics = gate.metrics()
        self.assertEqual(metrics["spillway_requests_total"], 3)
        self.assertEqual(metrics["spillway_upstream_attempts_total"], 3)
        self.assertEqual(metrics['spillway_cache_requests_total{result="hit"}'], 1)
        self.assertGreater(metrics["spillway_tokens_total"], 0)
        for name in ("spillway_request_duration_seconds_count", "spillway_overhead_seconds_count",
                     "spillway_time_to_first_token_seconds_count", "spillway_build_info"):
            self.assertIn(name, metrics)

    def test_status_documents(self):
        up = self.mock()
        gate = self.spillway(provider("up", up.port) + route("m", [("up", "ok:free")], policies=["free_first", "breaker", "cache"]))
        gate.chat("m")
        status = request(gate.admin, path="/admin/status").json()
        self.assertEqual(sorted(status), ["breaker", "cache", "free_first"])

    def test_reload_by_admin(self):
        up = self.mock()
        gate = self.spillway(provider("up", up.port) + route("a", [("up", "ok")]))
        gate.write(provider("up", up.port) + route("b", [("up", "ok")]))
        self.assertEqual(request(gate.admin, "POST", "/admin/reload").status, 202)
        wait_until(lambda: gate.chat("b").status == 200, what="the reload")
        self.assertEqual(request(gate.admin, "GET", "/nothing").status, 404)
