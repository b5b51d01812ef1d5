"""The program `weir` for tests: run to its end, or served, with the environment of a test.

Whoever imports this sets WEIR, the path of the program, first.
"""

import ctypes
import errno
import functools
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import backends  # noqa: E402
from backends import BACKENDS, environment  # noqa: E402

WEIR = ""
LIMIT_S = 60  # no wait is longer
SUMMARY = re.compile(
    r"weir serve (?P<service>\w+): (?P<connections>\d+) connections \((?P<failed>\d+) failed\), "
    r"(?P<bytes_in>\d+) bytes in, (?P<bytes_out>\d+) bytes out, .*, backend (?P<backend>\w+)\n"
)

DONE, RUN_FAILED, BAD_USAGE, NOTHING_SUCCEEDED, INTERRUPTED = 0, 1, 2, 3, 130


def weir(*arguments: str, **options) -> subprocess.CompletedProcess:
    options.setdefault("env", environment())
    return subprocess.run(
        [WEIR, *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        **options,
    )


@functools.cache
def available_backends() -> list[str]:
    return backends.available_backends(WEIR)


def forbid_io_uring() -> None:
    """Runs in the child before exec: EPERM for the system calls of io_uring, by seccomp."""
    load_number, jump_equal, answer = 0x20, 0x15, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EPERM
    steps = [
        (load_number, 0, 0, 0),
        (jump_equal, 3, 0, 425),  # io_uring_setup, _enter, _register on every architecture
        (jump_equal, 2, 0, 426),
        (jump_equal, 1, 0, 427),
        (answer, 0, 0, allow),
        (answer, 0, 0, refuse),
    ]
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    filter_ = ctypes.create_string_buffer(
        struct.pack("@HP", len(steps), ctypes.addressof(program))
    )
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_seccomp, filter_mode = 38, 22, 2
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS")
    if libc.prctl(set_seccomp, filter_mode, ctypes.byref(filter_)) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_SECCOMP")


class Server:
    """`weir serve`, running."""

    def __init__(self, *arguments: str, **options) -> None:
        options.setdefault("env", environment())
        self.process = subprocess.Popen(
            [WEIR, "serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        line = self.process.stdout.readline()
        if not line.startswith("READY "):
            raise AssertionError(f"{arguments}: {line!r} {self.process.communicate()[1]!r}")
        self.address = line.removeprefix("READY ").strip()

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])

    def connect(self) -> socket.socket:
        host = self.address.rsplit(":", 1)[0].strip("[]")
        return socket.create_connection((host, self.port), timeout=LIMIT_S)

    def interrupt(self, signal_number: int = signal.SIGINT) -> None:
        self.process.send_signal(signal_number)

    def stop(self) -> None:
        """Has every thread stopped when it returns; SIGCONT lets them go on."""
        self.interrupt(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)

    def wait(self) -> tuple[int, str, str]:
        output, errors = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, output, errors

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def receive_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


class ProgramTest(unittest.TestCase):
    def serve(self, *arguments: str, **options) -> Server:
        server = Server(*arguments, **options)
        self.addCleanup(server.end)
        return server

    def directory(self) -> Path:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        return Path(directory.name)

    def summary(self, server: Server, signal_number: int = signal.SIGINT) -> dict:
        """Drains the server, which has to end well and say one line."""
        server.interrupt(signal_number)
        code, output, errors = server.wait()
        self.assertEqual((code, errors), (DONE, ""))
        match = SUMMARY.fullmatch(output)
        self.assertIsNotNone(match, output)
        return match.groupdict()
