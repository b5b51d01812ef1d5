#!/usr/bin/env python3
"""tools/dev/gates.sh: what is worse fails, what is better is told, what is missing is named."""

import contextlib
import io
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tools/dev"))

import gates  # noqa: E402
from callgrind_costs import last_costs, own_cost  # noqa: E402
from gates import COPIES, INSTRUCTIONS, KERNELS, Measured, compare, judge  # noqa: E402

LIMIT_S = 60

ECHO = {"system calls/request": 2.0, "allocations/request": 0.0, COPIES: 0.0}


def measured(**changes) -> Measured:
    values = {
        "io_uring": {"echo": dict(ECHO)},
        "epoll": {"echo": dict(ECHO)},
        KERNELS: {"encode": {INSTRUCTIONS: 100.0}},
    }
    return Measured(build="GNU 12", features=["multishot"], values=values, **changes)


BASELINE = measured().to_baseline()


def verdicts(now: Measured, baseline: dict = BASELINE) -> dict:
    """Of all that is not as before."""
    return {
        (row.subject, row.gate, row.metric): row.verdict
        for row in compare(now, baseline)
        if row.verdict != "same"
    }


def conclusion(now: Measured) -> tuple[int, str]:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        status = gates.conclude(compare(now, BASELINE), now)
    return status, out.getvalue()


class Judgement(unittest.TestCase):
    def test_counts_are_exact_and_instructions_within_one_per_cent(self):
        for metric, expected, found, verdict in (
            ("system calls/request", 2.0, 2.0, "same"),
            ("system calls/request", 2.0, 2.003906, "WORSE"),
            ("system calls/request", 0.0625, 0.066406, "WORSE"),
            ("allocations/request", 0.0, 0.003906, "WORSE"),
            ("system calls/request", 2.0, 1.99, "same"),
            ("system calls/request", 2.0, 1.97, "better"),
            (INSTRUCTIONS, 100.0, 101.0, "same"),
            (INSTRUCTIONS, 100.0, 101.1, "WORSE"),
            (INSTRUCTIONS, 100.0, 98.9, "better"),
            (INSTRUCTIONS, 100.0, None, "MISSING"),
            (INSTRUCTIONS, None, 100.0, "NEW"),
        ):
            with self.subTest(metric=metric, expected=expected, found=found):
                self.assertEqual(judge(metric, expected, found), verdict)


class Comparing(unittest.TestCase):
    def test_the_baseline_is_the_same_as_itself(self):
        self.assertEqual(verdicts(measured()), {})
        self.assertEqual(conclusion(measured())[0], 0)

    def test_one_count_that_is_worse_fails_and_names_itself(self):
        now = measured()
        now.values["epoll"]["echo"]["system calls/request"] = 3.0

        status, text = conclusion(now)

        self.assertEqual(status, 1)
        self.assertIn("WORSE: epoll, echo: system calls/request 2 -> 3", text)
        self.assertIn("tools/dev/gates.sh --update", text)

    def test_what_is_better_passes_and_asks_for_a_tighter_baseline(self):
        now = measured()
        now.values[KERNELS]["encode"][INSTRUCTIONS] = 90.0

        status, text = conclusion(now)

        self.assertEqual(status, 0)
        self.assertIn("1 better than the baseline", text)

    def test_better_here_does_not_make_up_for_worse_there(self):
        now = measured()
        now.values["epoll"]["echo"]["system calls/request"] = 1.0
        now.values["io_uring"]["echo"]["system calls/request"] = 3.0

        self.assertEqual(conclusion(now)[0], 1)

    def test_a_gate_that_is_gone_and_one_that_is_new_both_fail(self):
        for change, verdict in (
            (lambda gates: gates.pop("echo"), "MISSING"),
            (lambda gates: gates.update(other={"allocations/request": 0.0}), "NEW"),
        ):
            with self.subTest(verdict=verdict):
                now = measured()
                change(now.values["epoll"])

                self.assertEqual(set(verdicts(now).values()), {verdict})
                self.assertEqual(conclusion(now)[0], 1)

    def test_what_this_machine_lacks_is_said_and_not_compared(self):
        now = measured(left_out={"io_uring": "forbidden here"})
        del now.values["io_uring"]

        status, text = conclusion(now)

        self.assertEqual(status, 0)
        self.assertRegex(text, r"(?m)^not tested on .*io_uring: forbidden here$")

    def test_if_all_is_left_out_the_test_is_skipped(self):
        now = Measured(left_out={name: "-" for name in ("io_uring", "epoll", KERNELS)})

        status, text = conclusion(now)

        self.assertEqual(status, gates.SKIPPED)
        self.assertRegex(text, r"(?m)^skipped: ")


