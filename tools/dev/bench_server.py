"""A server under measurement, seen from outside: started, timed by the scheduler, traced, weighed.

Nothing here believes what the server says about itself, except, where neither perf nor strace may
trace it, the number of system calls a raw loop counted.
"""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

START_S = 10
STOP_S = 10


class Failure(Exception):
    """A measurement could not be made; the text says why."""


class Lines:
    """Reads lines from a pipe with a limit on the time each may take."""

    def __init__(self, pipe) -> None:
        self._fd = pipe.fileno()
        self._held = b""

    def next(self, timeout_s: float) -> str | None:
        """The next line, or None at the end of the pipe or after `timeout_s`."""
        deadline = time.monotonic() + timeout_s
        while b"\n" not in self._held:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._fd], [], [], left)[0]:
                return None
            more = os.read(self._fd, 65536)
            if not more:
                return None
            self._held += more
        line, _, self._held = self._held.partition(b"\n")
        return line.decode()


class Accounted:
    """A process whose CPU time the scheduler tells us; `pid` says which."""

    pid: int

    def cpu_ns(self) -> int:
        """CPU time of all threads, io_uring's kernel workers included, in the scheduler's ns."""
        total = 0
        for path in Path(f"/proc/{self.pid}/task").glob("*/schedstat"):
            try:
                total += int(path.read_text().split()[0])
            except (OSError, IndexError):
                continue  # the thread ended meanwhile
        return total

    def settled_cpu_ns(self) -> int:
        """cpu_ns() once the server has finished what it was doing and sleeps."""
        before = self.cpu_ns()
        for _ in range(400):
            time.sleep(0.003)
            after = self.cpu_ns()
            if after == before:
                return after
            before = after
        return before


class Server(Accounted):
    """One server process. `address` is what it printed after READY."""

    def __init__(self, command: list[str]) -> None:
        self.command = command
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0
            )
        except OSError as error:
            raise Failure(f"cannot start {command[0]}: {error.strerror}") from error
        self.pid = self.process.pid
        self._lines = Lines(self.process.stdout)
        line = self._lines.next(START_S)
        if line is None or not line.startswith("READY "):
            self.stop()
            raise Failure(f"no READY line from `{' '.join(command)}` but {line!r}")
        self.address = line.split()[1]

    def stop(self) -> dict:
        """Ends the server and returns the counters of a raw loop, or nothing."""
        self.process.send_signal(signal.SIGINT)
        try:
            output, _ = self.process.communicate(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            output, _ = self.process.communicate()
        try:
            return json.loads(output)
        except ValueError:
            return {}

    def memory_bytes(self) -> dict[str, int]:
        """Resident and anonymous memory, exact (`status` counts in batches of pages)."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        kib = dict(re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE))
        return {"resident": int(kib["Rss"]) * 1024, "anonymous": int(kib["Anonymous"]) * 1024}


class Client(Accounted):
    """A gated raw_client or source: connected, warmed up, and running only when told to."""

    def __init__(self, command: list[str], patience_s: float) -> None:
        self._patience_s = patience_s
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
        except OSError as error:
            raise Failure(f"cannot start {command[0]}: {error.strerror}") from error
        self.pid = self.process.pid
        self._lines = Lines(self.process.stdout)
        if self._lines.next(patience_s) != "CONNECTED":
            self.close()
            raise Failure(f"`{' '.join(command)}` did not connect")

    def run(self) -> dict:
        """One run of the load; its result."""
        self.process.stdin.write(b"go\n")
        line = self._lines.next(self._patience_s)
        result = json.loads(line) if line else {"errors": 1}
        if result["errors"] != 0 or result["requests"] == 0:
            raise Failure(f"the load failed: {result}")
        return result

    def close(self) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def stop(self) -> dict:
        """close(), for where a Server may stand as well."""
        self.close()
        return {}


class PerfTrace:
    """Counts system calls by the kernel's tracepoint: exact, and costs the server little."""

    name = "perf stat -e raw_syscalls:sys_enter"

    def __init__(self, pid: int) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="bench-echo-")
        self._control = os.path.join(self._directory.name, "control")
        self._answers = os.path.join(self._directory.name, "answers")
        self._output = os.path.join(self._directory.name, "output")
        os.mkfifo(self._control)
        os.mkfifo(self._answers)
        self._process = subprocess.Popen(
            ["perf", "stat", "-e", "raw_syscalls:sys_enter", "-x", ",", "-D", "-1"]
            + ["--control", f"fifo:{self._control},{self._answers}"]
            + ["-o", self._output, "-p", str(pid)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # Read-write, so that opening does not wait for a perf that could not start.
        self._control_fd = os.open(self._control, os.O_RDWR)
        self._answers_fd = os.open(self._answers, os.O_RDWR)
        if not self._tell("enable"):
            self.count()
            raise Failure("perf did not start counting")

    def _tell(self, command: str) -> bool:
        os.write(self._control_fd, command.encode() + b"\n")
        ready, _, _ = select.select([self._answers_fd], [], [], 5)
        return bool(ready) and b"ack" in os.read(self._answers_fd, 64)

    def count(self) -> int:
        """Ends the trace and returns the number of system calls it saw."""
        self._tell("disable")
        self._process.send_signal(signal.SIGINT)
        self._process.wait(STOP_S)
        os.close(self._control_fd)
        os.close(self._answers_fd)
        text = Path(self._output).read_text() if os.path.exists(self._output) else ""
        self._directory.cleanup()
        match = re.search(r"^(\d+|<not counted>),.*raw_syscalls:sys_enter", text, re.MULTILINE)
        if match is None:
            raise Failure("perf counted nothing")
        return 0 if match[1] == "<not counted>" else int(match[1])  # so perf says: it never ran


class StraceTrace:
    """Counts system calls with strace: slow for the server, but the number per request is right as
    long as it does not depend on speed."""

    name = "strace -c -f"

    def __init__(self, pid: int) -> None:
        self._process = subprocess.Popen(
            ["strace", "-c", "-f", "-q", "-p", str(pid)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        status = Path(f"/proc/{pid}/status")
        for _ in range(200):
            if "TracerPid:\t0\n" not in status.read_text():
                return
            time.sleep(0.01)
        self.count()
        raise Failure("strace did not attach")

    def count(self) -> int:
        self._process.send_signal(signal.SIGINT)
        _, text = self._process.communicate(timeout=STOP_S)
        match = re.search(rb"^100\.00\s+\S+\s+\d+\s+(\d+).*total$", text, re.MULTILINE)
        return int(match[1]) if match else 0


def find_trace() -> type | None:
    """The best way to count the system calls of another process that works here, or None."""
    for trace, tool in ((PerfTrace, "perf"), (StraceTrace, "strace")):
        if shutil.which(tool) is None:
            continue
        sleeper = subprocess.Popen(["sleep", "30"])
        try:
            trace(sleeper.pid).count()
            return trace
        except (Failure, OSError, subprocess.TimeoutExpired):
            continue
        finally:
            sleeper.kill()
            sleeper.wait()
    return None
