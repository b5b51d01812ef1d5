"""A server of bench/peers as a test sees it: started, stopped, and asked what it counted."""

import json
import os
import resource
import signal
import subprocess
import unittest
from pathlib import Path

LIMIT_S = 60  # no wait is longer


def skip_if_left_out(program: Path) -> None:
    """Skips the test if the build lacks the library of this peer, and says so."""
    if program.exists():
        return
    for line in (program.parent / "peers_left_out.txt").read_text().splitlines():
        name, package = line.split()
        if name == program.name:
            raise unittest.SkipTest(f"{name} was built without {package}")


class RawServer:
    """A running server; `stop()` returns the counters it reports."""

    def __init__(self, command: list[str], descriptors: int = 0) -> None:
        skip_if_left_out(Path(command[0]))

        def limit_descriptors() -> None:
            if descriptors != 0:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=limit_descriptors,
        )
        line = self.process.stdout.readline()
        if not line.startswith("READY 127.0.0.1:"):
            errors = self.process.communicate()[1]
            if "io_uring_queue_init_params" in errors:
                raise unittest.SkipTest(f"no io_uring here: {errors.strip()}")
            raise AssertionError(f"{command} said {line!r} {errors!r}")
        self.address = line.split()[1]
        self.port = int(self.address.split(":")[1])

    def stop(self, number: int = signal.SIGTERM) -> dict:
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=LIMIT_S)
        if self.process.returncode != 0:
            raise AssertionError(f"exit {self.process.returncode}: {errors}")
        return json.loads(output)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident_bytes(self) -> int:
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * resource.getpagesize()
