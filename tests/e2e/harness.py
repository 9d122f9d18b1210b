"""Starts real processes and speaks raw HTTP to them, for the end-to-end tests. Standard library only."""

import contextlib
import fcntl
import http.client
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

BINARY = os.environ.get("SPILLWAY_BINARY", "build/release/spillway")
# Directory with the shipped policies as shared objects: the same suite then runs with loaded plugins.
PLUGIN_DIR = os.environ.get("SPILLWAY_PLUGIN_DIR", "")
# Sanitized builds are slower; deadlines in tests are multiplied.
SLOW = float(os.environ.get("SPILLWAY_SLOW", "1"))
POLICIES = ("free_first", "breaker", "cache", "sticky")


class Ports:
    """Ports of this process's own, below those the system gives out: test files run side by side, and two gates on one
    port would share its connections."""

    FIRST, EACH, SLOTS = 20000, 700, 16

    def __init__(self):
        self.count = 0
        for self.slot in range(self.SLOTS):
            try:
                self.lock = open(os.path.join(tempfile.gettempdir(), f"spillway-ports-{self.slot}"), "w")
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError:
                continue  # another process has it
        raise RuntimeError(f"more than {self.SLOTS} test processes at a time")

    def next(self):
        for _ in range(self.EACH):
            port = self.FIRST + self.slot * self.EACH + self.count % self.EACH
            self.count += 1
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                    return port
                except OSError:
                    continue  # of a connection that is not quite over
        raise RuntimeError("no port is free")


ports = None


def free_port():
    global ports
    ports = ports or Ports()
    return ports.next()


def wait_until(condition, seconds=5.0, what="condition"):
    end = time.monotonic() + seconds * SLOW
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"{what} did not come true in {seconds * SLOW:.0f} s")


def shared_object(case, source):
    """A C file beside this one as a shared object that is gone after the test."""
    here = os.path.dirname(os.path.abspath(__file__))
    directory = tempfile.TemporaryDirectory()
    case.addCleanup(directory.cleanup)
    library = os.path.join(directory.name, os.path.basename(source)[:-2] + ".so")
    subprocess.run([os.environ.get("CC", "cc"), "-std=c11", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-I",
                    os.path.join(here, "..", "..", "plugins"), "-o", library, os.path.join(here, source)], check=True)
    return library


class Process:
    """A child with its output kept in a file; stopped (and checked for a clean exit) at the end of the test."""

    def __init__(self, arguments, env=None, expect_exit=0, preexec_fn=None):
        self.output = tempfile.NamedTemporaryFile(prefix="spillway-", suffix=".log", delete=False)
        self.expect_exit = expect_exit
        self.child = subprocess.Popen(
            [BINARY, *arguments],
            stdout=self.output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            preexec_fn=preexec_fn,
        )
        self.pid = self.child.pid

    def text(self):
        with open(self.output.name, errors="replace") as file:
            return file.read()

    def signal(self, number):
        self.child.send_signal(number)

    def wait(self, seconds=20):
        return self.child.wait(timeout=seconds * SLOW)

    def stop(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(timeout=20 * SLOW)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
                raise AssertionError("did not stop on SIGTERM:\n" + self.text()[-4000:]) from None
        self.output.close()
        text = self.text()
        os.unlink(self.output.name)
        if self.expect_exit is not None and self.child.returncode != self.expect_exit:
            raise AssertionError(f"exit code {self.child.returncode}, not {self.expect_exit}:\n{text[-6000:]}")
        for sign in ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", "runtime error:", "CHECK"):
            if sign in text:
                raise AssertionError(f"{sign}:\n{text[-6000:]}")

    def resident_kib(self):
        with open(f"/proc/{self.pid}/status") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def listening(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


class Answer:
    def __init__(self, status, headers, body, whole=True):
        self.status, self.headers, self.body, self.whole = status, headers, body, whole

    def header(self, name):
        return self.headers.get(name.lower())

    def json(self):
        return json.loads(self.body)

    def events(self):
        """The `data:` of each event, [DONE] included."""
        text = self.body.decode()
        return [line[6:] for line in text.split("\n") if line.startswith("data: ")]

    def words(self):
        parts = []
        for data in self.events():
            if data != "[DONE]":
                for choice in json.loads(data).get("choices", []):
                    parts.append(choice.get("delta", {}).get("content") or "")
        return "".join(parts)


def request(port, method="GET", path="/", body=None, headers=None, timeout=20):
    """One request on a connection of its own. A body that breaks off gives whole=False."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout * SLOW)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        got = {name.lower(): value for name, value in response.getheaders()}
        try:
            return Answer(response.status, got, response.read())
        except (http.client.IncompleteRead, ConnectionError) as broken:
            partial = broken.partial if isinstance(broken, http.client.IncompleteRead) else b""
            return Answer(response.status, got, partial, whole=False)
    finally:
        connection.close()


def raw(port, data, timeout=10, half_close=False):
    """Sends bytes, returns everything that comes until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout * SLOW) as link:
        link.sendall(data)
        if half_close:
            link.shutdown(socket.SHUT_WR)
        out = b""
        with contextlib.suppress(ConnectionResetError, TimeoutError):
            while True:
                piece = link.recv(65536)
                if not piece:
                    break
                out += piece
        return out


class JsonHandler(http.server.BaseHTTPRequestHandler):
    """A provider's half, for those that answer JSON and say no word about it."""

    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def chat(model, stream=False, **more):
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], **more}
    if stream:
        body["stream"] = True
    return json.dumps(body)


