#!/usr/bin/env python3
"""The parts of the harness that need no process: statistics, goals, table, chart, prompts. Under a second."""

import json
import pathlib
import sys
import types
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness import chart, goals, handshakes, micro, plan, prompt, simulation, table
from harness.client import Connection
from harness.stats import Results, Sample
from harness.work import Work, size_name


def samples(work, peer, value, figures):
    return [Sample(work, peer, number, {value: figure}) for number, figure in enumerate(figures)]


class Statistics(unittest.TestCase):
    def test_ratio_is_the_median_of_the_rounds_own(self):
        # The second round was twice as slow for everybody; medians of each side would say 20 / 12.
        results = Results(samples("w", "ours", "cpu_us", [10, 20, 30]) + samples("w", "nginx", "cpu_us", [12, 24, 12]))
        self.assertAlmostEqual(results.ratio("w", "ours", "cpu_us", "nginx"), 10 / 12)

    def test_rounds_that_failed_are_not_counted(self):
        results = Results(samples("w", "ours", "rps", [5, 7]))
        results.add(Sample("w", "ours", 2, {"rps": 1000}, "3 bad answers"))
        self.assertEqual(results.median("w", "ours", "rps"), 6)
        self.assertIn("1 of 3 rounds failed", results.failure("w", "ours"))

    def test_a_peer_that_always_fails_has_no_figure_but_a_reason(self):
        results = Results([Sample("w", "ours", 0, {}, "500"), Sample("w", "ours", 1, {}, "500")])
        self.assertIsNone(results.median("w", "ours", "rps"))
        self.assertIsNone(results.ratio("w", "ours", "rps", "nginx"))
        self.assertEqual(results.failure("w", "ours"), "500")

    def test_ratio_needs_the_same_round_of_both(self):
        results = Results([Sample("w", "ours", 0, {"x": 1}), Sample("w", "nginx", 1, {"x": 1})])
        self.assertIsNone(results.ratio("w", "ours", "x", "nginx"))

    def test_added_is_over_direct_of_the_same_round(self):
        results = Results(samples("w", "ours", "p99_us", [30, 50]) + samples("w", "direct", "p99_us", [10, 40]))
        self.assertEqual(results.added("w", "ours", "p99_us"), 15)


class Goals(unittest.TestCase):
    KEY = "requests 1 KB x 64"

    def verdict(self, results, what, peer):
        return next(one for one in goals.judge(results) if one.goal.what.startswith(what) and one.peer == peer)

    def test_a_ratio_at_its_limit_is_reached_and_above_it_is_not(self):
        both = samples(self.KEY, "spillway", "cpu_us", [15]) + samples(self.KEY, "spillway-chain", "cpu_us", [17.2])
        results = Results(both + samples(self.KEY, "nginx", "cpu_us", [20]))
        what = "CPU per request, 1 KB, 64"
        self.assertEqual(self.verdict(results, what, "spillway").word, "reached")
        self.assertEqual(self.verdict(results, what, "spillway-chain").word, "not reached")

    def test_what_was_not_measured_is_said_so(self):
        self.assertEqual({one.word for one in goals.judge(Results())}, {"not measured"})

    def test_the_largest_number_of_idle_connections_is_judged(self):
        results = Results(
            [Sample(f"idle {n}", "spillway", 0, {"idle_kib": kib}) for n, kib in ((1000, 0.5), (10000, 0.7))]
        )
        results.add(Sample("idle 1000 tls", "spillway", 0, {"idle_kib": 19}))
        self.assertEqual(self.verdict(results, "memory per idle connection", "spillway").figure, 0.7)
        self.assertEqual(self.verdict(results, "memory per idle TLS", "spillway").figure, 19)

    def test_added_latency_is_compared_with_nginx(self):
        of = {"direct": 100, "nginx": 500, "spillway": 300}
        results = Results([Sample("rate 1000", peer, 0, {"p99_us": us}) for peer, us in of.items()])
        self.assertEqual(self.verdict(results, "added p99 at 1,000/s", "spillway").figure, 0.5)

    def test_every_goal_names_a_measurement_of_the_full_run(self):
        keys = {work.key for work in plan.full(1, 10_000)}
        for goal in goals.GOALS:
            found = goals.largest(Results([Sample(key, "nginx", 0, {}) for key in keys]), goal.work)
            self.assertIn(found, keys)

    def test_keys_are_unique(self):
        for works in plan.full(1, 10_000), plan.quick(1), plan.micro(1), plan.instructions():
            keys = [work.key for work in works]
            self.assertEqual(len(keys), len(set(keys)))


