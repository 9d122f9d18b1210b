"""A policy of one's own, loaded as a shared object into the real host."""

import os
import subprocess
import tempfile

from harness import Case, provider, request, route, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
HEADER = os.path.join(HERE, "..", "..", "plugins")


class Plugins(Case):
    def build(self, source):
        directory = tempfile.mkdtemp(prefix="spillway-plugin-")
        library = os.path.join(directory, os.path.basename(source).replace(".c", ".so"))
        subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-I", HEADER,
                        "-o", library, source], check=True)
        self.addCleanup(lambda: (os.unlink(library), os.rmdir(directory)))
        return library

    def gate(self, library, url, more=""):
        up = self.mock()
        self.up = up
        text = f'[[plugin]]\npath = "{library}"\n' + provider("up", up.port) + route("m", [("up", "ok")], policies=["ask"])
        return self.spillway(text + f'[policy.ask]\nurl = "{url.format(port=up.port)}"\n' + more)

    def test_a_policy_can_ask_wait_and_answer(self):
        library = self.build(os.path.join(HERE, "plugins", "ask.c"))
        gate = self.gate(library, "http://127.0.0.1:{port}/mock/stats")
        answer = gate.chat("m")
        self.assertEqual(answer.status, 200)
        self.assertIn("left_early", answer.json())
        wait_until(lambda: gate.metrics()['spillway_ask_ticks_total{policy="ask"}'] == 1, what="the timer")
        self.assertGreater(gate.metrics()['spillway_ask_size{policy="ask"}'], 10)
        self.assertEqual(request(gate.admin, path="/admin/status").json()["ask"], {"asks": True})

    def test_a_failed_fetch_resumes_too(self):
        library = self.build(os.path.join(HERE, "plugins", "ask.c"))
        gate = self.gate(library, "http://127.0.0.1:1/nobody")
        self.assertEqual(gate.chat("m").header("x-spillway-provider"), "up")

    def test_a_wait_past_its_deadline_fails_open_or_closed(self):
        library = self.build(os.path.join(HERE, "plugins", "ask.c"))
        hanging = self.mock()
        url = f"http://127.0.0.1:{hanging.port}/v1/chat/completions"  # a GET without a body: the mock answers 400
        gate = self.gate(library, url)
        self.assertEqual(gate.chat("m").header("x-spillway-provider"), "up")
        import socket

        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        self.assertEqual(self.gate(library, url, "timeout_ms = 200\n").chat("m").status, 200)
        answer = self.gate(library, url, 'timeout_ms = 200\non_error = "closed"\n').chat("m")
        self.assertEqual((answer.status, answer.json()["error"]["code"]), (503, "policy_failed"))

    def test_bad_plugins_and_options_are_config_errors_with_a_place(self):
        library = self.build(os.path.join(HERE, "plugins", "ask.c"))
        base = f'[[plugin]]\npath = "{library}"\n' + provider("up", 1) + route("m", [("up", "ok")], policies=["ask"])
        for text, word in ((base, "url is required"), (base + "[policy.ask]\nurl = 5\n", "must be a string"),
                           (base + '[policy.ask]\nurl = "x"\nulr = "y"\n', "did you mean url"),
                           (base.replace(library, "/nonexistent.so") + '[policy.ask]\nurl = "x"\n', "nonexistent"),
                           (base.replace("[[plugin]]", "[[plugin]]\npath = \"/dev/null\"\n[[plugin]]") + '[policy.ask]\nurl = "x"\n', "null")):
            with self.subTest(word=word):
                gate = self.spillway(text, expect_exit=2)
                self.assertEqual(gate.wait(), 2)
                self.assertIn(word, gate.text())


class Cors(Case):
    def test_only_if_configured_and_only_for_those_origins(self):
        up = self.mock()
        config = provider("up", up.port) + route("m", [("up", "ok")])
        headers = {"origin": "https://app.example", "access-control-request-method": "POST", "access-control-request-headers": "authorization"}
        plain = self.spillway(config)
        self.assertNotIn("access-control-allow-origin", request(plain.port, "OPTIONS", "/v1/chat/completions", headers=headers).headers)
        gate = self.spillway(config, server='cors_origins = ["https://app.example"]')
        preflight = request(gate.port, "OPTIONS", "/v1/chat/completions", headers=headers)
        self.assertEqual(preflight.status, 204)
        self.assertEqual(preflight.header("access-control-allow-origin"), "https://app.example")
        self.assertEqual(preflight.header("access-control-allow-headers"), "authorization")
        self.assertEqual(gate.chat("m", headers={"origin": "https://app.example"}).header("access-control-allow-origin"), "https://app.example")
        self.assertIsNone(gate.chat("m", headers={"origin": "https://evil.example"}).header("access-control-allow-origin"))
