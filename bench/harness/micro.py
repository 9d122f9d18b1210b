"""The product's own functions, by Google Benchmark (bench/micro): medians of repetitions, and the goals they have."""

import json
import pathlib
import statistics
import subprocess

BINARY = pathlib.Path(__file__).resolve().parents[2] / "build/release/bench/micro/micro"


class Failed(RuntimeError):
    pass


def run(core, repetitions, seconds, only="."):
    """[{"name", "ns", "spread", "rate", "own": {counter: value}}], in the order of the program."""
    command = ["taskset", "-c", str(core), str(BINARY), f"--benchmark_filter={only}", "--benchmark_format=json"]
    command += [f"--benchmark_repetitions={repetitions}", f"--benchmark_min_time={seconds}"]
    # Repetitions of all in turn, because noise comes in spells longer than one.
    command += ["--benchmark_enable_random_interleaving=true"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"micro: {done.stderr.strip()[-400:]}")
    return figures(json.loads(done.stdout)["benchmarks"])


USUAL = {
    "name", "run_name", "run_type", "family_index", "per_family_instance_index", "repetitions", "repetition_index",
    "threads", "iterations", "real_time", "cpu_time", "time_unit", "bytes_per_second", "items_per_second",
    "error_occurred", "error_message",
}  # fmt: skip


def figures(rows):
    by_name = {}
    for row in rows:
        if row.get("run_type") == "iteration":
            if row.get("error_occurred"):
                raise Failed(f"{row['run_name']}: {row.get('error_message')}")
            by_name.setdefault(row["run_name"], []).append(row)
    return [figure(name, repeated) for name, repeated in sorted(by_name.items(), key=lambda one: order(one[1][0]))]


def order(row):
    return row["family_index"], row["per_family_instance_index"]


def figure(name, repeated):
    times = sorted(one["cpu_time"] for one in repeated)
    found = {"name": name, "ns": statistics.median(times), "low": times[0], "high": times[-1]}
    found["rate"] = median_of(repeated, "bytes_per_second")
    found["own"] = {key: median_of(repeated, key) for key in repeated[0] if key not in USUAL}
    return found


def median_of(repeated, key):
    values = [one[key] for one in repeated if key in one]
    return statistics.median(values) if values else None


def goals(found):
    """[(what, at least or at most, limit, figure, unit)] of what was measured."""
    by_name = {one["name"]: one for one in found}

    def ns(name):
        return by_name[name]["ns"] if name in by_name else None

    hook = None
    if ns("chain_of_nothing/policies:9") is not None and ns("chain_of_nothing/policies:1") is not None:
        hook = (ns("chain_of_nothing/policies:9") - ns("chain_of_nothing/policies:1")) / 8
    body, whole = by_name.get("inspect_and_splice/bytes:100000"), by_name.get("whole_request/plain/bytes:1000")
    stated = [
        ("inspecting and splicing 100 KB", ">=", 2, body["rate"] / 1e9 if body else None, "GB/s"),
        ("a hook that does nothing", "<=", 50, hook, "ns"),
        ("cache, free_first and breaker on a request", "<=", 500, ns("chain_of_three/cacheable:0"), "ns"),
        ("client's bytes to provider's, p50, 1 KB, plain", "<=", 2000, whole["own"]["out_p50_ns"] if whole else None,
         "ns"),
    ]  # fmt: skip
    return [one for one in stated if one[3] is not None]


def reached(goal):
    _, side, limit, value, _ = goal
    return value >= limit if side == ">=" else value <= limit


def goal_lines(found):
    return [
        [what, f"{side} {limit:,g} {unit}", f"{value:,.2f}" if value < 100 else f"{value:,.0f}",
         "reached" if reached((what, side, limit, value, unit)) else "**not reached**"]
        for what, side, limit, value, unit in goals(found)
    ]  # fmt: skip


def lines(found):
    """Rows of a table: name, ns, lowest and highest of the repetitions, GB/s, counters of its own."""
    return [
        [
            one["name"],
            f"{one['ns']:,.0f}" if one["ns"] >= 100 else f"{one['ns']:,.1f}",
            f"{one['low']:,.0f} - {one['high']:,.0f}",
            f"{one['rate'] / 1e9:.2f}" if one["rate"] else "",
            ", ".join(f"{key.removesuffix('_ns').replace('_', ' ')} {value:,.0f}" for key, value in one["own"].items()),
        ]
        for one in found
    ]
