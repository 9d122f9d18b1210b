"""A start without a config file: what the environment has is served."""

import os
import shutil
import tempfile

from harness import Case, Process, chat, free_port, listening, request, wait_until


class NoConfig(Case):
    def setUp(self):
        super().setUp()
        self.up = self.mock()
        self.state = tempfile.mkdtemp(prefix="spillway-")
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)
        self.port, self.admin = free_port(), free_port()

    def serve(self, *arguments, expect_exit=0, **env):
        # No variable of whoever runs the tests may be found.
        known = {name: "" for name in os.environ if name.endswith(("_API_KEY", "_TOKEN", "_HOST", "_ENDPOINT"))}
        addresses = ["--listen", f"127.0.0.1:{self.port}", "--admin", f"127.0.0.1:{self.admin}"]
        dumpable = [] if os.geteuid() == 0 else ["--dumpable"]
        env = {**known, "XDG_STATE_HOME": self.state, "HOME": self.state, **env}
        return self.start(Process(["serve", *(arguments or addresses), *dumpable], env=env, expect_exit=expect_exit))

    def ask(self, model):
        return request(self.port, "POST", "/v1/chat/completions", chat(model), {"content-type": "application/json"})

    def test_an_address_in_the_environment_is_enough(self):
        gate = self.serve(OLLAMA_HOST=f"127.0.0.1:{self.up.port}")
        wait_until(lambda: listening(self.port), seconds=10)
        wait_until(lambda: "try " in gate.text(), what="the greeting")
        text = gate.text()
        self.assertIn("serving ollama, found in the environment", text)
        self.assertIn(f"base URL   http://127.0.0.1:{self.port}/v1", text)
        self.assertIn("models     ollama: 1: ollama/ok", text)
        example = text.split("-d '")[1].split("'")[0]
        asked = request(self.port, "POST", "/v1/chat/completions", example, {"content-type": "application/json"})
        self.assertEqual(asked.status, 200, asked.body)
        for name, sent in (("ollama/ok", "ok"), ("ok", "ok"), ("any/ok", "any/ok"), ("ollama/vendor/ok", "vendor/ok")):
            self.assertEqual(self.ask(name).header("x-spillway-model"), sent, "what the * stood for")
        self.assertEqual([one["id"] for one in request(self.port, path="/v1/models").json()["data"]], ["ok", "ollama/ok"])
        gate.signal(1)
        wait_until(lambda: "no config file to read again" in gate.text())
        self.assertEqual(self.ask("ok").status, 200)

    def test_several_are_told_apart_and_a_key_is_never_shown(self):
        gate = self.serve(OLLAMA_HOST=f"127.0.0.1:{self.up.port}", AZURE_OPENAI_API_KEY="az-secret-1234",
                          AZURE_OPENAI_ENDPOINT=f"http://127.0.0.1:{self.up.port}/v1")
        wait_until(lambda: listening(self.port), seconds=10)
        self.assertEqual(self.ask("azure-openai/ok").header("x-spillway-provider"), "azure-openai")
        self.assertEqual(self.ask("ollama/ok").header("x-spillway-provider"), "ollama")
        self.assertEqual(self.ask("whose").status, 404)
        self.assertNotIn("az-secret", gate.text())

    def test_nothing_found_is_said_with_what_would_be(self):
        gate = self.serve(expect_exit=2)
        self.assertEqual(gate.wait(), 2)
        for part in ("there is no spillway.toml", "OPENROUTER_API_KEY", "OLLAMA_HOST", "--config"):
            self.assertIn(part, gate.text())

    def test_addresses_of_others_need_a_config_with_keys(self):
        gate = self.serve("--listen", f"0.0.0.0:{self.port}", expect_exit=2, OLLAMA_HOST=f"127.0.0.1:{self.up.port}")
        self.assertEqual(gate.wait(), 2)
        self.assertIn("everybody could spend your money", gate.text())
