#!/usr/bin/env python3
"""The limits of `weir serve exec`, and what is left of a command that ran into one.

    exec_limits_test.py PATH_OF_WEIR [unittest arguments]
"""

import contextlib
import signal
import socket
import struct
import subprocess
import sys
import unittest
from pathlib import Path

import program
from exec_server import (
    COMMANDS,
    ExecTest,
    ask,
    exists,
    on_each_backend,
    read_reply,
    runs,
    wait_until,
)
from program import BAD_USAGE, DONE, LIMIT_S, RUN_FAILED, receive_all, weir


class LimitTest(ExecTest):
    @on_each_backend("--time-limit", "300ms")
    def test_a_command_over_the_time_limit_is_killed(self, server: program.Server) -> None:
        with server.connect() as connection:
            header, payload = ask(connection, b"sh -c 'trap \"\" TERM; echo $$; sleep 1000'")

            self.assertEqual((header["timed_out"], header["signal"]), (True, signal.SIGKILL))
            self.assertFalse(exists(int(payload)))
            self.assertEqual(ask(connection, b"echo next")[1], b"next\n")
        self.assertEqual(self.ended(server)["timed_out"], 1)

    @on_each_backend("--output-limit", "100k")
    def test_a_command_over_the_output_limit_is_killed(self, server: program.Server) -> None:
        with server.connect() as connection:
            header, payload = ask(connection, b"cat /dev/zero")
            self.assertEqual(
                header, {"data_size": 100_000, "signal": signal.SIGKILL, "truncated": True}
            )
            self.assertEqual(payload, bytes(100_000))
            self.assertEqual(len(ask(connection, b"head -c 100000 /dev/zero")[1]), 100_000)
        self.assertEqual(self.ended(server)["truncated"], 1)

    @on_each_backend("--concurrency", "3")
    def test_no_more_commands_run_at_once_than_allowed(self, server: program.Server) -> None:
        where = self.directory()
        script = (
            f"cd {where}; mkdir running.$$; set -- running.*; echo $#; sleep 0.02; rmdir running.$$"
        )
        with contextlib.ExitStack() as stack:
            connections = [stack.enter_context(server.connect()) for _ in range(20)]
            for connection in connections:
                connection.sendall(f'sh -c "{script}"'.replace("$", "\\$").encode())
            at_once = [int(read_reply(connection)[1]) for connection in connections]

        self.assertLessEqual(max(at_once), 3)
        self.assertEqual(self.ended(server)["commands"], 20)

    @on_each_backend("--concurrency", "1", "--time-limit", "400ms")
    def test_who_waits_too_long_for_a_turn_is_told_so(self, server: program.Server) -> None:
        with contextlib.ExitStack() as stack:
            connections = [stack.enter_context(server.connect()) for _ in range(3)]
            for connection in connections:
                connection.sendall(b"sleep 1000")
            replies = [read_reply(connection) for connection in connections]

        # One runs, the next may get its turn when that is killed, the third cannot.
        refused = [reply for reply in replies if "refused" in reply[0]]
        self.assertIn(len(refused), (1, 2))
        for header, message in refused:
            self.assertEqual(header["refused"], "busy")
            self.assertIn(b"try again later", message)
        self.assertEqual(
            [header["timed_out"] for header, _ in replies if "refused" not in header],
            [True] * (3 - len(refused)),
        )

    @on_each_backend("--idle-timeout", "100ms", "--time-limit", "100ms")
    def test_a_connection_that_asks_for_nothing_is_closed(self, server: program.Server) -> None:
        with server.connect() as connection:
            self.assertEqual(ask(connection, b"echo x")[1], b"x\n")
            self.assertEqual(receive_all(connection), b"")

    def test_only_this_machine_unless_understood(self) -> None:
        result = weir("serve", "exec", "--listen", ":0", "--allow", "echo")

        self.assertEqual((result.returncode, result.stdout), (BAD_USAGE, ""))
        self.assertIn("0.0.0.0:0 can be reached from other machines", result.stderr)
        self.assertIn("--i-understand", result.stderr)

    def test_what_cannot_be_run_is_found_at_the_start(self) -> None:
        result = weir("serve", "exec", "--listen", "127.0.0.1:0", "--allow", "no-such-program")

        self.assertEqual((result.returncode, result.stdout), (RUN_FAILED, ""))
        self.assertIn("--allow no-such-program=/PATH", result.stderr)

    def test_a_program_that_runs_anything_is_noted(self) -> None:
        server = self.serve_commands(allow=("sh", "echo"))
        server.interrupt()

        _, _, errors = server.wait()

        self.assertRegex(errors, r"\Aweir serve exec: note: sh runs whatever it is given[^\n]*\n\Z")


