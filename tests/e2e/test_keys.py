"""`spillway check --keys`: who takes its key, who does not, who cannot be asked; and that no key is ever shown."""

import http.server
import os
import subprocess
import tempfile
import threading

from harness import BINARY, SLOW, Case, JsonHandler

GOOD, BAD = "sk-good-0123456789", "sk-bad-9876543210"


class Provider(JsonHandler):
    """Answers as DeepSeek, xAI and Anthropic do, the last one only to who names a version."""

    def do_GET(self):
        key = self.headers.get("x-api-key") or (self.headers.get("authorization") or "").removeprefix("Bearer ")
        self.server.asked.append((self.path, self.headers.get("anthropic-version")))
        body, status = {"error": "no such path"}, 404
        if key != GOOD:
            body, status = {"error": f"Incorrect API key provided: {key}"}, 400
        elif self.path == "/user/balance":
            body, status = {"is_available": True, "balance_infos": [{"currency": "USD", "total_balance": "4.20"}]}, 200
        elif self.path == "/v1/api-key":
            body, status = {"api_key_blocked": True, "name": key}, 200
        elif self.path == "/v1/models":
            body, status = {"data": []}, 200 if self.headers.get("anthropic-version") else 400
        self.answer(status, body)


class Keys(Case):
    def check(self, *providers):
        text = "".join(f'[[provider]]\nname = "{name}"\n{rest}\n' for name, rest in providers)
        text += f'[[route]]\nmodel = "*"\ntargets = [{{ provider = "{providers[0][0]}" }}]\n'
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(text)
            file.flush()
            done = subprocess.run([BINARY, "check", "--keys", "-c", file.name], capture_output=True, text=True,
                                  timeout=60 * SLOW, env={**os.environ, "GOOD": GOOD, "BAD": BAD})
        for key in (GOOD, BAD, "good-0123", "bad-9876"):
            self.assertNotIn(key, done.stdout + done.stderr)
        return done.returncode, done.stdout.splitlines()

    def provider(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(lambda: (server.shutdown(), server.server_close(), thread.join()))
        return server

    def test_accepted_and_no_way_to_ask_are_well(self):
        up = self.mock("--api-key", GOOD, "--free-per-day", "50")
        at = f'base_url = "http://127.0.0.1:{up.port}/v1"\n'
        code, lines = self.check(("router", at + 'preset = "openrouter"\napi_key = "env:GOOD"'),
                                 ("plain", at + 'api_key = "env:GOOD"'),
                                 ("keyless", at),
                                 ("perplexity", 'preset = "perplexity"\napi_key = "env:GOOD"'))
        self.assertEqual(lines[1:], ["PROVIDER    KEY            LEFT",
                                     "router      key accepted   50 of 50 free requests today",
                                     "plain       key accepted",
                                     "keyless     no key",
                                     "perplexity  no way to ask"])
        self.assertEqual(code, 0)
        self.assertEqual(up.stats()["requests"] - 1, 2, "only those two were asked")

    def test_each_kind_of_answer(self):
        up = self.provider()
        at = f'base_url = "http://127.0.0.1:{up.server_port}/v1"\n'
        code, lines = self.check(("deep", at + 'preset = "deepseek"\napi_key = "env:GOOD"'),
                                 ("xai", at + 'preset = "xai"\napi_key = "env:GOOD"'),
                                 ("claude", at + 'preset = "anthropic"\napi_key = "env:GOOD"'),
                                 ("wrong", at + 'preset = "gemini"\napi_key = "env:BAD"'),
                                 ("lost", at + 'preset = "openrouter"\napi_key = "env:GOOD"'),
                                 ("gone", 'base_url = "http://127.0.0.1:1/v1"\napi_key = "env:GOOD"'))
        said = {line.split()[0]: line.split(maxsplit=1)[1] for line in lines[2:]}
        self.assertEqual(" ".join(said["deep"].split()), "key accepted 4.20 USD")
        self.assertEqual(said["xai"], "key refused (api_key_blocked)")
        self.assertEqual(said["claude"], "key accepted")
        self.assertEqual(said["wrong"], "key refused (400)")
        self.assertEqual(said["lost"], "not reached: HTTP 404")
        self.assertTrue(said["gone"].startswith("not reached: cannot connect"), said["gone"])
        self.assertEqual(code, 1)
        self.assertIn(("/v1/models", "2023-06-01"), up.asked)

    def test_a_config_that_is_wrong_is_no_question(self):
        up = self.mock()
        code, _ = self.check(("up", f'base_url = "http://127.0.0.1:{up.port}/v1"\napi_key = "env:GOOD"\nspill = 1'))
        self.assertEqual(code, 2)
        self.assertEqual(up.stats()["requests"], 1, "the statistics' own")
