#!/usr/bin/env python3
"""The tutorial's remote command programs and ours, each client with each server.

    exec_interop_test.py PATH_OF_WEIR [unittest arguments]
"""

import json
import os
import socket
import struct
import subprocess
import sys
import unittest
from pathlib import Path

import program
from exec_server import ExecTest, on_each_backend, read_exactly
from program import DONE, LIMIT_S, weir

PEERS = Path(__file__).resolve().parents[1] / "interop" / "peers"
PLAIN = {**os.environ, "LANG": "C.UTF-8", "PYTHONIOENCODING": "utf-8"}
# Each of them succeeds and says something on stdout only.
COMMANDS = (
    "echo hello",
    "printf '%s' abc",
    "printf ''",
    "echo 'a  b' \"c  d\" e\\ f",
    "printf '\\377\\376\\n'",
    "echo schön 你好",
    "seq 1 20000",
)


def read_frame(connection: socket.socket) -> bytes:
    """A whole reply as it was on the wire."""
    prefix = read_exactly(connection, 4)
    header = read_exactly(connection, struct.unpack("<i", prefix)[0])
    return prefix + header + read_exactly(connection, json.loads(header)["data_size"])


class InteropTest(ExecTest):
    def serve_python(self, *options: str) -> tuple[str, str]:
        """The tutorial's server. Its host and port."""
        server = subprocess.Popen(
            [sys.executable, PEERS / "json_header_server.py", "127.0.0.1", "0", *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=PLAIN,
        )
        self.addCleanup(server.communicate)
        self.addCleanup(server.kill)
        ready, host, port = server.stderr.readline().split()
        self.assertEqual(ready, "READY")
        return host, port

    def ask_python(self, host: str, port: str, *arguments: str) -> subprocess.CompletedProcess:
        """The tutorial's client."""
        return subprocess.run(
            [sys.executable, PEERS / "json_header_client.py", host, port, *arguments],
            capture_output=True,
            timeout=LIMIT_S,
            env=PLAIN,
            check=False,
        )

    def frames(self, host: str, port: str) -> list[bytes]:
        with socket.create_connection((host, int(port)), timeout=LIMIT_S) as connection:
            answers = []
            for command in COMMANDS:
                connection.sendall(command.encode())
                answers.append(read_frame(connection))
            return answers

    @on_each_backend()
    def test_our_server_answers_with_the_same_bytes(self, server: program.Server) -> None:
        ours = self.frames(*server.address.split(":"))
        theirs = self.frames(*self.serve_python("--fixed"))

        self.assertEqual(ours, theirs)

    @on_each_backend()
    def test_their_client_with_our_server(self, server: program.Server) -> None:
        # The client as it was in the tutorial takes short answers only: it has faults of its own.
        host, port = server.address.split(":")
        python = self.serve_python("--fixed")

        as_it_was = self.ask_python(host, port)
        self.assertEqual((as_it_was.returncode, as_it_was.stderr), (DONE, b""))
        self.assertEqual(as_it_was.stdout, b"hello\n\nabc\n")
        for options in (("--fixed",), ("--fixed", "--report")):
            ours = self.ask_python(host, port, *options, *COMMANDS)
            theirs = self.ask_python(*python, *options, *COMMANDS)
            self.assertEqual((ours.returncode, ours.stderr), (DONE, b""))
            self.assertEqual(ours.stdout, theirs.stdout)

    @on_each_backend()
    def test_their_client_takes_what_is_out_of_the_ordinary(self, server: program.Server) -> None:
        host, port = server.address.split(":")

        answers = self.ask_python(
            *(host, port, "--fixed", "cat /nonexistent", "rm x", "sh -c 'kill -9 $$'"),
            "sh -c 'echo out; echo err >&2'",
        )

        self.assertEqual((answers.returncode, answers.stderr), (DONE, b""))
        expected = (
            "cat: /nonexistent: No such file or directory\n",
            "rm is not allowed here; allowed: cat, echo, head, printf, seq, sh and sleep\n",
            "",
            "out\nerr\n",
        )
        self.assertEqual(answers.stdout.decode(), "".join(f"{text}\n" for text in expected))

    def test_our_client_with_their_server(self) -> None:
        for options in (("--fixed",), ()):
            with self.subTest(options=options):
                host, port = self.serve_python(*options)
                server = f"{host}:{port}"

                hello = weir("exec", server, "echo", "a  b", "it's")
                shell = weir("exec", server, "echo a | tr a b")
                error = weir("exec", server, "cat", "/nonexistent")
                silent = weir("exec", server, "true")

                self.assertEqual((hello.returncode, hello.stdout), (DONE, "a  b it's\n"))
                self.assertEqual((shell.returncode, shell.stdout), (DONE, "b\n"))
                self.assertIn("No such file", error.stdout)  # which stream it was is not told
                self.assertEqual((silent.returncode, silent.stdout), (DONE, ""))

    def test_our_client_takes_their_long_answers(self) -> None:
        host, port = self.serve_python("--fixed")

        result = weir("exec", f"{host}:{port}", "seq", "200000")

        self.assertEqual((result.returncode, result.stderr), (DONE, ""))
        self.assertEqual(result.stdout.splitlines(), [str(n) for n in range(1, 200_001)])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program.WEIR = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()
