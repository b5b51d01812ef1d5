#!/usr/bin/env python3
"""What becomes of each request of `weir load` over streams, on both backends.

    load_engine_test.py PATH_OF_WEIR [unittest arguments]

Every run is held against two sums: offered = sent + dropped + expired + unsent + unoffered, and
sent = answered + failed + timed_out + pending + lost. Times are not asserted but where a server
makes them, and then with wide margins.
"""

import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import program

WEIR = ""
LIMIT_S = 60
DONE, RUN_FAILED, BAD_USAGE, NOTHING_SUCCEEDED, ABORTED, INTERRUPTED = 0, 1, 2, 3, 5, 130


class RawServer:
    """Accepts, and gives each connection to `serve` in a thread of its own."""

    def __init__(self, serve) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.target = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.accepted = 0
        self.serve = serve
        threading.Thread(target=self.accept_all, daemon=True).start()

    def accept_all(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self.run, args=(connection,), daemon=True).start()

    def run(self, connection: socket.socket) -> None:
        with connection:
            try:
                self.serve(connection)
            except OSError:
                pass

    def end(self) -> None:
        # A thread in accept() would keep the socket open.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def receive(connection: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        part = connection.recv(size - len(parts))
        if not part:
            raise OSError("ended")
        parts += part
    return parts


def echo_some(count: int):
    """Echoes so many requests of 64 bytes, and ends."""

    def serve(connection: socket.socket) -> None:
        for _ in range(count):
            connection.sendall(receive(connection, 64))

    return serve


def never_answer(connection: socket.socket) -> None:
    while connection.recv(1 << 16):
        pass


def hang_after_300_ms(connection: socket.socket) -> None:
    begin = None  # when the first request is there: the program may be slow to start
    while begin is None or time.monotonic() < begin + 0.3:
        request = receive(connection, 64)
        begin = begin or time.monotonic()
        connection.sendall(request)
    never_answer(connection)


def answer_only_first(connection: socket.socket) -> None:
    connection.sendall(receive(connection, 64))
    never_answer(connection)


def hears_interrupts(pid: int) -> bool:
    """Whether the program has got so far that SIGINT does not just kill it."""
    status = Path(f"/proc/{pid}/status").read_text()
    masks = re.findall(r"^Sig(?:Cgt|Blk):\s*([0-9a-f]+)$", status, re.MULTILINE)
    return any(int(mask, 16) & 1 << (signal.SIGINT - 1) for mask in masks)


class EngineTest(unittest.TestCase):
    def raw(self, serve) -> RawServer:
        server = RawServer(serve)
        self.addCleanup(server.end)
        return server

    def serve(self, *arguments: str) -> str:
        server = program.Server(*arguments, "--listen", "127.0.0.1:0")
        self.addCleanup(server.end)
        return f"tcp://{server.address}"

    def command(self, target: str, *arguments: str) -> list:
        kept = ["--progress", "none", "--stamps", "app", "-o", "-"]
        # Waiting until it is steady proves nothing where the load is a few answers to count.
        if not any(argument.startswith("--warmup") for argument in arguments):
            kept.append("--warmup=0s")
        return [WEIR, "load", target, *arguments, *kept]

    def load(self, target: str, *arguments: str, codes=(DONE,)) -> dict:
        run = subprocess.run(
            self.command(target, *arguments),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            env=program.environment(),
            check=False,
        )
        self.assertIn(run.returncode, codes, f"{arguments}: {run.stderr} {run.stdout[:3000]}")
        return self.checked(json.loads(run.stdout))

    def checked(self, report: dict) -> dict:
        phase = report["phases"][0]
        counts = phase["requests"]
        never_sent = ("dropped", "expired", "unsent", "unoffered")
        self.assertEqual(
            counts["offered"], counts["sent"] + sum(counts[name] for name in never_sent), counts
        )
        undecided = ("answered", "failed", "timed_out", "pending", "lost")
        self.assertEqual(counts["sent"], sum(counts[name] for name in undecided), counts)
        return report | {"counts": counts, "conns": phase["conns"], "phase": phase}

    def on_backends(self) -> list:
        return [("--backend", backend) for backend in program.available_backends()]


