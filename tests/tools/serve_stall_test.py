#!/usr/bin/env python3
"""`weir serve stall` and `weir serve work`: servers with a known answer, asked by a raw client.

    serve_stall_test.py PATH_OF_WEIR [unittest arguments]

Times are what this is about, so they are asserted, with margins for a machine that others share:
a lower bound holds always, an upper one is a multiple of what is normal.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

import program
from program import available_backends, environment

WEIR = ""
LIMIT_S = 60  # no wait is longer
MESSAGE = bytes(range(64))
SLOW_S = 0.05  # later than any answer that does not wait, even on a busy machine
PHASE = re.compile(r"the first stall begins .* at ([0-9.]+) s of CLOCK_MONOTONIC")
STALLS = re.compile(
    r"weir serve stall: (\d+) stalls, (\d+) answers held back, the latest ([0-9.]+) ms"
)
WORK = re.compile(
    r"weir serve work: (\d+) requests, busy ([0-9.]+) % of [0-9.]+ s, longest queue (\d+), "
    r"service ([0-9.]+) us on average"
)


class Server:
    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [WEIR, "serve", *arguments, "--listen", "127.0.0.1:0"],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        if not line.startswith("READY "):
            raise AssertionError(f"{arguments}: {line!r} {self.process.communicate()[1]!r}")
        host, port = line.removeprefix("READY ").strip().rsplit(":", 1)
        self.address = (host, int(port))

    def connect(self) -> socket.socket:
        connection = socket.create_connection(self.address, timeout=LIMIT_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def finish(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        output, errors = self.process.communicate(timeout=LIMIT_S)
        if self.process.returncode != 0 or errors:
            raise AssertionError(f"{self.process.returncode}: {errors!r}")
        return output

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def receive(connection: socket.socket, count: int) -> bytes:
    parts = []
    while count > 0:
        part = connection.recv(count)
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


class ServeTest(unittest.TestCase):
    def serve(self, *arguments: str) -> Server:
        server = Server(*arguments)
        self.addCleanup(server.end)
        return server

    def connections(self, server: Server, count: int) -> list:
        opened = [server.connect() for _ in range(count)]
        for connection in opened:
            self.addCleanup(connection.close)
        return opened


class StallTest(ServeTest):
    EVERY_S, FOR_S = 0.5, 0.2

    def stalling(self, backend: str, shards: int) -> tuple[Server, float]:
        """The server, and when its first stall begins."""
        server = self.serve(
            *("stall", "--every", "500ms", "--for", "200ms"),
            *("--backend", backend, "--shards", str(shards)),
        )
        line = server.process.stdout.readline()
        match = PHASE.search(line)
        self.assertIsNotNone(match, line)
        return server, float(match[1])

    def test_what_comes_in_a_stall_is_answered_at_its_end_and_the_rest_at_once(self) -> None:
        for backend in available_backends():
            for shards in (1, 2):
                with self.subTest(backend=backend, shards=shards):
                    server, first_stall = self.stalling(backend, shards)
                    connections = self.connections(server, 4)
                    held = quick = slow = 0

                    until = first_stall + 3 * self.EVERY_S
                    while (sent := time.monotonic()) < until:
                        for connection in connections:
                            connection.sendall(MESSAGE)
                        for connection in connections:
                            self.assertEqual(receive(connection, 64), MESSAGE)
                            answered = time.monotonic()
                            self.check_silence(first_stall, answered)
                        if self.into_stall(first_stall, sent) is not None:
                            held += 1
                        elif answered - sent < SLOW_S:
                            quick += 1
                        else:
                            slow += 1
                    for connection in connections:
                        connection.close()
                    summary = STALLS.search(server.finish())

                    self.assertGreater(quick, 10)
                    # Sent just before a stall, or when the machine was busy.
                    self.assertLess(slow, 10)
                    self.assertIsNotNone(summary)
                    self.assertGreaterEqual(int(summary[1]), 3)
                    self.assertGreaterEqual(int(summary[2]), 3)
                    self.assertLess(float(summary[3]), 1000 * SLOW_S)

    def into_stall(self, first_stall: float, moment: float) -> float | None:
        into_period = (moment - first_stall) % self.EVERY_S
        return into_period if moment >= first_stall and into_period < self.FOR_S else None

    def check_silence(self, first_stall: float, answered: float) -> None:
        """An answer may be seen late, and so in the stall after it was given; not in its middle."""
        into_stall = self.into_stall(first_stall, answered)
        if into_stall is not None:
            self.assertLess(into_stall, SLOW_S)

    def test_requests_of_all_connections_wait_for_the_same_end(self) -> None:
        for backend in available_backends():
            with self.subTest(backend=backend):
                server, first_stall = self.stalling(backend, 2)
                connections = self.connections(server, 8)
                end = first_stall + self.FOR_S

                time.sleep(max(0.0, first_stall + 0.02 - time.monotonic()))
                sent = time.monotonic()
                for connection in connections:
                    connection.sendall(MESSAGE * 10)
                answers = [receive(connection, 640) for connection in connections]
                answered = time.monotonic()

                self.assertEqual(answers, [MESSAGE * 10] * 8)
                self.assertLess(sent, end)
                self.assertGreaterEqual(answered, end)
                self.assertLess(answered, end + 2 * SLOW_S)

    def test_a_drain_in_a_stall_answers_at_its_end(self) -> None:
        server, first_stall = self.stalling("auto", 1)
        (connection,) = self.connections(server, 1)
        time.sleep(max(0.0, first_stall + 0.02 - time.monotonic()))
        connection.sendall(MESSAGE)

        server.process.send_signal(signal.SIGTERM)
        answer = receive(connection, 65)
        answered = time.monotonic()
        connection.close()
        server.process.communicate(timeout=LIMIT_S)

        self.assertEqual((answer, server.process.returncode), (MESSAGE, 0))
        self.assertGreaterEqual(answered, first_stall + self.FOR_S)


class WorkTest(ServeTest):
    def work(self, backend: str, service_time: str, *more: str) -> Server:
        return self.serve("work", "--service-time", service_time, "--backend", backend, *more)

    def test_requests_at_once_take_their_service_times_one_after_the_other(self) -> None:
        requests, connection_count, service_s = 400, 4, 0.002
        for backend in available_backends():
            with self.subTest(backend=backend):
                server = self.work(backend, "fixed:2ms")
                connections = self.connections(server, connection_count)
                each = requests // connection_count
                wire = b"".join(number.to_bytes(64, "big") for number in range(each))

                begin = time.monotonic()
                for connection in connections:
                    connection.sendall(wire)
                answers = [receive(connection, len(wire)) for connection in connections]
                took_s = time.monotonic() - begin
                for connection in connections:
                    connection.close()
                summary = WORK.search(server.finish())

                self.assertEqual(answers, [wire] * connection_count)
                self.assertGreaterEqual(took_s, requests * service_s)
                self.assertLess(took_s, 1.5 * requests * service_s)
                self.assertIsNotNone(summary)
                self.assertEqual(int(summary[1]), requests)
                self.assertGreater(float(summary[2]), 99)
                self.assertGreater(int(summary[3]), each)
                self.assertGreater(float(summary[4]), 1900)
                self.assertLess(float(summary[4]), 2200)

    def test_connections_are_served_in_the_order_in_which_they_asked(self) -> None:
        for backend in available_backends():
            with self.subTest(backend=backend):
                server = self.work(backend, "fixed:20ms")
                connections = self.connections(server, 10)

                for connection in connections:
                    connection.sendall(MESSAGE)
                    time.sleep(0.001)  # so that the kernel's order is this one
                # Answers come 20 ms apart: each is there well before the next.
                arrivals = []
                for connection in connections:
                    receive(connection, 64)
                    arrivals.append(time.monotonic())
                    behind = connections[len(arrivals) + 1 :]
                    for other in behind:
                        other.setblocking(False)
                        with self.assertRaises(BlockingIOError):
                            other.recv(1)
                        other.settimeout(LIMIT_S)

                self.assertGreater(arrivals[-1] - arrivals[0], 0.1)

    def test_a_request_in_pieces_is_answered_when_it_is_whole(self) -> None:
        for backend in available_backends():
            with self.subTest(backend=backend):
                server = self.work(backend, "exp:200us")
                (connection,) = self.connections(server, 1)

                connection.sendall(MESSAGE + MESSAGE[:10])
                self.assertEqual(receive(connection, 64), MESSAGE)
                connection.sendall(MESSAGE[10:])
                connection.shutdown(socket.SHUT_WR)

                self.assertEqual(receive(connection, 65), MESSAGE)

    def test_who_waited_for_its_client_is_served_as_long_as_anybody(self) -> None:
        """Back-dated requests would be due before they could be served."""
        size = 40 * 65_536  # answers of more than a connection may leave unread
        for backend in available_backends():
            with self.subTest(backend=backend):
                server = self.work(backend, "fixed:2ms", "--message-bytes", "64KiB")
                (connection,) = self.connections(server, 1)
                sender = threading.Thread(target=connection.sendall, args=(bytes(size),))
                sender.start()
                time.sleep(0.5)  # the worker has nothing to do: its client does not read

                received = len(receive(connection, size))
                sender.join()
                connection.close()
                output = server.finish()

                self.assertEqual(received, size)
                service = re.search(r"service ([0-9.]+) us on average", output)
                # Back-dated it would be tens of milliseconds: the client's pause.
                self.assertLess(float(service[1]), 10_000, output)

    def test_exponential_services_take_what_was_drawn(self) -> None:
        count = 2_000
        for backend in available_backends():
            with self.subTest(backend=backend):
                server = self.work(backend, "exp:200us")
                (connection,) = self.connections(server, 1)
                begin = time.monotonic()
                sender = threading.Thread(target=connection.sendall, args=(MESSAGE * count,))
                sender.start()

                received = len(receive(connection, 64 * count))
                took_s = time.monotonic() - begin
                sender.join()
                connection.close()
                output = server.finish()

                self.assertEqual(received, 64 * count)
                drawn_us = float(re.search(r"drawn ([0-9.]+)", output)[1])
                self.assertAlmostEqual(drawn_us, 200, delta=0.07 * 200)  # 3 standard errors
                self.assertGreaterEqual(took_s, 0.98 * drawn_us * count * 1e-6)

    def test_more_than_a_connection_may_ask_for_waits_and_nothing_is_lost(self) -> None:
        size = 70_000 * 64  # 16 384 requests of 64 bytes wait at most, the rest in the sockets
        wire = os.urandom(size)
        for backend in available_backends():
            with self.subTest(backend=backend):
                server = self.work(backend, "fixed:10us")
                (connection,) = self.connections(server, 1)
                sent = 0
                answer = bytearray()
                connection.setblocking(False)

                deadline = time.monotonic() + LIMIT_S
                while len(answer) < size and time.monotonic() < deadline:
                    try:
                        sent += connection.send(wire[sent : sent + 65_536]) if sent < size else 0
                    except BlockingIOError:
                        pass
                    try:
                        answer += connection.recv(65_536)
                    except BlockingIOError:
                        time.sleep(0.001)

                self.assertEqual(bytes(answer), wire)

    def test_a_drain_serves_the_queue(self) -> None:
        for backend in available_backends():
            with self.subTest(backend=backend):
                server = self.work(backend, "fixed:5ms")
                (connection,) = self.connections(server, 1)
                connection.sendall(MESSAGE * 20)

                server.process.send_signal(signal.SIGTERM)
                answer = receive(connection, 64 * 21)
                connection.close()
                output, _ = server.process.communicate(timeout=LIMIT_S)

                self.assertEqual(answer, MESSAGE * 20)
                self.assertEqual(int(WORK.search(output)[1]), 20)

    def test_a_client_that_leaves_takes_no_other_down(self) -> None:
        for backend in available_backends():
            with self.subTest(backend=backend):
                server = self.work(backend, "fixed:5ms")
                leaving, staying = self.connections(server, 2)
                reset_on_close = b"\1\0\0\0\0\0\0\0"
                leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset_on_close)

                leaving.sendall(MESSAGE * 10)
                receive(leaving, 64)
                staying.sendall(MESSAGE)
                leaving.close()
                answer = receive(staying, 64)
                staying.close()
                output = server.finish()

                self.assertEqual(answer, MESSAGE)
                self.assertEqual(int(WORK.search(output)[1]), 11)  # the work was done all the same


if __name__ == "__main__":
    WEIR = sys.argv.pop(1)
    program.WEIR = WEIR
    unittest.main(verbosity=2)
