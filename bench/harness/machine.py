"""The machine a run happens on: its cores, limits and name, and the lock that keeps two runs apart."""

import contextlib
import fcntl
import os
import pathlib
import platform
import resource
import subprocess
import tempfile


class Cores:
    """Who runs where. A proxy with one worker has a core to itself whenever there are two."""

    def __init__(self):
        self.all = sorted(os.sched_getaffinity(0))
        self.proxy = {self.all[-1]}
        self.origin = {self.all[0]}
        self.load = {self.all[1] if len(self.all) > 2 else self.all[0]}
        # Two workers need two cores; with fewer than four in all they share them with origin and load.
        self.two_workers = set(self.all[-2:]) if len(self.all) >= 4 else set(self.all)

    def proxies(self, workers):
        return self.proxy if workers == 1 else self.two_workers

    def clients(self, workers):
        return self.load if workers == 1 or len(self.all) >= 4 else set(self.all)

    def origins(self, workers):
        return self.origin if workers == 1 or len(self.all) >= 4 else set(self.all)

    def note(self):
        return (
            f"proxy on core {min(self.proxy)}, origin on {min(self.origin)}, load on {min(self.load)} "
            f"of {len(self.all)}"
        )


def raise_file_limit():
    """Children inherit it: 10,000 idle connections are as many descriptors, in the proxy and here."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


@contextlib.contextmanager
def lock():
    """One run at a time on a machine, whatever tree it comes from: two would measure each other."""
    path = pathlib.Path(tempfile.gettempdir()) / "spillway-bench.lock"
    with open(path, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemExit(f"bench: another run holds {path}; wait until it has ended") from None
        yield


def busy_share(seconds=0.5):
    """How many cores others keep busy, looked at while nothing of ours runs."""
    import time

    def read():
        words = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
        ticks = [int(word) for word in words]
        return sum(ticks) - ticks[3] - ticks[4]

    before = read()
    time.sleep(seconds)
    return (read() - before) / os.sysconf("SC_CLK_TCK") / seconds


def describe():
    """What a reader must know to place the figures."""
    cpu = "unknown CPU"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    memory_kib = int(pathlib.Path("/proc/meminfo").read_text().split()[1])
    return {
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory_kib / 1024 / 1024, 1),
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
        "open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        "others_busy_cores": round(busy_share(), 2),
        "commit": commit(),
    }


def commit():
    run = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True)
    return run.stdout.strip() or "unknown"