class Incomparable(unittest.TestCase):
    def test_another_kernel_leaves_io_uring_out_and_says_by_what_it_differs(self):
        now = measured()
        now.features = ["instant send"]

        gates.leave_out_incomparable(now, BASELINE)

        self.assertIn("instant send, multishot", now.left_out["io_uring"])
        self.assertEqual({row.subject for row in compare(now, BASELINE)}, {"epoll", KERNELS})

    def test_another_compiler_leaves_out_what_it_decides(self):
        now = measured()
        now.build = "Clang 19"

        gates.count_instructions(Path("unused"), now, BASELINE["build"])
        gates.leave_out_incomparable(now, BASELINE)

        self.assertEqual(now.left_out.keys(), {KERNELS, COPIES})
        self.assertIn("Clang 19", now.left_out[KERNELS])
        self.assertNotIn(COPIES, {row.metric for row in compare(now, BASELINE)})


class Callgrind(unittest.TestCase):
    DUMP = (
        "version: 1\ndesc: Trigger: Client Request: line\nevents: Ir\n"
        "ob=(1) /bin/kernels\nfl=(1) a.cpp\nfn=(1) run_line\n16 5\n+2 7\n"
        "cob=(2) /lib/libc.so.6\ncfn=(2) memchr\ncalls=3 0\n+1 900\n"
        "fi=(3) b.h\n* 11\n"
        "ob=(2)\nfl=(4)\nfn=(2)\n0 900\n"
        "ob=(1)\nfn=(3) helper\n4 2\ntotals: 925\n"
    )

    def test_only_the_programs_own_instructions_count(self):
        self.assertEqual(own_cost(self.DUMP, "kernels"), 5 + 7 + 11 + 2)
        self.assertEqual(own_cost(self.DUMP, "libc.so.6"), 900)

    def test_the_last_pass_of_a_kernel_counts(self):
        with tempfile.TemporaryDirectory() as directory:
            for number, more in ((2, 6), (10, 5)):
                Path(directory, f"callgrind.out.{number}").write_text(
                    self.DUMP.replace("16 5", f"16 {more}")
                )

            costs = last_costs(Path(directory), "kernels")

        self.assertEqual(costs, {"line": 25})


class Run(unittest.TestCase):
    """From the programs to the exit code; weir_gates is one that counts what we say."""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.baseline = Path(self.directory.name, "baseline.json")
        self.entry = {"gate": "echo", "requests": 128, "bytes": 8192, "system_calls": 256,
                      "completions": 128, "allocations": 0, "segments": 128, "copied_bytes": 0}
        self.exit_code = 0

    def gates(self, *arguments: str) -> subprocess.CompletedProcess:
        told = {"gates": [self.entry], "features": ["multishot"]}
        report = {"schema": gates.SCHEMA, "build": "GNU 12",
                  "backends": {"io_uring": told, "epoll": {"unavailable": "not here"}}}
        program = Path(self.directory.name, "weir_gates")
        program.write_text(
            f"#!/bin/sh\ncat <<'END'\n{json.dumps(report)}\nEND\nexit {self.exit_code}\n"
        )
        program.chmod(0o755)
        script = str(REPOSITORY / "tools/dev/gates.sh")
        return subprocess.run(
            [script, "--bin", self.directory.name, "--baseline", str(self.baseline), *arguments],
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    def write_baseline(self) -> None:
        values = {"io_uring": {"echo": gates.scenario_values(self.entry)}}
        self.baseline.write_text(json.dumps(
            Measured(build="GNU 12", features=["multishot"], values=values).to_baseline()
        ))

    def test_the_same_counts_pass_and_what_is_not_here_is_named(self):
        self.write_baseline()

        result = self.gates()

        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("5 counts, none worse", result.stdout)
        self.assertRegex(result.stdout, r"(?m)^not tested on .*epoll: not here$")

    def test_one_system_call_more_in_all_fails(self):
        self.write_baseline()
        self.entry["system_calls"] += 1

        result = self.gates()

        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("WORSE: io_uring, echo: system calls/request 2 -> 2.00", result.stdout)

    def test_no_baseline_is_written_of_a_part(self):
        result = self.gates("--update")

        self.assertEqual(result.returncode, 1)
        self.assertIn("no new baseline without epoll: not here", result.stderr)
        self.assertFalse(self.baseline.exists())

    def test_a_program_that_fails_is_no_success(self):
        self.write_baseline()
        self.exit_code = 3

        result = self.gates()

        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, "weir_gates ended with 3")

    def test_wrong_arguments_are_refused(self):
        for arguments in (["--frobnicate"], ["--baseline"]):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.gates(*arguments).returncode, 2)


if __name__ == "__main__":
    unittest.main()
