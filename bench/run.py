#!/usr/bin/env python3
"""Measures Spillway beside other proxies on this machine; see README.md. `./dev bench` installs and builds for it."""

import argparse
import dataclasses
import datetime
import json
import pathlib
import shlex
import signal
import sys
import time

import peers
from harness import chart, goals, machine, micro, plan, simulation, table
from harness.stage import Stage
from harness.stats import Results, Sample

RESULTS = pathlib.Path(__file__).resolve().parent / "results"
CONNECTIONS_MOST = 10_000  # idle ones; two descriptors in five are what Spillway gives to clients


@dataclasses.dataclass
class Run:
    """All that the report is made from."""

    name: str
    when: str
    command: str
    rounds: int
    works: list
    titles: dict
    machine: dict
    versions: dict
    skipped: dict = dataclasses.field(default_factory=dict)
    unfit: dict = dataclasses.field(default_factory=dict)
    results: Results = dataclasses.field(default_factory=Results)
    took_s: float = 0
    chart: str = ""
    functions: list = dataclasses.field(default_factory=list)  # of bench/micro


def options():
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measures Spillway beside other proxies.")
    parser.add_argument("--quick", action="store_true", help="the goals' figures only, in under five minutes")
    parser.add_argument("--micro", action="store_true", help="our own functions, start, handshakes; no peers")
    parser.add_argument("--instructions", action="store_true", help="user instructions by callgrind, exact; no peers")
    parser.add_argument("--policy", action="store_true", help="routing policies over simulated days; no peers")
    parser.add_argument("--seeds", type=int, default=20, help="of --policy: how many days (20)")
    parser.add_argument(
        "--peers", metavar="NAME,...", help="only these beside Spillway and the floor (else all but litellm and mock)"
    )
    parser.add_argument("--works", metavar="PART,...", help="only measurements whose key contains one of these")
    parser.add_argument("--rounds", type=int, help="how often each is measured (7; quick: 2)")
    parser.add_argument("--seconds", type=int, help="how long each time (4; quick: 1)")
    parser.add_argument("--name", help="of the result files (full or quick)")
    parser.add_argument("--list", action="store_true", help="name the peers and the measurements, and end")
    given = parser.parse_args()
    if given.quick + given.micro + given.instructions + given.policy > 1:
        parser.error("--quick, --micro, --instructions and --policy are runs of their own")
    if given.seeds < 1:
        parser.error("--seeds is at least 1")
    if given.rounds is not None and given.rounds < 1 or given.seconds is not None and given.seconds < 1:
        parser.error("--rounds and --seconds are at least 1")
    return given


def chosen_peers(given):
    """(those that can run here, {title: why not})"""
    known = {one.name: one for one in peers.all_peers()}
    wanted = [name for name, one in known.items() if one.default]
    if given.micro or given.instructions:
        wanted = list(peers.OURS)
    if given.peers:
        wanted = given.peers.split(",")
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise SystemExit(f"bench: there is no peer {', '.join(unknown)}; there are {', '.join(known)}")
        wanted = [name for name in known if name in wanted or name in peers.OURS]
    skipped = {known[name].title: known[name].missing() for name in wanted if known[name].missing()}
    return [known[name] for name in wanted if not known[name].missing()], skipped


