#!/usr/bin/env python3
"""examples/tcp_basic and the tutorial's programs of that name take each other's place.

    tcp_basic_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS [unittest arguments]
"""

import socket
import threading

import programs
from programs import LIMIT_S, InteropTest, on_each_backend, ours, run, theirs


class TcpBasicTest(InteropTest):
    @on_each_backend
    def test_the_original_client_at_our_server(self, backend: str) -> None:
        server = self.start(ours("weir_tcp_basic_server", "127.0.0.1:0"), backend)

        client = run(theirs("tcp_basic_client.py", server.host, server.port))

        self.assertEqual((client.returncode, client.stdout), (0, "b'hi'\n"))
        self.assertEqual(server.wait(), (0, "received 6 bytes: hello!\n", ""))

    @on_each_backend
    def test_our_client_at_the_original_server(self, backend: str) -> None:
        server = self.start(theirs("tcp_basic_server.py", "127.0.0.1", "0"))

        client = run(ours("weir_tcp_basic_client", server.address), backend)

        self.assertEqual((client.returncode, client.stdout, client.stderr), (0, "hi\n", ""))
        self.assertEqual(server.wait(), (0, "b'hello!'\n", ""))

    @on_each_backend
    def test_our_client_at_our_server(self, backend: str) -> None:
        server = self.start(ours("weir_tcp_basic_server", "127.0.0.1:0"), backend)

        client = run(ours("weir_tcp_basic_client", server.address, "good day"), backend)

        self.assertEqual((client.returncode, client.stdout, client.stderr), (0, "hi\n", ""))
        self.assertEqual(server.wait(), (0, "received 8 bytes: good day\n", ""))

    @on_each_backend
    def test_our_client_at_the_original_upper_server(self, backend: str) -> None:
        server = self.start(theirs("socketserver_upper.py", "127.0.0.1", "0"))

        client = run(ours("weir_tcp_basic_client", server.address, "hello\n"), backend)

        self.assertEqual((client.returncode, client.stdout, client.stderr), (0, "HELLO\n", ""))

    @on_each_backend
    def test_an_answer_that_comes_in_pieces_is_printed_whole(self, backend: str) -> None:
        def answer(listener: socket.socket) -> None:
            connection, _ = listener.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.recv(1024)
                for letter in b"in pieces" * 500:
                    connection.sendall(bytes([letter]))

        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = threading.Thread(target=answer, args=(listener,))
            server.start()
            address = f"127.0.0.1:{listener.getsockname()[1]}"

            client = run(ours("weir_tcp_basic_client", address), backend)

            server.join(LIMIT_S)
        self.assertEqual((client.returncode, client.stdout), (0, "in pieces" * 500 + "\n"))

    def test_what_goes_wrong_is_said(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            taken = f"127.0.0.1:{listener.getsockname()[1]}"
            server = run(ours("weir_tcp_basic_server", taken))
        refused = run(ours("weir_tcp_basic_client", taken))
        nowhere = run(ours("weir_tcp_basic_client", "127.0.0.1"))

        self.assertEqual((server.returncode, server.stdout), (1, ""))
        self.assertIn("in use", server.stderr)
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("refused", refused.stderr)
        self.assertEqual((nowhere.returncode, nowhere.stdout), (2, ""))
        self.assertIn("has no port", nowhere.stderr)


if __name__ == "__main__":
    programs.main(__doc__)