class LeftoverTest(ExecTest):
    """Nothing stays of a command whose connection has ended."""

    def start_job(self, connection: socket.socket) -> tuple[int, int]:
        """A command that waits for a child of its own; the numbers of the two."""
        path = self.fifo("pids")
        script = f"sleep 1000 & echo $$ $! > {path}; wait"
        connection.sendall(f"sh -c '{script}'".encode())
        leader, child = Path(path).read_text().split()
        return int(leader), int(child)

    def expect_gone(self, server: program.Server, leader: int, child: int) -> None:
        wait_until(lambda: not exists(leader))  # reaped, by the server
        wait_until(lambda: not runs(child))  # an orphan, reaped by whoever adopts it
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
        self.assertEqual(children.read_text(), "")

    @on_each_backend()
    def test_a_client_that_closes_takes_its_command_along(self, server: program.Server) -> None:
        with server.connect() as connection:
            job = self.start_job(connection)
        self.expect_gone(server, *job)
        with server.connect() as connection:
            self.assertEqual(ask(connection, b"echo x")[1], b"x\n")
        self.assertEqual(self.ended(server)["abandoned"], 1)

    @on_each_backend()
    def test_a_client_that_resets_takes_its_command_along(self, server: program.Server) -> None:
        with server.connect() as connection:
            job = self.start_job(connection)
            reset = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
        self.expect_gone(server, *job)

    @on_each_backend()
    def test_a_client_that_ends_its_side_is_gone(self, server: program.Server) -> None:
        with server.connect() as connection:
            job = self.start_job(connection)
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(receive_all(connection), b"")
            self.expect_gone(server, *job)

    @on_each_backend()
    def test_what_was_asked_for_behind_the_command_is_dropped(self, server: program.Server) -> None:
        with server.connect() as connection:
            job = self.start_job(connection)
            connection.sendall(b"\necho never\n" * 50)
        self.expect_gone(server, *job)
        self.assertEqual(self.ended(server)["commands"], 1)

    @on_each_backend()
    def test_our_client_killed_takes_its_command_along(self, server: program.Server) -> None:
        path = self.fifo("pid")
        client = subprocess.Popen(
            [program.WEIR, "exec", server.address, "sh", "-c", f"echo $$ > {path}; sleep 1000"]
        )
        self.addCleanup(client.kill)
        leader = int(Path(path).read_text())

        client.send_signal(signal.SIGINT)

        self.assertEqual(client.wait(LIMIT_S), -signal.SIGINT)
        wait_until(lambda: not exists(leader))

    @on_each_backend()
    def test_a_drain_lets_the_command_finish(self, server: program.Server) -> None:
        started, gate = self.fifo("started"), self.fifo("gate")
        with server.connect() as connection:
            connection.sendall(f"sh -c 'echo > {started}; cat {gate}; exit 3'".encode())
            Path(started).read_text()
            server.interrupt()
            wait_until(lambda: self.refuses(server))
            Path(gate).write_text("finished")

            self.assertEqual(
                read_reply(connection), ({"data_size": 8, "exit_status": 3}, b"finished")
            )
            self.assertEqual(receive_all(connection), b"")
        code, output, _ = server.wait()
        self.assertEqual(code, DONE)
        self.assertEqual(COMMANDS.search(output)["abandoned"], "0")

    @staticmethod
    def refuses(server: program.Server) -> bool:
        try:
            server.connect().close()
        except OSError:
            return True
        return False

    @on_each_backend()
    def test_a_second_interrupt_kills_it(self, server: program.Server) -> None:
        with server.connect() as connection:
            leader, child = self.start_job(connection)
            server.interrupt()
            server.interrupt(signal.SIGTERM)
            code, _, _ = server.wait()

        # Failed, unless the drain had begun when the second one came.
        self.assertIn(code, (DONE, RUN_FAILED))
        self.assertFalse(exists(leader))
        wait_until(lambda: not runs(child))

    @on_each_backend()
    def test_neither_descriptors_nor_zombies_pile_up(self, server: program.Server) -> None:
        descriptors = Path(f"/proc/{server.process.pid}/fd")
        with server.connect() as connection:
            ask(connection, b"echo first")
            before = len(list(descriptors.iterdir()))
            for _ in range(100):
                ask(connection, b"sh -c 'echo x >&2; exit 1'")
                ask(connection, b"rm x")
            self.assertEqual(len(list(descriptors.iterdir())), before)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program.WEIR = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()