class ScheduleTest(EngineTest):
    def test_a_schedule_is_sent_to_its_last_request(self) -> None:
        target = self.serve("echo")
        for backend in self.on_backends():
            for kind in ("fixed", "burst:10"):
                report = self.load(
                    *(target, "--rate=2k", "--arrival", kind, "-d1s", "--warmup=auto"), *backend
                )

                self.assertEqual(report["counts"]["offered"], 2000)
                self.assertEqual(report["counts"]["answered"], 2000)
                self.assertEqual(len(report["phase"]["series"]["rows"]), 1)

    def test_shards_share_a_schedule(self) -> None:
        target = self.serve("echo")
        for backend in self.on_backends():
            report = self.load(
                *(target, "--rate=2k", "--arrival=fixed", "-d500ms", "-t2", "-c3"),
                *("--warmup=auto", *backend),
            )

            self.assertEqual(report["counts"]["answered"], 1000)

    def test_so_many_requests_and_no_more(self) -> None:
        target = self.serve("echo")
        for backend in self.on_backends():
            for kind in (("--rate=1k",), ("--closed",), ("--closed", "-t2")):
                report = self.load(target, *kind, "-n100", "-d30s", "--warmup=50ms", *backend)

                self.assertEqual(report["counts"]["answered"], 100, kind)

    def test_a_trace_is_replayed(self) -> None:
        target = self.serve("echo")
        with tempfile.TemporaryDirectory() as folder:
            trace = Path(folder) / "trace"
            lines = [f"{i * 1_000_000},{i % 7 + 1}\n" for i in range(300)]
            trace.write_text("".join(lines) + "301000000\n")
            for backend in self.on_backends():
                report = self.load(target, "--replay", str(trace), *backend)

                self.assertEqual(report["counts"]["answered"], 301)
                sizes = sum(i % 7 + 1 for i in range(300)) + 64
                self.assertEqual(report["phase"]["bytes"]["tx"], sizes)

    def test_a_rate_nobody_can_send_ends_and_says_so(self) -> None:
        target = self.serve("echo")
        for backend in self.on_backends():
            report = self.load(
                *(target, "--rate=20M", "-d500ms", "--timeout=1s", *backend),
                codes=(DONE, RUN_FAILED),
            )

            self.assertGreater(report["counts"]["offered"], 1_000_000)
            self.assertIn(report["verdict"], ("untrusted", "failed", "saturated"))

    def test_no_connection_free_is_queued_or_dropped(self) -> None:
        for backend in self.on_backends():

            def load(*arguments: str, codes=(DONE, RUN_FAILED), backend=backend) -> dict:
                # Each its own server: one still serves what the run before it gave up.
                target = self.serve("work", "--service-time", "fixed:10ms")
                kept = ("--rate=300", "--arrival=fixed", "-d1s", "-c1", *backend)
                return self.load(target, *kept, *arguments, codes=codes)

            queued = load("--timeout=10s", codes=(DONE,))["counts"]
            dropped = load("--on-behind=drop")["counts"]
            expired = load("--timeout=200ms", codes=(RUN_FAILED, NOTHING_SUCCEEDED))["counts"]
            crowded = load("--max-queue=5")

            self.assertEqual(queued["answered"], 300)
            self.assertGreater(dropped["dropped"], 100)
            self.assertGreater(expired["expired"], 10)
            self.assertGreater(crowded["counts"]["dropped"], 100)
            response = crowded["phase"]["latency"]["response"]
            self.assertEqual(response["censored"], crowded["counts"]["dropped"])


