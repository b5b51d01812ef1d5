#!/usr/bin/env python3
"""The program `weir` as its user meets it: built, started, loaded, interrupted.

    program_test.py PATH_OF_WEIR [unittest arguments]
"""

import contextlib
import json
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import unittest
from pathlib import Path

import program
from program import (
    BAD_USAGE,
    BACKENDS,
    DONE,
    INTERRUPTED,
    LIMIT_S,
    NOTHING_SUCCEEDED,
    RUN_FAILED,
    SUMMARY,
    ProgramTest,
    available_backends,
    environment,
    forbid_io_uring,
    receive_all,
    weir,
)


class ServeAndLoadTest(ProgramTest):
    def test_a_load_on_an_echo_server_on_each_backend(self) -> None:
        for backend in available_backends():
            for shards in ("1", "2"):
                with self.subTest(backend=backend, shards=shards):
                    server = self.serve(
                        *("echo", "--listen", "127.0.0.1:0", "--backend", backend),
                        *("--shards", shards),
                    )
                    result = self.directory() / "result.json"

                    load = weir(
                        *("load", f"tcp://{server.address}", "--closed", "-c", "4"),
                        # The kernel's round trips have a connection of their own.
                        *("--warmup", "0s", "--stamps", "app"),
                        *("--depth", "3", "-d", "300ms", "--backend", backend, "-o", str(result)),
                    )
                    summary = self.summary(server)

                    self.assertEqual(load.returncode, DONE, load.stdout + load.stderr)
                    self.assertIn("every byte checked", load.stdout)
                    report = json.loads(result.read_text())
                    phase = report["phases"][0]
                    self.assertEqual(report["schema"], "weir.load/1")
                    # A busy machine makes a run untrusted, which is no failure.
                    self.assertIn(report["verdict"], ("ok", "untrusted"))
                    self.assertEqual(report["exit_code"], DONE)
                    self.assertEqual(report["env"]["backend"], backend)
                    self.assertFalse(report["interrupted"])
                    self.assertGreater(phase["done"], 0)
                    self.assertEqual(phase["done"], phase["latency"]["service"]["count"])
                    self.assertEqual(sum(phase["errors"].values()), 0)
                    conns = phase["conns"]
                    self.assertEqual((conns["requested"], conns["established"]), (4, 4))
                    self.assertGreaterEqual(phase["bytes"]["rx"], 64 * phase["done"])
                    self.assertEqual(summary["service"], "echo")
                    self.assertEqual(summary["backend"], backend)
                    self.assertEqual((summary["connections"], summary["failed"]), ("4", "0"))
                    # What warmed up was sent as well, and is not in the result.
                    self.assertGreaterEqual(int(summary["bytes_in"]), phase["bytes"]["tx"])
                    self.assertEqual(summary["bytes_out"], summary["bytes_in"])

    def test_through_a_unix_socket_whose_path_goes_with_the_server(self) -> None:
        path = self.directory() / "echo.sock"
        server = self.serve("echo", "--listen", f"unix:{path}")
        self.assertEqual(server.address, f"unix:{path}")

        load = weir("load", f"unix:{path}", "--closed", "-d", "200ms", "--size", "100KiB")
        summary = self.summary(server, signal.SIGTERM)

        self.assertEqual(load.returncode, DONE, load.stdout + load.stderr)
        self.assertEqual(summary["bytes_in"], summary["bytes_out"])
        self.assertFalse(path.exists())

    def test_the_result_on_stdout_is_json_and_nothing_else(self) -> None:
        server = self.serve("echo", "--listen", "127.0.0.1:0")

        load = weir("load", f"tcp://{server.address}", "--closed", "-d", "200ms", "-o", "-")

        self.assertEqual((load.returncode, load.stderr), (DONE, ""))
        self.assertIn(json.loads(load.stdout)["verdict"], ("ok", "untrusted"))

    def test_an_echo_of_frames_answers_whole_frames_only(self) -> None:
        def with_length(size: int, order: str, payload: bytes) -> bytes:
            return len(payload).to_bytes(size, order) + payload

        payload = bytes(range(100))
        header = b'{"of": "no interest", "data_size": 100}'
        wires = {
            "len16": with_length(2, "big", payload),
            "len32": with_length(4, "big", payload),
            "varint": with_length(1, "big", payload),
            "line": b"a line with a CR in it\r\n",
            "json-header": with_length(4, "little", header) + payload,
        }
        for backend in available_backends():
            for codec, frame in wires.items():
                with self.subTest(backend=backend, codec=codec):
                    server = self.serve(
                        *("echo", "--listen", "127.0.0.1:0", "--backend", backend),
                        *("--codec", codec),
                    )

                    with server.connect() as connection:
                        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                        connection.sendall(frame[:5])
                        connection.sendall(frame[5:] + 2 * frame + frame[:-1])
                        connection.shutdown(socket.SHUT_WR)
                        answer = receive_all(connection)
                    summary = self.summary(server)

                    self.assertEqual(answer, 3 * frame)
                    self.assertEqual(summary["failed"], "1")  # it ended inside a frame

    def test_a_frame_above_the_limit_ends_its_connection_after_those_before_it(self) -> None:
        server = self.serve("echo", "--listen", "127.0.0.1:0", "--codec", "len32")

        with server.connect() as connection:
            connection.sendall(b"\0\0\0\4good" + b"\x7f\xff\xff\xff")
            answer = receive_all(connection)
        summary = self.summary(server)

        self.assertEqual(answer, b"\0\0\0\4good")
        self.assertEqual(summary["failed"], "1")

    def test_a_connection_on_which_nothing_moves_is_closed_where_asked_for(self) -> None:
        for service in (("echo",), ("echo", "--codec", "line"), ("discard",), ("upper",)):
            with self.subTest(service=service):
                server = self.serve(*service, "--listen", "127.0.0.1:0", "--idle-timeout", "50ms")

                with server.connect() as connection:
                    connection.sendall(b"half a line")
                    answer = receive_all(connection)

                self.assertIn(answer, (b"", b"half a line"))
                self.assertEqual(self.summary(server)["failed"], "1")

    def test_discard_swallows_and_counts(self) -> None:
        server = self.serve("discard", "--listen", "127.0.0.1:0")

        with server.connect() as connection:
            connection.sendall(bytes(3_000_000))
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(receive_all(connection), b"")
        summary = self.summary(server)

        self.assertEqual((summary["bytes_in"], summary["bytes_out"]), ("3000000", "0"))

    def test_a_drain_answers_what_has_come_and_then_ends_the_stream(self) -> None:
        for backend in available_backends():
            with self.subTest(backend=backend):
                server = self.serve("echo", "--listen", "127.0.0.1:0", "--backend", backend)
                connections = [server.connect() for _ in range(5)]
                for connection in connections:
                    connection.sendall(b"x" * 10_000)

                # The bytes are at the server's sockets: loopback delivers before send returns.
                server.interrupt()
                answers = [receive_all(connection) for connection in connections]
                for connection in connections:
                    connection.close()
                code, output, _ = server.wait()

                self.assertEqual(code, DONE)
                self.assertEqual(answers, [b"x" * 10_000] * 5)
                self.assertEqual(SUMMARY.fullmatch(output)["bytes_out"], "50000")

    def test_a_second_interrupt_ends_connections_that_do_not(self) -> None:
        server = self.serve("echo", "--listen", "127.0.0.1:0")
        with server.connect() as deaf:
            deaf.setblocking(False)
            # Until all buffers are full, not only until the server is a turn behind.
            while select.select([], [deaf], [], 2)[1]:
                deaf.send(bytes(1 << 20))

            server.interrupt()
            server.interrupt(signal.SIGTERM)  # another one: two pending SIGINT would be one
            code, output, errors = server.wait()

        self.assertEqual(code, RUN_FAILED)
        self.assertRegex(output, r"1 connections \(1 failed\)")
        self.assertIn("1 connections were still open at the end", errors)


