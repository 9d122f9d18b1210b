"""A measured process: started on its core, watched through /proc, ended by its pid."""

import contextlib
import ctypes
import itertools
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


# Below the ports that connections get of themselves, so that none takes one between our looking and a server's binding.
PORTS = itertools.count(random.randrange(12000, 24000))


def free_port():
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise RuntimeError("no port is free")


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def on_cores(cores):
    """What a child does first: take its cores, and end when we do, however we end."""

    def prepare():
        os.sched_setaffinity(0, cores)
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    return prepare


@contextlib.contextmanager
def borrowed(cores):
    """Children are born on the cores their parent has."""
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, own)


class Server:
    """`bare` starts it without a fork of this whole process, whose cost would be part of its starting time."""

    def __init__(self, command, port, cores, log, environment=None, wait_s=10, bare=False):
        self.port = port
        self.log = pathlib.Path(log)
        with open(self.log, "wb") as output, borrowed(cores):
            began = time.perf_counter()
            self.child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,  # an interrupt at the terminal is ours to pass on
                preexec_fn=None if bare else on_cores(cores),
            )
        while not listens(port):
            if self.child.poll() is not None or time.perf_counter() - began > wait_s:
                self.stop()
                raise RuntimeError(f"{command[0]} does not listen: {self.last_words()}")
            time.sleep(0.0002)
        self.started_ms = (time.perf_counter() - began) * 1000

    def last_words(self):
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:])[-400:] or "it said nothing"

    def pids(self):
        """The process and all below it."""
        found, todo = [], [self.child.pid]
        while todo:
            pid = todo.pop()
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    todo += map(int, pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split())
                found.append(pid)
            except OSError:
                pass  # it ended meanwhile
        return found

    def cpu_us(self):
        """(user, kernel) microseconds used so far, by all of them and by those they have waited for."""
        user = kernel = 0
        for pid in self.pids():
            try:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            user += int(fields[11]) + int(fields[13])
            kernel += int(fields[12]) + int(fields[14])
        return user * 1e6 / TICKS, kernel * 1e6 / TICKS

    def ran_ns(self):
        """{thread: nanoseconds on a core}: finer than the ticks of cpu_us, but only of threads that live."""
        found = {}
        for pid in self.pids():
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    found[task] = int(pathlib.Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[0])
            except OSError:
                continue
        return found

    def settle(self, wait_s=10):
        """Until it has nothing to do: what one measurement left behind is not to be in the next."""
        end = time.monotonic() + wait_s
        while time.monotonic() < end:
            before = sum(self.cpu_us())
            time.sleep(0.05)
            if sum(self.cpu_us()) - before < 20_000:
                return

    def pss_kib(self):
        """Resident memory, shared pages counted in parts. Sockets' kernel memory is in nobody's."""
        total = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        return total

    def stop(self, wait_s=10):
        tree = self.pids()
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(timeout=wait_s)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        # Workers that outlive a supervisor: only those we saw as its children, and only while they still are that.
        for pid in tree[1:]:
            try:
                if os.getpgid(pid) == self.child.pid:
                    os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
