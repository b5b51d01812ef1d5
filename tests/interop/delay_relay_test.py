#!/usr/bin/env python3
"""examples/delay_relay as a program: what another process sees of the path that it makes.

    delay_relay_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS [unittest arguments]

Skipped, with the reason, without the right to make network namespaces and TUN devices.
"""

import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

import programs
from programs import LIMIT_S, environment, on_each_backend, ours, run

CLONE_NEWNET = 0x40000000
RTT_S = 0.020
LIBC = ctypes.CDLL(None, use_errno=True)

# A process in a network namespace of its own, until its standard input ends.
RESIDENT = f"""
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
assert libc.unshare({CLONE_NEWNET}) == 0, ctypes.get_errno()
print("READY", flush=True)
sys.stdin.read()
"""


def inside(namespace: str, action):
    """What `action()` returns on a thread in that namespace: sockets stay where they were made."""
    outcome = []

    def visit() -> None:
        descriptor = os.open(namespace, os.O_RDONLY)
        try:
            if LIBC.setns(descriptor, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), namespace)
            outcome.append(action())
        finally:
            os.close(descriptor)

    visitor = threading.Thread(target=visit)
    visitor.start()
    visitor.join(LIMIT_S)
    return outcome[0]


class Relay:
    """A relay that has announced its path."""

    def __init__(self, test: unittest.TestCase, *flags: str, backend: str | None = None) -> None:
        self.process = subprocess.Popen(
            ours("weir_delay_relay", *flags),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=environment(backend),
        )
        test.addCleanup(self._kill)
        readable = select.select([self.process.stdout], [], [], LIMIT_S)[0]
        line = self.process.stdout.readline().decode() if readable else ""
        if not line.startswith("READY "):
            errors = self.end()[2]
            for reason in ("Operation not permitted", "Permission denied", "/dev/net/tun: No such"):
                if reason in errors:
                    test.skipTest(errors.strip())
            test.fail(f"did not get ready: {line}{errors}")
        self.client, self.client_address, self.server, self.server_address = line.split()[1:]

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit status, output after the announcement, and errors."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait()

    def wait(self) -> tuple[int, str, str]:
        output, errors = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, output.decode(), errors.decode()

    def _kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def connect_over(test: unittest.TestCase, relay: Relay) -> tuple[socket.socket, socket.socket]:
    """A TCP connection over the path: the client's end and the server's."""
    listener = inside(relay.server, lambda: socket.create_server((relay.server_address, 0)))
    test.addCleanup(listener.close)
    listener.settimeout(LIMIT_S)
    name = listener.getsockname()
    client = inside(relay.client, lambda: socket.create_connection(name, timeout=LIMIT_S))
    test.addCleanup(client.close)
    server, peer = listener.accept()
    test.addCleanup(server.close)
    test.assertEqual(peer[0], relay.client_address)
    server.settimeout(LIMIT_S)
    return client, server


def devices_of(pid: int) -> list[str]:
    """The network devices that a process sees."""
    with open(f"/proc/{pid}/net/dev", encoding="ascii") as table:
        return [line.split(":")[0].strip() for line in table if ":" in line]