def chosen_works(given, files):
    seconds = given.seconds or (1 if given.quick else 4)
    most = min(CONNECTIONS_MOST, files * 2 // 5 - 100)
    if given.micro:
        works = plan.micro(seconds)
    elif given.instructions:
        works = plan.instructions()
    else:
        works = plan.quick(seconds) if given.quick else plan.full(seconds, most)
    if given.works:
        works = [one for one in works if any(part in one.key for part in given.works.split(","))]
        if not works:
            raise SystemExit(f"bench: no measurement has {given.works} in its key (--list names them)")
    return works


def say(text, end="\n"):
    print(text, end=end, file=sys.stderr, flush=True)


def one_sample(stage, work, peer, number):
    name = peer.name if peer else "direct"
    try:
        return Sample(work.key, name, number, work.measure(stage, peer))
    except Exception as failure:  # a peer that fails has a row that says so; the others go on
        return Sample(work.key, name, number, {}, str(failure) or type(failure).__name__)


def summary(sample):
    if sample.failed:
        return sample.failed
    shown = [f"{name} {value:,.2f}" for name, value in sample.values.items() if isinstance(value, (int, float))]
    return "  ".join(shown[:5])


def fitting(stage, run, work, those):
    """Who takes part in a measurement: those it applies to who do its work rightly. None is direct."""
    taking_part = [None] if work.direct else []
    for peer in those:
        why = work.unfit(peer)
        if not why:
            taking_part.append(peer)
        elif why != "-":
            run.unfit[work.section, peer.title] = why
    for peer in list(taking_part):
        try:
            work.warm(stage, peer)
        except Exception as failure:
            note(run, work, Sample(work.key, peer.name if peer else "direct", 0, {}, str(failure)), "warm")
            taking_part.remove(peer)
    return taking_part


def note(run, work, sample, when):
    run.results.add(sample)
    say(f"  {work.key:24} {when:5} {run.titles[sample.peer]:24} {summary(sample)}")


def measure(stage, run, work, those):
    """All rounds of one measurement, the peers in turn."""
    rounds = 1 if work.once else run.rounds
    those = fitting(stage, run, work, those)
    for number in range(rounds):
        for peer in those:
            note(run, work, one_sample(stage, work, peer, number), f"{number + 1}/{rounds}")


def write(run):
    RESULTS.mkdir(exist_ok=True)
    stem = run.name if run.functions else f"{run.when[:10]}-{run.name}"  # of functions the last ones are kept
    if (RESULTS / f"{stem}.md").exists() and not run.functions:
        stem += run.when[10:].replace(":", "").replace(" ", "-")
    if any(run.results.peers(work.key) and "nginx" in run.results.peers(work.key) for work in run.works):
        run.chart = f"{stem}.svg"
        (RESULTS / run.chart).write_text(chart.of_results(run.results, run.works, run.titles))
    (RESULTS / f"{stem}.md").write_text(table.report(run))
    kept = {
        "name": run.name,
        "when": run.when,
        "command": run.command,
        "took_s": round(run.took_s, 1),
        "machine": run.machine,
        "versions": run.versions,
        "skipped": run.skipped,
        "functions": run.functions,
        "goals": [
            {
                "what": one.goal.what,
                "spillway": one.peer,
                "limit": one.limit,
                "measured": one.figure,
                "verdict": one.word,
            }
            for one in goals.judge(run.results)
        ],
        "samples": [dataclasses.asdict(one) for one in run.results.samples],
    }
    (RESULTS / f"{stem}.json").write_text(json.dumps(kept, indent=1) + "\n")
    return RESULTS / f"{stem}.md"


def kind(given):
    return next((one for one in ("quick", "micro", "instructions") if getattr(given, one)), "full")


def bench(given):
    files = machine.raise_file_limit()
    those, skipped = chosen_peers(given)
    works = chosen_works(given, files)
    if given.list:
        print("peers:", ", ".join(one.name for one in peers.all_peers()))
        print("measurements:", ", ".join(one.key for one in works))
        return
    for title, why in skipped.items():
        say(f"{title} is left out: {why}")
    cores = machine.Cores()
    run = Run(
        name=given.name or kind(given),
        when=datetime.datetime.now().strftime("%Y-%m-%d %H:%M"),
        command=shlex.join(["./dev", "bench", *sys.argv[1:]]),
        rounds=given.rounds or {"quick": 2, "micro": 3}.get(kind(given), 7),
        works=works,
        titles={"direct": "direct"} | {one.name: one.title for one in peers.all_peers()},
        machine=machine.describe() | {"pinning": cores.note()},
        versions={one.title: one.version() for one in those},
        skipped=skipped,
    )
    began = time.monotonic()
    if given.micro:
        say("functions (bench/micro)")
        run.functions = micro.run(min(cores.proxy), 3 * run.rounds, 0.1)
        print(table.rows(table.FUNCTION_COLUMNS, micro.lines(run.functions)))
    with Stage(cores) as stage:
        for place, work in enumerate(works):
            say(f"{work.title} ({place + 1} of {len(works)}, {(time.monotonic() - began) / 60:.1f} min)")
            measure(stage, run, work, those)
    run.took_s = time.monotonic() - began
    run.machine["others_busy_after"] = round(machine.busy_share(), 2)
    path = write(run)
    verdicts = goals.judge(run.results)
    measured = [one for one in verdicts if one.figure is not None]
    print(table.goals_table(measured, micro.goal_lines(run.functions)))
    if len(measured) < len(verdicts) and kind(given) in ("full", "quick"):
        print(f"\n{len(verdicts) - len(measured)} goals need measurements that were not part of this run.")
    print(f"\n{path}")


def main():
    given = options()
    if given.policy:  # its clock is virtual, so it minds nobody and nobody minds it
        return simulation.bench(given.seeds, RESULTS)
    # Ends by an exception, so that everything that was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: ended"))
    with machine.lock():
        bench(given)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("bench: interrupted")
