"""The quota ledger with real processes: a day's free requests to the last one, what providers tell, restarts, the operator."""

import json
import subprocess
import tempfile
import time

import harness
from harness import Case, Spillway, provider, request, route, wait_until

QUOTA = '[[provider.quota]]\nmodels = ["{models}"]\nscope = "{scope}"\n{limits}\n'


def until_midnight():
    return 86400 - time.time() % 86400


def quota_of(gate):
    return {row["quota"]: row for row in request(gate.admin, path="/admin/quota").json()}


def command(gate, *arguments):
    done = subprocess.run([harness.BINARY, "quota", "--admin", f"http://127.0.0.1:{gate.admin}", *arguments],
                          capture_output=True, text=True, timeout=30 * harness.SLOW)
    return done.returncode, done.stdout + done.stderr


class Day(Case):
    """Two mock OpenRouters, an account each, of 50 free requests a day."""

    def setUp(self):
        super().setUp()
        self.one, self.two = self.mock("--free-per-day", "50"), self.mock("--free-per-day", "50")

    def config(self, spill, first=None):
        text = provider("one", self.one.port, extensions="openrouter", free_rpd=50, api_key="sk-one-secret")
        text += provider("two", self.two.port, extensions="openrouter", free_rpd=50, api_key="sk-two-secret")
        text += route("m", [("one", first or "ok:free"), ("one", "other/ok:free")], [("two", "paid/ok")],
                      policies=["free_first", "breaker"], spill=spill)
        return text + route("n", [("two", "ok:free")], policies=["free_first", "breaker"])

    def test_fifty_are_free_and_the_next_spills_without_a_wasted_call_over_a_restart(self):
        with tempfile.TemporaryDirectory() as directory:
            store = f"sqlite:{directory}/state.db"
            gate = self.spillway(self.config("exhausted"), store=store)
            models = [gate.chat("m").header("x-spillway-model") for _ in range(30)]
            self.stack.remove(gate)
            gate.stop()
            # The mock forgets what was asked but not its account; it tells less than is true, as it may (O-4: stale).
            gate = self.spillway(self.config("exhausted").replace('extensions = "openrouter"', 'extensions = "none"'), store=store)
            models += [gate.chat("m").header("x-spillway-model") for _ in range(23)]
            self.assertTrue(all(model.endswith(":free") for model in models[:50]), models)
            self.assertEqual(models[50:], ["paid/ok"] * 3)
            asked = self.one.stats()["models"]
            self.assertEqual(asked.get("ok:free", 0) + asked.get("other/ok:free", 0), 50)
            answer = gate.chat("m")
            self.assertIn("50/50 until 00:00 UTC", answer.header("x-spillway-reason"))
            self.stack.remove(gate)
            gate.stop()
            gate = self.spillway(self.config("never").replace('extensions = "openrouter"', 'extensions = "none"'), store=store)
            before = until_midnight()
            answer = gate.chat("m")
            self.assertEqual(answer.status, 429)
            self.assertLess(abs(int(answer.header("retry-after")) - before), 5 * harness.SLOW)
            self.assertEqual(gate.chat("n").header("x-spillway-model"), "ok:free", "the other account's day is its own")
            self.assertEqual(self.one.asked("paid/ok") + self.two.asked("paid/ok"), 4)

    def test_get_key_tells_what_others_used_and_the_key_stays_unseen(self):
        for _ in range(48):
            request(self.one.port, "POST", "/v1/chat/completions", harness.chat("ok:free"))
        gate = self.spillway(self.config("exhausted"))
        wait_until(lambda: quota_of(gate).get("one", {}).get("source") == "GET key", what="the answer of GET /key")
        models = [gate.chat("m").header("x-spillway-model") for _ in range(4)]
        self.assertEqual(models[2:], ["paid/ok", "paid/ok"], models)
        self.assertEqual(self.one.asked("ok:free") + self.one.asked("other/ok:free"), 50)
        self.assertEqual(self.one.asked("/key"), 1)
        log = open(f"{gate.directory}/access.log").read() + gate.text() + json.dumps(quota_of(gate))
        self.assertNotIn("sk-one-secret", log)

    def test_workers_share_one_day_and_one_question(self):
        gate = self.spillway(self.config("exhausted"), workers=3)
        models = [gate.chat("m").header("x-spillway-model") for _ in range(53)]
        self.assertEqual(sum(model.endswith(":free") for model in models), 50)
        self.assertEqual(self.one.asked("/key"), 1)

    def test_an_account_429_closes_all_its_free_models_and_an_upstream_429_only_one(self):
        gate = self.spillway(self.config("exhausted", first="429-day:free"))
        seen = {gate.chat("m").header("x-spillway-model") for _ in range(12)}
        self.assertEqual(self.one.asked("429-day:free"), 1)
        before = self.one.asked("other/ok:free")
        for _ in range(3):
            self.assertEqual(gate.chat("m").header("x-spillway-model"), "paid/ok")
        self.assertEqual(self.one.asked("other/ok:free"), before)
        self.assertIn("paid/ok", seen)
        self.assertEqual(gate.chat("n").header("x-spillway-model"), "ok:free")
        row = quota_of(gate)["one"]
        self.assertEqual((row["open"], row["cause"], row["source"]), (False, "day quota", "told by an error"))
        gate = self.spillway(self.config("exhausted", first="429-upstream:free"))
        for _ in range(12):
            self.assertEqual(gate.chat("m").header("x-spillway-model"), "other/ok:free")
        self.assertLessEqual(self.one.asked("429-upstream:free"), 1)

    def test_free_models_are_never_raced(self):
        slow = self.config("exhausted", first="delay-150:free")
        gate = self.spillway(slow)
        for _ in range(5):
            self.assertEqual(gate.chat("m").header("x-spillway-attempts"), "1")
        self.assertEqual(sum(count for model, count in self.one.stats()["models"].items() if model != "/key"), 5)


