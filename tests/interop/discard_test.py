#!/usr/bin/env python3
"""`weir serve discard` takes every byte that the tutorial's sender sends it.

    discard_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS [unittest arguments]
"""

import programs
from programs import InteropTest, on_each_backend, ours, run, theirs


class DiscardTest(InteropTest):
    @on_each_backend
    def test_every_byte_of_many_small_messages_arrives(self, backend: str) -> None:
        discard = ours("weir", "serve", "discard", "--listen", "127.0.0.1:0")
        server = self.start(discard, backend)

        messages = ("--count", "3000", "--size", "7", "--nodelay")
        sender = run(theirs("sticky_client.py", server.host, server.port, *messages))
        server.interrupt()
        status, output, errors = server.wait()

        self.assertEqual((sender.returncode, status, errors), (0, 0, ""))
        self.assertIn("bytes=21000", sender.stdout)
        self.assertIn("1 connections (0 failed), 21000 bytes in, 0 bytes out", output)
        self.assertIn(f"backend {backend}\n", output)


if __name__ == "__main__":
    programs.main(__doc__)
