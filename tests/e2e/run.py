#!/usr/bin/env python3
"""Runs the end-to-end tests against a real binary: run.py --binary PATH [--plugins DIR] [--slow FACTOR] [--full] [-k PART ...]"""

import argparse
import os
import sys
import unittest

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--binary", default="build/release/spillway")
parser.add_argument("--plugins", default="", help="directory with breaker.so, free_first.so, cache.so to load instead")
parser.add_argument("--slow", default="1", help="factor for deadlines, for sanitized builds")
parser.add_argument("-k", action="append", default=[], help="only tests whose name contains this")
parser.add_argument("--without", action="append", default=[], help="leave out test files by name, e.g. test_load")
parser.add_argument("--full", action="store_true", help="the large counts: 100,000 requests over reloads, 1,000 cancels, 100 kills")
parser.add_argument("-v", action="store_true", help="a line per test")
options = parser.parse_args()

os.environ["SPILLWAY_BINARY"] = os.path.abspath(options.binary)
os.environ["SPILLWAY_PLUGIN_DIR"] = options.plugins
os.environ["SPILLWAY_SLOW"] = options.slow
os.environ["SPILLWAY_FULL"] = "1" if options.full else ""
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)

loader = unittest.TestLoader()
if options.k:
    loader.testNamePatterns = [f"*{part}*" for part in options.k]
suite = unittest.TestSuite()
for name in sorted(os.listdir(here)):
    module = name.removesuffix(".py")
    if name.startswith("test_") and name.endswith(".py") and module not in options.without:
        suite.addTests(loader.loadTestsFromName(module))
result = unittest.TextTestRunner(verbosity=2 if options.v else 1).run(suite)
failed = len(result.failures) + len(result.errors)
passed = result.testsRun - failed - len(result.skipped)
if result.testsRun == 0:
    print("no test ran")
    sys.exit(1)
skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
print(f"{passed} passed, {failed} failed{skipped}")
sys.exit(1 if failed else 0)
