#!/usr/bin/env python3
"""The UDP peers of bench/peers do what they are compared in; their client sees what is wrong.

    udp_peers_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS [unittest arguments]
"""

import json
import signal
import socket
import subprocess
import sys
import threading
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(REPOSITORY / "tools/dev"))

from bench_udp import dropped_at, merges  # noqa: E402
from raw_server import LIMIT_S, RawServer, skip_if_left_out  # noqa: E402

BIN = Path()

VARIANTS = {
    "Recvfrom": ["recvfrom"],
    "RecvfromBlocking": ["recvfrom", "--wait", "blocking"],
    "Mmsg": ["mmsg"],
    "MmsgBlocking": ["mmsg", "--wait", "blocking"],
    "Gso": ["gso"],
    "GsoBlocking": ["gso", "--wait", "blocking"],
    "Uring": ["uring"],
    "UringPlainFile": ["uring", "--plain-file"],
    "UringDirect": ["uring", "--direct-below", "1000000"],
    "UringDirectInSmallTurns": ["uring", "--direct-below", "4"],
    "UringOneBuffer": ["uring", "--buffer-count", "1"],
    "UringOffload": ["uring", "--offload"],
}
LIBRARY_SERVERS = {"Asio": "asio_udp", "Uv": "uv_udp"}
UDP_SEGMENT = 103
UDP_GRO = 104


def start(test: unittest.TestCase, job: str, variant: list[str], *flags: str) -> RawServer:
    """`variant` is one of raw_udp with its flags, or the name of another program."""
    command = [str(BIN / "raw_udp"), job, "--variant", *variant, *flags]
    if variant[0] in LIBRARY_SERVERS.values():
        command = [str(BIN / variant[0]), job, *flags]
    server = RawServer(command)
    test.addCleanup(server.end)
    return server


def client(address: str, *flags: str, mode: str = "echo") -> subprocess.CompletedProcess:
    command = [str(BIN / "raw_udp_client"), mode, "--connect", address, *flags]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)


def open_socket(server: RawServer) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.settimeout(LIMIT_S)
    found.connect(("127.0.0.1", server.port))
    return found


