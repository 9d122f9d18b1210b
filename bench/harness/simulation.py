"""The policy simulation (bench/policy): runs it, and makes table, chart and goals of its JSON."""

import json
import pathlib
import subprocess

from . import chart, table

BINARY = pathlib.Path(__file__).resolve().parents[2] / "build/release/bench/policy/simulation"
OURS = "free_first, stay"  # which every pool of one account's free models should have
SHARE = 0.98  # of the bound

# What else is run, to see how much hangs on figures that nobody knows.
OTHERS = [
    ("half the trouble", ["--trouble", "0.5"]),
    ("twice the trouble", ["--trouble", "2"]),
    ("four times the trouble", ["--trouble", "4"]),
    ("failed calls are not counted", ["--failed-calls-are-free"]),
]
COLUMNS = ["", "free answers", "of the bound", "with dice", "errors", "avoidable", "attempts a request",
           "free calls lost", "paid, USD", "added wait p50, ms", "p99, ms"]  # fmt: skip


def simulate(seeds, options=()):
    command = [str(BINARY), "--seeds", str(seeds), *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def share(policy, day, bound="free_most"):
    return policy["free"] / day[bound] if day[bound] else 1.0


def lines(run):
    requests = run["policies"][0]["requests"]
    rows = [["upper bound", f"{run['free_most']:,}", "100.0 %", "", f"{run['hopeless']:,}", "0", "1.00", "0",
             f"{run['usd_least']:,.2f}", "0", "0"]]  # fmt: skip
    for one in run["policies"]:
        rows.append(
            [
                one["name"],
                f"{one['free']:,}",
                f"{100 * share(one, run):.1f} %",
                f"{100 * share(one, run, 'free_most_with_dice'):.1f} %",
                f"{one['errors']:,}",
                f"{one['avoidable_errors']:,}",
                f"{one['attempts'] / requests:.2f}",
                f"{sum(one['free_attempts_lost'].values()):,}",
                f"{one['usd']:,.2f}",
                f"{one['wait_p50_ms']:,}",
                f"{one['wait_p99_ms']:,}",
            ]
        )
    return rows


def other_lines(others):
    names = [one["name"] for one in others[0][1]["policies"]]
    rows = [[what] + [f"{100 * share(one, run):.1f} %, {one['avoidable_errors']:,}" for one in run["policies"]]
            for what, run in others]  # fmt: skip
    return [""] + names, rows


def lost_lines(run):
    causes = list(run["policies"][0]["free_attempts_lost"])
    names = [""] + [cause.replace("_", " ") for cause in causes]
    return names, [[one["name"]] + [f"{one['free_attempts_lost'][cause]:,}" for cause in causes]
                   for one in run["policies"]]  # fmt: skip


def goals(run):
    """[(what, limit, figure, reached)]"""
    ours = next(one for one in run["policies"] if one["name"] == OURS)
    of_all, of_dice = share(ours, run), share(ours, run, "free_most_with_dice")
    return [
        ("share of the bound that knows everything", f">= {SHARE:.0%}", f"{of_all:.2%}", of_all >= SHARE),
        ("share of the bound that has to throw the dice too", f">= {SHARE:.0%}", f"{of_dice:.2%}", of_dice >= SHARE),
        ("client-visible errors that could be avoided", "0", str(ours["avoidable_errors"]),
         ours["avoidable_errors"] == 0),
    ]  # fmt: skip


def goal_lines(run):
    return [[what, limit, figure, "reached" if reached else "**not reached**"]
            for what, limit, figure, reached in goals(run)]  # fmt: skip


def figure(run):
    requests = run["policies"][0]["requests"]
    parts = {
        "free answers lost, % of the bound": lambda one: 100 * (1 - share(one, run)),
        "attempts a request": lambda one: one["attempts"] / requests,
        "avoidable errors, in 1,000 requests": lambda one: 1000 * one["avoidable_errors"] / requests,
    }
    groups = [(label, {one["name"]: of(one) for one in run["policies"]}) for label, of in parts.items()]
    title = "What routing costs on simulated days (lower is better)"
    return chart.svg(title, groups, [one["name"] for one in run["policies"]], 6, 1)


def report(run, others, command):
    days = run["days"]
    least = min((share(day["policies"][OURS], day), day["seed"]) for day in days)
    return "\n\n".join(
        [
            "# Policies over simulated days",
            f"`{command}`: {len(days)} days, {run['policies'][0]['requests']:,} requests. The world, the bound and the "
            "rules are stated in [bench/policy](../policy/README.md); the same arguments give the same bytes.",
            table.rows(COLUMNS, lines(run)),
            f"`{OURS}` on its worst day (seed {least[1]}): {least[0]:.1%} of the bound.",
            table.rows(["goal", "limit", "simulated", ""], goal_lines(run)),
            "## Calls of free models that failed, by cause",
            table.rows(*lost_lines(run)),
            "## Other worlds: share of the bound, and avoidable errors",
            table.rows(*other_lines(others)),
            "![What routing costs](policy.svg)",
        ]
    ) + "\n"  # fmt: skip


def bench(seeds, results):
    run = simulate(seeds)
    others = [("as stated", run)] + [(what, simulate(seeds, options)) for what, options in OTHERS]
    command = "./dev bench --policy" + ("" if seeds == 20 else f" --seeds {seeds}")
    text = report(run, others, command)
    print(text, end="")
    stem = "policy" if seeds == 20 else f"policy-{seeds}"
    results.mkdir(exist_ok=True)
    (results / f"{stem}.md").write_text(text.replace("policy.svg", f"{stem}.svg"))
    (results / f"{stem}.svg").write_text(figure(run))
    kept = {"command": command, "others": {what: {**one, "days": None} for what, one in others[1:]}, **run}
    (results / f"{stem}.json").write_text(json.dumps(kept, indent=1) + "\n")
    print(f"\n{results / stem}.md")
