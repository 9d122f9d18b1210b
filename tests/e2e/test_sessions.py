"""`sticky` in the real binary: sessions stay with who answered them, over workers and reloads."""

from harness import Case, provider, request, route

FREE = [("up", f"{name}/ok:free") for name in "abcdef"]
POLICIES = ["free_first", "breaker", "sticky"]


class Sessions(Case):
    def setUp(self):
        super().setUp()
        self.up = self.mock()

    def config(self, *tiers, more=""):
        return provider("up", self.up.port) + route("m", *tiers, policies=POLICIES) + more

    def model(self, gate, session, **more):
        answer = gate.chat("m", headers={"x-session-id": session} if session else None, **more)
        self.assertEqual(answer.status, 200, answer.body[:300])
        return answer.header("x-spillway-model"), answer.header("x-spillway-sticky")

    def test_a_session_stays_and_sessions_are_spread(self):
        gate = self.spillway(self.config(FREE), workers=2)
        first = {f"s{n}": self.model(gate, f"s{n}") for n in range(20)}
        self.assertEqual({how for _, how in first.values()}, {"new"})
        self.assertEqual(len({model for model, _ in first.values()}), 5, "the best five of six, which are all equal")
        for _ in range(3):  # every request is a connection of its own, so both workers are asked
            for session, (model, _) in first.items():
                self.assertEqual(self.model(gate, session), (model, "kept"))
        self.assertEqual({self.model(gate, None, user="s1") for _ in range(4)}, {(first["s1"][0], "kept")})
        self.assertIsNone(self.model(gate, None)[1])
        counts = request(gate.admin, path="/admin/status").json()["sticky"]
        self.assertEqual(counts, {"new": 20, "kept": 64, "repaired": 0, "without_session": 1})
        metrics = gate.metrics()
        self.assertEqual(metrics["spillway_sticky_kept_total"], 64)

    def test_a_pin_breaks_when_its_candidate_fails_and_stays_repaired_over_a_reload(self):
        # It fails once and is well from then on; free_first passes that on, where rule 14 would repeat it in place.
        flaky = [("up", "a/fail-1-then-ok:free"), ("up", "b/ok:free")]
        gate = self.spillway(self.config(flaky))
        answers = {}
        for session in (f"s{n}" for n in range(20)):
            answers[session] = gate.chat("m", headers={"x-session-id": session})
            if answers[session].header("x-spillway-attempts") == "2":
                break
        self.assertEqual(answers[session].header("x-spillway-model"), "b/ok:free")
        self.assertTrue(answers[session].header("x-spillway-trail").startswith("up/a/fail-1-then-ok:free 503"))
        self.assertEqual([self.model(gate, session) for _ in range(4)], [("b/ok:free", "kept")] * 4)
        gate.reload(self.config([*FREE, *flaky]))
        self.assertEqual(self.model(gate, session), ("b/ok:free", "kept"))

    def test_a_pin_moves_when_its_model_leaves_the_config_and_does_not_when_others_come(self):
        gate = self.spillway(self.config(FREE))
        model, _ = self.model(gate, "s")
        gate.reload(self.config([("up", "0/ok:free"), *reversed(FREE)]))
        self.assertEqual(self.model(gate, "s"), (model, "kept"))
        gate.reload(self.config([target for target in FREE if target[1] != model]))
        moved, how = self.model(gate, "s")
        self.assertEqual((how, moved != model), ("repaired", True))
        gate.reload(self.config(FREE))
        self.assertEqual(self.model(gate, "s"), (moved, "kept"))

    def test_a_session_that_spills_sticks_there_and_returns(self):
        paid = [("up", f"{name}/ok") for name in "vwxyz"]
        gate = self.spillway(provider("up", self.up.port, free_rpd=1) + route("m", FREE, paid, policies=POLICIES))
        self.assertTrue(self.model(gate, "s")[0].endswith(":free"))
        model, how = self.model(gate, "s")
        self.assertEqual((how, model.endswith(":free")), ("new", False))
        self.assertEqual({self.model(gate, "s") for _ in range(6)}, {(model, "kept")})
