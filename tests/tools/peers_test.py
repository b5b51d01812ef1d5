#!/usr/bin/env python3
"""The peers of bench/peers do what they are compared in; their client sees what is wrong.

    peers_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS [unittest arguments]
"""

import functools
import json
import random
import socket
import struct
import subprocess
import sys
import threading
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from raw_server import LIMIT_S, RawServer, skip_if_left_out  # noqa: E402

BIN = Path()

RAW_SERVERS = {
    "Epoll": ["raw_epoll"],
    "UringIncremental": ["raw_uring"],
    "UringClassic": ["raw_uring", "--buffers", "classic", "--buffer-bytes", "4096"],
    "UringFixedFiles": ["raw_uring", "--fixed-files"],
    "UringDirect": ["raw_uring", "--direct-below", "1000000"],
    "UringDirectInSmallTurns": ["raw_uring", "--direct-below", "3"],
    "UringTinyIncremental": ["raw_uring", "--buffer-bytes", "100", "--buffer-count", "2"],
    "UringTinyClassic": ["raw_uring", "--buffers", "classic", "--buffer-bytes", "1000"]
    + ["--buffer-count", "1"],
}
LIBRARY_SERVERS = {
    "AsioEpoll": ["asio_epoll"],
    "AsioUring": ["asio_uring"],
    "Uv": ["uv"],
    "Evt": ["evt"],
}
FRAMED_SERVERS = {
    **{name: RAW_SERVERS[name] for name in ("Epoll", "UringIncremental", "UringClassic")},
    "UringDirect": RAW_SERVERS["UringDirect"],
    "UringTinyIncremental": RAW_SERVERS["UringTinyIncremental"],
    **LIBRARY_SERVERS,
    "UvWriteEach": ["uv", "--write-each"],
}


class Server(RawServer):
    """A running peer of TCP."""

    def __init__(self, flags: list[str], mode: str = "echo", descriptors: int = 0) -> None:
        super().__init__([str(BIN / flags[0]), mode, *flags[1:]], descriptors)

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def receive_exactly(connection: socket.socket, length: int) -> bytes:
    parts = []
    while length > 0:
        part = connection.recv(min(length, 1 << 20))
        if not part:
            break
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def receive_all(connection: socket.socket) -> bytes:
    return receive_exactly(connection, 1 << 40)


def send_until_refused(connection: socket.socket, payload: bytes) -> int:
    """Sends without reading until neither side takes more; the number of bytes sent."""
    connection.settimeout(0.2)
    sent = 0
    try:
        while sent < len(payload):
            sent += connection.send(payload[sent : sent + (1 << 18)])
    except TimeoutError:
        pass
    connection.settimeout(LIMIT_S)
    return sent


def client(address: str, *flags: str, mode: str = "echo") -> subprocess.CompletedProcess:
    command = [str(BIN / "raw_client"), mode, "--connect", address, *flags]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)


@functools.cache
def random_bytes(seed: int, length: int) -> bytes:
    return random.Random(seed).randbytes(length)


