#!/usr/bin/env python3
"""Runs the end-to-end tests against a real binary: run.py --binary PATH [--plugins DIR] [--slow FACTOR] [--full] [-k PART ...]

With --jobs N the test files run as processes of their own, N at a time: most of their time they wait.
"""

import argparse
import concurrent.futures
import os
import subprocess
import sys
import time
import unittest

# They measure, so little runs beside them: one other, and beside the load tool's nothing.
ALONE = ("test_operation", "test_load", "test_overload", "test_bench")

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--binary", default="build/release/spillway")
parser.add_argument("--plugins", default="", help="directory with the shipped policies as .so, to load instead")
parser.add_argument("--slow", default="1", help="factor for deadlines, for sanitized builds")
parser.add_argument("-k", action="append", default=[], help="only tests whose name contains this")
parser.add_argument("--without", action="append", default=[], help="leave out test files by name, e.g. test_load")
parser.add_argument("--full", action="store_true", help="the large counts: 100,000 requests over reloads, 1,000 cancels, 100 kills")
parser.add_argument("--only", default="", help="one test file by name, e.g. test_tls")
parser.add_argument("--jobs", type=int, default=1, help="test files at a time, each a process; those that measure run two at a time")
parser.add_argument("-v", action="store_true", help="a line per test")
options = parser.parse_args()

os.environ["SPILLWAY_BINARY"] = os.path.abspath(options.binary)
os.environ["SPILLWAY_PLUGIN_DIR"] = options.plugins
os.environ["SPILLWAY_SLOW"] = options.slow
os.environ["SPILLWAY_FULL"] = "1" if options.full else ""
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)

modules = [name.removesuffix(".py") for name in sorted(os.listdir(here))
           if name.startswith("test_") and name.endswith(".py")]
modules = [name for name in modules if name not in options.without and options.only in ("", name)]


def run_here():
    loader = unittest.TestLoader()
    if options.k:
        loader.testNamePatterns = [f"*{part}*" for part in options.k]
    suite = unittest.TestSuite(loader.loadTestsFromName(module) for module in modules)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2 if options.v else 1).run(suite)
    failed = len(result.failures) + len(result.errors)
    return result.testsRun - failed - len(result.skipped), failed, len(result.skipped)


def run_one(module):
    """The file's counts, by its last line; one that ended without such a line has failed."""
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-u", *sys.argv, "--jobs", "1", "--only", module],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True)
    print(f"== {module}, {time.monotonic() - began:.0f} s\n{done.stdout}", flush=True)
    words = done.stdout.rstrip().rsplit("\n", 1)[-1].replace(",", "").split()
    if len(words) >= 4 and words[1::2][:2] == ["passed", "failed"]:
        passed, failed = int(words[0]), int(words[2])
        return passed, failed if done.returncode == 0 or failed else 1, int(words[4]) if len(words) > 4 else 0
    if options.k and done.stdout.rstrip().endswith("no test ran"):
        return 0, 0, 0
    return 0, 1, 0


def run_apart():
    together = [module for module in modules if module not in ALONE]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        counts = list(pool.map(run_one, together))
    alone = [module for module in ALONE if module in modules]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        counts += pool.map(run_one, [module for module in alone if module != ALONE[-1]])
    counts += [run_one(module) for module in alone if module == ALONE[-1]]
    return tuple(map(sum, zip(*counts)))


passed, failed, left_out = run_apart() if options.jobs > 1 else run_here()
if passed + failed + left_out == 0:
    print("no test ran")
    sys.exit(1)
skipped = f", {left_out} skipped" if left_out else ""
print(f"{passed} passed, {failed} failed{skipped}")
sys.exit(1 if failed else 0)
