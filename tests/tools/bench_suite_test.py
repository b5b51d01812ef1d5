"""`weir bench`: what it prints and writes.

Usage: bench_suite_test.py WEIR
"""

import json
import sys
import tempfile
import unittest
from pathlib import Path

import program
from program import BAD_USAGE, DONE, weir

UNTRUSTED = 6  # the host is too busy for the study: that is no failure of the program


class NagleSuite(unittest.TestCase):
    def test_shows_the_stall_and_what_ends_it(self):
        with tempfile.TemporaryDirectory() as directory:
            run = weir("bench", "nagle", "--only", r"^N(1|14) .*loopback$", "-o", directory)

            self.assertIn(run.returncode, (DONE, UNTRUSTED), run.stderr)
            result = json.loads((Path(directory) / "nagle.json").read_text())
            page = (Path(directory) / "nagle.md").read_text()
        cells = {(cell["scenario"], cell["mode"], cell["acks"]): cell for cell in result["cells"]}
        nagle = cells["N1", "nagle", "delayed"]
        self.assertEqual(len(nagle["rounds"]), 3)
        for one in nagle["rounds"]:
            self.assertGreater(one["stalls"], 0.5)
            self.assertGreater(one["segments_per_message"], 1.9)
        for one in cells["N1", "gather", "delayed"]["rounds"]:
            self.assertLess(one["segments_per_message"], 1.5)
        self.assertEqual((result["format"], result["suite"]), ("weir-bench", "nagle"))
        self.assertIn("weir bench nagle", result["command"])
        for finding in result["findings"]:
            self.assertIn(finding["sentence"], page)
            self.assertIn(finding["sentence"], run.stdout)

    def test_refuses_what_it_cannot_do(self):
        for arguments, words in (
            (("nagel",), 'no suite "nagel"'),
            ((), "no suite"),
            (("nagle", "--only", "no such cell"), "--only selects no cell"),
        ):
            with self.subTest(arguments=arguments):
                run = weir("bench", *arguments)

                self.assertEqual(run.returncode, BAD_USAGE)
                self.assertIn(words, run.stderr)


if __name__ == "__main__":
    program.WEIR = sys.argv.pop(1)
    unittest.main()