class ForbiddenIoUringTest(ProgramTest):
    def forbidden(self, *arguments: str, **options) -> subprocess.CompletedProcess:
        try:
            return weir(*arguments, preexec_fn=forbid_io_uring, **options)
        except subprocess.SubprocessError as error:
            self.skipTest(f"no seccomp filter can be installed here: {error}")

    def test_the_doctor_says_why_and_what_would_help(self) -> None:
        doctor = self.forbidden("doctor", "--json")

        backend = json.loads(doctor.stdout)["backend"]
        self.assertEqual((doctor.returncode, backend["used"]), (DONE, "epoll"))
        self.assertIn("io_uring is forbidden", backend["reason"])
        self.assertNotEqual(backend["remedy"], "")

    def test_serving_takes_epoll(self) -> None:
        self.forbidden("doctor")
        server = self.serve("echo", "--listen", "127.0.0.1:0", preexec_fn=forbid_io_uring)

        with server.connect() as connection:
            connection.sendall(b"hello")
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(receive_all(connection), b"hello")

        server.interrupt()
        code, output, errors = server.wait()
        self.assertEqual(code, DONE)
        self.assertEqual(SUMMARY.fullmatch(output)["backend"], "epoll")
        self.assertRegex(errors, r"\Aweir serve: on epoll: .*io_uring.*\n\Z")

    def test_the_doctor_explains_the_backend_that_was_asked_for(self) -> None:
        env = environment(WEIR_BACKEND="io_uring")
        text = self.forbidden("doctor", env=env)
        doctor = self.forbidden("doctor", "--json", env=env)

        backend = json.loads(doctor.stdout)["backend"]
        self.assertEqual((text.returncode, doctor.returncode), (RUN_FAILED, RUN_FAILED))
        self.assertRegex(backend["reason"], r"^WEIR_BACKEND asks for io_uring, but .*EPERM")
        self.assertRegex(
            backend["remedy"], r"^unset WEIR_BACKEND; to have io_uring: .*(seccomp|sysctl)"
        )
        self.assertTrue(backend["features"])
        for words in ("WEIR_BACKEND asks for", "EPERM", "unset WEIR_BACKEND", "multishot receive"):
            self.assertIn(words, text.stdout)

    def test_asked_for_by_option_or_environment_it_is_an_error(self) -> None:
        serve = ("serve", "echo", "--listen", "127.0.0.1:0")
        wishes = {
            "io_uring was asked for": ((*serve, "--backend", "io_uring"), environment()),
            "WEIR_BACKEND asks for io_uring": (serve, environment(WEIR_BACKEND="io_uring")),
        }
        for wish, (arguments, env) in wishes.items():
            with self.subTest(wish=wish):
                result = self.forbidden(*arguments, env=env)

                self.assertEqual((result.returncode, result.stdout), (RUN_FAILED, ""))
                self.assertRegex(result.stderr, rf"^weir serve: {wish}, but .*EPERM")
                self.assertIn("weir doctor", result.stderr)


