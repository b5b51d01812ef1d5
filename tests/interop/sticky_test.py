#!/usr/bin/env python3
"""examples/sticky and the tutorial's sticky_* programs take each other's place.

    sticky_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS [unittest arguments]
"""

import socket

import programs
from programs import InteropTest, on_each_backend, ours, run, theirs

SIZES = (5, 5, 100_000)


def messages(sizes: tuple[int, ...], quoted: bool) -> str:
    lines = []
    for index, size in enumerate(sizes):
        start = chr(ord("a") + index) * min(size, 8)
        lines.append(f"message {size} " + (repr(start.encode()) if quoted else start))
    return "".join(line + "\n" for line in lines)


class StickyTest(InteropTest):
    def their_client_at_ours(self, cure: str, script: str, sizes: tuple[int, ...], backend) -> None:
        server = self.start(ours("weir_sticky", "receive", cure, "127.0.0.1:0"), backend)

        client = run(theirs(script, server.host, server.port, *map(str, sizes)))

        self.assertEqual((client.returncode, client.stdout), (0, f"sent {list(sizes)}\n"))
        self.assertEqual(server.wait(), (0, messages(sizes, quoted=False), ""))

    def our_client_at_theirs(self, cure: str, script: str, sizes: tuple[int, ...], backend) -> None:
        server = self.start(theirs(script, "127.0.0.1", "0"))

        client = run(ours("weir_sticky", "send", cure, server.address, *map(str, sizes)), backend)

        self.assertEqual((client.returncode, client.stderr), (0, ""))
        self.assertEqual(server.wait(), (0, messages(sizes, quoted=True), ""))

    @on_each_backend
    def test_length_and_acknowledgement_from_the_original(self, backend: str) -> None:
        self.their_client_at_ours("ack", "sticky_lenack_client.py", SIZES, backend)

    @on_each_backend
    def test_length_and_acknowledgement_to_the_original(self, backend: str) -> None:
        self.our_client_at_theirs("ack", "sticky_lenack_server.py", SIZES, backend)

    @on_each_backend
    def test_packed_length_from_the_original(self, backend: str) -> None:
        self.their_client_at_ours("packed", "sticky_pack_client.py", (5, 0, 5, 100_000), backend)

    @on_each_backend
    def test_packed_length_to_the_original(self, backend: str) -> None:
        self.our_client_at_theirs("packed", "sticky_pack_server.py", (5, 0, 5, 100_000), backend)

    @on_each_backend
    def test_without_a_cure_the_original_receiver_sees_other_pieces(self, backend: str) -> None:
        arguments = ("--recv-size", "8", "--delay", "0.2")
        server = self.start(theirs("sticky_server.py", "127.0.0.1", "0", *arguments))

        client = run(ours("weir_sticky", "send", "none", server.address, "5", "5"), backend)

        self.assertEqual((client.returncode, client.stderr), (0, ""))
        status, output, _ = server.wait()
        self.assertEqual(status, 0)
        self.assertIn("bytes=10 first=b'aaaaabbb'", output)

    @on_each_backend
    def test_without_a_cure_our_receiver_gets_every_byte(self, backend: str) -> None:
        server = self.start(ours("weir_sticky", "receive", "none", "127.0.0.1:0"), backend)

        client = run(
            theirs("sticky_client.py", server.host, server.port, "--count", "50", "--size", "100")
        )

        self.assertEqual(client.returncode, 0)
        status, output, problems = server.wait()
        sizes = [int(line.split()[1]) for line in output.splitlines()]
        self.assertEqual((status, sum(sizes), problems), (0, 5000, ""))

    @on_each_backend
    def test_a_negative_length_is_refused_with_its_place(self, backend: str) -> None:
        server = self.start(ours("weir_sticky", "receive", "packed", "127.0.0.1:0"), backend)

        with socket.create_connection((server.host, int(server.port))) as peer:
            peer.sendall(b"\xff\xff\xff\xff")
            status, output, problems = server.wait()

        self.assertEqual((status, output), (1, ""))
        self.assertIn("127.0.0.1:", problems)
        self.assertIn("at byte 0 of the stream", problems)

    @on_each_backend
    def test_every_cure_delivers_every_message_intact(self, backend: str) -> None:
        shown = run(ours("weir_sticky"), backend)

        self.assertEqual((shown.returncode, shown.stderr), (0, ""))
        rows = {row.split()[0]: row.split()[1:] for row in shown.stdout.splitlines()[3:]}
        for cure in ("ack", "packed", "json"):
            self.assertEqual(rows[cure], ["200", "200", "0", "0"])
        merged, cut = (int(number) for number in rows["none"][2:])
        self.assertGreater(merged, 0)
        self.assertGreater(cut, 0)


if __name__ == "__main__":
    programs.main(__doc__)
