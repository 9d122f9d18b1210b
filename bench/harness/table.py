"""The report in Markdown."""

from . import goals, micro

# What a section shows: (value, title, decimals).
COLUMNS = {
    "requests": [("rps", "req/s", 0), ("p50_us", "p50 us", 0), ("p99_us", "p99 us", 0), ("cpu_us", "CPU us", 1),
                 ("user_us", "user", 1), ("kernel_us", "kernel", 1)],
    "streams": [("eps", "events/s", 0), ("first_us", "first word p50 us", 0), ("late_p50_us", "event p50 us", 0),
                ("late_p99_us", "event p99 us", 0), ("cpu_us", "CPU us an event", 1), ("user_us", "user", 1),
                ("kernel_us", "kernel", 1)],
    "rate": [("p50_us", "p50 us", 0), ("p90_us", "p90 us", 0), ("p99_us", "p99 us", 0), ("cpu_us", "CPU us", 1)],
    "start": [("start_ms", "ms", 1), ("start_mib", "PSS MiB", 1)],
    "memory": [("idle_kib", "KiB a connection", 2), ("stream_kib", "KiB a stream", 2), ("pss_mib", "PSS MiB", 1)],
    "calls": [("calls_request", "a request", 2), ("calls_event", "an event", 2)],
    "instructions": [("instructions", "user instructions", 0)],
    "handshakes": [("quiet_p99_ms", "p99 ms without", 2), ("busy_p99_ms", "with", 2), ("added_p99_ms", "added", 2),
                   ("busy_max_ms", "longest with", 2), ("core_share", "cores busy with", 2)],
}  # fmt: skip
COLUMNS |= {name: COLUMNS["requests"] for name in ("tls", "cache hits", "two workers")}

HEADINGS = {
    "requests": "Requests, closed loop (wrk), one worker on a core of its own",
    "streams": "Streams",
    "rate": "Requests, open loop",
    "tls": "TLS in front",
    "cache hits": "Cache hits (Spillway) beside proxying",
    "two workers": "Two workers",
    "memory": "Memory (PSS, by difference)",
    "handshakes": "Streams beside TLS handshakes",
    "start": "Start",
    "calls": "System calls (strace)",
    "instructions": "User-space instructions (callgrind, difference of two runs)",
}

# By which figure peers are compared.
COMPARED = {"calls": "calls_request", "instructions": "instructions", "start": "start_mib", "handshakes": "busy_p99_ms"}

FUNCTION_COLUMNS = ["function", "ns of CPU", "lowest - highest", "GB/s", "of its own, ns"]


FUNCTIONS = (
    "CPU time by Google Benchmark, the median of the repetitions, which are run in turn. `whole_request` and "
    "`stream_event` are a worker, client, request and pooled connection as the server makes them, with wires in memory "
    "for sockets: no system call but the clock's. `out` is from the client's bytes to the provider's (parsing, "
    "inspection, policies, splice, head), `back` from the provider's answer to the client's. Real requests are below, "
    "by wrk: their `user` column has libuv and the C library's side of the socket calls in it."
)


def compared(section, work):
    if section == "memory":
        return "stream_kib" if work.startswith("live") else "idle_kib"
    return COMPARED.get(section, "cpu_us")


def number(figure, decimals):
    return "-" if figure is None else f"{figure:,.{decimals}f}"


def rows(header, lines):
    rule = ["---"] + ["---:"] * (len(header) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, rule, *lines])


def goals_table(verdicts, of_functions=()):
    lines = [[what, "function", limit, figure, word] for what, limit, figure, word in of_functions]
    for one in verdicts:
        figure = "-" if one.figure is None else f"{one.figure:,.2f}" if one.figure < 100 else f"{one.figure:,.0f}"
        who = "whole chain" if one.peer == goals.CHAIN else "plain"
        lines.append(
            [
                one.goal.what,
                who,
                f"<= {one.limit:,g}",
                figure,
                f"**{one.word}**" if one.word == "not reached" else one.word,
            ]
        )
    return rows(["goal", "Spillway", "limit", "measured", ""], lines)


def work_table(results, work, titles):
    """One measurement: a row for each peer; what failed says so in its row."""
    columns = [
        column
        for column in COLUMNS[work.section]
        if any(results.median(work.key, peer, column[0]) is not None for peer in results.peers(work.key))
    ]
    value = compared(work.section, work.key)
    added = work.section == "rate"
    header = (
        [""]
        + [title for _, title, _ in columns]
        + (["added p50", "added p99"] if added else [])
        + ["x nginx", "x HAProxy"]
    )
    lines = []
    for peer in results.peers(work.key):
        failure = results.failure(work.key, peer)
        line = [titles[peer] + (f" ({failure})" if failure else "")]
        line += [number(results.median(work.key, peer, name), decimals) for name, _, decimals in columns]
        if added:
            line += [
                "-" if peer == "direct" else number(results.added(work.key, peer, one), 0)
                for one in ("p50_us", "p99_us")
            ]
        line += [number(results.ratio(work.key, peer, value, base), 2) for base in ("nginx", "haproxy")]
        lines.append(line)
    text = f"**{work.title}**\n\n" + rows(header, lines)
    for value, what in ("which", "a request"), ("which_event", "an event"):
        said = [
            f"{titles[peer]}: {results.text(work.key, peer, value)}"
            for peer in results.peers(work.key)
            if results.text(work.key, peer, value)
        ]
        if said:
            text += f"\n\nCalls for {what}. " + "; ".join(said) + "."
    return text


def report(run):
    """All of it. `run` has results, works, titles, skipped, unfit, machine, versions, chart, command, took_s, when."""
    machine = run.machine
    parts = [
        f"# {run.name}, {run.when}",
        f"`{run.command}` at {machine['commit']}, {run.took_s / 60:.1f} minutes, {run.rounds} rounds in turn. "
        "Figures are medians of the rounds; a ratio is the median of each round's own. How it is measured: "
        "[README](../README.md).",
        f"{machine['system']}, kernel {machine['kernel']}, {machine['cores']} cores of {machine['cpu']}, "
        f"{machine['memory_gib']} GiB, {machine['open_files']:,} open files; {machine['pinning']}. Before it began "
        f"others kept {machine['others_busy_cores']} cores busy, when it ended {machine['others_busy_after']}.",
        "Versions: " + "; ".join(f"{title} {version}" for title, version in run.versions.items() if version) + ".",
    ]
    if run.skipped:
        parts.append("Left out: " + "; ".join(f"{title}: {why}" for title, why in run.skipped.items()) + ".")
    if run.functions:
        verdicts = [one for one in goals.judge(run.results) if one.figure is not None]
        parts += ["## Goals", goals_table(verdicts, micro.goal_lines(run.functions)), "## Functions", FUNCTIONS]
        parts += [rows(FUNCTION_COLUMNS, micro.lines(run.functions))]
    else:
        parts += ["## Goals", goals_table(goals.judge(run.results))]
    if run.chart:
        parts.append(f"![CPU against nginx]({run.chart})")
    for section, heading in HEADINGS.items():
        works = [work for work in run.works if work.section == section and run.results.peers(work.key)]
        if works:
            parts.append(f"## {heading}")
            parts += [work_table(run.results, work, run.titles) for work in works]
        notes = [f"{title}: {why}" for (where, title), why in run.unfit.items() if where == section]
        if works and notes:
            parts.append("Not here: " + "; ".join(dict.fromkeys(notes)) + ".")
    return "\n\n".join(parts) + "\n"