class EachServer:
    """The tests every server passes; `flags` says which one."""

    flags: list[str]

    def start(self, mode: str = "echo", **arguments) -> Server:
        server = Server(self.flags, mode, **arguments)
        self.addCleanup(server.end)
        return server

    def assert_echoes(self, server: Server) -> None:
        with server.connect() as connection:
            connection.sendall(b"still here")
            self.assertEqual(receive_exactly(connection, 10), b"still here")

    def test_echoes_every_byte_of_every_connection_in_order(self):
        server = self.start()
        for load in (
            ("-c", "1", "--size", "1", "--requests", "500"),
            ("-c", "300", "--size", "64", "--requests", "6000"),
            ("-c", "50", "--depth", "16", "--size", "64", "--requests", "8000"),
            ("-c", "8", "--size", "16384", "--requests", "400"),
            ("-c", "3", "--depth", "3", "--size", "300007", "--requests", "30"),
        ):
            with self.subTest(load=load):
                result = client(server.address, *load)

                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(json.loads(result.stdout)["requests"], int(load[-1]))

    def test_a_message_larger_than_all_buffers_comes_back_whole(self):
        payload = random_bytes(1, 16 << 20)
        server = self.start()
        with server.connect() as connection:
            sender = threading.Thread(target=connection.sendall, args=(payload,))
            sender.start()

            received = receive_exactly(connection, len(payload))

            sender.join(LIMIT_S)
            self.assertTrue(received == payload)

    def test_a_peer_that_does_not_read_is_held_back_and_loses_nothing(self):
        payload = random_bytes(2, 64 << 20)
        server = self.start()
        with server.connect() as connection:
            before = server.resident_bytes()

            sent = send_until_refused(connection, payload)

            self.assertLess(sent, len(payload))
            self.assertLess(server.resident_bytes() - before, 16 << 20)
            self.assert_echoes(server)
            self.assertTrue(receive_exactly(connection, sent) == payload[:sent])
            connection.sendall(b"and on it goes")
            self.assertEqual(receive_exactly(connection, 14), b"and on it goes")

    def test_half_close_is_answered_after_the_last_byte(self):
        payload = random_bytes(3, 3 << 20)
        server = self.start()
        for length in (0, 1, len(payload)):
            with self.subTest(length=length), server.connect() as connection:
                sent = send_until_refused(connection, payload[:length])
                connection.shutdown(socket.SHUT_WR)

                self.assertTrue(receive_all(connection) == payload[:sent])

    def test_a_reset_ends_one_connection_only(self):
        server = self.start()
        for length in (0, 1000, 32 << 20):
            with self.subTest(length=length):
                connection = server.connect()
                send_until_refused(connection, bytes(length))

                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                connection.close()

                self.assert_echoes(server)

    def test_closed_connections_give_their_descriptors_back(self):
        server = self.start()
        self.assert_echoes(server)
        before = server.descriptors()

        for _ in range(3):
            result = client(server.address, "-c", "200", "--requests", "400")
            self.assertEqual(result.returncode, 0, result.stderr)

        # The server has seen those resets before it answers twice what came after them.
        self.assert_echoes(server)
        self.assert_echoes(server)
        self.assertLessEqual(server.descriptors(), before + 2)

    def test_discard_takes_everything_and_answers_nothing(self):
        server = self.start("discard")
        with server.connect() as connection:
            connection.sendall(bytes(5 << 20))
            connection.shutdown(socket.SHUT_WR)

            self.assertEqual(receive_all(connection), b"")
        result = client(server.address, "--requests", "50", mode="stream")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(server.stop()["bytes"], 55 << 20)

    def test_reports_what_it_did(self):
        server = self.start()

        client(server.address, "-c", "1", "--size", "64", "--requests", "1000")

        counters = server.stop()
        self.assertEqual(counters["requests"], 1000)
        self.assertEqual(counters["bytes"], 64000)
        self.assertEqual(counters["connections"], 1)
        self.assertGreater(counters["cpu_ns"], 0)
        self.assertEqual(counters["server"], self.flags[0])
        if self.flags[0].startswith("raw_"):
            self.assertGreaterEqual(counters["syscalls"], 1000)
        else:
            self.assertNotIn("syscalls", counters)  # of which it could not know


class EachRawServer(EachServer):
    """What libraries each do in a way of their own."""

    def test_connections_beyond_the_descriptor_limit_wait_for_their_turn(self):
        if "--fixed-files" in self.flags:
            self.skipTest("the kernel accepts first, and resets what it finds no slot for")
        server = self.start(descriptors=24)
        connections = [server.connect() for _ in range(40)]
        for connection in connections:
            self.addCleanup(connection.close)
            connection.sendall(b"in turn")

        for connection in connections:
            self.assertEqual(receive_exactly(connection, 7), b"in turn")
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(receive_all(connection), b"")


def frame_of(payload: bytes) -> bytes:
    return len(payload).to_bytes(4, "big") + payload


