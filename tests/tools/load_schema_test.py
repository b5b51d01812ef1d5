#!/usr/bin/env python3
"""Every JSON that `weir load` writes, of whatever job, fits the JSON Schema that it is shipped
with, and the schema knows every key of it.

    load_schema_test.py PATH_OF_WEIR PATH_OF_REPORT_PROBE PATH_OF_SCHEMA [unittest arguments]
"""

import copy
import json
import signal
import subprocess
import sys
import unittest
from pathlib import Path

import program
from program import (
    DONE,
    INTERRUPTED,
    LIMIT_S,
    NOTHING_SUCCEEDED,
    RUN_FAILED,
    ProgramTest,
    Server,
    environment,
    weir,
)

try:
    import jsonschema
except ImportError:
    jsonschema = None

PROBE = SCHEMA = ""
SLO_FAILED, UNTRUSTED, SLOWER, SKIPPED = 4, 6, 7, 77


def probe(*arguments: str, text: str = "") -> str:
    run = subprocess.run(
        [PROBE, *arguments], input=text, capture_output=True, text=True, timeout=LIMIT_S, check=True
    )
    return run.stdout


class SchemaTest(ProgramTest):
    @classmethod
    def setUpClass(cls) -> None:
        cls.schema = json.loads(Path(SCHEMA).read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(cls.schema)
        cls.validator = jsonschema.Draft202012Validator(cls.schema)

    def fits(self, report: dict | list) -> None:
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

    def serve(self, service: str) -> str:
        server = Server(service, "--listen", "127.0.0.1:0")
        self.addCleanup(server.end)
        return ("udp://" if service.startswith("udp") else "tcp://") + server.address

    def load(self, *arguments: str, exit_codes: tuple = (DONE,)) -> dict:
        run = weir("load", *arguments, "--progress", "none", "-o", "-")
        self.assertIn(run.returncode, exit_codes, run.stderr)
        return json.loads(run.stdout)

    def test_reports_of_real_runs_fit(self) -> None:
        target = self.serve("echo")
        other = self.serve("echo")
        trace = self.directory() / "trace"
        trace.write_text("".join(f"{i * 1_000_000},{10 + i}\n" for i in range(150)))
        for arguments in (
            ["--closed"],
            ["--rate", "500", "--slo", "p99<1us,err<1%", "--abort-on", "err>50%"],
            [other, "--rate", "500..1k", "-n", "100", "--label", "a=b"],
            ["--closed", "--think", "1ms", "--reqs-per-conn", "9", "--idle-conns", "3"],
            ["--rate", "500", "--conn-lifetime", "100ms", "--conn-rate", "1k", "--nodelay", "off"],
            ["--replay", str(trace)],
            ["--closed", "--pattern", "wwr", "--quickack", "on", "--cork", "--sndbuf", "64KiB"],
            ["--steps", "100,200@100ms", "--codec", "len32", "--warmup", "100ms"],
        ):
            # A corked write of less than a segment leaves after 200 ms.
            length = ["-d", "1s" if "--cork" in arguments else "200ms"]
            if {"--replay", "--steps"} & set(arguments):
                length = []
            with self.subTest(arguments=arguments):
                report = self.load(
                    target, *arguments, *length, exit_codes=(DONE, RUN_FAILED, SLO_FAILED)
                )

                self.fits(report)

    def test_reports_of_runs_that_failed_fit(self) -> None:
        for arguments in (["--closed"], ["--rate", "500"]):
            with self.subTest(arguments=arguments):
                report = self.load(
                    *("tcp://127.0.0.1:1", "-d", "100ms", *arguments),
                    exit_codes=(NOTHING_SUCCEEDED,),
                )

                self.fits(report)

    def test_reports_of_datagrams_fit(self) -> None:
        echo = self.serve("udp-echo")
        sink = self.serve("udp-sink")
        for target, *arguments in (
            [echo, "--rate", "500"],
            [echo, "--closed", "-c", "2", "--depth", "3", "--lost-after", "100ms"],
            [sink, "--rate", "500", "--one-way"],
            [echo, "--rate", "500", "--stamps", "kernel"],
        ):
            with self.subTest(arguments=arguments):
                self.fits(self.load(target, *arguments, "-d", "200ms"))

    def test_what_jobs_write_fits(self) -> None:
        target = self.serve("echo")
        any_judgement = (DONE, SLO_FAILED, UNTRUSTED, SLOWER)
        for arguments in (
            ["demo", "-d", "100ms"],
            ["sweep", target, "--rates", "100,200", "-d", "100ms"],
            ["find-max", target, "--slo", "p99<1s", "--range", "100..200", "-d", "100ms"],
            ["find-max", target, "--slo", "p50<1ns", "--range", "100..200", "-d", "100ms"],
            ["compare", target, target, "--rate", "500", "--rounds", "6", "-d", "100ms"],
        ):
            with self.subTest(arguments=arguments):
                self.fits(self.load(*arguments, exit_codes=any_judgement))

    def test_what_jobs_write_without_an_answer_fits(self) -> None:
        nobody = "tcp://127.0.0.1:1"
        for arguments in (
            ["sweep", nobody, "--rates", "100,200"],
            ["find-max", nobody, "--slo", "p99<1s", "--range", "100..200"],
            ["compare", nobody, nobody, "--rate", "500", "--rounds", "6"],
        ):
            with self.subTest(arguments=arguments):
                written = self.load(*arguments, "-d", "100ms", exit_codes=(NOTHING_SUCCEEDED,))

                self.fits(written)

    def test_a_self_test_fits(self) -> None:
        """All of it takes a minute; what was found until Ctrl-C has the same form."""
        path = self.directory() / "s.json"
        selftest = subprocess.Popen(
            [program.WEIR, "load", "selftest", "-o", str(path)],
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(selftest.kill)
        told = selftest.stderr.readline(), selftest.stderr.readline()  # it has begun
        selftest.send_signal(signal.SIGINT)
        selftest.communicate(timeout=LIMIT_S)

        self.assertEqual(selftest.returncode, INTERRUPTED, told)
        self.fits(json.loads(path.read_text()))

    def test_the_schema_refuses_what_is_none(self) -> None:
        good = json.loads(probe("open", "json"))

        self.fits(good)

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
            "a rule that is none": lambda r: r["trust"][0].update(check="luck"),
            "a column that is none": lambda r: r["phases"][0]["series"]["cols"].append("p98"),
            "an unknown key": lambda r: r.update(more=1),
            "an unknown option": lambda r: r["config"].update(more=1),
            "an unknown socket option": lambda r: r["config"]["sockets"].update(more=1),
            "an unknown count": lambda r: r["phases"][0].update(more=1),
            "an unknown latency": lambda r: r["phases"][0]["latency"].update(more={}),
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
    program.WEIR, PROBE, SCHEMA = sys.argv[1:4]
    del sys.argv[1:4]
    if jsonschema is None:
        print("skipped: python3-jsonschema is missing; apt-get install python3-jsonschema")
        sys.exit(SKIPPED)
    unittest.main()