class Reports(unittest.TestCase):
    def work(self):
        work = Work()
        work.section, work.key, work.title = "requests", "requests 1 KB x 64", "1 KB prompts"
        return work

    def results(self):
        figures = {"rps": 1234.5, "cpu_us": 20.04}
        return Results(
            [Sample(self.work().key, "nginx", 0, figures), Sample(self.work().key, "h2o", 0, {}, "no answer")]
        )

    def test_a_row_for_each_peer_and_failures_in_words(self):
        text = table.work_table(self.results(), self.work(), {"nginx": "nginx", "h2o": "h2o"})
        self.assertIn("| nginx | 1,234 | 20.0 | 1.00 | - |", text)
        self.assertIn("| h2o (no answer) | - | - | - | - |", text)

    def test_every_section_of_the_plans_has_columns_and_a_heading(self):
        for work in plan.full(1, 10_000) + plan.quick(1) + plan.micro(1) + plan.instructions():
            self.assertIn(work.section, table.COLUMNS)
            self.assertIn(work.section, table.HEADINGS)

    def test_the_report_says_what_was_left_out(self):
        machine = dict.fromkeys(("commit", "system", "kernel", "cpu", "pinning"), "x")
        machine |= dict.fromkeys(("cores", "memory_gib", "open_files", "others_busy_cores", "others_busy_after"), 1)
        run = types.SimpleNamespace(
            name="n",
            when="2000-01-01 00:00",
            command="c",
            rounds=1,
            took_s=60,
            machine=machine,
            versions={"nginx": "1"},
            skipped={"HAProxy": "haproxy is not installed"},
            unfit={("requests", "Portkey"): "it cannot"},
            works=[self.work()],
            titles={"nginx": "nginx", "h2o": "h2o"},
            results=self.results(),
            chart="n.svg",
            functions=[],
        )
        text = table.report(run)
        self.assertIn("HAProxy: haproxy is not installed", text)
        self.assertIn("Portkey: it cannot", text)

    def test_the_chart_is_xml_and_cuts_high_bars_with_their_figure(self):
        text = chart.svg("a < b", [("1 KB", {"nginx": 1.0, "slow": 51.4}), ("1 MB", {"nginx": 1.0})], ["nginx", "slow"])
        root = xml.etree.ElementTree.fromstring(text)
        space = "{http://www.w3.org/2000/svg}"
        bars = [one for one in root.iter(space + "rect") if one.find(space + "title") is not None]
        self.assertEqual(len(bars), 3)
        self.assertTrue(all(0 <= float(bar.get("y")) <= chart.TOP + chart.PLOT_HEIGHT for bar in bars))
        self.assertIn("51.4", [one.text for one in root.iter(space + "text")])

    def test_a_chart_of_nothing_is_still_a_chart(self):
        xml.etree.ElementTree.fromstring(chart.of_results(Results(), [], {}))


