"""A `weir serve exec` on each backend, and what is said to it."""

import functools
import json
import os
import re
import socket
import struct
import time
from pathlib import Path

import program
from program import DONE, LIMIT_S

COMMANDS = re.compile(
    r"weir serve exec: (?P<requests>\d+) requests \((?P<refused>\d+) refused\), "
    r"(?P<commands>\d+) commands run \((?P<timed_out>\d+) timed out, "
    r"(?P<truncated>\d+) over the output limit, (?P<abandoned>\d+) abandoned\)\n"
)
ALLOWED = ("cat", "echo", "head", "printf", "seq", "sh", "sleep")


def read_exactly(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise EOFError(f"the stream ended after {len(received)} of {size} bytes")
        received += part
    return received


def read_reply(connection: socket.socket) -> tuple[dict, bytes]:
    (header_size,) = struct.unpack("<i", read_exactly(connection, 4))
    header = json.loads(read_exactly(connection, header_size))
    return header, read_exactly(connection, header["data_size"])


def ask(connection: socket.socket, request: bytes) -> tuple[dict, bytes]:
    connection.sendall(request)
    return read_reply(connection)


def wait_until(holds) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError("it never happened")
        time.sleep(0.002)


def exists(pid: int) -> bool:
    """A zombie does."""
    return Path(f"/proc/{pid}").exists()


def runs(pid: int) -> bool:
    """A zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def on_each_backend(*options: str):
    """Gives the test a server with these options, one on each backend after the other."""

    def decorate(test):
        @functools.wraps(test)
        def run(self) -> None:
            for backend in program.available_backends():
                with self.subTest(backend=backend):
                    test(self, self.serve_commands("--backend", backend, *options))

        return run

    return decorate


class ExecTest(program.ProgramTest):
    def serve_commands(self, *options: str, allow=ALLOWED, **keywords) -> program.Server:
        allowed = [word for name in allow for word in ("--allow", name)]
        if not any(option == "--listen" for option in options):
            options = ("--listen", "127.0.0.1:0", *options)
        return self.serve("exec", *allowed, *options, **keywords)

    def ended(self, server: program.Server, code: int = DONE) -> dict:
        """Drains the server. What it counted."""
        server.interrupt()
        returned, output, _ = server.wait()
        self.assertEqual(returned, code)
        lines = output.splitlines(keepends=True)
        self.assertIsNotNone(program.SUMMARY.fullmatch(lines[0]), output)
        match = COMMANDS.fullmatch(lines[1])
        self.assertIsNotNone(match, output)
        return {name: int(number) for name, number in match.groupdict().items()}

    def fifo(self, name: str) -> str:
        path = str(self.directory() / name)
        os.mkfifo(path)
        return path
