#!/usr/bin/env python3
"""`weir serve upper --udp` is what Python's socketserver is to a client of UDP, and the tutorial's
UDP client and ours can talk to both.

    upper_udp_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS [unittest arguments]
"""

import random
import socket
import socketserver
import threading

import programs
from programs import LIMIT_S, InteropTest, Server, on_each_backend, ours, run, theirs


class UpperHandler(socketserver.BaseRequestHandler):
    """What the tutorial's socketserver does with a line, done with a datagram."""

    def handle(self) -> None:
        datagram, answering = self.request
        answering.sendto(datagram.upper(), self.client_address)


class BigUdpServer(socketserver.ThreadingUDPServer):
    max_packet_size = 1 << 16  # socketserver cuts datagrams at 8 KiB


class UpperUdpTest(InteropTest):
    def upper(self, backend: str) -> Server:
        command = ours("weir", "serve", "upper", "--udp", "--listen", "127.0.0.1:0")
        return self.start(command, backend)

    def original(self) -> tuple[str, int]:
        server = BigUdpServer(("127.0.0.1", 0), UpperHandler)
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        self.addCleanup(serving.join, LIMIT_S)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address

    def answers(self, address: tuple[str, int], texts: list[bytes]) -> list[bytes]:
        answers = []
        with socket.socket(type=socket.SOCK_DGRAM) as client:
            client.settimeout(LIMIT_S)
            client.connect(address)
            for text in texts:
                client.send(text)
                answers.append(client.recv(1 << 16))
        return answers

    @on_each_backend
    def test_the_same_bytes_come_back_as_from_socketserver(self, backend: str) -> None:
        generator = random.Random(4)
        texts = [b"", b"hello\n", " straße ÄÖÜ äöü\r\n".encode(), bytes(range(256))]
        texts += [generator.randbytes(size) for size in (1, 1000, 1472, 9000, 65507)]
        original = self.original()
        server = self.upper(backend)

        answers = self.answers((server.host, int(server.port)), texts)

        self.assertEqual(answers, self.answers(original, texts))

    @on_each_backend
    def test_the_original_client_at_our_server(self, backend: str) -> None:
        server = self.upper(backend)

        client = run(theirs("udp_basic_client.py", server.host, server.port))

        # It exits with 3 where the answer is not the "hi" of the tutorial's own server.
        said = f"HELLO ('127.0.0.1', {server.port})\n"
        self.assertEqual((client.returncode, client.stdout), (3, said))

    @on_each_backend
    def test_our_client_at_either_server(self, backend: str) -> None:
        host, port = self.original()
        for address in (f"{host}:{port}", self.upper(backend).address):
            client = run(ours("weir_udp_basic_client", address, "Good day"), backend)

            said = f"GOOD DAY from {address}\n"
            self.assertEqual((client.returncode, client.stdout, client.stderr), (0, said, ""))


if __name__ == "__main__":
    programs.main(__doc__)