class Mock(Process):
    def __init__(self, *arguments, **options):
        self.port = free_port()
        super().__init__(["mock", "--listen", f"127.0.0.1:{self.port}", *arguments], **options)
        wait_until(lambda: listening(self.port), what="the mock listening")

    def stats(self):
        return request(self.port, path="/mock/stats").json()

    def forget(self):
        request(self.port, "POST", "/mock/forget", "")

    def asked(self, model):
        return self.stats()["models"].get(model, 0)


class Spillway(Process):
    """`config` is TOML without [server] listen, [admin] and [store], which are added here. Nobody balances load in front of
    it, so it drains without notice unless the test says otherwise."""

    def __init__(self, config, server="", env=None, workers=1, store="memory:", expect_exit=0, args=(), admin=True, **options):
        self.directory = tempfile.mkdtemp(prefix="spillway-")
        self.port, self.admin = free_port(), free_port()
        self.path = os.path.join(self.directory, "spillway.toml")
        self.fixed = f'[server]\nlisten = ["127.0.0.1:{self.port}"]\nworkers = {workers}\n{server}\n'
        self.fixed += "" if "drain_notice_ms" in server else "drain_notice_ms = 0\n"
        self.fixed += f'[admin]\nlisten = ["127.0.0.1:{self.admin}"]\n' if admin else "[admin]\nlisten = []\n"
        self.fixed += f'[store]\nurl = "{store}"\n'
        if "[log]" not in config:
            self.fixed += f'[log]\naccess = "{self.directory}/access.log"\n'
        self.write(config)
        args = [*args, *([] if os.geteuid() == 0 else ["--dumpable"])]  # for /proc/PID/fd, which only root may read otherwise
        super().__init__(["serve", "-c", self.path, *args], env=env, expect_exit=expect_exit, **options)
        if expect_exit == 0:
            ports = [self.port, self.admin] if admin else [self.port]
            for port in ports:
                wait_until(lambda: listening(port) or self.child.poll() is not None, seconds=10, what="spillway listening")
            if self.child.poll() is not None:
                raise AssertionError("spillway did not start:\n" + self.text())

    def write(self, config):
        plugins = ""
        if PLUGIN_DIR:
            used = [name for name in POLICIES if f'"{name}"' in config]
            plugins = "".join(f'[[plugin]]\npath = "{os.path.abspath(PLUGIN_DIR)}/{name}.so"\n' for name in used)
        with open(self.path, "w") as file:
            file.write(self.fixed + plugins + config)

    def stop(self):
        try:
            super().stop()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def reload(self, config):
        before = self.text().count("config reloaded") + self.text().count("config not reloaded")
        self.write(config)
        self.signal(signal.SIGHUP)
        wait_until(
            lambda: self.text().count("config reloaded") + self.text().count("config not reloaded") > before,
            what="the reload",
        )

    def chat(self, model, stream=False, headers=None, **more):
        send = {"content-type": "application/json", **(headers or {})}
        return request(self.port, "POST", "/v1/chat/completions", chat(model, stream, **more), send)

    def metrics(self):
        """Sum of all series of each metric name, and each series by its full text."""
        found = {}
        for line in request(self.admin, path="/metrics").body.decode().splitlines():
            if line.startswith("#") or not line.strip():
                continue
            series, value = line.rsplit(" ", 1)
            name = series.split("{")[0]
            found[series] = float(value)
            if name != series:
                found[name] = found.get(name, 0.0) + float(value)
        return found

    def pool(self, name):
        """What GET /admin/pools says of one."""
        return next(one for one in request(self.admin, path="/admin/pools").json() if one["pool"] == name)

    def explain(self, body):
        return request(self.admin, "POST", "/admin/explain", json.dumps(body)).json()

    def log_lines(self, count):
        def enough():
            with contextlib.suppress(FileNotFoundError):
                with open(os.path.join(self.directory, "access.log")) as file:
                    lines = [json.loads(line) for line in file]
                    return lines if len(lines) >= count else None
            return None

        return wait_until(enough, what=f"{count} access log lines")


class Case(unittest.TestCase):
    """Keeps processes and stops them in reverse order."""

    def setUp(self):
        self.stack = []

    def start(self, process):
        self.stack.append(process)
        return process

    def mock(self, *arguments, **options):
        return self.start(Mock(*arguments, **options))

    def spillway(self, config, **options):
        return self.start(Spillway(config, **options))

    def tearDown(self):
        failures = []
        for process in reversed(self.stack):
            try:
                process.stop()
            except AssertionError as failure:
                failures.append(str(failure))
        if failures:
            self.fail("\n".join(failures))


def provider(name, port, **options):
    lines = [f'[[provider]]\nname = "{name}"\nbase_url = "http://127.0.0.1:{port}/v1"']
    for key, value in options.items():
        lines.append(f"{key} = {json.dumps(value)}")
    return "\n".join(lines) + "\n"


def route(model, *tiers, policies=(), spill=None):
    """Each tier is a list of (provider, model) or (provider, model, 'more = 1')."""
    text = f"[[route]]\nmodel = {json.dumps(model)}\n"
    if policies:
        text += f"policies = {json.dumps(list(policies))}\n"
    if spill:
        text += f'spill = "{spill}"\n'
    for number, targets in enumerate(tiers):
        text += f'[[route.tier]]\nname = "tier{number}"\ntargets = [\n'
        for target in targets:
            more = ", " + target[2] if len(target) > 2 else ""
            text += f'  {{ provider = "{target[0]}", model = "{target[1]}"{more} }},\n'
        text += "]\n"
    return text
