#!/usr/bin/env python3
"""examples/dns_responder, asked by BIND's dig, Knot's kdig, and by bytes.

    dns_responder_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS ZONE_FILE [unittest arguments]

dig is in the package bind9-dnsutils, kdig in knot-dnsutils. Without one its tests are skipped.
"""

import re
import shutil
import socket
import struct
import sys
import unittest

import programs
from programs import LIMIT_S, InteropTest, Server, on_each_backend, ours, run

ZONE_FILE = ""

# What both tools are asked by each transport: name, type, code, flags, the answer's records.
QUESTIONS = [
    ("www.example", "A", "NOERROR", "qr aa", ["A 192.0.2.80", "A 192.0.2.81"]),
    ("WWW.Example", "AAAA", "NOERROR", "qr aa", ["AAAA 2001:db8::80"]),
    ("example", "MX", "NOERROR", "qr aa", ["MX 10 mail.example.", "MX 20 backup.elsewhere.test."]),
    ("example", "SOA", "NOERROR", "qr aa",
     ["SOA ns1.example. hostmaster.example. 2026010101 7200 600 604800 300"]),
    ("example", "TXT", "NOERROR", "qr aa", ['TXT "v=spf1 mx -all"']),
    ("example", "CAA", "NOERROR", "qr aa", ['CAA 0 issue "ca.elsewhere.test"']),
    ("_http._tcp.example", "SRV", "NOERROR", "qr aa", ["SRV 0 5 80 www.example."]),
    ("home.example", "A", "NOERROR", "qr aa",
     ["CNAME web.example.", "CNAME www.example.", "A 192.0.2.80", "A 192.0.2.81"]),
    ("x.wild.example", "TXT", "NOERROR", "qr aa", ['TXT "a wildcard"']),
    ("deep.example", "A", "NOERROR", "qr aa", []),
    ("known.wild.example", "TXT", "NOERROR", "qr aa", []),
    ("nope.example", "A", "NXDOMAIN", "qr aa", []),
    ("www.sub.example", "A", "NOERROR", "qr", []),
    ("www.elsewhere.test", "A", "REFUSED", "qr", []),
]


def needs(tool: str):
    return unittest.skipUnless(shutil.which(tool), f"{tool} is missing: see tools/packages.txt")


def ask(tool: str, server: Server, *arguments: str) -> str:
    """What the tool prints; it must have got an answer."""
    command = [tool, f"@{server.host}", "-p", server.port, "+norec", "+time=5", "+tries=1"]
    if tool == "kdig":
        command[-1] = "+retry=0"
    asked = run([*command, *arguments])
    if asked.returncode != 0:
        raise AssertionError(f"{command + list(arguments)}: {asked.stdout}{asked.stderr}")
    return asked.stdout


def status_of(text: str) -> str:
    return re.search(r"status: (\w+)", text)[1]


def flags_of(text: str) -> str:
    return re.search(r"[Ff]lags: ([a-z ]*);", text)[1]


def records_of(text: str, section: str) -> list[str]:
    """Type and data of a section's records."""
    part = re.search(rf";; {section} SECTION:\n(.*?)(?:\n\n|\n;;|\Z)", text, re.DOTALL)
    if part is None:
        return []
    return [" ".join(line.split()[3:]) for line in part[1].splitlines()]


