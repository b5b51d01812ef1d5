#!/usr/bin/env python3
"""The services of `weir serve` over UDP, as their clients meet them.

    serve_udp_test.py PATH_OF_WEIR [PATH_OF_WEIR_UDP_SOURCE] [unittest arguments]

Given the source, which the benchmarks send with, its word is compared with the sink's.

Loopback loses no datagram but where a buffer is full, and what a send has returned from is in the
receiver's buffer. To fill one, a server is stopped for a while (SIGSTOP).
"""

import functools
import json
import re
import signal
import socket
import struct
import subprocess
import sys
import unittest
from pathlib import Path

import program  # it also makes the directory of `loopback` known
import loopback
from program import (
    BAD_USAGE,
    DONE,
    LIMIT_S,
    RUN_FAILED,
    ProgramTest,
    Server,
    available_backends,
    environment,
    weir,
)

WEIR = ""
SOURCE = ""
UDP_SEGMENT = 103  # linux/udp.h
SIZES = (0, 1, 1472, 65507)

SUMMARY = re.compile(
    r"weir serve (?P<service>[\w-]+): (?P<received>\d+) datagrams in \((?P<bytes_in>\d+) bytes, "
    r"(?P<trains_in>\d+) trains\), (?P<sent>\d+) datagrams out \((?P<bytes_out>\d+) bytes, "
    r"(?P<trains_out>\d+) trains\), (?P<refused>\d+) answers refused(?P<reasons>| \([^)]*\)), "
    r"dropped (?P<newest>\d+) newest and (?P<oldest>\d+) oldest of the queue, "
    r"(?P<no_memory>\d+) for want of memory, (?P<kernel>\d+) by the socket buffer, "
    r"(?P<pauses>\d+) receive pauses, \d+ system calls, backend (?P<backend>\w+)\n"
)
TEXTS = ("service", "reasons", "backend")


def on_each_backend(test):
    """Runs `test(self, backend)` with every backend that works here."""

    @functools.wraps(test)
    def run_on_each(self: unittest.TestCase) -> None:
        for backend in available_backends():
            with self.subTest(backend=backend):
                test(self, backend)

    return run_on_each


def numbered(stream_id: int, sequence: int) -> bytes:
    """A datagram with weir's header."""
    return b"WDS\x01" + struct.pack(">IQQ", stream_id, sequence, 0) + b"payload"


