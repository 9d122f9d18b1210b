#!/usr/bin/env python3
"""Do `spillway bench` and wrk measure the same? Both load `spillway mock` in turns, with the same body and connections.

    bench/agree.py [--binary build/release/spillway] [--model delay-50] [--pairs 9] [--seconds 2] [--connections 64]

Prints medians, their quartiles and the ratio. A model that waits (delay-MS) keeps the machine idle enough for the figures
to be those of the tools; with `ok` the synthetic provider is saturated, and on a machine that has other work the two
differ by whatever that work takes. Everything stays on 127.0.0.1.
"""

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import tempfile
import time

FIGURES = ("requests/s", "mean ms", "p50 ms", "p90 ms", "p99 ms")


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


def run_wrk(options, url, script):
    command = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", "--latency", "-s", script, url]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit("wrk met errors:\n" + out)
    at = [re.search(rf"^ +{percent}%\s+(\S+)", out, re.M).group(1) for percent in (50, 90, 99)]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    return [rate, *map(milliseconds, [re.search(r"Latency\s+(\S+)", out).group(1), *at])]


def run_bench(options, url, body):
    command = [options.binary, "bench", url, "--connections", str(options.connections), "--warm-up", "0s",
               "--duration", f"{options.seconds}s", "--body", body, "--json", "-"]
    target = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["target"]
    if target["failed"]:
        raise SystemExit(f"spillway bench met errors: {target['errors']}")
    latency = target["latency_ms"]
    return [target["requests_per_s"], *(latency[name] for name in ("mean", "p50", "p90", "p99"))]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def measure(options, directory):
    body, script = os.path.join(directory, "body.json"), os.path.join(directory, "post.lua")
    text = json.dumps({"model": options.model, "messages": [{"role": "user", "content": "x" * 1024}]})
    with open(body, "w") as file:
        file.write(text)
    with open(script, "w") as file:
        file.write(f"wrk.method = 'POST'\nwrk.body = [[{text}]]\nwrk.headers['Content-Type'] = 'application/json'\n")
    port = free_port()
    mock = subprocess.Popen([options.binary, "mock", "--listen", f"127.0.0.1:{port}"], stdout=subprocess.PIPE)
    try:
        mock.stdout.readline()  # it listens
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        runs = {"wrk": [], "bench": []}
        for pair in range(options.pairs):
            for tool in ("wrk", "bench") if pair % 2 == 0 else ("bench", "wrk"):
                runs[tool].append(run_wrk(options, url, script) if tool == "wrk" else run_bench(options, url, body))
                time.sleep(0.1)
        return runs
    finally:
        mock.terminate()
        mock.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="build/release/spillway")
    parser.add_argument("--model", default="delay-50")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    if options.pairs < 2:
        parser.error("--pairs must be 2 or more")
    with tempfile.TemporaryDirectory() as directory:
        runs = measure(options, directory)
    print(f"model {options.model}, {options.connections} connections, {options.pairs} pairs of {options.seconds} s; "
          f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for place, name in enumerate(FIGURES):
        line, middles = f"{name:10}", []
        for tool in ("wrk", "bench"):
            values = [run[place] for run in runs[tool]]
            low, middle, high = statistics.quantiles(values, n=4)
            middles.append(middle)
            line += f"  {tool} {middle:9.2f} ({low:.2f} .. {high:.2f})"
        print(f"{line}  ratio {middles[1] / middles[0]:.3f}")


if __name__ == "__main__":
    main()