class EachFramedServer:
    """A server with --codec len32, for the comparison of framing; `flags` says which one."""

    flags: list[str]

    def start(self) -> Server:
        server = Server([*self.flags, "--codec", "len32"])
        self.addCleanup(server.end)
        return server

    def test_echoes_every_frame_of_every_connection_in_order(self):
        server = self.start()
        for load in (
            ("-c", "1", "--size", "1", "--requests", "500"),
            ("-c", "50", "--depth", "16", "--size", "64", "--requests", "8000"),
            ("-c", "3", "--depth", "5", "--size", "65536", "--requests", "300"),
        ):
            with self.subTest(load=load):
                result = client(server.address, "--codec", "len32", *load)

                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(json.loads(result.stdout)["requests"], int(load[-1]))

    def test_a_frame_is_answered_when_it_is_whole_however_it_was_cut(self):
        frames = [frame_of(payload) for payload in (b"first", b"", b"third")]
        wire = b"".join(frames)
        server = self.start()
        for cut in range(1, len(wire)):
            with self.subTest(cut=cut), server.connect() as connection:
                whole = 0
                for frame in frames:
                    if whole + len(frame) > cut:
                        break
                    whole += len(frame)

                connection.sendall(wire[:cut])
                before = receive_exactly(connection, whole)
                connection.sendall(wire[cut:])
                connection.shutdown(socket.SHUT_WR)

                self.assertEqual(before + receive_all(connection), wire)

    def test_a_byte_at_a_time(self):
        wire = frame_of(random.Random(4).randbytes(300)) + frame_of(b"!")
        server = self.start()
        with server.connect() as connection:
            for i in range(len(wire)):
                connection.sendall(wire[i : i + 1])

            self.assertEqual(receive_exactly(connection, len(wire)), wire)

    def test_a_frame_that_is_too_large_ends_the_connection_after_those_before_it(self):
        server = self.start()
        with server.connect() as connection:
            connection.sendall(frame_of(b"good") + (65537).to_bytes(4, "big"))

            self.assertEqual(receive_all(connection), frame_of(b"good"))

    def test_a_peer_that_does_not_read_is_held_back_and_loses_nothing(self):
        frame = frame_of(random_bytes(5, 5000))
        payload = frame * 12000
        server = self.start()
        with server.connect() as connection:
            before = server.resident_bytes()

            sent = send_until_refused(connection, payload)

            self.assertLess(sent, len(payload))
            self.assertLess(server.resident_bytes() - before, 16 << 20)
            length = (sent // len(frame) + 200) * len(frame)
            sender = threading.Thread(target=connection.sendall, args=(payload[sent:length],))
            sender.start()
            self.assertTrue(receive_exactly(connection, length) == payload[:length])
            sender.join(LIMIT_S)


for cases, prefix, servers in (
    (EachRawServer, "", RAW_SERVERS),
    (EachServer, "", LIBRARY_SERVERS),
    (EachFramedServer, "Framed", FRAMED_SERVERS),
):
    for name, flags in servers.items():
        globals()[prefix + name] = type(
            prefix + name, (cases, unittest.TestCase), {"flags": flags}
        )


class Faulty:
    """An echo server that spoils one answer in the way `spoil(bytes)` says."""

    def __init__(self, spoil) -> None:
        self._spoil = spoil
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        try:
            for number in range(1 << 30):
                message = connection.recv(1 << 20)
                if not message:
                    return
                connection.sendall(self._spoil(message) if number == 5 else message)
        except OSError:
            pass
        finally:
            connection.close()

    def stop(self) -> None:
        self._thread.join(LIMIT_S)
        self._listener.close()


class RawClient(unittest.TestCase):
    def test_notices_every_kind_of_wrong_answer(self):
        def flip(message: bytes) -> bytes:
            return message[:50] + bytes([message[50] ^ 1]) + message[51:]

        spoils = {
            "one bit flipped": flip,
            "one byte lost": lambda message: message[1:],
            "one byte doubled": lambda message: message[:1] + message,
            "two words swapped": lambda message: message[8:16] + message[:8] + message[16:],
            "more than was sent": lambda message: message + message[:1],
        }
        for name, spoil in spoils.items():
            with self.subTest(spoil=name):
                faulty = Faulty(spoil)

                result = client(faulty.address, "--requests", "100")

                faulty.stop()
                self.assertEqual(result.returncode, 1)
                self.assertGreater(json.loads(result.stdout)["errors"], 0)

    def test_notices_a_wrong_length_in_front_of_a_frame(self):
        for at in range(4):
            with self.subTest(at=at):
                faulty = Faulty(
                    lambda message, at=at: message[:at] + bytes([message[at] ^ 1])
                    + message[at + 1 :]
                )

                result = client(faulty.address, "--codec", "len32", "--requests", "100")

                faulty.stop()
                self.assertEqual(result.returncode, 1)
                self.assertIn("changed the bytes", result.stderr)

    def test_notices_a_server_that_closes(self):
        faulty = Faulty(lambda message: (_ for _ in ()).throw(OSError()))

        result = client(faulty.address, "--requests", "100")

        faulty.stop()
        self.assertEqual(result.returncode, 1)
        self.assertIn("closed", result.stderr)

    def test_gated_runs_only_when_told(self):
        server = Server(["raw_epoll"])
        self.addCleanup(server.end)
        flags = ["--connect", server.address, "-c", "4", "--requests", "40", "--gated"]
        process = subprocess.Popen(
            [str(BIN / "raw_client"), "echo", *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

        self.assertEqual(process.stdout.readline(), "CONNECTED\n")
        for _ in range(3):
            process.stdin.write("go\n")
            process.stdin.flush()
            result = json.loads(process.stdout.readline())
            self.assertEqual(result["requests"], 40)
            latencies_ns, counts = zip(*result["latency_ns"])
            self.assertEqual(sum(counts), 40)
            self.assertEqual(list(latencies_ns), sorted(latencies_ns))
            self.assertAlmostEqual(latencies_ns[-1] / 1e3, result["max_us"], places=3)
        output, _ = process.communicate(timeout=LIMIT_S)

        self.assertEqual(output, "")
        self.assertEqual(process.returncode, 0)
        self.assertEqual(server.stop()["bytes"], 3 * 40 * 64)

    def test_ends_after_the_duration(self):
        server = Server(["raw_epoll"])
        self.addCleanup(server.end)

        result = client(server.address, "-c", "2", "--duration", "0.1")

        server.stop()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertAlmostEqual(json.loads(result.stdout)["seconds"], 0.1, delta=1.0)


class CommandLine(unittest.TestCase):
    def assert_refused(self, command: list[str]) -> None:
        result = subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

        self.assertEqual(result.returncode, 2)
        self.assertIn("usage: ", result.stderr)

    def test_unknown_flags_and_values_are_refused(self):
        for command in (
            ["raw_epoll"],
            ["raw_epoll", "sing"],
            ["raw_epoll", "echo", "--prot", "1"],
            ["raw_epoll", "echo", "--port"],
            ["raw_epoll", "echo", "--port", "65536"],
            ["raw_epoll", "echo", "--codec", "len8"],
            ["raw_epoll", "discard", "--codec", "len32"],
            ["raw_uring", "echo", "--buffer-count", "3"],
            ["raw_uring", "discard", "--codec", "len32"],
            ["raw_uring", "echo", "--fixed-files", "--direct-below", "2"],
            ["raw_client", "echo", "--connect", "127.0.0.1:1"],
            ["raw_client", "echo", "--connect", "127.0.0.1", "--requests", "1"],
            ["raw_client", "echo", "--connect", "127.0.0.1:1", "--requests", "1.5"],
            ["raw_client", "stream", "--connect", "127.0.0.1:1", "--requests", "1"]
            + ["--codec", "len32"],
        ):
            with self.subTest(command=command):
                self.assert_refused(command)

    def test_peers_on_libraries_refuse_them_too(self):
        for name in ("asio_epoll", "asio_uring", "uv", "evt"):
            with self.subTest(name=name):
                skip_if_left_out(BIN / name)
                for arguments in (
                    [],
                    ["sing"],
                    ["echo", "--prot", "1"],
                    ["echo", "--codec", "len8"],
                    ["discard", "--codec", "len32"],
                    ["echo", "--write-each"],
                ):
                    self.assert_refused([name, *arguments])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BIN = Path(sys.argv.pop(1)).resolve()
    unittest.main()