class Functions(unittest.TestCase):
    def row(self, name, ns, **more):
        return {"run_name": name, "run_type": "iteration", "cpu_time": ns, "family_index": 0,
                "per_family_instance_index": 0} | more  # fmt: skip

    def test_figures_are_medians_and_aggregates_are_not_counted_again(self):
        rows = [self.row("f", ns, bytes_per_second=1e9, out_p50_ns=7) for ns in (10, 40, 20)]
        rows.append(self.row("f", 999) | {"run_type": "aggregate"})
        (one,) = micro.figures(rows)
        self.assertEqual((one["ns"], one["low"], one["high"], one["rate"]), (20, 10, 40, 1e9))
        self.assertEqual(one["own"], {"out_p50_ns": 7})

    def test_one_that_failed_is_no_figure(self):
        with self.assertRaises(micro.Failed):
            micro.figures([self.row("f", 1, error_occurred=True, error_message="why")])

    def test_a_hook_is_what_more_policies_add(self):
        of = {0: 30, 1: 120, 9: 520}
        found = micro.figures([self.row(f"chain_of_nothing/policies:{n}", ns) for n, ns in of.items()])
        self.assertEqual([one[3] for one in micro.goals(found)], [50])
        self.assertTrue(micro.reached(micro.goals(found)[0]))

    def test_a_rate_is_reached_from_below(self):
        found = micro.figures([self.row("inspect_and_splice/bytes:100000", 1, bytes_per_second=1.9e9)])
        self.assertFalse(micro.reached(micro.goals(found)[0]))


class Simulated(unittest.TestCase):
    def policy(self, name, free, avoidable=0):
        lost = {"chance": 2, "quota": 0}
        return {"name": name, "requests": 200, "free": free, "paid": 200 - free, "errors": avoidable,
                "avoidable_errors": avoidable, "attempts": 400, "free_attempts_lost": lost, "usd": 1.5,
                "wait_p50_ms": 0, "wait_p99_ms": 1200}  # fmt: skip

    def run_of(self, *policies):
        return {"free_most": 100, "free_most_with_dice": 98, "hopeless": 0, "usd_least": 1, "policies": list(policies)}

    def test_shares_are_of_the_bound_and_attempts_of_the_requests(self):
        row = simulation.lines(self.run_of(self.policy("free_first", 97)))[1]
        self.assertEqual(row[:4] + row[6:8], ["free_first", "97", "97.0 %", "99.0 %", "2.00", "2"])

    def test_goals_are_those_of_our_policy_and_judged_by_each_bound(self):
        run = self.run_of(self.policy("other", 100), self.policy(simulation.OURS, 97, avoidable=1))
        self.assertEqual([one[3] for one in simulation.goals(run)], [False, True, False])

    def test_the_chart_is_xml(self):
        xml.etree.ElementTree.fromstring(simulation.figure(self.run_of(self.policy("free_first", 97))))


class Gaps(unittest.TestCase):
    def test_p99_is_a_value_that_was_measured(self):
        self.assertEqual(handshakes.p99(list(range(1000))), 990)


class Prompts(unittest.TestCase):
    def test_bodies_are_json_of_exactly_that_size_with_the_model_last(self):
        for size in 1000, 10_000, 100_000:
            text = prompt.body(size)
            self.assertEqual(len(text), size)
            self.assertEqual(list(json.loads(text))[-1], "model")

    def test_only_cacheable_bodies_are_deterministic_by_their_words(self):
        self.assertNotIn("temperature", json.loads(prompt.body(1000)))
        self.assertEqual(json.loads(prompt.body(1000, cacheable=True))["temperature"], 0)

    def test_sizes_are_named(self):
        self.assertEqual([size_name(size) for size in (1000, 100_000, 1_000_000)], ["1 KB", "100 KB", "1 MB"])


class Hearing(unittest.TestCase):
    def test_events_are_counted_however_the_bytes_are_cut(self):
        text = b"HTTP/1.1 200 OK\r\n\r\n" + b"5\r\ndata: {}\n\n\r\n" * 7 + b"0\r\n\r\n"
        for size in 19, 20, 23, 64, len(text):
            pieces = [text[at : at + size] for at in range(0, len(text), size)]
            one = Connection.__new__(Connection)
            one.socket = types.SimpleNamespace(recv=lambda _, left=iter(pieces): next(left))
            one.events, one.last = 0, b""
            goes_on = [one.hear() for _ in pieces]
            self.assertEqual(one.events, 7, size)
            self.assertEqual(goes_on, [True] * (len(pieces) - 1) + [False])


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(failed > 0)