class Configured(Case):
    def setUp(self):
        super().setUp()
        self.up = self.mock()

    def gate_for(self, model, limits, scope="model", models="*", more="", **options):
        text = provider("up", self.up.port) + QUOTA.format(models=models, scope=scope, limits=limits)
        text += route("m", [("up", model), *([("up", more)] if more else [])], [("up", "spare/paid/ok")],
                      policies=["free_first"], **options)
        return self.spillway(text)

    def test_requests_of_a_day_by_model_and_by_account(self):
        gate = self.gate_for("ok", "rpd = 3", models="ok")
        models = [gate.chat("m").header("x-spillway-model") for _ in range(5)]
        self.assertEqual(models, ["ok"] * 3 + ["spare/paid/ok"] * 2)
        gate = self.gate_for("v/ok", "rpd = 4", scope="account", models="v/*", more="v/w/ok")
        models = [gate.chat("m").header("x-spillway-model") for _ in range(6)]
        self.assertEqual(models.count("spare/paid/ok"), 2, models)

    def test_tokens_of_a_minute(self):
        gate = self.gate_for("ok", "tpm = 2000", models="ok")
        models = [gate.chat("m", max_tokens=900).header("x-spillway-model") for _ in range(60)]
        self.assertEqual(models[0], "ok")
        self.assertEqual(models[-1], "spare/paid/ok", "about 25 tokens each, 900 of them reserved")
        self.assertIn("of tokens of the minute used", gate.chat("m", max_tokens=900).header("x-spillway-reason"))
        self.assertLessEqual(quota_of(gate)["up/model ok"]["tokens_minute"], 2000)

    def test_a_window_that_heads_tell_is_not_overdrawn_whether_or_not_a_quota_is_configured(self):
        for configured in (QUOTA.format(models="limit-3-600", scope="model", limits=""), ""):
            up = self.mock()
            text = provider("up", up.port) + configured
            text += route("m", [("up", "limit-3-600")], [("up", "spare/paid/ok")], policies=["free_first"])
            gate = self.spillway(text)
            models = [gate.chat("m").header("x-spillway-model") for _ in range(6)]
            self.assertEqual(models, ["limit-3-600"] * 3 + ["spare/paid/ok"] * 3, configured)
            self.assertEqual(up.asked("limit-3-600"), 3, "no call was wasted on a 429")

    def test_queue_ms_waits_for_the_next_window_instead_of_spilling(self):
        for queue_ms, expected in ((0, ["limit-2-3"] * 2 + ["spare/paid/ok"]), (8000, ["limit-2-3"] * 5)):
            up = self.mock()
            text = provider("up", up.port) + QUOTA.format(models="limit-2-3", scope="model", limits="")
            text += route("m", [("up", "limit-2-3")], [("up", "spare/paid/ok")], policies=["free_first"])
            gate = self.spillway(text + f"[policy.free_first]\nqueue_ms = {queue_ms}\n")
            self.assertEqual([gate.chat("m").header("x-spillway-model") for _ in expected], expected, queue_ms)
            self.assertEqual(up.asked("limit-2-3"), expected.count("limit-2-3"), "and no call is wasted on a 429")

    def test_mistakes_are_named_with_their_place(self):
        for limits, what in (("rpm = -1", "rpm"), ('resets = "24:00Z"', "resets"), ("rpx = 1", "rpx")):
            text = provider("up", 9) + QUOTA.format(models="*", scope="account", limits=limits) + route("m", [("up", "ok")])
            gate = self.start(Spillway(text, expect_exit=2))
            gate.wait()
            self.assertIn("[[provider.quota]]", gate.text())
            self.assertIn(what, gate.text())


class Operator(Case):
    def test_the_command_shows_and_clears(self):
        up = self.mock()
        text = provider("up", up.port, free_rpd=2) + route("m", [("up", "ok:free")], [("up", "ok")], policies=["free_first"])
        gate = self.spillway(text, workers=2)
        self.assertEqual(command(gate), (0, "no quota has been met yet\n"))
        models = [gate.chat("m").header("x-spillway-model") for _ in range(3)]
        self.assertEqual(models, ["ok:free", "ok:free", "ok"])
        code, out = command(gate)
        self.assertEqual(code, 0)
        self.assertRegex(out, r"up +account free +2 +2 +0 .*day used, .*; configured")
        self.assertEqual(json.loads(command(gate, "--json")[1])[0]["left"], 0)
        self.assertEqual(command(gate, "--clear", "up"), (0, '{"cleared":1}\n'))
        self.assertEqual(gate.chat("m").header("x-spillway-model"), "ok:free")
        self.assertEqual(command(gate, "--admin", "ftp://x")[0], 2)
        self.assertEqual(request(gate.admin, "POST", "/admin/quota/clear").status, 400)
        self.assertEqual(request(gate.admin, "POST", "/admin/quota/clear?account=up", headers={"origin": "http://x"}).status, 404)
        bare = self.spillway(provider("up", up.port) + route("m", [("up", "ok")]))
        self.assertEqual(command(bare)[0], 1)
