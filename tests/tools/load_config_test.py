#!/usr/bin/env python3
"""`weir load` takes flags from the environment and from a file, and is strict in CI.

    load_config_test.py PATH_OF_WEIR [unittest arguments]
"""

import json
import sys
import unittest
from pathlib import Path

import program
from program import BAD_USAGE, DONE, ProgramTest, environment, weir

UNTRUSTED = 6


class ConfigTest(ProgramTest):
    def setUp(self) -> None:
        self.target = "tcp://" + self.serve("echo", "--listen", "127.0.0.1:0").address

    def config(self, text: str) -> str:
        path = self.directory() / "load.conf"
        path.write_text(text)
        return str(path)

    def run_json(self, *arguments: str, **variables: str) -> dict:
        run = weir(
            *("load", self.target, "--progress", "none", "-o", "-", *arguments),
            env=environment(**variables),
        )
        self.assertEqual(run.returncode, DONE, run.stderr)
        return json.loads(run.stdout)

    def test_command_line_environment_file_default(self) -> None:
        path = self.config("duration = 300ms\nrate = 100  # a second\nseed = 3\ndepth = 3\n")

        report = self.run_json(
            *("--config", path, "--seed", "1"), WEIR_LOAD_SEED="2", WEIR_LOAD_DEPTH="2"
        )

        config = report["config"]
        self.assertEqual(
            (config["duration_s"], config["rate"], config["seed"], config["depth"]),
            (0.3, 100, 1, 2),
        )
        self.assertEqual(config["connections"], 8)

    def test_names_where_a_mistake_is(self) -> None:
        path = self.config("rate = 1k\nconn = 8\n")
        cases = {
            f"{path}:2: there is no flag \"conn\"; did you mean \"conns\"?": (path, {}),
            "is from WEIR_LOAD_TIMEOUT": (None, {"WEIR_LOAD_TIMEOUT": "5"}),
            "WEIR_LOAD_DURTION: there is no flag": (None, {"WEIR_LOAD_DURTION": "5s"}),
            "cannot read \"/nonexistent\"": ("/nonexistent", {}),
        }
        for expected, (file, variables) in cases.items():
            with self.subTest(expected):
                config = ("--config", file) if file else ()

                run = weir("load", self.target, *config, env=environment(**variables))

                self.assertEqual(run.returncode, BAD_USAGE, run.stdout + run.stderr)
                self.assertIn(expected, run.stderr)

    def test_ci_fails_untrusted_runs(self) -> None:
        """A report that says so is as good as a run, and the same on every machine."""
        path = self.directory() / "r.json"
        report = self.run_json("-d", "300ms")
        report["trust"] = [dict(check, ok=False, weight="veto") for check in report["trust"]]
        path.write_text(json.dumps(report))
        judge = ("load", "report", str(path), "--slo", "p50<1h")

        plain = weir(*judge)
        in_ci = weir(*judge, env=environment(CI="true"))
        allowed = weir(*judge, "--allow-untrusted", env=environment(CI="true"))

        self.assertIn("UNTRUSTED", plain.stdout)
        self.assertEqual(
            (plain.returncode, in_ci.returncode, allowed.returncode), (DONE, UNTRUSTED, DONE)
        )

    def test_ci_is_in_the_report_as_strict(self) -> None:
        path = self.directory() / "r.json"

        run = weir(
            *("load", self.target, "-d", "300ms", "-o", str(path), "--progress", "none"),
            env=environment(CI="true"),
        )
        report = json.loads(path.read_text())

        untrusted = report["verdict"] == "untrusted"
        self.assertTrue(report["config"]["strict"])
        self.assertEqual(run.returncode, UNTRUSTED if untrusted else DONE, run.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program.WEIR = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()
