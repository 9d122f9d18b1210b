"""Reads the corpus of HTTP/1.1 cases; README.md says what a case looks like. corpus.cc reads the same files for C++."""

import glob
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
SIMPLE = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "s": b" ", "\\": b"\\"}
ESCAPE = re.compile(r"\\(?:\{(\d+)\*([^}]*)\}|x([0-9a-f]{2})|(.))")


def unescape(text):
    def one(found):
        times, inner, code, plain = found.groups()
        if times is not None:
            return (unescape(inner) * int(times)).decode("latin-1")
        return (bytes([int(code, 16)]) if code is not None else SIMPLE[plain]).decode("latin-1")

    return ESCAPE.sub(one, text).encode("latin-1")


class Item:
    """A message (head, body), or a verdict: `400`, `invalid`, `cut`."""

    def __init__(self, text, replies):
        self.whole = not text.endswith("...")
        text = text.removesuffix("...")
        self.body = b""
        if text.endswith("]"):
            text, body = text[:-1].split(" [", 1)
            self.body = unescape(body)
        self.head = unescape(text).decode("latin-1")
        self.verdict = self.head in ("invalid", "limit", "cut") or (self.head.isdigit() and not replies)


class Expected:
    def __init__(self, text, replies):
        parts = [] if text == "nothing" else text.split("; ")
        self.close = bool(parts) and parts[-1] == "close"
        self.open = bool(parts) and parts[-1] == "..."
        if self.close or self.open:
            parts.pop()
        self.items = [Item(part, replies) for part in parts]
        last = self.items[-1] if self.items else None
        self.refused = last is not None and last.verdict
        # The connection stands where a further message may begin.
        self.ends_whole = last is not None and last.whole and not last.verdict and not self.open


class Case:
    def __init__(self, name, place):
        self.name, self.place, self.rule, self.text = name, place, "", []
        self.steps = [b""]  # requests: a pause for an interim reply between each two
        self.expect = self.gateway = None
        self.ask, self.client, self.fin, self.reuse = "GET", None, False, True

    @property
    def bytes(self):
        return b"".join(self.steps)


def load(prefix):
    replies = prefix == "reply"
    cases = []
    for path in sorted(glob.glob(os.path.join(HERE, prefix + "*.txt"))):
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        for number, line in enumerate(lines, 1):
            if not line or line.startswith("#"):
                continue
            if line.startswith("case "):
                cases.append(Case(line[5:], f"{os.path.basename(path)}:{number}"))
                continue
            key, _, rest = line[2:].partition(" ")
            read_line(cases[-1], key, rest, replies)
    return cases


def read_line(case, key, rest, replies):
    if key in ("|", ">"):
        case.steps[-1] += unescape(rest) + (b"\r\n" if key == "|" else b"")
    elif key == "wait":
        case.steps.append(b"")
    elif key == "expect":
        case.expect = Expected(rest, replies)
    elif key == "gateway":
        case.gateway = Expected(rest, replies)
    elif key in ("rule", "ask", "client"):
        setattr(case, key, rest)
    elif key == "fin":
        case.fin = True
    elif key == "reuse":
        case.reuse = rest != "no"
    else:
        raise ValueError(f"{case.place}: {key}")
