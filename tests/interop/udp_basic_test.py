#!/usr/bin/env python3
"""examples/udp_basic and the tutorial's programs of that name take each other's place.

    udp_basic_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS [unittest arguments]
"""

import socket
import threading

import programs
from programs import LIMIT_S, InteropTest, on_each_backend, ours, run, theirs


class UdpBasicTest(InteropTest):
    @on_each_backend
    def test_the_original_client_at_our_server(self, backend: str) -> None:
        server = self.start(ours("weir_udp_basic_server", "127.0.0.1:0"), backend)

        client = run(theirs("udp_basic_client.py", server.host, server.port))

        said = f"hi ('127.0.0.1', {server.port})\n"
        self.assertEqual((client.returncode, client.stdout), (0, said))
        self.assertEqual(server.wait(), (0, "received 5 bytes: hello\n", ""))

    @on_each_backend
    def test_a_datagram_that_the_original_cuts_comes_whole(self, backend: str) -> None:
        for size in (0, 1024, 3000, 65507):
            with self.subTest(size=size):
                server = self.start(ours("weir_udp_basic_server", "127.0.0.1:0"), backend)
                text = ("--size", str(size))

                client = run(theirs("udp_basic_client.py", server.host, server.port, *text))

                self.assertEqual(client.returncode, 0)
                said = f"received {size} bytes: {'x' * size}\n"
                self.assertEqual(server.wait(), (0, said, ""))

    @on_each_backend
    def test_our_client_at_the_original_server(self, backend: str) -> None:
        server = self.start(theirs("udp_basic_server.py", "127.0.0.1", "0"))

        client = run(ours("weir_udp_basic_client", server.address), backend)

        said = f"hi from {server.address}\n"
        self.assertEqual((client.returncode, client.stdout, client.stderr), (0, said, ""))
        self.assertEqual(server.wait(), (0, "b'hello'\n", ""))

    @on_each_backend
    def test_our_client_at_our_server(self, backend: str) -> None:
        server = self.start(ours("weir_udp_basic_server", "127.0.0.1:0"), backend)

        client = run(ours("weir_udp_basic_client", server.address, "good day"), backend)

        said = f"hi from {server.address}\n"
        self.assertEqual((client.returncode, client.stdout, client.stderr), (0, said, ""))
        self.assertEqual(server.wait(), (0, "received 8 bytes: good day\n", ""))

    @on_each_backend
    def test_a_lost_datagram_is_sent_again(self, backend: str) -> None:
        def lose_one_and_answer(server: socket.socket) -> None:
            server.recvfrom(1024)
            message, peer = server.recvfrom(1024)
            server.sendto(message.upper(), peer)

        with socket.socket(type=socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            server.settimeout(LIMIT_S)
            answering = threading.Thread(target=lose_one_and_answer, args=(server,))
            answering.start()
            address = f"127.0.0.1:{server.getsockname()[1]}"

            client = run(ours("weir_udp_basic_client", address), backend)

            answering.join(LIMIT_S)
        said = f"HELLO from {address}\n"
        self.assertEqual((client.returncode, client.stdout, client.stderr), (0, said, ""))

    @on_each_backend
    def test_a_silent_or_absent_server_is_given_up(self, backend: str) -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as deaf:
            deaf.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{deaf.getsockname()[1]}"

            silent = run(ours("weir_udp_basic_client", address), backend)
            asked = [deaf.recv(1024) for _ in range(3)]
        absent = run(ours("weir_udp_basic_client", address), backend)

        self.assertEqual((silent.returncode, silent.stdout), (1, ""))
        self.assertIn("deadline", silent.stderr)
        self.assertEqual(asked, [b"hello"] * 3)
        self.assertEqual((absent.returncode, absent.stdout), (1, ""))
        self.assertIn("refused", absent.stderr)


if __name__ == "__main__":
    programs.main(__doc__)
