#!/usr/bin/env python3
"""Every JSON that `weir load` writes fits the JSON Schema that it is shipped with.

    load_schema_test.py PATH_OF_WEIR PATH_OF_REPORT_PROBE PATH_OF_SCHEMA [unittest arguments]
"""

import copy
import json
import subprocess
import sys
import unittest
from pathlib import Path


try:
    import jsonschema
except ImportError:
    jsonschema = None

WEIR = PROBE = SCHEMA = ""
LIMIT_S = 60
SKIPPED = 77


def probe(*arguments: str, text: str = "") -> str:
    run = subprocess.run(
        [PROBE, *arguments], input=text, capture_output=True, text=True, timeout=LIMIT_S, check=True
    )
    return run.stdout


class SchemaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.schema = json.loads(Path(SCHEMA).read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(cls.schema)
        cls.validator = jsonschema.Draft202012Validator(cls.schema)

    def fits(self, report: dict) -> None:
        errors = self.validator.iter_errors(report)
        faults = [f"{error.json_path}: {error.message}" for error in errors]
        self.assertEqual(faults, [])

    def test_synthetic_reports_fit(self) -> None:
        cases = probe("list").split()
        self.assertGreater(len(cases), 5)
        for case in cases:
            with self.subTest(case=case):
                self.fits(json.loads(probe(case, "json")))

    def test_reports_that_were_read_back_fit(self) -> None:
        for case in probe("list").split():
            with self.subTest(case=case):
                text = probe(case, "json")

                again = probe("render", "json", text=text)

                self.fits(json.loads(again))

    def test_reports_of_real_runs_fit(self) -> None:
        server = subprocess.Popen(
            [WEIR, "serve", "echo", "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(server.communicate)
        self.addCleanup(server.kill)
        line = server.stdout.readline()
        self.assertTrue(line.startswith("READY "), line)
        target = f"tcp://{line.split()[1]}"
        for arguments in (["--closed"], ["--rate", "500"]):
            with self.subTest(arguments=arguments):
                run = subprocess.run(
                    [WEIR, "load", target, *arguments, "-d1s", "--progress", "none", "-o", "-"],
                    capture_output=True,
                    text=True,
                    timeout=LIMIT_S,
                    check=False,
                )

                self.assertEqual(run.returncode, 0, run.stderr)
                self.fits(json.loads(run.stdout))

    def test_the_schema_refuses_what_is_none(self) -> None:
        good = json.loads(probe("open", "json"))

        def latency(report: dict) -> dict:
            return report["phases"][0]["latency"]["response"]

        damages = {
            "another schema": lambda r: r.update(schema="weir.load/2"),
            "no verdict": lambda r: r.pop("verdict"),
            "an unknown verdict": lambda r: r.update(verdict="fine"),
            "no phases": lambda r: r.update(phases=[]),
            "a latency without its histogram": lambda r: latency(r).pop("hdr"),
            "a negative count": lambda r: r["phases"][0].update(done=-1),
            "a text for a number": lambda r: r["phases"][0]["requests"].update(sent="many"),
            "an interval with one end": lambda r: latency(r)["ci95"].update({"99": [1]}),
            "a check without a limit": lambda r: r["trust"][0].pop("limit"),
        }
        for name, damage in damages.items():
            with self.subTest(name):
                report = copy.deepcopy(good)
                damage(report)

                self.assertFalse(self.validator.is_valid(report))

    def test_columns_and_rows_agree(self) -> None:
        for case in probe("list").split():
            series = json.loads(probe(case, "json"))["phases"][0]["series"]
            for row in series["rows"]:
                self.assertEqual(len(row), len(series["cols"]), case)


if __name__ == "__main__":
    WEIR, PROBE, SCHEMA = sys.argv[1:4]
    del sys.argv[1:4]
    if jsonschema is None:
        print("skipped: python3-jsonschema is missing; apt-get install python3-jsonschema")
        sys.exit(SKIPPED)
    unittest.main()