class FaultTest(EngineTest):
    def test_what_is_not_answered_counts_at_its_age(self) -> None:
        for backend in self.on_backends():
            server = self.raw(answer_only_first)
            report = self.load(
                *(server.target, "--closed", "-c2", "-d600ms", "--timeout=150ms"),
                *backend,
                codes=(RUN_FAILED, NOTHING_SUCCEEDED),
            )

            counts = report["counts"]
            self.assertGreater(counts["timed_out"], 1)
            latency = report["phase"]["latency"]["service"]
            self.assertEqual(latency["censored"], counts["timed_out"] + counts["pending"])
            self.assertIn("99.9", latency["lower_bounds"])
            self.assertGreaterEqual(latency["max"], 150_000_000)
            self.assertGreater(server.accepted, 4, "each time-out has a new connection")

    def test_a_connection_that_ends_is_made_anew(self) -> None:
        for backend in self.on_backends():
            server = self.raw(echo_some(5))
            report = self.load(
                *(server.target, "--rate=400", "--arrival=fixed", "-d500ms", "-c2", *backend),
                codes=(DONE, RUN_FAILED),
            )

            self.assertGreater(report["counts"]["answered"], 100)
            self.assertGreater(report["conns"]["broken"], 10)
            self.assertEqual(report["phase"]["errors"]["connect"], 0)

    def test_a_connection_that_ends_with_a_request_unanswered_is_an_error(self) -> None:
        for backend in self.on_backends():
            server = self.raw(lambda connection: receive(connection, 64))
            report = self.load(
                *(server.target, "--closed", "-c1", "-d300ms", *backend),
                codes=(NOTHING_SUCCEEDED,),
            )

            self.assertGreater(report["counts"]["failed"], 0)
            errors = report["phase"]["errors"]
            self.assertGreaterEqual(errors["closed"] + errors["reset"], report["counts"]["failed"])

    def test_a_hang_makes_a_closed_loop_slower_not_faster(self) -> None:
        """What is answered in the first third of a second, over the whole of it."""
        for backend in self.on_backends():
            server = self.raw(hang_after_300_ms)
            report = self.load(
                *(server.target, "--closed", "-c1", "-d1s", "--timeout=1500ms", *backend),
                codes=(RUN_FAILED,),
            )

            self.assertGreaterEqual(report["phase"]["dur_s"], 1.0)
            self.assertLessEqual(report["phase"]["rate"], report["counts"]["answered"])

    def test_a_wrong_answer_is_told(self) -> None:
        def lie(connection: socket.socket) -> None:
            while True:
                wrong = bytearray(receive(connection, 64))
                wrong[17] ^= 1
                connection.sendall(wrong)

        for backend in self.on_backends():
            server = self.raw(lie)
            report = self.load(
                *(server.target, "--rate=100", "-d200ms", *backend),
                codes=(NOTHING_SUCCEEDED,),
            )

            self.assertGreater(report["phase"]["errors"]["mismatch"], 0)
            self.assertIn("byte 17", report["phase"]["error_examples"]["mismatch"])


