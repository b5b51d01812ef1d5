#!/usr/bin/env python3
"""The jobs of `weir load` on servers whose limits are known.

    load_jobs_test.py PATH_OF_WEIR [unittest arguments]

`weir serve work --service-time fixed:200us` is one worker that can do 5000 a second: an M/D/1
queue, whose p99 passes 5 ms at 90 % of that, about.
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
LIMIT_S = 300  # no wait is longer; a search takes about 30 s
DONE, BAD_USAGE, NOTHING_SUCCEEDED, SLO_FAILED, UNTRUSTED, SLOWER = 0, 2, 3, 4, 6, 7


class Server:
    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [WEIR, "serve", *arguments, "--listen", "127.0.0.1:0"],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        if not line.startswith("READY "):
            raise AssertionError(f"{arguments}: {line!r} {self.process.communicate()[1]!r}")
        self.target = "tcp://" + line.removeprefix("READY ").strip()

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=LIMIT_S)


class JobTest(unittest.TestCase):
    def serve(self, *arguments: str) -> str:
        server = Server(*arguments)
        self.addCleanup(server.end)
        return server.target

    def job(self, *arguments: str, exit_codes=(DONE,)) -> subprocess.CompletedProcess:
        run = subprocess.run(
            [WEIR, "load", *arguments],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        self.assertIn(run.returncode, exit_codes, run.stdout + run.stderr)
        return run

    def folder(self) -> Path:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return Path(folder.name)


class FindMaxTest(JobTest):
    def test_finds_the_limit_of_one_worker(self) -> None:
        target = self.serve("work", "--service-time", "fixed:200us")
        path = self.folder() / "max.json"

        run = self.job(
            *("find-max", target, "--slo", "p99<5ms", "--range", "500..20k"),
            *("-d", "300ms", "-c", "64", "-o", str(path)),
            exit_codes=(DONE, UNTRUSTED),
        )
        result = json.loads(path.read_text())
        self.assertEqual(run.returncode, result["exit_code"])

        self.assertEqual(result["schema"], "weir.load.find-max/1")
        # Nothing can raise the worker's limit. Others who want the processors lower it, but that
        # is said: the limit is then not the server's.
        self.assertLess(result["lower"] or 0, 5000, run.stdout + run.stderr)
        if not result["is_generator_limit"]:
            self.assertGreater(result["lower"], 2500, run.stdout + run.stderr)
            self.assertGreaterEqual(len(result["trials"]), 4)
        self.assertEqual(result["config"]["target"], target)
        self.assertIn("MAX", run.stdout)
        self.assertIn("takes about", run.stderr)

    def test_a_server_that_is_not_there_ends_it(self) -> None:
        run = self.job(
            *("find-max", "tcp://127.0.0.1:1", "--slo", "p99<5ms", "-d", "1s"),
            exit_codes=(NOTHING_SUCCEEDED,),
        )

        self.assertIn("refused", run.stdout)


class SweepTest(JobTest):
    def test_each_rate_has_a_row_until_two_are_too_much(self) -> None:
        target = self.serve("work", "--service-time", "fixed:1ms")
        folder = self.folder()

        run = self.job(
            *("sweep", target, "--rates", "5k,100,300,2k,8k", "-d", "500ms", "-c", "16"),
            *("-o", str(folder / "s.json"), "--csv", str(folder / "s.csv")),
            *("--html", str(folder / "s.html"), "--timeout", "10s"),
        )
        runs = json.loads((folder / "s.json").read_text())
        csv = (folder / "s.csv").read_text().splitlines()

        self.assertEqual([one["config"]["rate"] for one in runs], [100, 300, 2000, 5000])
        self.assertTrue(all(one["schema"] == "weir.load/1" for one in runs))
        self.assertEqual(len(csv), 5)
        self.assertIn("8 000/s was not tried", " ".join(run.stdout.split()))
        self.assertIn("<svg", (folder / "s.html").read_text())

        again = self.job("report", str(folder / "s.json"))
        self.assertEqual(again.stdout.splitlines()[0], run.stdout.splitlines()[0])


class CompareTest(JobTest):
    def test_a_server_and_itself_take_part_in_every_round(self) -> None:
        """What the verdict is depends on the machine; that it is one, and its code, does not."""
        target = self.serve("echo")
        path = self.folder() / "c.json"

        self.job(
            *("compare", target, target, "--rate", "2k", "--rounds", "6", "-d", "150ms"),
            *("-o", str(path)),
            exit_codes=(DONE, UNTRUSTED, SLOWER),
        )
        result = json.loads(path.read_text())

        self.assertEqual((result["end"], result["rounds"], result["cells"]), ("complete", 6, 18))
        names = [metric["metric"] for metric in result["metrics"]]
        self.assertEqual(names[:3], ["p50", "p99", "rate"])
        for metric in result["metrics"]:
            self.assertEqual(len(metric["rounds"]), 6)
            self.assertGreater(metric["ratio"]["estimate"], 0.2)
            self.assertLess(metric["ratio"]["estimate"], 5)

    def test_datagrams_are_compared_too(self) -> None:
        target = self.serve("udp-echo").replace("tcp://", "udp://")

        run = self.job(
            *("compare", target, target, "--rate", "1k", "--rounds", "3", "-d", "150ms"),
            exit_codes=(DONE, UNTRUSTED, SLOWER),
        )

        self.assertRegex(run.stdout, r"(?m)^  p99 +\d")
        self.assertRegex(run.stdout, r"(?m)^  rate +\d")

    def test_a_server_that_takes_ten_times_as_long_is_slower(self) -> None:
        fast = self.serve("work", "--service-time", "fixed:100us")
        slow = self.serve("work", "--service-time", "fixed:10ms")

        run = self.job(
            *("compare", fast, slow, "--closed", "-c", "1", "--rounds", "6", "-d", "200ms"),
            exit_codes=(DONE, UNTRUSTED, SLOWER),
        )

        # Where A and A differ by more than 5 % nothing is said about B.
        self.assertRegex(run.stdout, "B is slower|unstable")
        if run.returncode != UNTRUSTED:
            self.assertEqual(run.returncode == SLOWER, "B is slower" in run.stdout)


class ReportTest(JobTest):
    def a_run(self) -> tuple[str, str, Path]:
        """What it printed, the file with its JSON, and the folder of that."""
        folder = self.folder()
        path = str(folder / "r.json")
        run = self.job(self.serve("echo"), "--rate", "500", "-d", "300ms", "-o", path)
        return run.stdout, path, folder

    def test_prints_again_what_a_run_printed(self) -> None:
        printed, path, folder = self.a_run()

        again = self.job("report", path, "--html", str(folder / "r.html"))

        self.assertEqual(again.stdout, printed)
        self.assertIn("<svg", (folder / "r.html").read_text())

    def test_holds_a_run_against_other_goals(self) -> None:
        _, path, folder = self.a_run()

        kept = self.job("report", path, "--slo", "p50<1h,err<1%")
        missed = self.job(
            *("report", path, "--slo", "p50<1ns", "-o", str(folder / "again.json")),
            exit_codes=(SLO_FAILED,),
        )
        again = json.loads((folder / "again.json").read_text())

        self.assertRegex(kept.stdout, r"SLO +pass +p50<1h")
        self.assertRegex(missed.stdout, r"SLO +FAIL +p50<1ns")
        self.assertEqual([one["expr"] for one in again["slo"]], ["p50<1ns"])
        # To be strict is asked for again; the run's own word does not change.
        report = json.loads(Path(path).read_text())
        untrusted = report["verdict"] == "untrusted"
        self.job("report", path, "--strict", exit_codes=(UNTRUSTED if untrusted else DONE,))
        report["trust"] = [dict(check, ok=False, weight="veto") for check in report["trust"]]
        Path(path).write_text(json.dumps(report))
        self.job("report", path)
        self.job("report", path, "--strict", exit_codes=(UNTRUSTED,))
        self.job(
            "report", path, path, "--slo", "p50<1ns", "--strict", exit_codes=(UNTRUSTED,)
        )
        self.job(
            *("report", path, "--slo", "p50<1ns", "--allow-untrusted"), exit_codes=(SLO_FAILED,)
        )

    def test_refuses_what_only_a_run_can_have(self) -> None:
        for flags in (["--rate", "5k"], ["--closed"], ["-c", "8"], ["--hlog", "x"]):
            with self.subTest(flags=flags):
                run = self.job("report", "r.json", *flags, exit_codes=(BAD_USAGE,))

                self.assertIn("report runs nothing", run.stderr)
                self.assertIn("--slo", run.stderr)

    def test_says_what_is_wrong_with_a_file(self) -> None:
        for text in ("", "[]", "{", "7", "[1]"):
            with self.subTest(text=text):
                path = self.folder() / "bad.json"
                path.write_text(text)

                run = self.job("report", str(path), exit_codes=(1,))

                self.assertIn("bad.json is no report", run.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    WEIR = sys.argv.pop(1)
    unittest.main()
