"""Tiers, retries, spilling, breaking, caching: what the policies make of failing providers."""

import json
import time

from harness import SLOW, Case, provider, request, route, wait_until

FREE_FIRST = """
[[route]]
model = "primary"
policies = ["cache", "free_first", "breaker"]
spill = "exhausted"

[[route.tier]]
name = "free"
targets = [
  { provider = "openrouter", model = "qwen/qwen3-coder:free", weight = 6 },
  { provider = "openrouter", model = "google/gemma-4-31b-it:free", weight = 3 },
]

[[route.tier]]
name = "paid"
targets = [{ provider = "openrouter", model = "openai/gpt-5-mini" }]

[policy.breaker]
allowed_fails = 2
cooldown_s = 120
"""


class Failover(Case):
    def setUp(self):
        super().setUp()
        self.up = self.mock()

    def gate_for(self, *tiers, config="", **options):
        return self.spillway(provider("up", self.up.port) + route("m", *tiers, **options) + config)

    def test_the_designs_free_first_route_works_verbatim(self):
        gate = self.spillway(provider("openrouter", self.up.port) + FREE_FIRST)
        answer = gate.chat("primary")
        # No such behaviour is known to the mock, so it answers as `ok`.
        self.assertEqual(answer.status, 200)
        self.assertIn(answer.header("x-spillway-model"), ("qwen/qwen3-coder:free", "google/gemma-4-31b-it:free"))

    def test_each_kind_of_failure_moves_to_the_next(self):
        for bad in ("status-500", "status-503", "status-529", "reset", "truncate", "bad-json", "bad-chunk", "empty",
                    "429-upstream", "429-day", "429-minute", "status-401", "status-403", "status-404", "status-402",
                    "error-in-stream", "comment-then-error"):
            for stream in (False, True):
                with self.subTest(bad=bad, stream=stream):
                    if bad in ("truncate", "bad-json", "bad-chunk", "error-in-stream") and stream:
                        continue  # those come after the first word: see Streams
                    # Another provider: a refused key or an empty account is no matter of one model.
                    gate = self.spillway(provider("up", self.up.port) + provider("spare", self.up.port)
                                         + route("m", [("up", bad)], [("spare", "ok")]))
                    answer = gate.chat("m", stream=stream)
                    self.assertEqual(answer.status, 200, answer.body[:300])
                    self.assertEqual(answer.header("x-spillway-model"), "ok")
                    self.assertGreaterEqual(int(answer.header("x-spillway-attempts")), 2)

    def test_client_errors_are_not_tried_elsewhere(self):
        gate = self.gate_for([("up", "status-400")], [("up", "ok")])
        answer = gate.chat("m")
        self.assertEqual(answer.status, 400)
        self.assertEqual(self.up.asked("ok"), 0)
        self.assertIn("mock answers 400", answer.json()["error"]["message"])

    def test_a_transient_failure_is_tried_once_more_at_the_same(self):
        gate = self.gate_for([("up", "fail-1-then-ok")])
        answer = gate.chat("m")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.header("x-spillway-attempts"), "2")

    def test_a_refused_connection_fails_over(self):
        config = provider("up", self.up.port) + provider("dead", 1) + route("m", [("dead", "x")], [("up", "ok")])
        self.assertEqual(self.spillway(config).chat("m").status, 200)

    def test_attempts_are_bounded(self):
        gate = self.gate_for([("up", f"v{n}/status-500") for n in range(10)])
        answer = gate.chat("m")
        self.assertEqual(answer.status, 502)
        self.assertEqual(answer.json()["error"]["code"], "upstream_error")
        self.assertEqual(sum(self.up.stats()["models"].values()), 4)

    def test_first_byte_timeout_moves_on(self):
        gate = self.gate_for([("up", "hang")], [("up", "ok")], config=f"[limits]\nfirst_byte_ms = {int(300 * SLOW)}\n")
        began = time.monotonic()
        self.assertEqual(gate.chat("m").status, 200)
        self.assertLess(time.monotonic() - began, 5 * SLOW)

    def test_all_timeouts_are_504(self):
        gate = self.gate_for([("up", "hang")], config="[limits]\nfirst_byte_ms = 200\nrequest_ms = 500\n")
        answer = gate.chat("m")
        self.assertEqual((answer.status, answer.json()["error"]["code"]), (504, "upstream_timeout"))

    def test_a_stale_pooled_connection_is_replaced_unseen(self):
        up = self.mock("--requests-per-connection", "1")
        gate = self.spillway(provider("up", up.port) + route("m", [("up", "ok")]))
        for _ in range(50):
            answer = gate.chat("m")
            self.assertEqual((answer.status, answer.header("x-spillway-attempts")), (200, "1"))

    def test_connections_are_reused(self):
        gate = self.gate_for([("up", "ok")])
        before = self.up.stats()["connections"]
        for _ in range(20):
            gate.chat("m")
        self.assertLessEqual(self.up.stats()["connections"] - before, 3)

    def test_weights_share_the_load(self):
        gate = self.gate_for([("up", "a/ok", "weight = 9"), ("up", "b/ok", "weight = 1")])
        for _ in range(200):
            gate.chat("m")
        models = self.up.stats()["models"]
        self.assertGreater(models["a/ok"], 150)
        self.assertGreater(models["b/ok"], 3)

    def test_spill_never_refuses_with_the_soonest_time(self):
        gate = self.gate_for([("up", "429-upstream")], [("up", "ok")], spill="never", policies=["breaker"])
        answer = gate.chat("m")
        self.assertEqual(answer.status, 429)
        self.assertEqual(answer.json()["error"]["code"], "upstream_rate_limited")
        self.assertGreaterEqual(int(answer.header("retry-after")), 1)
        self.assertEqual(self.up.asked("ok"), 0)


