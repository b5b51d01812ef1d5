#!/usr/bin/env python3
"""`weir serve upper` is what the tutorial's socketserver program is to its client, and a service
for many lines a connection.

    upper_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS [unittest arguments]
"""

import random
import select
import socket
import struct
import tempfile
import threading

import programs
from programs import LIMIT_S, InteropTest, Server, on_each_backend, ours, run, theirs

LINE_BYTES_MAX = 64 << 10


def receive_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def receive_exactly(connection: socket.socket, length: int) -> bytes:
    received = bytearray()
    while len(received) < length:
        part = connection.recv(length - len(received))
        if not part:
            break
        received += part
    return bytes(received)


def ask(server: Server, request: bytes) -> bytes:
    """Sends everything, ends the stream, and yields the whole answer."""
    with connect(server) as connection:
        sender = threading.Thread(target=send_and_end, args=(connection, request))
        sender.start()
        answer = receive_all(connection)
        sender.join(LIMIT_S)
    return answer


def send_and_end(connection: socket.socket, request: bytes) -> None:
    try:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the server has heard enough


def connect(server: Server) -> socket.socket:
    connection = socket.create_connection((server.host, int(server.port)), timeout=LIMIT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class UpperTest(InteropTest):
    def upper(self, *flags: str, backend: str) -> Server:
        command = ours("weir", "serve", "upper", "--listen", "127.0.0.1:0", *flags)
        return self.start(command, backend)

    def summary(self, server: Server) -> str:
        server.interrupt()
        status, output, errors = server.wait()
        self.assertEqual((status, errors), (0, ""))
        return output

    @on_each_backend
    def test_the_original_client_sees_what_the_original_server_sends(self, backend: str) -> None:
        texts = ("hello", "mixed Case 123", "  space around \t", "straße, ÄÖÜ äöü", "{|}`@[", "")
        original = self.start(theirs("socketserver_upper.py", "127.0.0.1", "0"))
        expected = [
            run(theirs("socketserver_upper_client.py", original.host, original.port, text))
            for text in texts
        ]
        self.assertEqual(expected[0].stdout, "Sent:     hello\nReceived: HELLO\n")
        server = self.upper(backend=backend)

        for text, theirs_saw in zip(texts, expected):
            ours_saw = run(
                theirs("socketserver_upper_client.py", server.host, server.port, text)
            )

            self.assertEqual(ours_saw.stdout, theirs_saw.stdout)
            self.assertEqual(ours_saw.returncode, theirs_saw.returncode)
        self.assertIn("6 connections (0 failed)", self.summary(server))

    @on_each_backend
    def test_a_line_is_answered_however_it_is_cut_and_is_the_last(self, backend: str) -> None:
        server = self.upper(backend=backend)
        for request, expected in {
            b"hello\n": b"HELLO",
            b"hello\r\n": b"HELLO",
            b"\t he llo \x0b\x0c\n": b"HE LLO",
            b"\xe4\xf6a\xff\n": b"\xe4\xf6A\xff",
            b"one\ntwo\n": b"ONE",
            b"\n": b"",
        }.items():
            for cut in range(len(request)):
                with connect(server) as connection:
                    connection.sendall(request[:cut])
                    connection.sendall(request[cut:])

                    self.assertEqual(receive_all(connection), expected, (request, cut))

    @on_each_backend
    def test_the_end_of_the_stream_ends_the_line_too(self, backend: str) -> None:
        server = self.upper(backend=backend)

        self.assertEqual(ask(server, b"hello"), b"HELLO")
        self.assertEqual(ask(server, b""), b"")

    @on_each_backend
    def test_clients_that_are_slow_do_not_hold_up_the_others(self, backend: str) -> None:
        server = self.upper(backend=backend)
        connections = [connect(server) for _ in range(64)]
        for number, connection in enumerate(connections):
            connection.sendall(b"client %d" % number)

        for number, connection in reversed(list(enumerate(connections))):
            connection.sendall(b" ends here\n")

            self.assertEqual(receive_all(connection), b"CLIENT %d ENDS HERE" % number)
            connection.close()

    @on_each_backend
    def test_many_lines_are_answered_each_as_soon_as_it_is_whole(self, backend: str) -> None:
        server = self.upper("--per-connection", "many", backend=backend)
        with connect(server) as connection:
            for line in (b"one\n", b"two\r\n", b"\n", b"a\x00\xff\rb\n", b" three \n"):
                connection.sendall(line)

                self.assertEqual(receive_exactly(connection, len(line)), line.upper())

    @on_each_backend
    def test_many_lines_in_one_go_come_back_in_order_with_the_rest(self, backend: str) -> None:
        generator = random.Random(3)
        letters = bytes(range(256)).replace(b"\n", b"")
        sizes = generator.choices((0, 1, 9, 80, 5000), k=3000)
        lines = [bytes(generator.choices(letters, k=size)) for size in sizes]
        request = b"\n".join(lines) + b"\n" * 20_000 + b"the rest"
        server = self.upper("--per-connection", "many", backend=backend)

        answer = ask(server, request)

        self.assertTrue(answer == request.upper(), "the answer differs")

    @on_each_backend
    def test_a_client_that_does_not_read_is_held_back_and_loses_nothing(self, backend: str) -> None:
        request = (b"a line of some length, no more\n" * 1000 + b"x" * 60_000 + b"\n") * 350
        server = self.upper("--per-connection", "many", backend=backend)
        with connect(server) as connection:
            connection.setblocking(False)
            sent = 0
            while select.select([], [connection], [], 0.3)[1]:
                sent += connection.send(memoryview(request)[sent : sent + (1 << 18)])
            self.assertLess(sent, len(request))

            connection.settimeout(LIMIT_S)
            rest = threading.Thread(target=send_and_end, args=(connection, request[sent:]))
            rest.start()
            answer = receive_all(connection)
            rest.join(LIMIT_S)

        self.assertTrue(answer == request.upper(), "the answer differs")

    @on_each_backend
    def test_a_line_may_be_as_long_as_the_limit_and_no_longer(self, backend: str) -> None:
        longest = b"y" * LINE_BYTES_MAX
        many = self.upper("--per-connection", "many", backend=backend)
        one = self.upper(backend=backend)

        self.assertEqual(ask(many, longest + b"\nz\n"), longest.upper() + b"\nZ\n")
        self.assertEqual(ask(many, b"first\n" + longest + b"y\nlast\n"), b"FIRST\n")
        self.assertEqual(ask(many, b"second\n" + longest * 20), b"SECOND\n")
        self.assertEqual(ask(one, longest + b"\n"), longest.upper())
        self.assertEqual(ask(one, longest + b"y\n"), b"")

        self.assertIn("3 connections (2 failed)", self.summary(many))
        self.assertIn("2 connections (1 failed)", self.summary(one))

    @on_each_backend
    def test_clients_that_reset_within_a_line_harm_nobody_else(self, backend: str) -> None:
        server = self.upper("--per-connection", "many", backend=backend)
        with connect(server) as witness:
            for _ in range(20):
                with connect(server) as rude:
                    rude.sendall(b"whole\nhal")
                    rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                witness.sendall(b"still here\n")

                self.assertEqual(receive_exactly(witness, 11), b"STILL HERE\n")
        self.assertRegex(self.summary(server), r"^weir serve upper: 21 connections \(\d+ failed\)")

    @on_each_backend
    def test_lines_come_through_a_unix_socket_too(self, backend: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/upper.sock"
            command = ours("weir", "serve", "upper", "--listen", f"unix:{path}")
            for flags, expected in (([], b"ONE"), (["--per-connection", "many"], b"ONE\nTWO\n")):
                server = self.start(command + flags, backend)
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.connect(path)
                    send_and_end(connection, b"one\ntwo\n")

                    self.assertEqual(receive_all(connection), expected)
                self.summary(server)

    @on_each_backend
    def test_a_drain_answers_the_lines_that_have_come(self, backend: str) -> None:
        server = self.upper("--per-connection", "many", backend=backend)
        with connect(server) as connection:
            # The bytes are at the server's socket: loopback delivers before send returns.
            connection.sendall(b"whole\nhalf")

            server.interrupt()

            self.assertEqual(receive_all(connection), b"WHOLE\nHALF")
        self.assertEqual(server.wait()[0], 0)


if __name__ == "__main__":
    programs.main(__doc__)
