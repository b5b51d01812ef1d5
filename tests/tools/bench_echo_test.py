#!/usr/bin/env python3
"""tools/dev/bench-echo.sh: the statistics are right, and a run gives what it says.

    bench_echo_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS [unittest arguments]
"""

import json
import math
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(REPOSITORY / "tools/dev"))

from paired_ratio import Ratio, hodges_lehmann, paired_ratio, verdict  # noqa: E402
from raw_server import skip_if_left_out  # noqa: E402

BIN = Path()


def bench_echo(*arguments: str) -> subprocess.CompletedProcess:
    command = [str(REPOSITORY / "tools/dev/bench-echo.sh"), "--bin", str(BIN), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


class PairedRatio(unittest.TestCase):
    def test_hodges_lehmann_is_the_median_of_pairwise_means(self):
        self.assertEqual(hodges_lehmann([1.0]), 1.0)
        self.assertEqual(hodges_lehmann([1.0, 3.0]), 2.0)
        # Walsh averages of 1, 2, 10: 1, 1.5, 2, 5.5, 6, 10.
        self.assertEqual(hodges_lehmann([10.0, 1.0, 2.0]), 3.75)

    def test_drift_common_to_both_cancels(self):
        chance = random.Random(7)
        drift = [math.exp(chance.uniform(-1, 1)) for _ in range(20)]

        ratio = paired_ratio([1.1 * value for value in drift], drift)

        for value in (ratio.estimate, ratio.low, ratio.high):
            self.assertAlmostEqual(value, 1.1)

    def test_the_interval_covers_the_truth_about_as_often_as_it_says(self):
        chance = random.Random(8)
        covered = 0
        for _ in range(60):
            ratio = paired_ratio([math.exp(chance.gauss(0, 0.1)) for _ in range(12)], [1.0] * 12)
            covered += ratio.low <= 1.0 <= ratio.high

        self.assertGreater(covered, 48)

    def test_one_wild_round_moves_little(self):
        ratio = paired_ratio([1.0] * 20 + [50.0], [1.0] * 21)

        self.assertAlmostEqual(ratio.estimate, 1.0)

    def test_turned_around_it_is_the_reciprocal(self):
        a, b = [3.0, 4.0, 5.5, 4.5], [2.0, 2.5, 3.0, 2.8]

        self.assertAlmostEqual(paired_ratio(a, b).estimate * paired_ratio(b, a).estimate, 1.0)

    def test_the_verdict_admits_doubt(self):
        for low, estimate, high, expected in (
            (0.95, 1.00, 1.04, "met"),
            (0.95, 1.04, 1.08, "met, within noise"),
            (1.01, 1.06, 1.08, "missed, within noise"),
            (1.06, 1.08, 1.10, "MISSED"),
        ):
            self.assertEqual(verdict(Ratio(estimate, low, high, 9), 1.05), expected)


class Run(unittest.TestCase):
    def skip_without_io_uring(self, result: subprocess.CompletedProcess) -> None:
        if "io_uring_queue_init_params" in result.stderr:
            self.skipTest(f"no io_uring here: {result.stderr.strip()}")

    def test_measures_the_raw_loops_without_weir(self):
        with tempfile.TemporaryDirectory() as directory:
            out = Path(directory) / "out.json"

            result = bench_echo("--weir", "none", "--quick", "--case=c64$", "--json", str(out))

            self.skip_without_io_uring(result)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("raw_uring / raw_epoll", result.stdout)
            self.assertIn("A/A: raw_uring twice", result.stdout)
            (case,) = json.loads(out.read_text())["cases"]
            self.assertEqual(case["name"], "echo-64B-c64")
            for server in case["servers"]:
                self.assertEqual(len(server["cpu_ns"]), 2)
                self.assertGreater(min(server["rate"]), 0)
                self.assertGreater(server["syscalls"], 0)

    def test_holds_weir_to_the_loop_of_its_backend_and_to_the_better_one(self):
        with tempfile.TemporaryDirectory() as directory:
            weir = Path(directory) / "weir"
            weir.write_text(
                "#!/bin/sh\n"
                'case "$*" in\n'
                f'  "serve echo "*" --backend epoll") exec "{BIN}/raw_epoll" echo ;;\n'
                f'  "serve echo "*" --backend io_uring") exec "{BIN}/raw_uring" echo ;;\n'
                "esac\nexit 2\n"
            )
            weir.chmod(0o755)

            result = bench_echo("--weir", str(weir), "--quick", "--case=64B-c1$")

        self.skip_without_io_uring(result)
        self.assertEqual(result.returncode, 0, result.stderr)
        for line in (
            r"weir_epoll / raw_epoll +\d.*<= 1\.05: ",
            r"weir_uring / raw_uring +\d.*<= 1\.05: ",
            r"weir_uring / better raw \(raw_\w+\) +\d.*<= 1\.05: ",
            r"A/A: weir_uring twice +\d",
        ):
            self.assertRegex(result.stdout, line)

    def test_measures_an_echo_of_frames_beside_both_loops(self):
        with tempfile.TemporaryDirectory() as directory:
            weir = Path(directory) / "weir"
            weir.write_text(
                "#!/bin/sh\n"
                'case "$*" in\n'
                f'  *" --codec len32 --backend "*) exec "{BIN}/raw_epoll" echo --codec len32 ;;\n'
                "esac\nexit 2\n"
            )
            weir.chmod(0o755)
            result = bench_echo("--weir", str(weir), "--quick", "--case=framed")
            alone = bench_echo("--weir", "none", "--quick", "--case=framed")

        self.skip_without_io_uring(result)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(alone.returncode, 0, alone.stderr)
        self.assertRegex(result.stdout, r"weir_epoll / raw_epoll +\d.*<= 1\.05: ")
        self.assertRegex(result.stdout, r"weir_uring / raw_uring +\d.*<= 1\.05: ")
        self.assertRegex(result.stdout, r"A/A: weir_uring twice +\d")
        self.assertRegex(alone.stdout, r"A/A: raw_uring twice +\d")

    def test_counts_the_clients_part_of_a_stream_as_well(self):
        with tempfile.TemporaryDirectory() as directory:
            weir = Path(directory) / "weir"
            weir.write_text(f'#!/bin/sh\nexec "{BIN}/raw_epoll" discard --size 1048576\n')
            weir.chmod(0o755)
            result = bench_echo("--weir", str(weir), "--quick", "--case=discard")

        self.skip_without_io_uring(result)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"client included: weir_uring / raw_\w+ +\d")

    def test_measures_servers_on_other_libraries_when_asked(self):
        skip_if_left_out(BIN / "uv")
        skip_if_left_out(BIN / "evt")
        with tempfile.TemporaryDirectory() as directory:
            weir = Path(directory) / "weir"
            weir.write_text(f'#!/bin/sh\nexec "{BIN}/raw_epoll" echo --codec len32\n')
            weir.chmod(0o755)
            result = bench_echo("--weir", str(weir), "--quick", "--case=framed", "--against=uv,evt")

        self.skip_without_io_uring(result)
        self.assertEqual(result.returncode, 0, result.stderr)
        for peer in ("uv", "evt"):
            self.assertRegex(result.stdout, rf"weir_epoll / {peer} +\d.*<= 1: ")
            self.assertRegex(result.stdout, rf"weir_uring / {peer} +\d.*<= 1: ")
            self.assertRegex(result.stdout, rf"{peer} / raw_uring +\d")
        self.assertNotIn("asio", result.stdout)

    def test_all_peers_are_those_that_were_built(self):
        with tempfile.TemporaryDirectory() as directory:
            folder = Path(directory)
            for program in ("raw_epoll", "raw_uring", "raw_client"):
                (folder / program).symlink_to(BIN / program)
            (folder / "evt").symlink_to(BIN / "raw_epoll")
            (folder / "peers_left_out.txt").write_text("uv libuv1-dev\n")

            result = bench_echo("--bin", directory, "--weir", "none", "--quick",
                                "--case=framed", "--peers")
            named = bench_echo("--bin", directory, "--weir", "none", "--against", "uv")

        self.skip_without_io_uring(result)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"evt / raw_uring +\d")
        self.assertNotRegex(result.stdout, r"\b(uv|asio_\w+)\b")
        reason = "uv was left out of the build; it wants the Debian package libuv1-dev"
        self.assertIn(reason, result.stderr)
        self.assertIn(f"there is no asio_epoll in {directory}", result.stderr)
        self.assertEqual(named.returncode, 2)
        self.assertIn(reason, named.stderr)

    def test_says_what_is_missing(self):
        for arguments, message in (
            (("--weir", "/no/such/weir"), "no weir program at /no/such/weir"),
            (("--weir", "none", "--case", "sing"), "no case matches 'sing'"),
            (("--weir", "none", "--rounds", "0"), "--rounds and --cell-seconds must be positive"),
            (("--weir", "none", "--against", "node"), "no peer 'node'; there are: asio_epoll"),
        ):
            with self.subTest(arguments=arguments):
                result = bench_echo(*arguments)

                self.assertEqual(result.returncode, 2)
                self.assertIn(message, result.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BIN = Path(sys.argv.pop(1)).resolve()
    unittest.main()
