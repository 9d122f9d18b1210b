"""Spill rules, the day's spending, what was saved, and the data policy, with real processes."""

import http.server
import json
import tempfile
import threading

from harness import Case, JsonHandler, Spillway, provider, request, route

PRICES = "price_in = 1.0, price_out = 1000.0"  # the mock's plain answers have 8 tokens: 0.008 USD and a little


class Spill(Case):
    def setUp(self):
        super().setUp()
        self.up = self.mock()

    def config(self, rule, free="429-day:free", more="", keys=""):
        text = provider("up", self.up.port) + keys
        text += route("m", [("up", free)], [("up", "paid/ok", PRICES + more)], policies=["free_first"])
        return text.replace('[[route.tier]]', f"spill = {rule}\n[[route.tier]]", 1)

    def spills(self, gate, headers=None, **more):
        """The tier that answered, or the reason why none did."""
        answer = gate.chat("m", headers=headers, **more)
        return answer.header("x-spillway-tier") if answer.status == 200 else answer.header("x-spillway-reason")

    def test_key_tag_hour_and_size(self):
        keys = '[[key]]\nname = "alice"\nsecret = "sk-alice"\n[[key]]\nname = "bob"\nsecret = "sk-bob"\ntags = ["urgent"]\n'
        alice, bob = {"authorization": "Bearer sk-alice"}, {"authorization": "Bearer sk-bob"}
        gate = self.spillway(self.config('{ when = { keys = ["alice"] } }', keys=keys))
        self.assertEqual(self.spills(gate, alice), "tier1")
        self.assertIn("spill: not for the key bob", self.spills(gate, bob))
        gate = self.spillway(self.config('{ when = { tags = ["urgent"] } }', keys=keys))
        self.assertIn("spill: no tag urgent", self.spills(gate, alice))
        self.assertEqual(self.spills(gate, bob), "tier1")
        self.assertEqual(self.spills(gate, {**alice, "x-spillway-tags": "batch, urgent"}), "tier1")
        gate = self.spillway(self.config('{ when = [{ prompt_tokens_max = 50 }, { hours = "00:00-12:00Z" }, { hours = "12:00-00:00Z" }] }'))
        self.assertEqual(self.spills(gate, messages=[{"role": "user", "content": "x" * 4000}]), "tier1")
        gate = self.spillway(self.config("{ when = { prompt_tokens_max = 50 } }"))
        self.assertEqual(self.spills(gate), "tier1")
        self.assertRegex(self.spills(gate, messages=[{"role": "user", "content": "x" * 4000}]), r"spill: 10\d\d prompt tokens of at most 50")
        self.assertEqual(self.up.asked("paid/ok"), 5)

    def test_spending_of_a_day_holds_over_a_restart(self):
        with tempfile.TemporaryDirectory() as directory:
            store = f"sqlite:{directory}/state.db"
            gate = self.spillway(self.config("{ when = { usd_per_day = 0.03 } }"), store=store)
            self.assertEqual(self.spills(gate, max_tokens=8), "tier1")
            self.assertEqual(self.spills(gate, max_tokens=8), "tier1")
            self.assertIn("would be above today's 0.03", self.spills(gate, max_tokens=20), "the worst of it does not fit")
            self.stack.remove(gate)
            gate.stop()
            gate = self.spillway(self.config("{ when = { usd_per_day = 0.03 } }"), store=store)
            self.assertEqual(self.spills(gate, max_tokens=8), "tier1")
            self.assertIn("spill: ", self.spills(gate, max_tokens=8))
            self.assertEqual(self.up.asked("paid/ok"), 3)
            self.stack.remove(gate)
            gate.stop()
            gate = self.spillway(self.config("{ when = { usd_per_day = 0.02 } }"), store=store)
            self.assertIn("USD of today's 0.02", self.spills(gate, max_tokens=1))

    def test_requests_at_once_do_not_overshoot(self):
        config = self.config("{ when = { usd_per_day = 0.05 } }").replace("paid/ok", "paid/delay-200")
        gate = self.spillway(config, workers=2)
        tiers = []
        threads = [threading.Thread(target=lambda: tiers.append(self.spills(gate, max_tokens=8))) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(tiers.count("tier1"), 6, "each may cost a little more than 0.008")

    def test_what_fails_costs_nothing_and_an_unknown_price_is_never_spent(self):
        gate = self.spillway(self.config("{ when = { usd_per_day = 0.03 } }").replace("paid/ok", "paid/status-400"))
        for _ in range(5):
            self.assertEqual(gate.chat("m", max_tokens=20).status, 400)
        self.assertEqual(self.up.asked("paid/status-400"), 5)
        gate = self.spillway(self.config("{ when = { usd_per_day = 5 } }").replace(", " + PRICES, ""))
        self.assertIn("without a price", self.spills(gate))
        self.assertEqual(self.up.asked("paid/ok"), 0)

    def test_answer_log_and_metrics_say_tier_reason_and_saving(self):
        gate = self.spillway(self.config('"exhausted"', free="ok:free").replace("[[provider]]", "[[provider]]\nfree_rpd = 1", 1))
        first, second = gate.chat("m"), gate.chat("m")
        self.assertEqual((first.header("x-spillway-tier"), second.header("x-spillway-tier")), ("tier0", "tier1"))
        self.assertGreater(float(first.header("x-spillway-saved-usd")), 0.008)
        self.assertEqual(float(second.header("x-spillway-saved-usd")), 0)
        self.assertIn("1/1", second.header("x-spillway-reason"))
        lines = gate.log_lines(2)
        self.assertEqual([line["tier"] for line in lines], ["tier0", "tier1"])
        self.assertAlmostEqual(lines[0]["saved_usd"], float(first.header("x-spillway-saved-usd")), 7)
        stream = gate.chat("m", stream=True)
        self.assertEqual(stream.header("x-spillway-tier"), "tier1")
        self.assertIsNone(stream.header("x-spillway-saved-usd"))
        metrics = gate.metrics()
        self.assertAlmostEqual(metrics['spillway_saved_usd_total{route="m"}'], lines[0]["saved_usd"], 7)
        self.assertEqual(metrics['spillway_answers_total{route="m",tier="tier1"}'], 2)
        self.assertEqual(metrics['spillway_spills_total{route="m",why="quota"}'], 2)

    def test_mistakes_are_named_with_their_place(self):
        for rule, what in (("{ when = { usd = 1 } }", "usd"), ("{ when = {} }", "condition"), ("{ if = 1 }", "when"),
                           ('{ when = { keys = ["nobody"] } }', "nobody"), ('{ when = { hours = "noon" } }', "hours")):
            with self.subTest(rule=rule):
                gate = self.start(Spillway(self.config(rule), expect_exit=2))
                gate.wait()
                self.assertIn("[[route]] spill", gate.text())
                self.assertIn(what, gate.text())


class Listening(JsonHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.bodies.append(body)
        answer = b'{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}'
        self.answer(200, answer)


class DataPolicy(Case):
    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listening)
        self.server.daemon_threads = True
        self.server.bodies = []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def gate_for(self, *providers, policy="no_training"):
        text = "".join(provider(name, self.server.server_address[1], **options) for name, options in providers)
        text += route("m", [(name, name + "/model") for name, _ in providers])
        return self.spillway(text.replace("[[route.tier]]", f'data_policy = "{policy}"\n[[route.tier]]', 1))

    def test_who_trains_is_left_out_and_openrouter_is_told(self):
        gate = self.gate_for(("reads", {"trains": True}), ("or", {"extensions": "openrouter"}))
        for more in ({}, {"provider": {"order": ["x"]}}, {"provider": {"data_collection": "allow"}}, {"provider": None}):
            answer = gate.chat("m", **more)
            self.assertEqual(answer.header("x-spillway-provider"), "or")
            self.assertIn("reads trains on prompts", answer.header("x-spillway-reason"))
            body = json.loads(self.server.bodies[-1])
            self.assertEqual(body["provider"]["data_collection"], "deny")
            self.assertEqual(body["provider"].get("order"), (more.get("provider") or {}).get("order"))
            self.assertEqual(body["model"], "or/model")

    def test_openrouter_is_told_whatever_the_client_speaks(self):
        gate = self.gate_for(("or", {"extensions": "openrouter"}))
        words = [{"role": "user", "content": "Hi"}]
        for path, body in (("/v1/messages", {"max_tokens": 9, "messages": words}), ("/api/chat", {"messages": words}),
                           ("/v1/responses", {"input": "Hi"}), ("/api/embed", {"input": "Hi"}), ("/v1/embeddings", {"input": "Hi"}),
                           ("/v1/completions", {"prompt": "Hi"}), ("/api/generate", {"prompt": "Hi", "suffix": "x"}),
                           ("/v1/chat/completions", {"messages": words})):
            before = len(self.server.bodies)
            request(gate.port, "POST", path, json.dumps({"model": "m", **body}), {"content-type": "application/json"})
            self.assertGreater(len(self.server.bodies), before, path)
            for sent in self.server.bodies[before:]:
                self.assertEqual(json.loads(sent).get("provider"), {"data_collection": "deny"}, path)

    def test_without_the_policy_bodies_go_as_they_came(self):
        gate = self.gate_for(("or", {"extensions": "openrouter"}), policy="any")
        gate.chat("m")
        self.assertNotIn(b"provider", self.server.bodies[-1])

    def test_when_all_train_nobody_is_asked(self):
        gate = self.gate_for(("reads", {"trains": True}))
        answer = gate.chat("m")
        self.assertEqual(answer.status, 503)
        self.assertIn("trains on prompts", answer.json()["error"]["message"])
        self.assertEqual(self.server.bodies, [])
