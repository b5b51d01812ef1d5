#!/usr/bin/env python3
"""examples/send_all loses nothing at a slow reader, its own or the tutorial's, and stops in time.

    send_all_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS [unittest arguments]
"""

import re

import programs
from programs import InteropTest, on_each_backend, ours, run, theirs

TOTAL_BYTES = 32 << 20
PIECE_BYTES = 64 << 10
SENT = re.compile(
    r"queue\(\) took (?P<taken>\d+) bytes while the peer read none, and refused more:\n"
    r"  (?P<kernel>\d+) were with the kernel, (?P<queued>\d+) in the out-queue; "
    r"its high-water mark is (?P<high_water>\d+)\n"
    r"queue\(\) took all (?P<all_queued>\d+) bytes with (?P<stops>\d+) stops, "
    r"each until (?P<low_water>\d+) were left;\n"
    r"  there were never more than (?P<most>\d+) in the out-queue\n"
    r"write\(\) of (?P<write>\d+) bytes returned when the kernel had taken (?P<written>\d+)\n"
)


class SendAllTest(InteropTest):
    @on_each_backend
    def test_a_slow_reader_stops_the_writer_and_gets_everything(self, backend: str) -> None:
        sender = run(ours("weir_send_all"), backend)

        self.assertEqual((sender.returncode, sender.stderr), (0, ""))
        match = SENT.match(sender.stdout)
        self.assertIsNotNone(match, sender.stdout)
        found = {name: int(number) for name, number in match.groupdict().items()}
        self.assertEqual(
            sender.stdout[match.end() :],
            f"the reader got {TOTAL_BYTES} bytes, each the one that was sent there\n",
        )
        self.assertEqual(found["taken"], found["kernel"] + found["queued"])
        self.assertLess(found["taken"], found["all_queued"])
        self.assertGreaterEqual(found["stops"], 1)
        self.assertGreaterEqual(found["queued"], found["high_water"])
        self.assertGreaterEqual(found["most"], found["high_water"])
        self.assertLess(found["most"], found["high_water"] + PIECE_BYTES)
        self.assertEqual(found["write"], found["written"])
        self.assertEqual(found["all_queued"] + found["written"], TOTAL_BYTES)

    @on_each_backend
    def test_the_original_reader_gets_everything(self, backend: str) -> None:
        slowly = ("--delay", "0.3", "--recv-size", "30000")
        reader = self.start(theirs("sticky_server.py", "127.0.0.1", "0", *slowly))

        sender = run(ours("weir_send_all", reader.address), backend)

        self.assertEqual((sender.returncode, sender.stderr), (0, ""))
        self.assertIn("bytes returned when the kernel had taken 8388608\n", sender.stdout)
        status, output, errors = reader.wait()
        self.assertEqual((status, errors), (0, ""))
        self.assertIn(f" bytes={TOTAL_BYTES} ", output)

    def test_what_goes_wrong_is_said(self) -> None:
        nobody = run(ours("weir_send_all", "127.0.0.1:1"))
        nowhere = run(ours("weir_send_all", "127.0.0.1"))

        self.assertEqual((nobody.returncode, nobody.stdout), (1, ""))
        self.assertIn("refused", nobody.stderr)
        self.assertEqual((nowhere.returncode, nowhere.stdout), (2, ""))


if __name__ == "__main__":
    programs.main(__doc__)