class Streams(Case):
    def setUp(self):
        super().setUp()
        self.up = self.mock()

    def test_before_the_first_word_a_failure_is_unseen(self):
        gate = self.spillway(provider("up", self.up.port) + route("m", [("up", "comment-then-error")], [("up", "sse-2-0ms")]))
        answer = gate.chat("m", stream=True)
        self.assertEqual(answer.words(), "word0 word1")
        self.assertNotIn("MOCK PROCESSING", answer.body.decode())
        self.assertTrue(answer.whole)

    def test_after_the_first_word_a_failure_is_an_error_never_an_end(self):
        config = "[limits]\nstream_idle_ms = 300\n"
        for bad in ("reset-midstream", "stall-midstream", "truncate", "bad-json", "bad-chunk", "error-in-stream"):
            with self.subTest(bad=bad):
                gate = self.spillway(provider("up", self.up.port) + route("m", [("up", bad)], [("up", "ok")]) + config)
                answer = gate.chat("m", stream=True)
                self.assertEqual(answer.status, 200)
                self.assertIn("word0", answer.words() if not answer.events()[-1].startswith('{"error"') else answer.body.decode())
                self.assertNotIn("[DONE]", answer.body.decode())
                self.assertTrue(answer.events()[-1].startswith('{"error"'), answer.events()[-1])
                self.assertFalse(answer.whole, "the body must not end as if it were complete")
                self.assertEqual(self.up.asked("ok"), 0)

    def test_slow_drips_arrive_whole(self):
        gate = self.spillway(provider("up", self.up.port) + route("m", [("up", "slow-drip")]))
        # Short enough: about 400 bytes at 20 ms each.
        answer = gate.chat("m")
        self.assertEqual(answer.status, 200)

    def test_words_arrive_as_they_come(self):
        gate = self.spillway(provider("up", self.up.port) + route("m", [("up", "sse-5-100ms")]))
        import http.client

        link = http.client.HTTPConnection("127.0.0.1", gate.port, timeout=20)
        body = json.dumps({"model": "m", "stream": True, "messages": []})
        link.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
        response = link.getresponse()
        stamps = []
        while True:
            line = response.readline()
            if not line:
                break
            if b'"content":"' in line:
                stamps.append(time.monotonic())
        link.close()
        self.assertEqual(len(stamps), 5)
        self.assertGreater(stamps[-1] - stamps[0], 0.3)


