"""Programs that talk to each other in a test: ours, and their originals in peers/.

A server is started on a free port of loopback and announces it: ours with "READY HOST:PORT" on
stdout, theirs with "READY HOST PORT" on stderr. No wait is longer than LIMIT_S, and nothing that a
test started outlives it.
"""

import functools
import select
import signal
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import backends  # noqa: E402

LIMIT_S = 60
PEERS = Path(__file__).resolve().parent / "peers"

_bin = Path()


def main(usage: str) -> None:
    """Runs the tests of the calling script, whose first argument is where our programs are."""
    global _bin
    if len(sys.argv) < 2:
        sys.exit(usage)
    _bin = Path(sys.argv.pop(1)).resolve()
    unittest.main()


def ours(name: str, *arguments: str) -> list[str]:
    return [str(_bin / name), *arguments]


def theirs(name: str, *arguments: str) -> list[str]:
    return [sys.executable, str(PEERS / name), *arguments]


def environment(backend: str | None = None) -> dict:
    return backends.environment(**({"WEIR_BACKEND": backend} if backend else {}))


@functools.cache
def available_backends() -> list[str]:
    return backends.available_backends(str(_bin / "weir"))


def run(command: list[str], backend: str | None = None) -> subprocess.CompletedProcess:
    """Runs a client to its end."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        env=environment(backend),
    )


class Server:
    """A server that has announced where it listens: `host` and `port`, both texts."""

    def __init__(self, command: list[str], backend: str | None = None) -> None:
        # Without buffers, so that reading a line takes nothing that belongs to the next one.
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=environment(backend),
        )
        try:
            self.host, self.port = self._wait_until_ready()
        except AssertionError:
            self.end()
            raise

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def _wait_until_ready(self) -> tuple[str, str]:
        pipes = [self.process.stdout, self.process.stderr]
        while readable := select.select(pipes, [], [], LIMIT_S)[0]:
            line = readable[0].readline().decode()
            if line.startswith("READY "):
                host, port = line.removeprefix("READY ").strip().replace(":", " ").split()
                return host, port
            if not line:
                pipes.remove(readable[0])
            if not pipes:
                break
        raise AssertionError(f"{self.process.args} did not get ready")

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def wait(self) -> tuple[int, str, str]:
        """Exit status, output and errors, without the line that announced it."""
        output, errors = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, output.decode(), errors.decode()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class InteropTest(unittest.TestCase):
    def start(self, command: list[str], backend: str | None = None) -> Server:
        server = Server(command, backend)
        self.addCleanup(server.end)
        return server


def on_each_backend(test):
    """Runs `test(self, backend)` with every backend that works here."""

    @functools.wraps(test)
    def run_on_each(self: unittest.TestCase) -> None:
        for backend in available_backends():
            with self.subTest(backend=backend):
                test(self, backend)

    return run_on_each