class EachVariant:
    """The tests every variant passes; `variant` says which one."""

    variant: list[str]

    def test_echoes_every_datagram_to_whom_it_came_from(self):
        server = start(self, "echo", self.variant)
        answered = 0
        for load in (
            ("--requests", "500"),
            ("-c", "64", "--requests", "6400"),
            ("-c", "20", "--depth", "16", "--size", "1200", "--requests", "6400"),
            ("--depth", "40", "--size", "8", "--requests", "4000"),
            ("--depth", "2", "--size", "1200", "--segments", "54", "--requests", "5400"),
            ("-c", "3", "--size", "64", "--segments", "64", "--requests", "6400"),
        ):
            with self.subTest(load=load):
                result = client(server.address, *load)

                self.assertEqual(result.returncode, 0, result.stderr)
                told = json.loads(result.stdout)
                self.assertEqual(told["requests"], int(load[-1]))
                self.assertEqual(told["lost"] + told["unexpected"], 0)
                answered += told["requests"]
        counters = server.stop()
        self.assertEqual(counters["received"], answered)
        self.assertEqual(counters["sent"], answered)
        self.assertEqual(counters["refused"], 0)

    def test_an_empty_datagram_is_a_datagram(self):
        server = start(self, "echo", self.variant)
        with open_socket(server) as peer:
            for payload in (b"", b"x", b"", b"", b"y"):
                peer.send(payload)

                self.assertEqual(peer.recv(100), payload)
        self.assertEqual(server.stop()["received"], 5)

    def test_what_a_sink_received_and_what_was_dropped_is_what_was_sent(self):
        for load in (
            ("--size", "64"),
            ("--size", "1200"),
            ("--size", "1200", "--segments", "54"),
            ("--size", "100", "--segments", "64", "--rate", "50000"),
        ):
            with self.subTest(load=load):
                server = start(self, "sink", self.variant)

                result = client(server.address, *load, "--duration", "0.05", mode="blast")

                self.assertEqual(result.returncode, 0, result.stderr)
                sent = json.loads(result.stdout)["requests"]
                self.assertGreater(sent, 0)
                segments = int(load[3]) if "--segments" in load else 1
                dropped = dropped_at(server.address) * (segments if merges(self.variant) else 1)
                counters = server.stop()
                self.assertEqual(counters["received"] + dropped, sent)
                self.assertEqual(counters["bytes"], counters["received"] * int(load[1]))
                self.assertEqual(counters["sent"], 0)
                self.assertGreater(counters["cpu_ns"], 0)

    def test_stops_by_either_signal_without_having_received_anything(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            for job in ("echo", "sink"):
                with self.subTest(number=number, job=job):
                    counters = start(self, job, self.variant).stop(number)

                    self.assertEqual(counters["requests"], 0)
                    self.assertEqual(counters["job"], job)
                    # It slept. A library's peer could not know.
                    self.assertLess(counters.get("syscalls", 0), 10)

    def test_handles_what_is_queued_before_it_stops(self):
        server = start(self, "sink", self.variant)
        with open_socket(server) as peer:
            server.process.send_signal(signal.SIGSTOP)
            for _ in range(300):
                peer.send(b"queued")
            server.process.send_signal(signal.SIGTERM)
            server.process.send_signal(signal.SIGCONT)

        self.assertEqual(server.stop()["received"], 300)


class EachSource:
    """Every variant sends as well."""

    variant: list[str]

    def test_a_source_sends_what_a_sink_receives(self):
        for size in (64, 1200):
            with self.subTest(size=size):
                sink = start(self, "sink", ["gso"])
                command = [str(BIN / "raw_udp"), "source", "--variant", *self.variant]
                command += ["--connect", sink.address, "--size", str(size), "--duration", "0.05"]

                result = subprocess.run(
                    command, capture_output=True, text=True, timeout=LIMIT_S, check=False
                )

                if "io_uring_queue_init_params" in result.stderr:
                    self.skipTest(f"no io_uring here: {result.stderr.strip()}")
                self.assertEqual(result.returncode, 0, result.stderr)
                told = json.loads(result.stdout)
                self.assertGreater(told["requests"], 0)
                self.assertEqual(told["bytes"], told["requests"] * size)
                segments = told["requests"] // told["sends"] if merges(self.variant) else 1
                dropped = dropped_at(sink.address) * segments
                self.assertEqual(sink.stop()["received"] + dropped, told["requests"])

    def test_a_gated_source_sends_once_for_each_line(self):
        sink = start(self, "sink", ["gso"])
        command = [str(BIN / "raw_udp"), "source", "--variant", *self.variant, "--gated"]
        source = subprocess.Popen(
            [*command, "--connect", sink.address, "--duration", "0.02"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

        self.assertEqual(source.stdout.readline(), "CONNECTED\n")
        total, segments = 0, 1
        for _ in range(3):
            source.stdin.write("go\n")
            source.stdin.flush()
            line = source.stdout.readline()
            if not line:
                self.skipTest("no io_uring here")
            told = json.loads(line)
            total += told["requests"]
            segments = told["requests"] // told["sends"] if merges(self.variant) else 1
        output, _ = source.communicate(timeout=LIMIT_S)

        self.assertEqual(output, "")
        self.assertEqual(source.returncode, 0)
        dropped = dropped_at(sink.address) * segments
        self.assertEqual(sink.stop()["received"] + dropped, total)


for class_name, class_variant in VARIANTS.items():
    globals()[class_name] = type(
        class_name, (EachVariant, unittest.TestCase), {"variant": class_variant}
    )
    if "--wait" not in class_variant and "--direct-below" not in class_variant:
        globals()[f"{class_name}Source"] = type(
            f"{class_name}Source", (EachSource, unittest.TestCase), {"variant": class_variant}
        )


for class_name, program in LIBRARY_SERVERS.items():
    globals()[class_name] = type(
        class_name, (EachVariant, unittest.TestCase), {"variant": [program]}
    )


class GsoNoCopy(unittest.TestCase):
    """The sink that leaves the bytes where they are counts the same."""

    variant = ["gso", "--no-copy"]
    test_counts = EachVariant.test_what_a_sink_received_and_what_was_dropped_is_what_was_sent


class Trains(unittest.TestCase):
    """What the loops on GRO and GSO are for: a train comes back as a train."""

    def test_a_train_is_answered_by_a_train(self):
        payload = bytes(range(250)) * 42  # 10 whole datagrams of 1000 bytes and half a one
        for variant in (["gso"], ["gso", "--wait", "blocking"], ["uring", "--offload"]):
            with self.subTest(variant=variant):
                server = start(self, "echo", variant)
                with open_socket(server) as peer:
                    peer.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 1000)
                    peer.setsockopt(socket.IPPROTO_UDP, UDP_GRO, 1)

                    peer.send(payload)
                    answer, control, _, _ = peer.recvmsg(65536, socket.CMSG_SPACE(4))

                self.assertEqual(answer, payload)
                (level, kind, size) = control[0]
                self.assertEqual((level, kind), (socket.IPPROTO_UDP, UDP_GRO))
                self.assertEqual(int.from_bytes(size, sys.byteorder), 1000)
                counters = server.stop()
                self.assertEqual((counters["received"], counters["sent"]), (11, 11))
                self.assertEqual((counters["receives"], counters["sends"]), (2, 1))

    def test_a_datagram_longer_than_the_buffers_is_counted_as_cut(self):
        for variant in (["mmsg"], ["uring"]):
            with self.subTest(variant=variant):
                server = start(self, "echo", variant)
                with open_socket(server) as peer:
                    peer.send(bytes(2048))
                    self.assertEqual(len(peer.recv(65536)), 2048)
                    peer.send(bytes(2049))
                    self.assertEqual(len(peer.recv(65536)), 2048)

                self.assertEqual(server.stop()["cut"], 1)


class Faulty:
    """An echo server that does to its sixth answer what `spoil(bytes)` says: a list of answers."""

    def __init__(self, spoil) -> None:
        self._spoil = spoil
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        for number in range(1 << 30):
            message, peer = self._socket.recvfrom(65536)
            if message == b"end":
                return
            for answer in self._spoil(message) if number == 5 else [message]:
                self._socket.sendto(answer, peer)

    def stop(self) -> None:
        self._socket.sendto(b"end", self._socket.getsockname())
        self._thread.join(LIMIT_S)
        self._socket.close()


class RawUdpClient(unittest.TestCase):
    def run_against(self, spoil, *flags: str) -> tuple[int, dict]:
        faulty = Faulty(spoil)
        try:
            result = client(faulty.address, "--requests", "100", *flags)
        finally:
            faulty.stop()
        return result.returncode, json.loads(result.stdout)

    def test_notices_every_kind_of_wrong_answer(self):
        spoils = {
            "one bit flipped": lambda m: [m[:50] + bytes([m[50] ^ 1]) + m[51:]],
            "one byte short": lambda m: [m[:-1]],
            "one byte long": lambda m: [m + b"x"],
            "another socket's": lambda m: [bytes([m[0] ^ 1]) + m[1:]],
            "from the future": lambda m: [m[:7] + b"\x7f" + m[8:]],
        }
        for name, spoil in spoils.items():
            for flags in ((), ("--depth", "2")):
                with self.subTest(spoil=name, flags=flags):
                    code, told = self.run_against(spoil, *flags)

                    self.assertEqual(code, 1)
                    self.assertEqual(told["errors"], 1)

    def test_counts_a_lost_answer_and_goes_on(self):
        for flags in ((), ("--depth", "4"), ("-c", "3")):
            with self.subTest(flags=flags):
                code, told = self.run_against(lambda message: [], *flags)

                self.assertEqual(code, 0)
                self.assertEqual((told["lost"], told["requests"]), (1, 99))

    def test_counts_a_doubled_answer_once(self):
        for flags in ((), ("--depth", "4"), ("--segments", "4")):
            with self.subTest(flags=flags):
                code, told = self.run_against(lambda message: [message, message], *flags)

                self.assertEqual(code, 0)
                self.assertEqual((told["unexpected"], told["requests"]), (1, 100))

    def test_ends_when_nobody_answers(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % silent.getsockname()[1]

            result = client(address, "--depth", "8", "--duration", "0.1")

        told = json.loads(result.stdout)
        self.assertEqual(told["requests"], 0)
        self.assertEqual(told["lost"], told["issued"])

    def test_ends_when_there_is_no_server(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
            gone.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % gone.getsockname()[1]

        result = client(address, "--requests", "10")

        self.assertEqual(result.returncode, 1)
        self.assertIn("Connection refused", result.stderr)

    def test_a_rate_is_kept(self):
        server = start(self, "sink", ["mmsg"])

        result = client(server.address, "--rate", "6400", "--duration", "0.5", mode="blast")

        server.stop()
        # Bursts of 64, one each 10 ms: 50 of them, and none to catch up with is worth two.
        self.assertLessEqual(json.loads(result.stdout)["requests"], 52 * 64)


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
        connect = ["--connect", "127.0.0.1:1"]
        for command in (
            ["raw_udp"],
            ["raw_udp", "sing", "--variant", "mmsg"],
            ["raw_udp", "echo"],
            ["raw_udp", "echo", "--variant", "select"],
            ["raw_udp", "echo", "--variant", "mmsg", "--offload"],
            ["raw_udp", "echo", "--variant", "gso", "--no-copy"],
            ["raw_udp", "sink", "--variant", "mmsg", "--no-copy"],
            ["raw_udp", "echo", "--variant", "uring", "--wait", "blocking"],
            ["raw_udp", "echo", "--variant", "uring", "--buffer-count", "3"],
            ["raw_udp", "echo", "--variant", "uring", "--offload", "--direct-below", "2"],
            ["raw_udp", "echo", "--variant", "mmsg", "--duration", "1"],
            ["raw_udp", "source", "--variant", "mmsg", *connect],
            ["raw_udp", "source", "--variant", "mmsg", "--duration", "1"],
            ["raw_udp_client", "echo", *connect],
            ["raw_udp_client", "echo", "--connect", "127.0.0.1", "--requests", "1"],
            ["raw_udp_client", "echo", *connect, "--requests", "1", "--size", "7"],
            ["raw_udp_client", "echo", *connect, "--requests", "1", "--segments", "2"],
            ["raw_udp_client", "echo", *connect, "--duration", "1", "--segments", "65"],
            ["raw_udp_client", "echo", *connect, "--duration", "1", "--rate", "5"],
            ["raw_udp_client", "blast", *connect, "--requests", "1"],
            ["raw_udp_client", "blast", *connect, "--duration", "1", "-c", "2"],
        ):
            with self.subTest(command=command):
                self.assert_refused(command)

    def test_peers_on_libraries_refuse_them_too(self):
        for name in LIBRARY_SERVERS.values():
            with self.subTest(name=name):
                skip_if_left_out(BIN / name)
                for arguments in ([], ["sing"], ["source"], ["echo", "--port", "65536"]):
                    self.assert_refused([name, *arguments])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BIN = Path(sys.argv.pop(1)).resolve()
    unittest.main()