class FreeFirst(Case):
    def setUp(self):
        super().setUp()
        self.up = self.mock()

    def config(self, free, spill="exhausted", **options):
        text = provider("up", self.up.port, **options)
        return text + route("m", [("up", free)], [("up", "paid/ok")], policies=["free_first", "breaker"], spill=spill)

    def test_a_used_up_day_spills_without_asking(self):
        gate = self.spillway(self.config("ok:free", free_rpd=2))
        models = [gate.chat("m").header("x-spillway-model") for _ in range(4)]
        self.assertEqual(models, ["ok:free", "ok:free", "paid/ok", "paid/ok"])
        self.assertEqual(self.up.asked("ok:free"), 2)

    def test_a_used_up_minute_spills_without_asking(self):
        gate = self.spillway(self.config("ok:free", free_rpm=3))
        models = [gate.chat("m").header("x-spillway-model") for _ in range(5)]
        self.assertEqual(models.count("ok:free"), 3)

    def test_an_account_level_429_closes_every_free_model_of_the_account(self):
        text = provider("up", self.up.port)
        text += route("m", [("up", "429-day:free")], [("up", "paid/ok")], policies=["free_first"])
        text += route("n", [("up", "other/ok:free")], [("up", "paid/ok")], policies=["free_first"])
        gate = self.spillway(text)
        self.assertEqual(gate.chat("m").header("x-spillway-model"), "paid/ok")
        self.assertEqual(gate.chat("n").header("x-spillway-model"), "paid/ok")
        self.assertEqual(self.up.asked("other/ok:free"), 0)

    def test_an_upstream_429_cools_only_its_model(self):
        text = provider("up", self.up.port)
        text += route("m", [("up", "429-upstream:free")], [("up", "paid/ok")], policies=["free_first", "breaker"])
        text += route("n", [("up", "other/ok:free")], [("up", "paid/ok")], policies=["free_first", "breaker"])
        gate = self.spillway(text)
        for _ in range(3):
            self.assertEqual(gate.chat("m").header("x-spillway-model"), "paid/ok")
        self.assertEqual(self.up.asked("429-upstream:free"), 1, "cooling: asked once only")
        self.assertEqual(gate.chat("n").header("x-spillway-model"), "other/ok:free")

    def test_never_is_absolute_and_says_when(self):
        gate = self.spillway(self.config("ok:free", spill="never", free_rpd=1))
        self.assertEqual(gate.chat("m").status, 200)
        answer = gate.chat("m")
        self.assertEqual(answer.status, 429)
        self.assertGreater(int(answer.header("retry-after")), 0)
        self.assertEqual(self.up.asked("paid/ok"), 0)

    def test_the_ledger_survives_a_restart(self):
        import tempfile

        with tempfile.TemporaryDirectory() as directory:
            store = f"sqlite:{directory}/state.db"
            first = self.spillway(self.config("ok:free", free_rpd=2), store=store)
            self.assertEqual(first.chat("m").header("x-spillway-model"), "ok:free")
            self.assertEqual(first.chat("m").header("x-spillway-model"), "ok:free")
            self.stack.remove(first)
            first.stop()
            second = self.spillway(self.config("ok:free", free_rpd=2), store=store)
            self.assertEqual(second.chat("m").header("x-spillway-model"), "paid/ok")

    def test_workers_share_the_ledger(self):
        gate = self.spillway(self.config("ok:free", free_rpd=5), workers=3)
        models = [gate.chat("m").header("x-spillway-model") for _ in range(12)]
        self.assertEqual(models.count("ok:free"), 5)


