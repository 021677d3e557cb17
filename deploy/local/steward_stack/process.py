"""One child process: its log file, start, stop, kill, and the record by which a later run finds a leftover."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path


class StartError(Exception):
    """Something did not come up; the text says what and shows the end of its log."""


def wait_until(what, limit_s, ready, alive=lambda: True, interval_s=0.02):
    """Polls `ready()` until it is true. StartError after the limit or when `alive()` turns false."""
    deadline = time.monotonic() + limit_s
    while True:
        if ready():
            return
        if not alive():
            raise StartError(f"{what}: the process ended")
        if time.monotonic() > deadline:
            raise StartError(f"{what}: not ready within {limit_s:g} s")
        time.sleep(interval_s)


def start_time(pid):
    """Start time of a process in clock ticks since boot; None when there is none (or only a zombie)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return None if fields[0] == "Z" else int(fields[19])


def descendants(pid):
    """Process ids below `pid`, children first."""
    children = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        below = children.get(queue.pop(0), [])
        found += below
        queue += below
    return found


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


class Process:
    """A named child. Thread-safe; `stopping` tells a supervisor that its end was asked for."""

    def __init__(self, name, run_dir, stop_signal=signal.SIGTERM, stop_limit_s=25):
        self.name = name
        self.log = Path(run_dir) / "logs" / f"{name}.log"
        self.record = Path(run_dir) / "pids" / name
        self.stop_signal = stop_signal
        self.stop_limit_s = stop_limit_s
        self.stopping = False
        self._child = None
        self._lock = threading.RLock()

    @property
    def pid(self):
        return self._child.pid if self._child else None

    def alive(self):
        with self._lock:
            return self._child is not None and self._child.poll() is None

    def exit_code(self):
        with self._lock:
            return self._child.poll() if self._child else None

    def spawn(self, argv, env=None, cwd=None):
        with self._lock:
            self.end_leftover()
            self.stopping = False
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self.record.parent.mkdir(parents=True, exist_ok=True)
            with open(self.log, "ab") as log:
                # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops things in order.
                self._child = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                               env=env, cwd=cwd, start_new_session=True)
            self.record.write_text(f"{self._child.pid} {start_time(self._child.pid)}\n")

    def end_leftover(self):
        """Ends what a supervisor that was killed left running: the same pid with the same start time, so nobody else's."""
        try:
            pid, started = self.record.read_text().split()
        except (OSError, ValueError):
            return
        if self._child is None and started != "None" and start_time(int(pid)) == int(started):
            victims = [int(pid), *descendants(int(pid))]
            for victim in victims:
                send(victim, signal.SIGKILL)
            wait_until(f"leftover {self.name}", 10, lambda: all(start_time(victim) is None for victim in victims))
        self.record.unlink(missing_ok=True)

    def stop(self):
        """Asks it to end, waits, and kills it when it does not. The exit code, or None when it was not running."""
        with self._lock:
            self.stopping = True
            child = self._child
            if child is None:
                return None
            if child.poll() is None:
                child.send_signal(self.stop_signal)
        try:
            code = child.wait(self.stop_limit_s)
        except subprocess.TimeoutExpired:
            self.kill9()
            code = child.wait()
        self.record.unlink(missing_ok=True)
        return code

    def kill9(self):
        """SIGKILL to it and everything below it; returns when all of them are gone."""
        with self._lock:
            child = self._child
            if child is None or child.poll() is not None:
                return
            victims = descendants(child.pid)
            child.kill()
            child.wait()
            for pid in victims:
                send(pid, signal.SIGKILL)
        wait_until(f"kill of {self.name}", 10, lambda: all(start_time(pid) is None for pid in victims))

    def tail(self, lines=25):
        try:
            with open(self.log, "rb") as log:
                log.seek(max(0, self.log.stat().st_size - 32768))
                return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""