class UdpTest(ProgramTest):
    def serve(self, service: str, *flags: str, listen: str = "127.0.0.1:0") -> Server:
        return super().serve(service, "--listen", listen, *flags)

    def client(self, server: Server, host: str = "127.0.0.1") -> socket.socket:
        """Connected: answers from another address than it asked do not reach it."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        client = socket.socket(family, socket.SOCK_DGRAM)
        self.addCleanup(client.close)
        client.settimeout(LIMIT_S)
        client.connect((host, server.port))
        return client

    def summary(self, server: Server, signal_number: int = signal.SIGINT) -> dict:
        """Drains the server, which has to end well. Further lines are under `more`."""
        server.interrupt(signal_number)
        code, output, errors = server.wait()
        self.assertEqual((code, errors), (DONE, ""))
        match = SUMMARY.match(output)
        self.assertIsNotNone(match, output)
        values = match.groupdict()
        counts = {name: int(value) for name, value in values.items() if name not in TEXTS}
        return values | counts | {"more": output[match.end() :]}

    def assert_nothing_dropped(self, summary: dict) -> None:
        drops = [summary[name] for name in ("newest", "oldest", "no_memory", "kernel", "refused")]
        self.assertEqual(drops, [0] * 5)


class EchoTest(UdpTest):
    @on_each_backend
    def test_datagrams_of_every_size_come_back_to_each_of_many_clients(self, backend: str) -> None:
        for host in loopback.hosts():
            listen = f"[{host}]:0" if ":" in host else f"{host}:0"
            for shards in ("1", "2"):
                server = self.serve(
                    *("udp-echo", "--backend", backend, "--shards", shards), listen=listen
                )
                clients = [self.client(server, host) for _ in range(20)]
                for size in SIZES:
                    for number, client in enumerate(clients):
                        client.send(bytes([number]) * size)

                        self.assertEqual(client.recv(1 << 16), bytes([number]) * size)
                summary = self.summary(server)

                self.assertEqual(summary["service"], "udp-echo")
                self.assertEqual(summary["backend"], backend)
                self.assertEqual((summary["received"], summary["sent"]), (80, 80))
                self.assertEqual(summary["bytes_in"], 20 * sum(SIZES))
                self.assertEqual(summary["bytes_out"], 20 * sum(SIZES))
                self.assert_nothing_dropped(summary)

    @on_each_backend
    def test_many_at_once_come_back_in_order(self, backend: str) -> None:
        server = self.serve("udp-echo", "--backend", backend)
        client = self.client(server)
        for first in range(0, 1000, 50):
            sent = [b"%d" % number * (number % 7) for number in range(first, first + 50)]

            for datagram in sent:
                client.send(datagram)

            self.assertEqual([client.recv(1 << 16) for _ in sent], sent)
        self.assert_nothing_dropped(self.summary(server))

    @on_each_backend
    def test_a_train_comes_back_whole_with_or_without_offload(self, backend: str) -> None:
        train = bytes(range(250)) * 161 + b"the last one is shorter"
        datagrams = [train[at : at + 1000] for at in range(0, len(train), 1000)]
        for offload in ("on", "off"):
            server = self.serve(
                *("udp-echo", "--backend", backend, "--gro", offload, "--gso", offload)
            )
            client = self.client(server)
            try:
                client.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 1000)
            except OSError as error:
                self.skipTest(f"UDP_SEGMENT: {error}")
            for _ in range(3):
                client.send(train)

                self.assertEqual([client.recv(1 << 16) for _ in datagrams], datagrams)
            summary = self.summary(server)

            self.assertEqual(summary["received"], 3 * len(datagrams))
            self.assertEqual(summary["bytes_out"], 3 * len(train))
            self.assert_nothing_dropped(summary)
            expected_trains = (3, 3) if offload == "on" else (0, 0)
            self.assertEqual((summary["trains_in"], summary["trains_out"]), expected_trains)

    @on_each_backend
    def test_on_all_addresses_the_answer_comes_from_the_one_that_was_asked(
        self, backend: str
    ) -> None:
        for listen, hosts in (
            (":0", ("127.0.0.1", "127.0.0.2")),
            ("[::]:0", ("::1", "127.0.0.1", "127.0.0.2")),
        ):
            if not set(hosts) <= {"127.0.0.2", *loopback.hosts()}:
                continue
            server = self.serve("udp-echo", "--backend", backend, listen=listen)
            for host in hosts:
                with self.subTest(listen=listen, host=host):
                    client = self.client(server, host)

                    client.send(b"who are you?")

                    self.assertEqual(client.recvfrom(100)[0], b"who are you?")

    @on_each_backend
    def test_a_refused_answer_is_named_and_the_others_go_out(self, backend: str) -> None:
        server = self.serve("udp-echo", "--backend", backend, listen=":0")
        client = self.client(server)
        with socket.socket(type=socket.SOCK_DGRAM) as shouting:
            # No answer can come from a broadcast address.
            shouting.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            for _ in range(3):
                shouting.sendto(b"hello all", ("127.255.255.255", server.port))
                client.send(b"hello you")

                self.assertEqual(client.recv(100), b"hello you")
        summary = self.summary(server)

        self.assertEqual((summary["received"], summary["sent"]), (6, 3))
        self.assertEqual(summary["refused"], 3)
        # EINVAL or ENETUNREACH: kernels differ.
        self.assertRegex(summary["reasons"], r"^ \(3 \D+\)$")

    @on_each_backend
    def test_a_client_that_is_gone_harms_nobody_else(self, backend: str) -> None:
        server = self.serve("udp-echo", "--backend", backend)
        client = self.client(server)
        for _ in range(20):
            with socket.socket(type=socket.SOCK_DGRAM) as gone:
                server.stop()
                gone.sendto(b"to nobody", ("127.0.0.1", server.port))
            server.interrupt(signal.SIGCONT)

            client.send(b"still here")

            self.assertEqual(client.recv(100), b"still here")
        self.assert_nothing_dropped(self.summary(server))

    @on_each_backend
    def test_a_drain_answers_what_has_arrived(self, backend: str) -> None:
        server = self.serve("udp-echo", "--backend", backend)
        client = self.client(server)
        server.stop()
        for number in range(50):
            client.send(b"%d" % number)

        server.interrupt(signal.SIGTERM)
        summary = self.summary(server, signal.SIGCONT)

        self.assertEqual([client.recv(100) for _ in range(50)], [b"%d" % n for n in range(50)])
        self.assertEqual((summary["received"], summary["sent"]), (50, 50))


class SinkTest(UdpTest):
    @on_each_backend
    def test_what_is_sent_has_arrived_or_was_dropped_at_one_place(self, backend: str) -> None:
        for policy, queue in (("pause", "8k"), ("drop-newest", "8k"), ("drop-oldest", "8k")):
            with self.subTest(policy=policy):
                server = self.serve(
                    *("udp-sink", "--backend", backend, "--overflow", policy),
                    *("--queue-bytes", queue, "--receive-buffer", "100k"),
                )
                client = self.client(server)
                server.stop()
                for _ in range(2000):
                    client.send(bytes(200))

                server.interrupt(signal.SIGTERM)
                summary = self.summary(server, signal.SIGCONT)

                received, by_kernel = summary["received"], summary["kernel"]
                by_queue = summary["newest"] + summary["oldest"]
                self.assertEqual(received + by_kernel + by_queue + summary["no_memory"], 2000)
                self.assertEqual(summary["bytes_in"], 200 * received)
                self.assertGreater(received, 0)
                self.assertGreater(by_kernel, 0)
                self.assertEqual(summary["newest"] > 0, policy == "drop-newest")
                self.assertEqual(summary["oldest"] > 0, policy == "drop-oldest")
                self.assertEqual((summary["sent"], summary["more"]), (0, ""))

    @on_each_backend
    def test_numbered_datagrams_are_followed(self, backend: str) -> None:
        server = self.serve("udp-sink", "--backend", backend)
        clients = [self.client(server) for _ in range(2)]
        for sequence in (0, 1, 2, 5, 4, 4):
            clients[0].send(numbered(1, sequence))
        for sequence in (7, 8):
            clients[0].send(numbered(2, sequence))
        for sequence in (0, 2):
            clients[1].send(numbered(1, sequence))
        clients[1].send(b"a foreign one")

        summary = self.summary(server)

        self.assertEqual(summary["received"], 11)
        self.assertEqual(
            summary["more"],
            "weir serve udp-sink: 3 streams, 9 of 11 numbers arrived, 2 lost in 2 bursts "
            "(longest 1), 1 duplicates, 1 reordered (by up to 1), 0 late, 0 implausible\n",
        )

    def test_streams_are_not_followed_where_shards_share_them(self) -> None:
        server = self.serve("udp-sink", "--shards", "2", "--steer", "cpu")
        client = self.client(server)
        for sequence in range(100):
            client.send(numbered(1, sequence))

        summary = self.summary(server)

        self.assertEqual(summary["received"], 100)
        self.assertIn("were not followed", summary["more"])

    @on_each_backend
    def test_a_number_in_the_payload_chooses_the_shard(self, backend: str) -> None:
        server = self.serve(
            *("udp-sink", "--backend", backend, "--shards", "2", "--steer", "payload:4:4")
        )
        client = self.client(server)
        for sequence in range(100):
            for stream_id in range(4):
                client.send(numbered(stream_id, sequence))

        summary = self.summary(server)

        self.assertEqual(summary["received"], 400)
        self.assertIn("4 streams, 400 of 400 numbers arrived, 0 lost", summary["more"])


class SourceTest(UdpTest):
    def setUp(self) -> None:
        if not SOURCE:
            self.skipTest("built without the benchmarks")

    def source(self, *flags: str, **options) -> list[dict]:
        result = subprocess.run(
            [SOURCE, "--duration", "0.1", *flags],
            stdout=subprocess.PIPE,
            text=True,
            timeout=LIMIT_S,
            check=True,
            env=environment(),
            **options,
        )
        return [json.loads(line) for line in result.stdout.splitlines() if line != "CONNECTED"]

    @on_each_backend
    def test_what_the_source_sent_the_sink_got_or_had_no_room_for(self, backend: str) -> None:
        # Without GRO, because a socket that takes trains counts a dropped one as one datagram.
        for flags in (("--trains", "on"), ("--trains", "off"), ("--trains", "off", "--gso", "off")):
            for size in ("1", "1200", "65507"):
                with self.subTest(flags=flags, size=size):
                    sink = self.serve("udp-sink", "--gro", "off", "--backend", backend)

                    (report,) = self.source(
                        *("--to", sink.address, "--size", size, "--backend", backend, *flags)
                    )
                    summary = self.summary(sink)

                    self.assertGreater(report["requests"], 0)
                    self.assertEqual(report["bytes"], int(size) * report["requests"])
                    self.assertEqual(report["refused"], 0)
                    self.assertGreater(report["cpu_ns"], 0)
                    arrived = summary["received"] + summary["kernel"] + summary["no_memory"]
                    self.assertEqual(arrived, report["requests"])
                    sends_trains = size != "65507" and "--gso" not in flags
                    self.assertEqual(report["trains"] > 0, sends_trains)

    def test_a_gated_source_runs_once_for_each_line(self) -> None:
        sink = self.serve("udp-sink")

        reports = self.source("--to", sink.address, "--gated", input="go\n" * 3)

        self.assertEqual(len(reports), 3)
        for report in reports:
            self.assertGreater(report["requests"], 0)


class UpperTest(UdpTest):
    @on_each_backend
    def test_each_datagram_is_answered_in_upper_case(self, backend: str) -> None:
        server = self.serve("upper", "--udp", "--backend", backend)
        client = self.client(server)
        for text in (b"hello", b" space stays \r\n", b"", bytes(range(256)), b"a" * 65507):
            client.send(text)

            self.assertEqual(client.recv(1 << 16), text.upper())
        summary = self.summary(server)

        self.assertEqual((summary["service"], summary["sent"]), ("upper", 5))


class FailureTest(UdpTest):
    def test_bad_usage_is_explained_in_a_sentence_and_nothing_runs(self) -> None:
        here = ("--listen", "127.0.0.1:0")
        cases = {
            ("udp-echo",): "where to listen is missing",
            ("udp-echo", "--listen", "unix:/run/x"): "is a Unix socket, and this service speaks",
            ("upper", "--udp", "--listen", "unix:@x"): "is a Unix socket, and this service speaks",
            ("udp-sink", "--listen", "tcp://:0"): "is no address for a service over UDP",
            ("udp-ecoh", *here): 'did you mean "udp-echo"?',
            ("udp-echo", "--gro", "maybe", *here): '"maybe" is neither on nor off',
            ("udp-echo", "--steer", "payload:1", *here): "needs an offset and a size",
            ("udp-echo", "--overflow", "grow", *here): 'no policy "grow"',
            ("udp-echo", "--queue-bytes", "0", *here): "out of range",
            ("udp-echo", "--receive-buffer", "lots", *here): "not a size",
            ("udp-echo", "--codec", "line", *here): "--codec is for echo",
            ("udp-sink", "--connections", "1", *here): "which UDP does not have",
            ("udp-sink", "--udp", *here): "speaks UDP without it",
            ("echo", "--udp", *here): "udp-echo",
            ("echo", "--gso", "off", *here): "echo does not speak UDP",
        }
        for arguments, reason in cases.items():
            with self.subTest(arguments=arguments):
                result = weir("serve", *arguments)

                self.assertEqual((result.returncode, result.stdout), (BAD_USAGE, ""))
                self.assertRegex(result.stderr, r"\Aweir serve: [^\n]*\n[^\n]*--help[^\n]*\n\Z")
                self.assertIn(reason, result.stderr)

    def test_a_port_in_use(self) -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{taken.getsockname()[1]}"

            result = weir("serve", "udp-echo", "--listen", address)

        self.assertEqual((result.returncode, result.stdout), (RUN_FAILED, ""))
        self.assertRegex(result.stderr, f"cannot listen on {address}: .*another program")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    WEIR = str(Path(sys.argv.pop(1)).resolve())
    program.WEIR = WEIR
    if len(sys.argv) > 1 and Path(sys.argv[1]).is_file():
        SOURCE = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()