def query(name: str, kind: int = 1, identity: int = 1) -> bytes:
    """A query without EDNS, behind its length."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    message = struct.pack("!6H", identity, 0, 1, 0, 0, 0) + labels + b"\0"
    message += struct.pack("!2H", kind, 1)
    return struct.pack("!H", len(message)) + message


def receive_message(connection: socket.socket) -> bytes:
    """One message without its length; empty at the end of the stream."""
    message = b""
    left = 2
    while left:
        part = connection.recv(left)
        if not part:
            return b""
        message += part
        left -= len(part)
        if len(message) == 2:
            left = struct.unpack("!H", message)[0]
    return message[2:]


class DnsResponderTest(InteropTest):
    def responder(self, backend: str, *flags: str) -> Server:
        command = ours("weir_dns_responder", "--zone", ZONE_FILE, "--listen", "127.0.0.1:0")
        return self.start([*command, *flags], backend)

    def connect(self, server: Server) -> socket.socket:
        connection = socket.create_connection((server.host, int(server.port)), timeout=LIMIT_S)
        self.addCleanup(connection.close)
        return connection

    def check_questions(self, tool: str, server: Server, *transport: str) -> None:
        for name, kind, status, flags, records in QUESTIONS:
            with self.subTest(tool=tool, name=name, kind=kind):
                text = ask(tool, server, *transport, name, kind)

                self.assertEqual((status_of(text), flags_of(text)), (status, flags))
                self.assertEqual(records_of(text, "ANSWER"), records)

    @needs("dig")
    @on_each_backend
    def test_dig_understands_every_answer_by_tcp(self, backend: str) -> None:
        self.check_questions("dig", self.responder(backend), "+tcp")

    @needs("dig")
    @on_each_backend
    def test_dig_understands_every_answer_by_udp(self, backend: str) -> None:
        self.check_questions("dig", self.responder(backend), "+notcp")

    @needs("kdig")
    @on_each_backend
    def test_kdig_understands_every_answer_by_udp(self, backend: str) -> None:
        self.check_questions("kdig", self.responder(backend), "+notcp")

    @needs("dig")
    @on_each_backend
    def test_what_does_not_fit_is_cut_and_asked_for_again_by_tcp(self, backend: str) -> None:
        server = self.responder(backend)
        for flags, name, records in (
            (["+noedns"], "big.example", 8),
            (["+bufsize=512"], "big.example", 8),
            (["+bufsize=4096"], "huge.example", 24),
        ):
            cut = ask("dig", server, "+notcp", "+ignore", *flags, name, "TXT")
            whole = ask("dig", server, "+notcp", *flags, name, "TXT")

            self.assertEqual((flags_of(cut), records_of(cut, "ANSWER")), ("qr aa tc", []))
            self.assertEqual(flags_of(whole), "qr aa")
            self.assertEqual(len(records_of(whole, "ANSWER")), records)
            self.assertIn("(TCP)", whole)

    @needs("dig")
    @on_each_backend
    def test_what_fits_the_size_asked_for_comes_by_udp(self, backend: str) -> None:
        server = self.responder(backend)

        text = ask("dig", server, "+notcp", "+bufsize=1232", "big.example", "TXT")

        self.assertEqual(len(records_of(text, "ANSWER")), 8)
        self.assertIn("(UDP)", text)

    @on_each_backend
    def test_datagrams_that_are_no_queries_are_passed_over(self, backend: str) -> None:
        server = self.responder(backend)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.settimeout(LIMIT_S)
            peer.connect((server.host, int(server.port)))
            for noise in (b"", b"hello", struct.pack("!H", 1) + b"\x80" * 10):
                peer.send(noise)
            peer.send(query("www.example", 1, 77)[2:])

            self.assertEqual(peer.recv(4096)[:4], b"\0\x4d\x84\0")

    @on_each_backend
    def test_many_queries_of_one_socket_are_all_answered(self, backend: str) -> None:
        server = self.responder(backend)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.settimeout(LIMIT_S)
            peer.connect((server.host, int(server.port)))
            # Few enough for the smallest socket buffer: nothing is lost on loopback then.
            for number in range(100):
                peer.send(query("www.example", 1, number)[2:])
            answers = [struct.unpack("!H", peer.recv(4096)[:2])[0] for _ in range(100)]

        self.assertEqual(sorted(answers), list(range(100)))

    @needs("kdig")
    @on_each_backend
    def test_kdig_understands_every_answer_by_tcp(self, backend: str) -> None:
        self.check_questions("kdig", self.responder(backend), "+tcp")

    @needs("dig")
    @on_each_backend
    def test_a_referral_has_servers_and_glue(self, backend: str) -> None:
        server = self.responder(backend)

        text = ask("dig", server, "+tcp", "www.sub.example", "A")

        self.assertEqual(
            records_of(text, "AUTHORITY"), ["NS ns.sub.example.", "NS ns2.example."]
        )
        self.assertEqual(records_of(text, "ADDITIONAL"), ["A 192.0.2.53", "A 192.0.2.2"])

    @needs("dig")
    @on_each_backend
    def test_edns_is_echoed_if_it_was_asked_for(self, backend: str) -> None:
        server = self.responder(backend)

        self.assertIn("EDNS: version: 0, flags: do; udp: 1232",
                      ask("dig", server, "+tcp", "+dnssec", "www.example"))
        self.assertNotIn("EDNS", ask("dig", server, "+tcp", "+noedns", "www.example"))
        self.assertEqual(
            status_of(ask("dig", server, "+tcp", "+edns=1", "+noednsneg", "www.example")), "BADVERS"
        )

    @needs("dig")
    @on_each_backend
    def test_what_is_not_served_is_turned_down(self, backend: str) -> None:
        server = self.responder(backend)

        for arguments, status in (
            (["+opcode=NOTIFY", "example", "SOA"], "NOTIMP"),
            (["-c", "CH", "version.bind", "TXT"], "REFUSED"),
            (["+header-only"], "FORMERR"),
        ):
            self.assertEqual(status_of(ask("dig", server, "+tcp", *arguments)), status)

    @on_each_backend
    def test_many_queries_at_once_are_answered_in_order(self, backend: str) -> None:
        connection = self.connect(self.responder(backend))
        names = ["www.example", "nope.example", "huge.example", "sub.example"] * 250
        queries = [query(name, 16, number) for number, name in enumerate(names)]

        connection.sendall(b"".join(queries))
        connection.shutdown(socket.SHUT_WR)

        for number in range(len(names)):
            answer = receive_message(connection)
            self.assertEqual(struct.unpack("!H", answer[:2])[0], number)
        self.assertEqual(receive_message(connection), b"")

    @on_each_backend
    def test_a_query_is_answered_however_it_is_cut(self, backend: str) -> None:
        connection = self.connect(self.responder(backend))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        whole = query("www.example")
        for cut in range(len(whole)):
            connection.sendall(whole[:cut])
            connection.sendall(whole[cut:])

            answer = receive_message(connection)

            self.assertEqual(struct.unpack("!6H", answer[:12]), (1, 0x8400, 1, 2, 0, 0))

    @on_each_backend
    def test_who_speaks_something_else_is_left(self, backend: str) -> None:
        server = self.responder(backend)
        response = struct.pack("!H", 12) + b"\x80" * 12
        for noise in (b"\0\x05hello", b"\xff\xff" + bytes(10), response):
            connection = self.connect(server)
            connection.sendall(noise)

            self.assertEqual(receive_message(connection), b"")

    @on_each_backend
    def test_shards_answer_alike_and_drain(self, backend: str) -> None:
        server = self.responder(backend, "--shards", "2")
        for _ in range(20):
            connection = self.connect(server)
            connection.sendall(query("www.example"))
            self.assertEqual(receive_message(connection)[:4], b"\0\1\x84\0")
            connection.close()

        server.interrupt()

        self.assertEqual(server.wait(), (0, "", ""))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    ZONE_FILE = sys.argv.pop(2)
    programs.main(__doc__)