class FailureTest(ProgramTest):
    def test_bad_usage_is_explained_and_nothing_runs(self) -> None:
        cases = {
            ("frobnicate",): "no sub-command",
            ("serve",): "service is missing",
            ("serve", "echo"): "--listen",
            ("serve", "sing", "--listen", ":0"): "sing",
            ("serve", "echo", "--listen", "nowhere"): "nowhere",
            ("serve", "echo", "--listen", ":0", "--shards", "0"): "--shards",
            ("serve", "echo", "--listen", ":0", "--backend", "kqueue"): "kqueue",
            ("serve", "echo", "--listen", ":0", "--cpus", "3-1"): "--cpus",
            ("serve", "echo", "--listen", ":0", "--listen", ":1"): "once is enough",
            ("serve", "echo", "--lisen", ":0"): 'did you mean "--listen"',
            ("load",): "target is missing",
            ("load", "sweep", "tcp://127.0.0.1:9"): "--rates",
            ("load", "http://127.0.0.1:9", "--closed"): "http",
            ("load", "tcp://127.0.0.1:9", "--closed", "-d", "10"): "--duration",
            ("load", "tcp://127.0.0.1:9", "--closed", "--size", "0"): "--size",
            ("load", "tcp://127.0.0.1:9", "--closed", "-c"): "needs a value",
            ("demo", "--duration", "10ms"): "out of range",
            ("doctor", "--yaml"): "--yaml",
            ("doctor", "sock"): "sockets",
            ("serve", "echo", "--listen", ":0", "--per-connection", "many"): "for upper",
        }
        for arguments, reason in cases.items():
            with self.subTest(arguments=arguments):
                result = weir(*arguments)

                self.assertEqual((result.returncode, result.stdout), (BAD_USAGE, ""))
                self.assertIn(reason, result.stderr)
                self.assertIn("--help", result.stderr)

    def test_a_port_in_use(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"

            result = weir("serve", "echo", "--listen", address)

        self.assertEqual((result.returncode, result.stdout), (RUN_FAILED, ""))
        self.assertRegex(result.stderr, f"cannot listen on {address}: .*another program")

    def test_nobody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = f"127.0.0.1:{server.getsockname()[1]}"

        result = weir("load", f"tcp://{address}", "--closed", "-d", "300ms")

        self.assertEqual(result.returncode, NOTHING_SUCCEEDED)
        self.assertIn("refused; is the server running?", " ".join(result.stdout.split()))

    def test_a_wrong_byte_is_found(self) -> None:
        def answer_wrongly(listener: socket.socket) -> None:
            connection, _ = listener.accept()
            received = 0
            # Whoever has found the byte need not stay to the end.
            with connection, contextlib.suppress(OSError):
                while part := connection.recv(4096):
                    answer = bytearray(part)
                    if received < 1000 <= received + len(part):
                        answer[1000 - received - 1] ^= 1
                    received += len(part)
                    connection.sendall(answer)

        with socket.create_server(("127.0.0.1", 0)) as listener:
            liar = threading.Thread(target=answer_wrongly, args=(listener,))
            liar.start()
            target = f"tcp://127.0.0.1:{listener.getsockname()[1]}"

            load = weir("load", target, "--closed", "-c", "1", "-d", "300ms", "-o", "-")
            liar.join(LIMIT_S)

        self.assertEqual(load.returncode, NOTHING_SUCCEEDED, load.stderr)
        report = json.loads(load.stdout)
        self.assertEqual((report["verdict"], report["exit_code"]), ("failed", NOTHING_SUCCEEDED))
        self.assertGreater(sum(report["phases"][0]["errors"].values()), 0)

    def test_a_result_that_cannot_be_written(self) -> None:
        server = self.serve("echo", "--listen", "127.0.0.1:0")
        path = self.directory() / "absent" / "result.json"

        load = weir("load", f"tcp://{server.address}", "--closed", "-d", "100ms", "-o", str(path))

        self.assertEqual(load.returncode, RUN_FAILED)
        self.assertRegex(load.stderr, f"cannot write (the JSON report to )?{path}")

    def test_an_interrupted_load_reports_what_it_has(self) -> None:
        server = self.serve("echo", "--listen", "127.0.0.1:0")
        result = self.directory() / "result.json"
        load = subprocess.Popen(
            [program.WEIR, "load", f"tcp://{server.address}", "--closed", "-d", "60s"]
            + ["--warmup", "0s", "--progress", "plain", "-o", str(result)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        self.addCleanup(load.kill)
        load.stderr.readline()  # the first progress line: it is under way

        load.send_signal(signal.SIGINT)
        output, _ = load.communicate(timeout=LIMIT_S)

        self.assertEqual(load.returncode, INTERRUPTED)
        self.assertIn("interrupted", output)
        report = json.loads(result.read_text())
        self.assertTrue(report["interrupted"])
        self.assertGreater(report["phases"][0]["done"], 0)


class DemoAndDoctorTest(ProgramTest):
    def test_the_demo_ends_with_a_table_of_what_is_available(self) -> None:
        backends = available_backends()

        demo = weir("demo", "--duration", "1s")

        self.assertEqual(demo.returncode, DONE, demo.stdout + demo.stderr)
        rows = re.findall(r"^  (io_uring|epoll) +([\d ]*\d) +[\d.]+", demo.stdout, re.MULTILINE)
        self.assertEqual([name for name, _ in rows], backends * 3)
        self.assertNotIn("failed", demo.stdout)
        self.assertIn("requests/s", demo.stdout)

    def test_the_doctor_speaks_json(self) -> None:
        doctor = weir("doctor", "--json")

        report = json.loads(doctor.stdout)
        self.assertEqual((doctor.returncode, doctor.stderr), (DONE, ""))
        self.assertEqual(report["schema"], "weir.doctor/1")
        self.assertIn(report["backend"]["used"], BACKENDS)
        self.assertTrue(report["backend"]["features"])
        self.assertTrue(report["limits"])
        for limit in report["limits"]:
            self.assertEqual(set(limit), {"name", "value", "verdict", "reason", "remedy"})

    def test_the_doctor_measures_what_is_said_about_sockets(self) -> None:
        text = weir("doctor", "sockets")
        doctor = weir("doctor", "sockets", "--json")

        report = json.loads(doctor.stdout)
        self.assertEqual((text.returncode, text.stderr), (DONE, ""))
        self.assertEqual((doctor.returncode, doctor.stderr), (DONE, ""))
        self.assertEqual(report["schema"], "weir.doctor.sockets/1")
        for claim in report["claims"]:
            self.assertEqual(set(claim), {"name", "claim", "verdict", "measured", "values"})
            self.assertIn(claim["verdict"], ("holds", "no longer holds", "false"))
            self.assertTrue(claim["values"], claim["name"])
            self.assertIn(claim["claim"], text.stdout)

    def test_the_environment_chooses_the_backend(self) -> None:
        for backend in available_backends():
            with self.subTest(backend=backend):
                doctor = weir("doctor", "--json", env=environment(WEIR_BACKEND=backend))

                chosen = json.loads(doctor.stdout)["backend"]
                self.assertEqual(chosen["used"], backend)
                self.assertIn("WEIR_BACKEND", chosen["reason"])

    def test_an_environment_that_names_no_backend_is_explained(self) -> None:
        for arguments in (("doctor",), ("serve", "echo", "--listen", "127.0.0.1:0")):
            with self.subTest(command=arguments[0]):
                result = weir(*arguments, env=environment(WEIR_BACKEND="kqueue"))

                self.assertEqual(result.returncode, RUN_FAILED)
                said = " ".join((result.stdout + result.stderr).split())
                self.assertIn('WEIR_BACKEND is "kqueue"', said)
                self.assertIn("auto, io_uring or epoll", said)

    def test_help_and_version_go_to_stdout(self) -> None:
        for arguments in (("--version",), ("--help",), ("serve", "--help"), ("load", "--help")):
            with self.subTest(arguments=arguments):
                result = weir(*arguments)

                self.assertEqual((result.returncode, result.stderr), (DONE, ""))
                self.assertRegex(result.stdout, "weir")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program.WEIR = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()
