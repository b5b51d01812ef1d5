#!/usr/bin/env python3
"""An .hlog of ours, read by the HistogramLogProcessor of HdrHistogram, has identical percentiles.

    hlog_java_test.py PATH_OF_WEIR_STATS_PROBE [unittest arguments]

The reader is in the packages libhdrhistogram-java and default-jre-headless. Without it the test
is skipped: exit code 77.
"""

import csv
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROBE = ""
JAR = Path("/usr/share/java/hdrhistogram.jar")
LIMIT_S = 60  # no wait is longer
SKIPPED = 77
COLUMNS = ("50%", "90%", "99%", "99.9%", "99.99%", "Max")


class HlogJavaTest(unittest.TestCase):
    def setUp(self) -> None:
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.log = self.directory / "probe.hlog"

    def write_log(self, seed: int) -> dict[str, list[int]]:
        """Our percentiles and the count, by tag."""
        probe = subprocess.run(
            [PROBE, "hlog", str(self.log), str(seed)],
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=True,
        )
        rows = [line.split() for line in probe.stdout.splitlines()]
        return {tag: [int(number) for number in numbers] for tag, *numbers in rows}

    def java(self, *arguments: str) -> subprocess.CompletedProcess:
        command = ["java", "-cp", str(JAR), "org.HdrHistogram.HistogramLogProcessor"]
        run = subprocess.run(
            [*command, "-i", str(self.log), *arguments],
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=True,
        )
        # It prints a stack trace and exits with 0 when it cannot read the log.
        self.assertEqual(run.stderr, "")
        return run

    def read_intervals(self, tag: str) -> list[dict[str, str]]:
        """A row an interval, in ns; each also with the totals up to its end."""
        output = self.directory / tag
        self.java("-tag", tag, "-outputValueUnitRatio", "1", "-csv", "-o", str(output))
        with output.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(line for line in lines if not line.startswith("#")))

    def test_percentiles_are_identical(self) -> None:
        for seed in (7, random.randrange(2**32)):
            with self.subTest(seed=seed):
                ours = self.write_log(seed)

                for tag in ("response", "service"):
                    rows = self.read_intervals(tag)
                    total = rows[-1]
                    theirs = [float(total[f"Total_{column}"]) for column in COLUMNS]
                    self.assertEqual([*theirs, int(total["Total_Count"])], ours[tag])
                    ends_s = [float(row["Timestamp"]) for row in rows]
                    self.assertEqual(ends_s, [float(second) for second in range(1, 11)])

    def test_tags_are_listed(self) -> None:
        self.write_log(1)

        listed = self.java("-listtags").stdout.split()

        self.assertEqual(listed[-2:], ["response", "service"])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROBE = str(Path(sys.argv.pop(1)).resolve())
    if not shutil.which("java") or not JAR.exists():
        print(f"skipped: java or {JAR} is missing: see tools/packages.txt")
        sys.exit(SKIPPED)
    unittest.main()
