#!/usr/bin/env python3
"""`weir load selftest` on real servers: what it prints, writes and returns says the same.

    load_selftest_test.py PATH_OF_WEIR [unittest arguments]

A busy machine may keep it from passing. What no machine explains is asserted: nothing was measured
that is below what it has to be, and what needs no server passed.
"""

import json
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from program import environment

WEIR = ""
LIMIT_S = 300
DONE, BAD_USAGE, UNTRUSTED, INTERRUPTED = 0, 2, 6, 130
WORDS = {"passed": "PASS", "failed": "FAIL", "inconclusive": "INCONCLUSIVE", "information": ""}


def selftest(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [WEIR, "load", "selftest", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


class SelftestTest(unittest.TestCase):
    def folder(self) -> Path:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return Path(folder.name)

    def test_table_json_and_exit_code_say_the_same(self) -> None:
        path = self.folder() / "s.json"

        run = selftest("--strict", "-o", str(path))
        self.assertIn(run.returncode, (DONE, UNTRUSTED), run.stdout + run.stderr)
        result = json.loads(path.read_text())

        self.assertEqual(result["schema"], "weir.load.selftest/1")
        self.assertEqual(result["exit_code"], run.returncode)
        self.assertEqual(result["verdict"] == "passed", run.returncode == DONE)
        self.assertLess(max(len(line) for line in run.stdout.splitlines()), 81)
        proofs = result["proofs"]
        self.assertEqual(len(proofs), 23, run.stdout)
        for proof in proofs:
            word = WORDS[proof["outcome"]]
            self.assertRegex(run.stdout, rf"(?m)^ +{word} +{proof['name']} ")
            self.assertEqual(proof["ok"], proof["outcome"] in ("passed", "information"))
            # Nothing makes an answer come before its time.
            if proof["low"] is not None:
                self.assertGreaterEqual(proof["value"], proof["low"], proof)
            if proof["name"] in ("mean gap", "due at other times", "counters that differ"):
                self.assertEqual(proof["outcome"], "passed", proof)
        self.assertIn("this machine can generate about", run.stdout)

    def test_an_interrupt_ends_it_and_its_server(self) -> None:
        run = subprocess.Popen(
            [WEIR, "load", "selftest"],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(run.kill)
        while "a server that hangs" not in run.stderr.readline():
            pass

        run.send_signal(signal.SIGINT)
        # The pipes end only when the server, which inherited one, has ended too.
        output, _ = run.communicate(timeout=60)

        self.assertEqual(run.returncode, INTERRUPTED)
        self.assertIn("INTERRUPTED", output)

    def test_it_has_loads_of_its_own(self) -> None:
        for flag in ("--rate=5", "--closed", "--html=x", "tcp://127.0.0.1:9"):
            run = selftest(flag)

            self.assertEqual(run.returncode, BAD_USAGE, flag)
            self.assertIn("selftest has", run.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    WEIR = sys.argv.pop(1)
    unittest.main()