def is_gone(device: str, pid: int) -> bool:
    """Whether it goes: the kernel takes an io_uring apart some time after its process has ended,
    and that holds the device until then."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        if device not in devices_of(pid):
            return True
        time.sleep(0.01)
    return False


class DelayRelayTest(unittest.TestCase):
    def resident(self) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", RESIDENT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(lambda: process.communicate(timeout=LIMIT_S))
        if process.stdout.readline() != b"READY\n":
            self.skipTest("needs the right to make a network namespace (CAP_SYS_ADMIN)")
        return process

    @on_each_backend
    def test_another_process_sees_the_round_trip_time(self, backend: str) -> None:
        relay = Relay(self, "--rtt", "20ms", "--json", backend=backend)
        client, server = connect_over(self, relay)
        took = []
        for number in range(5):
            begun = time.monotonic()
            client.sendall(b"%d" % number)
            server.sendall(server.recv(1) * 2)
            self.assertEqual(client.recv(2), b"%d%d" % (number, number))
            took.append(time.monotonic() - begun)

        status, output, errors = relay.end()

        self.assertEqual((status, errors), (0, ""))
        self.assertGreaterEqual(min(took), RTT_S)
        # Nothing but a fault takes so much longer each of five times.
        self.assertLess(min(took), 10 * RTT_S)
        report = json.loads(output)
        self.assertIsNone(report["probe"])
        for direction in (report["relay"]["to_server"], report["relay"]["to_client"]):
            self.assertGreaterEqual(direction["packets"], 5)
            self.assertEqual(direction["lateness"]["count"], direction["packets"])
            self.assertEqual(direction["refused"], 0)
            self.assertEqual(direction["dropped_full"] + direction["dropped_unread"], 0)
        self.assertEqual(report["relay"]["rtt_us"], 20000)
        is_late = report["relay"]["lateness_p99_us"] > 1000
        self.assertEqual(report["relay"]["trusted"], not is_late)

    def test_each_signal_ends_it_with_one_line(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number=number):
                relay = Relay(self, "--rtt", "5ms")

                status, output, errors = relay.end(number)

                self.assertEqual((status, errors), (0, ""))
                self.assertRegex(output, r"\ARTT 5 ms: 0 packets to the server, .*\n\Z")

    def test_it_ends_by_itself_when_its_time_is_over(self) -> None:
        relay = Relay(self, "--rtt", "5ms", "--duration", "50ms")

        status, output, errors = relay.wait()

        self.assertEqual((status, errors), (0, ""))
        self.assertIn("RTT 5 ms: ", output)

    def test_its_probe_measures_the_path_and_ends_it(self) -> None:
        relay = Relay(self, "--rtt", "5ms", "--probe", "20", "--json")

        status, output, errors = relay.wait()

        self.assertEqual((status, errors), (0, ""))
        probe = json.loads(output)["probe"]
        self.assertEqual(probe["over_path"]["count"] + probe["over_path"]["lost"], 20)
        self.assertGreaterEqual(probe["over_path"]["min_us"], 5000)
        self.assertGreater(probe["over_loopback"]["count"], 0)

    def test_it_joins_the_namespaces_of_processes_and_leaves_them_as_they_were(self) -> None:
        client, server = self.resident(), self.resident()
        relay = Relay(
            self, "--rtt", "2ms", "--client", str(client.pid),
            "--server", f"/proc/{server.pid}/ns/net", "--device", "far0", "--network", "10.9.8.4",
        )
        seen = devices_of(client.pid) + devices_of(server.pid)
        addresses = (relay.client_address, relay.server_address)

        connect_over(self, relay)
        status, _, errors = relay.end()

        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(seen.count("far0"), 2)
        self.assertEqual(addresses, ("10.9.8.5", "10.9.8.6"))
        self.assertNotIn("far0", devices_of(client.pid) + devices_of(server.pid))

    @on_each_backend
    def test_killed_it_leaves_nothing_either(self, backend: str) -> None:
        client, server = self.resident(), self.resident()
        flags = ("--rtt", "2ms", "--client", str(client.pid), "--server", str(server.pid))
        relay = Relay(self, *flags, backend=backend)
        self.assertIn("weir0", devices_of(client.pid))

        relay.end(signal.SIGKILL)

        self.assertTrue(is_gone("weir0", client.pid))
        self.assertTrue(is_gone("weir0", server.pid))

    def test_a_device_that_is_there_already_is_left_alone(self) -> None:
        client, server = self.resident(), self.resident()
        flags = ("--rtt", "2ms", "--client", str(client.pid), "--server", str(server.pid))
        first = Relay(self, *flags)

        second = run(ours("weir_delay_relay", *flags))

        self.assertEqual(second.returncode, 1)
        self.assertIn("cannot make the TUN device weir0", second.stderr)
        connect_over(self, first)

    def test_what_cannot_be_is_refused_with_the_reason(self) -> None:
        for flags, status, reason in (
            ((), 2, "--rtt is missing"),
            (("--rtt", "fast"), 2, "--rtt fast: want a time"),
            (("--rtt", "5ms", "--client", "/nowhere"), 1, "cannot open /nowhere: No such file"),
        ):
            with self.subTest(flags=flags):
                ran = run(ours("weir_delay_relay", *flags))

                self.assertEqual((ran.returncode, ran.stdout), (status, ""))
                self.assertIn(f"weir_delay_relay: {reason}", ran.stderr)


if __name__ == "__main__":
    programs.main(__doc__)