class Breaker(Case):
    def setUp(self):
        super().setUp()
        self.up = self.mock()

    def test_a_circuit_opens_and_closes_again(self):
        text = provider("up", self.up.port) + route("m", [("up", "fail-2-then-ok")], [("up", "other/ok")], policies=["breaker"])
        text += "[policy.breaker]\nconsecutive = 2\nopen_s = 1\nprobes_to_close = 1\n"
        gate = self.spillway(text)
        self.assertEqual(gate.chat("m").header("x-spillway-model"), "other/ok")
        asked = self.up.asked("fail-2-then-ok")
        self.assertEqual(asked, 2, "once, and once more at the same (rule 14)")
        for _ in range(5):
            self.assertEqual(gate.chat("m").header("x-spillway-model"), "other/ok")
        self.assertEqual(self.up.asked("fail-2-then-ok"), asked, "open: nobody asks")
        wait_until(lambda: gate.chat("m").header("x-spillway-model") == "fail-2-then-ok", what="the circuit closing")
        self.assertEqual(gate.chat("m").header("x-spillway-model"), "fail-2-then-ok")

    def test_allowed_fails_means_the_next_one_cools(self):
        text = provider("up", self.up.port) + route("m", [("up", "status-504")], [("up", "other/ok")], policies=["breaker"])
        text += "[policy.breaker]\nallowed_fails = 2\ncooldown_s = 120\n"
        gate = self.spillway(text)
        for _ in range(6):
            gate.chat("m")
        self.assertEqual(self.up.asked("status-504"), 3)

    def test_everything_open_is_one_clear_answer(self):
        text = provider("up", self.up.port) + route("m", [("up", "status-504")], policies=["breaker"])
        text += "[policy.breaker]\nconsecutive = 1\nopen_s = 30\n"
        gate = self.spillway(text)
        gate.chat("m")
        answers = [gate.chat("m") for _ in range(5)]
        self.assertTrue(all(answer.status in (503, 504) for answer in answers), [answer.status for answer in answers])
        refused = [answer for answer in answers if answer.status == 503]
        self.assertTrue(all(int(answer.header("retry-after")) >= 1 for answer in refused))

    def test_workers_share_the_breaker(self):
        text = provider("up", self.up.port) + route("m", [("up", "status-504")], [("up", "other/ok")], policies=["breaker"])
        text += "[policy.breaker]\nconsecutive = 3\nopen_s = 60\n"
        gate = self.spillway(text, workers=3)
        for _ in range(20):
            gate.chat("m")
        self.assertEqual(self.up.asked("status-504"), 3)


class Cache(Case):
    def setUp(self):
        super().setUp()
        self.up = self.mock()
        self.gate = self.spillway(provider("up", self.up.port) + route("m", [("up", "sse-3-0ms")], policies=["cache"])
                                  + route("slow", [("up", "delay-400")], policies=["cache"]))

    def test_repeats_come_from_the_cache_in_either_form(self):
        first = self.gate.chat("m", temperature=0)
        self.assertEqual(first.header("x-spillway-cache"), "miss")
        second = self.gate.chat("m", temperature=0)
        self.assertEqual(second.header("x-spillway-cache"), "hit")
        self.assertEqual(second.body, first.body)
        self.assertIsNotNone(second.header("age"))
        streamed = self.gate.chat("m", stream=True, temperature=0)
        self.assertEqual(streamed.header("x-spillway-cache"), "hit")
        self.assertEqual(streamed.words(), first.json()["choices"][0]["message"]["content"])
        self.assertEqual(streamed.events()[-1], "[DONE]")
        self.assertEqual(self.up.asked("sse-3-0ms"), 1)

    def test_streams_are_kept_and_serve_plain_requests(self):
        first = self.gate.chat("m", stream=True, temperature=0, seed=5)
        self.assertEqual(first.header("x-spillway-cache"), "miss")
        plain = self.gate.chat("m", temperature=0, seed=5)
        self.assertEqual(plain.header("x-spillway-cache"), "hit")
        self.assertEqual(plain.json()["choices"][0]["message"]["content"], first.words())

    def test_only_deterministic_requests_and_no_store(self):
        self.assertEqual(self.gate.chat("m").header("x-spillway-cache"), "bypass")
        self.assertEqual(self.gate.chat("m", temperature=0.7).header("x-spillway-cache"), "bypass")
        quiet = {"cache-control": "no-store"}
        self.assertEqual(self.gate.chat("m", temperature=0, headers=quiet).header("x-spillway-cache"), "bypass")
        self.assertEqual(self.gate.chat("m", temperature=0).header("x-spillway-cache"), "miss")
        again = {"cache-control": "no-cache"}
        self.assertNotEqual(self.gate.chat("m", temperature=0, headers=again).header("x-spillway-cache"), "hit")

    def test_equal_requests_at_once_ask_once(self):
        import threading

        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.gate.chat("slow", temperature=0))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([answer.status for answer in answers], [200] * 8)
        self.assertEqual(self.up.asked("delay-400"), 1)

    def test_failures_are_not_kept(self):
        gate = self.spillway(provider("up", self.up.port) + route("f", [("up", "fail-2-then-ok")], policies=["cache"]))
        self.assertNotEqual(gate.chat("f", temperature=0).status, 200)
        self.assertEqual(gate.chat("f", temperature=0).header("x-spillway-cache"), "miss")
        self.assertEqual(gate.chat("f", temperature=0).header("x-spillway-cache"), "hit")