class ConnectionTest(EngineTest):
    def test_connections_are_replaced_after_so_many_requests(self) -> None:
        for backend in self.on_backends():
            target = self.serve("echo")
            report = self.load(
                *(target, "--rate=400", "--arrival=fixed", "-d500ms", "-c2"),
                *("--reqs-per-conn=10", *backend),
            )

            self.assertEqual(report["counts"]["answered"], 200)
            self.assertGreaterEqual(report["conns"]["retired"], 18)
            self.assertEqual(report["conns"]["broken"], 0)

    def test_connections_are_replaced_when_they_are_old(self) -> None:
        for backend in self.on_backends():
            target = self.serve("echo")
            report = self.load(
                *(target, "--rate=200", "-d500ms", "-c2", "--conn-lifetime=50ms", *backend)
            )

            self.assertGreater(report["conns"]["retired"], 4)
            self.assertEqual(report["conns"]["broken"], 0)

    def test_one_way_load_replaces_them_too(self) -> None:
        for backend in self.on_backends():
            target = self.serve("discard")
            report = self.load(
                *(target, "--rate=400", "--arrival=fixed", "-d500ms", "-c2", "--pattern=w"),
                *("--reqs-per-conn=5", *backend),
            )

            self.assertEqual(report["counts"]["answered"], 200)

    def test_one_way_closed_load_fills_the_stream(self) -> None:
        for backend in self.on_backends():
            target = self.serve("discard")
            report = self.load(target, "--closed", "--pattern=w", "--size=64k", "-d300ms", *backend)

            self.assertGreater(report["counts"]["answered"], 100)

    def test_two_writes_are_one_request(self) -> None:
        target = self.serve("echo")
        for backend in self.on_backends():
            report = self.load(target, "--closed", "-c2", "--pattern=wwr", "-d300ms", *backend)

            self.assertGreater(report["counts"]["answered"], 10)
            self.assertEqual(report["counts"]["failed"], 0)

    def test_two_writes_that_nagle_parts_are_told(self) -> None:
        # Of frames: the bare echo answers the first half at once, which acknowledges it as well.
        target = self.serve("echo", "--codec", "len32")
        for backend in self.on_backends():
            for nodelay, expected in (("off", [False]), ("on", [])):
                report = self.load(
                    *(target, "--closed", "-c1", "--pattern=wwr", f"--nodelay={nodelay}"),
                    *("--codec=len32", "-d1s", *backend),
                )

                stalls = [rule for rule in report["trust"] if rule["check"] == "nagle_stalls"]
                self.assertEqual([rule["ok"] for rule in stalls], expected)
                self.assertEqual([rule["value"] for rule in stalls], [1] * len(stalls))

    def test_a_pause_to_think_is_kept_by_each_place(self) -> None:
        target = self.serve("echo")
        for backend in self.on_backends():
            report = self.load(
                *(target, "--closed", "-c1", "--depth=4", "--think=50ms", "-d500ms", *backend),
            )

            self.assertLessEqual(report["counts"]["answered"], 4 * 11)

    def test_idle_connections_stay_open(self) -> None:
        target = self.serve("echo")
        for backend in self.on_backends():
            report = self.load(
                target, "--rate=100", "-d300ms", "--idle-conns=50", "--source=127.0.0.2", *backend
            )

            self.assertEqual(report["conns"]["idle_established"], 50)
            self.assertEqual(report["conns"]["idle_broken"], 0)

    def test_frames_of_each_codec(self) -> None:
        for codec in ("len16", "len32", "varint", "line", "json-header"):
            target = self.serve("echo", "--codec", codec)
            for backend in self.on_backends():
                report = self.load(
                    *(target, "--codec", codec, "--size=exp:200", "--closed", "-d200ms", "-t2"),
                    *("--depth=8", *backend),
                )

                self.assertGreater(report["counts"]["answered"], 10)


class EndTest(EngineTest):
    """Every run ends, however it is ended."""

    def test_nobody_listens(self) -> None:
        for backend in self.on_backends():
            for pace in ("sleep", "hybrid", "spin"):
                self.load(
                    *("tcp://127.0.0.1:1", "--pace", pace, "--rate=50k", *backend),
                    codes=(NOTHING_SUCCEEDED,),
                )

    def test_an_interrupt_ends_each_phase(self) -> None:
        hanging = self.raw(never_answer)
        echo = self.serve("echo")
        for backend in self.on_backends():
            for target, arguments, after_s in (
                (echo, ("--pace=spin", "--rate=1k", "--warmup=60s"), 0.4),  # warming up
                (echo, ("--pace=hybrid", "--rate=30k", "--arrival=fixed", "-d60s"), 1.2),
                (echo, ("--closed", "-d60s"), 0.4),
                (hanging.target, ("--closed", "-d100ms", "--timeout=50s"), 0.6),
            ):
                run = subprocess.Popen(
                    self.command(target, *arguments, *backend),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    env=program.environment(),
                )
                self.addCleanup(run.kill)
                while run.poll() is None and not hears_interrupts(run.pid):
                    pass
                time.sleep(after_s)  # a moment within a phase: another would pass as well
                run.send_signal(signal.SIGINT)

                output, _ = run.communicate(timeout=20)

                self.assertEqual(run.returncode, INTERRUPTED, arguments)
                self.assertTrue(self.checked(json.loads(output))["interrupted"])

    def test_a_condition_ends_it_early(self) -> None:
        target = self.serve("echo")
        for backend in self.on_backends():
            load = (target, "--rate=500", "--arrival=fixed", *backend)
            report = self.load(*load, "-d50s", "--abort-on=rate>400", codes=(ABORTED,))
            healthy = self.load(*load, "-d1200ms", "--abort-on=rate<400,err>50%")

            self.assertTrue(report["aborted"])
            self.assertEqual(healthy["counts"]["answered"], 600)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    WEIR = program.WEIR = sys.argv.pop(1)
    unittest.main()
