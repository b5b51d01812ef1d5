#!/usr/bin/env python3
"""`weir serve exec` and `weir exec`: what clients get, hostile ones too.

    exec_test.py PATH_OF_WEIR [unittest arguments]
"""

import contextlib
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

import program
from exec_server import ALLOWED, ExecTest, ask, on_each_backend, read_exactly, read_reply
from program import BAD_USAGE, LIMIT_S, receive_all, weir

NO_ANSWER = 255


def await_read(connection: socket.socket) -> None:
    """Until the server has read all that was sent: its receive queue is empty."""
    ends = []
    for host, port in (connection.getpeername(), connection.getsockname()):
        ends.append(f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}:{port:04X}")
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
        queues = [row[4].split(":")[1] for row in rows if row[1:3] == ends]
        if queues and all(int(queue, 16) == 0 for queue in queues):
            return
        time.sleep(0.005)
    raise AssertionError("the server did not read")


class ReplyTest(ExecTest):
    @on_each_backend()
    def test_a_success_is_exactly_what_the_tutorial_sends(self, server: program.Server) -> None:
        with server.connect() as connection:
            connection.sendall(b"printf '%s' abc")
            connection.settimeout(LIMIT_S)
            expected = b"\x10\x00\x00\x00" + b'{"data_size": 3}' + b"abc"
            self.assertEqual(read_exactly(connection, len(expected)), expected)
            self.assertEqual(ask(connection, b"printf ''"), ({"data_size": 0}, b""))
            self.assertEqual(ask(connection, b"   "), ({"data_size": 0}, b""))
        self.assertEqual(self.ended(server)["commands"], 2)

    @on_each_backend()
    def test_status_stderr_and_signals_are_told(self, server: program.Server) -> None:
        with server.connect() as connection:
            both = ask(connection, b"sh -c 'echo out; echo err >&2; exit 7'")
            quiet = ask(connection, b"sh -c 'exit 1'")
            noisy = ask(connection, b"sh -c 'echo warning >&2'")
            killed = ask(connection, b"sh -c 'echo last; kill -TERM $$'")

        header = {"data_size": 8, "exit_status": 7, "stderr_size": 4}
        self.assertEqual(both, (header, b"out\nerr\n"))
        self.assertEqual(quiet, ({"data_size": 0, "exit_status": 1}, b""))
        header = {"data_size": 8, "exit_status": 0, "stderr_size": 8}
        self.assertEqual(noisy, (header, b"warning\n"))
        self.assertEqual(killed, ({"data_size": 5, "signal": 15}, b"last\n"))

    @on_each_backend()
    def test_more_than_a_pipe_holds_on_both_pipes(self, server: program.Server) -> None:
        script = b"sh -c 'head -c 400000 /dev/zero; head -c 300000 /dev/zero >&2'"
        with server.connect() as connection:
            header, payload = ask(connection, script)

        self.assertEqual(
            header, {"data_size": 700_000, "exit_status": 0, "stderr_size": 300_000}
        )
        self.assertEqual(payload, bytes(700_000))

    def test_commands_get_nothing_of_the_server(self) -> None:
        secret = program.environment(SECRET="1", PATH=os.environ["PATH"])
        server = self.serve_commands(allow=(*ALLOWED, "env", "ls"), env=secret)
        with server.connect() as connection:
            _, variables = ask(connection, b"env")
            _, descriptors = ask(connection, b"ls /proc/self/fd")
            header, nothing = ask(connection, b"cat")

        self.assertEqual(
            sorted(variables.split()), [b"LANG=C.UTF-8", b"PATH=/usr/local/bin:/usr/bin:/bin"]
        )
        self.assertEqual(descriptors.split(), [b"0", b"1", b"2", b"3"])  # 3 is what ls reads
        self.assertEqual((header, nothing), ({"data_size": 0}, b""))

    def test_through_a_unix_socket(self) -> None:
        path = self.directory() / "exec.sock"
        self.serve_commands("--listen", f"unix:{path}")

        result = weir("exec", f"unix:{path}", "echo", "hello")

        self.assertEqual((result.returncode, result.stdout), (0, "hello\n"))

    @on_each_backend("--log")
    def test_the_log_has_a_line_for_each_request(self, server: program.Server) -> None:
        with server.connect() as connection:
            host, port = connection.getsockname()
            ask(connection, b"echo x")
            ask(connection, b"rm \x1b[2J")
        with server.connect() as connection:
            ask(connection, b"y" * 5_000)
        server.interrupt()

        _, _, errors = server.wait()

        lines = [line for line in errors.splitlines() if "note:" not in line]
        self.assertEqual(len(lines), 3, errors)
        asked = rf"weir serve exec: {host}:{port} [\d.]+ [mun]?s "
        other = rf"weir serve exec: {host}:\d+ [\d.]+ [mun]?s "
        self.assertRegex(lines[0], asked + r'"echo x" {"data_size": 2}$')
        self.assertRegex(lines[1], asked + r'"rm \\x1b\[2J" {.*"refused": "not_text"')
        self.assertRegex(lines[2], other + r'"" {.*"refused": "too_long"')

    @on_each_backend("--connections", "20")
    def test_many_connections_at_once(self, server: program.Server) -> None:
        with contextlib.ExitStack() as stack:
            connections = [stack.enter_context(server.connect()) for _ in range(70)]
            for number, connection in enumerate(connections):
                connection.sendall(b"sh -c 'seq %d; exit %d'" % (number, number))
            for number, connection in enumerate(connections):
                header, payload = read_reply(connection)
                connection.close()  # makes room for one of those that wait
                self.assertEqual(header.get("exit_status", 0), number)
                expected = "".join(f"{line}\n" for line in range(1, number + 1))
                self.assertEqual(payload.decode(), expected)

        self.assertEqual(self.ended(server)["commands"], 70)


class RequestTest(ExecTest):
    @on_each_backend()
    def test_an_unknown_command_is_refused_the_next_is_run(self, server: program.Server) -> None:
        with server.connect() as connection:
            for request in (b"rm -rf x", b"/bin/echo x", b"../echo x", b"ECHO x", b"''"):
                header, message = ask(connection, request)
                self.assertEqual(header["refused"], "not_allowed", request)
                self.assertEqual(header["stderr_size"], header["data_size"])
                self.assertIn(b"is not allowed here; allowed: cat, echo", message)
            self.assertEqual(ask(connection, b"echo x"), ({"data_size": 2}, b"x\n"))
        counts = self.ended(server)
        self.assertEqual((counts["refused"], counts["commands"]), (5, 1))

    @on_each_backend()
    def test_no_shell_sees_the_command(self, server: program.Server) -> None:
        canary = self.directory() / "canary"
        with server.connect() as connection:
            for text in ("echo a; touch {}", "echo a > {}", "echo $(touch {})", "echo `id` {}"):
                header, message = ask(connection, text.format(canary).encode())
                self.assertEqual(header["refused"], "malformed", text)
                self.assertIn(b"there is no shell here", message)
            quoted = ask(connection, b"echo '; touch' \"> {}\" \\$\\(id\\)")
            self.assertEqual(quoted[1], b"; touch > {} $(id)\n")
        self.assertFalse(canary.exists())

    @on_each_backend()
    def test_binary_is_refused_and_nothing_after_it_runs(self, server: program.Server) -> None:
        cases = {
            b"echo \0x": b"the control character 0x00",
            b"\x16\x03\x01\x02": b"the control character 0x16",
            b"echo \xff\xfe": b"not valid UTF-8",
            b"echo \xc3": b"not valid UTF-8",
            bytes(100): b"the control character 0x00",
        }
        for request, reason in cases.items():
            with self.subTest(request=request), server.connect() as connection:
                connection.sendall(request + b"\necho pwned\n")
                header, message = read_reply(connection)
                self.assertEqual(header["refused"], "not_text")
                self.assertIn(reason, message)
                self.assertIn(b"the connection ends here", message)
                self.assertEqual(receive_all(connection), b"")
        counts = self.ended(server)
        self.assertEqual((counts["refused"], counts["commands"]), (len(cases), 0))

    @on_each_backend()
    def test_text_of_any_language_is_no_binary(self, server: program.Server) -> None:
        with server.connect() as connection:
            for word in ("\u00e4\u00f6\u00fc", "\u4e2d\u6587", "a\tb"):
                self.assertEqual(ask(connection, f"printf '{word}'".encode())[1], word.encode())

    def expect_huge_requests_refused(self, server: program.Server) -> None:
        for text in (b"echo " + b"x" * 1_000_000, b"echo " + b"x" * 5_000 + b"\n"):
            with server.connect() as connection:
                connection.sendall(text)
                header, message = read_reply(connection)
                self.assertEqual(header["refused"], "too_long")
                self.assertIn(b"longer than 4096 bytes", message)
                self.assertEqual(receive_all(connection), b"")
        with server.connect() as connection:
            longest = b"echo " + b"x" * 4_091
            self.assertEqual(ask(connection, longest + b"\n")[1], b"x" * 4_091 + b"\n")
        counts = self.ended(server)
        self.assertEqual((counts["refused"], counts["commands"]), (2, 1))

    @on_each_backend("--requests", "read")
    def test_a_huge_request_ends_the_connection(self, server: program.Server) -> None:
        self.expect_huge_requests_refused(server)

    @on_each_backend("--requests", "line")
    def test_a_huge_line_ends_the_connection(self, server: program.Server) -> None:
        self.expect_huge_requests_refused(server)

    @on_each_backend()
    def test_line_ends_part_commands_that_arrive_together(self, server: program.Server) -> None:
        with server.connect() as connection:
            connection.sendall(b"echo one\necho two\r\nrm three\necho four")
            replies = [read_reply(connection) for _ in range(4)]

        self.assertEqual([payload for _, payload in replies[:2]], [b"one\n", b"two\n"])
        self.assertEqual(replies[2][0]["refused"], "not_allowed")
        self.assertEqual(replies[3][1], b"four\n")

    @on_each_backend()
    def test_a_flood_of_commands_is_answered_in_order(self, server: program.Server) -> None:
        with server.connect() as connection:
            text = b"".join(b"echo %d\n" % number for number in range(200))
            sender = threading.Thread(target=connection.sendall, args=(text,))
            sender.start()
            for number in range(200):
                self.assertEqual(read_reply(connection)[1], b"%d\n" % number)
            sender.join(LIMIT_S)

    @on_each_backend()
    def test_what_is_sent_far_ahead_waits_and_loses_nothing(self, server: program.Server) -> None:
        started, gate = self.fifo("started"), self.fifo("gate")
        names = [b"no-%05d" % number for number in range(10_000)]  # more than is read ahead
        with server.connect() as connection:
            connection.sendall(f"sh -c 'echo > {started}; cat {gate}'\n".encode())
            Path(started).read_text()
            text = b"".join(name + b"\n" for name in names)
            sender = threading.Thread(target=connection.sendall, args=(text,))
            sender.start()
            Path(gate).write_text("first")

            self.assertEqual(read_reply(connection)[1], b"first")
            for name in names:
                header, message = read_reply(connection)
                self.assertEqual(header["refused"], "not_allowed")
                self.assertTrue(message.startswith(name), message)
            sender.join(LIMIT_S)
        self.assertEqual(self.ended(server)["refused"], 10_000)

    @on_each_backend("--requests", "line")
    def test_half_a_line_is_no_command_where_lines_are(self, server: program.Server) -> None:
        with server.connect() as connection:
            for part in (b"ec", b"ho ", b"hello", b"\r", b"\necho"):
                connection.sendall(part)
            self.assertEqual(read_reply(connection)[1], b"hello\n")
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(receive_all(connection), b"")
        counts = self.ended(server)
        self.assertEqual((counts["requests"], counts["commands"]), (1, 1))

    @on_each_backend()
    def test_half_a_line_is_a_command_where_reads_are(self, server: program.Server) -> None:
        with server.connect() as connection:
            self.assertEqual(ask(connection, b"ec")[0]["refused"], "not_allowed")
            self.assertEqual(ask(connection, b"ho hello")[0]["refused"], "not_allowed")

    @on_each_backend()
    def test_a_first_line_end_asks_for_lines(self, server: program.Server) -> None:
        with server.connect() as connection:
            for part in (b"\n", b"ec", b"ho hel", b"lo\n"):
                connection.sendall(part)
            self.assertEqual(read_reply(connection)[1], b"hello\n")

    @on_each_backend()
    def test_a_browser_is_hung_up_on(self, server: program.Server) -> None:
        text = b"POST /?a=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\necho pwned\n"
        # A long address: where the first read ends may be anywhere in it.
        for first in (len(text), len("POST /"), text.index(b"HTTP") + 2):
            with server.connect() as connection:
                connection.sendall(text[:first])
                self.assertEqual(receive_all(connection), b"")
        counts = self.ended(server)
        self.assertEqual((counts["refused"], counts["commands"]), (3, 0))

    @on_each_backend()
    def test_commands_sent_one_by_one_stay_apart_while_another_runs(
        self, server: program.Server
    ) -> None:
        gate = self.directory() / "gate"
        with server.connect() as connection:
            wait = f"while ! test -e {gate}; do sleep 0.01; done"
            first = f'sh -c "{wait}; echo first"'.encode()
            for text in (first, b"echo second", b"echo third"):
                connection.sendall(text)
                await_read(connection)
            gate.touch()
            for expected in (b"first\n", b"second\n", b"third\n"):
                self.assertEqual(read_reply(connection)[1], expected)


class ClientTest(ExecTest):
    def test_ends_as_the_command_did(self) -> None:
        broken = self.directory() / "broken"
        broken.write_text("#!/nonexistent\n")
        broken.chmod(0o755)
        server = self.serve_commands(
            *("--time-limit", "300ms", "--output-limit", "1k"),
            allow=(*ALLOWED, f"broken={broken}"),
        )
        cases = {
            ("echo", "a  b", "$HOME"): (0, "a  b $HOME\n", ""),
            ("echo 'a  b'",): (0, "a  b\n", ""),
            ("sh", "-c", "echo out; echo err >&2; exit 42"): (42, "out\n", "err\n"),
            ("sh", "-c", "kill -SEGV $$"): (128 + signal.SIGSEGV, "", ""),
            ("sleep", "1000"): (124, "", "time limit"),
            ("head", "-c", "2000", "/dev/zero"): (137, "\0" * 1000, "this is not all of it"),
            ("rm", "x"): (127, "", "rm is not allowed here"),
            ("broken",): (126, "", "broken cannot be started"),
            ("echo a | cat",): (125, "", "no shell"),
        }
        for command, (code, output, errors) in cases.items():
            with self.subTest(command=command):
                result = weir("exec", server.address, *command)

                self.assertEqual((result.returncode, result.stdout), (code, output))
                self.assertIn(errors, result.stderr)
                self.assertEqual(result.stderr == "", errors == "")

    def test_bad_usage_is_explained_and_nothing_runs(self) -> None:
        local = ("--listen", "127.0.0.1:0")
        cases = {
            ("exec",): "server is missing",
            ("exec", ":9"): "command is missing",
            ("exec", ":0", "date"): "port 0",
            ("exec", "--timeout", "5", ":9", "date"): "--timeout",
            ("exec", "--tiemout", "5s", ":9", "date"): 'did you mean "--timeout"',
            ("serve", "exec", *local): "--allow NAME",
            ("serve", "exec", *local, "--allow", "/bin/date"): "NAME=/bin/date",
            ("serve", "exec", *local, "--allow", "date", "--shards", "2"): "--shards",
            ("serve", "exec", *local, "--allow", "date", "--requests", "x"): "--requests",
            ("serve", "echo", *local, "--allow", "date"): "for exec",
        }
        for arguments, reason in cases.items():
            with self.subTest(arguments=arguments):
                result = weir(*arguments)

                self.assertEqual((result.returncode, result.stdout), (BAD_USAGE, ""))
                self.assertIn(reason, result.stderr)

    def test_binary_and_large_output_arrives_as_it_is(self) -> None:
        server = self.serve_commands("--output-limit", "32MiB")
        result = subprocess.run(
            [program.WEIR, "exec", server.address, "head", "-c", "20000000", "/dev/zero"],
            capture_output=True,
            timeout=LIMIT_S,
            check=True,
        )
        self.assertEqual(result.stdout, bytes(20_000_000))

    def test_says_why_there_is_no_answer(self) -> None:
        def closes(connection: socket.socket) -> None:
            connection.recv(4096)

        def breaks_off(connection: socket.socket) -> None:
            connection.sendall(b'\x11\0\0\0{"data_size": 12}half')
            connection.recv(4096)

        def babbles(connection: socket.socket) -> None:
            connection.sendall(b"220 mail.example.org ESMTP\r\n")
            connection.recv(4096)

        def lies(connection: socket.socket) -> None:
            header = b'{"data_size": 0, "exit_status": "fine"}'
            connection.sendall(struct.pack("<i", len(header)) + header)
            connection.recv(4096)

        def waits(connection: socket.socket) -> None:
            select.select([connection], [], [], LIMIT_S)
            receive_all(connection)

        cases = {
            closes: "ended the stream",
            breaks_off: "ended the stream",
            babbles: "is that a server of commands?",
            lies: "makes no sense",
            waits: "nothing came within 300 ms; a longer --timeout may help",
        }
        for behave, reason in cases.items():
            with self.subTest(server=behave.__name__):
                with socket.create_server(("127.0.0.1", 0)) as listener:
                    address = f"127.0.0.1:{listener.getsockname()[1]}"

                    def serve_one() -> None:
                        with listener.accept()[0] as connection:
                            behave(connection)

                    server = threading.Thread(target=serve_one)
                    server.start()
                    result = weir("exec", "--timeout", "300ms", address, "date")
                    server.join(LIMIT_S)

                self.assertEqual((result.returncode, result.stdout), (NO_ANSWER, ""))
                self.assertIn(reason, result.stderr)
                self.assertIn(address, result.stderr)

    def test_an_error_of_the_server_is_told(self) -> None:
        header = b'{"data_size": 5, "signal": 9, "server_error": "Cannot allocate memory"}'
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = f"127.0.0.1:{listener.getsockname()[1]}"

            def serve_one() -> None:
                with listener.accept()[0] as connection:
                    connection.sendall(struct.pack("<i", len(header)) + header + b"half\n")
                    receive_all(connection)

            server = threading.Thread(target=serve_one)
            server.start()
            result = weir("exec", address, "date")
            server.join(LIMIT_S)

        self.assertEqual((result.returncode, result.stdout), (125, "half\n"))
        self.assertRegex(result.stderr, "lost track of the command .*: Cannot allocate memory")

    def test_nobody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = f"127.0.0.1:{listener.getsockname()[1]}"

        result = weir("exec", address, "date")

        self.assertEqual((result.returncode, result.stdout), (NO_ANSWER, ""))
        self.assertRegex(
            result.stderr, f"^weir exec: cannot connect to {address}: .*is the server running"
        )

    def test_an_answer_over_the_limit_is_not_taken(self) -> None:
        server = self.serve_commands()

        result = weir("exec", "--output-limit", "1k", server.address, "seq", "10000")

        self.assertEqual((result.returncode, result.stdout), (NO_ANSWER, ""))
        self.assertIn("--output-limit", result.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program.WEIR = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()
