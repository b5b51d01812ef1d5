#!/usr/bin/env python3
"""The scripts refuse wrong arguments before they touch anything, and report what is true."""

import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

sys.dont_write_bytecode = True
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tools/lib"))
sys.path.insert(0, str(REPOSITORY / "tests/docs"))

from extract_snippets import snippets  # noqa: E402
from test_summary import summary  # noqa: E402


def run(script, *arguments, **environment):
    return subprocess.run(
        [str(REPOSITORY / script), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin", **environment},
    )


def sourced(line, **environment):
    """Runs a line of bash with tools/lib/setup.sh sourced."""
    script = f"source {REPOSITORY}/tools/lib/setup.sh; {line}"
    return subprocess.run(
        ["bash", "-euc", script, "setup"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin", **environment},
    )


class Arguments(unittest.TestCase):
    def test_help_says_how_to_use_it(self):
        for script in ("tools/quickstart.sh", "tools/test.sh", "tools/dev/format.sh",
                       "tools/dev/clang-tidy.sh", "tools/dev/tidy", "tools/dev/gates.sh"):
            with self.subTest(script=script):
                result = run(script, "--help")

                self.assertEqual(result.returncode, 0)
                self.assertRegex(result.stdout, rf"(?i)usage: (.*/)?{pathlib.Path(script).name} ")

    def test_wrong_arguments_are_refused_with_exit_code_2(self):
        for script, *arguments in (
            ("tools/quickstart.sh", "--frobnicate"),
            ("tools/quickstart.sh", "--jobs"),
            ("tools/quickstart.sh", "--jobs", "many"),
            ("tools/quickstart.sh", "--jobs=0"),
            ("tools/test.sh", "no-such-preset"),
            ("tools/test.sh", "release", "asan"),
            ("tools/test.sh", "--label"),
            ("tools/dev/format.sh", "--frobnicate"),
            ("tools/dev/tidy", "no/such/file.cpp"),
        ):
            with self.subTest(script=script, arguments=arguments):
                result = run(script, *arguments)

                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertEqual(result.stdout, "")
                self.assertNotEqual(result.stderr, "")


class Packages(unittest.TestCase):
    def test_groups_are_read_from_the_one_list(self):
        result = sourced("packages_of build")

        self.assertIn("liburing-dev", result.stdout.split())
        self.assertNotIn("libgtest-dev", result.stdout.split())

    def test_every_line_of_the_list_has_a_known_group(self):
        for line in (REPOSITORY / "tools/packages.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                self.assertRegex(line, r"^(build|test|clang|lint|rivals) [a-z0-9][a-z0-9.+-]+$")

    def test_elsewhere_than_on_debian_the_list_is_printed_and_nothing_happens(self):
        result = sourced("command() { return 1; }; ensure_packages build")

        self.assertEqual(result.returncode, 1)
        self.assertIn("liburing-dev", result.stderr)
        self.assertIn("--no-install", result.stderr)

    def test_no_install_names_what_is_missing(self):
        result = sourced(
            "weir_install=no; command() { :; }; dpkg-query() { :; }; ensure_packages build"
        )

        self.assertEqual(result.returncode, 1)
        self.assertIn("missing packages: g++ cmake", result.stderr)

    def test_only_what_is_missing_is_installed(self):
        result = sourced(
            "command() { :; }; run() { echo \"$@\"; };"
            'package_is_installed() { [[ $1 != liburing-dev ]]; }; ensure_packages build'
        )

        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("apt-get update", result.stdout)
        self.assertRegex(result.stdout, r"apt-get install .* liburing-dev\n")

    def test_nothing_is_updated_when_nothing_is_missing(self):
        result = sourced(
            "command() { :; }; run() { echo \"$@\"; }; package_is_installed() { :; };"
            "ensure_packages build test"
        )

        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("apt-get", result.stdout)


class Summary(unittest.TestCase):
    def summary_of(self, cases):
        suite = ElementTree.fromstring(f'<testsuite time="3">{cases}</testsuite>')
        return summary("release", suite)

    def test_counts_and_names_what_did_not_pass(self):
        lines, status = self.summary_of(
            '<testcase name="A" status="run"/>'
            '<testcase name="B" status="fail"><failure message=""/></testcase>'
            '<testcase name="C" status="notrun"><skipped message="x"/><system-out>'
            "[ RUN      ] C\na_test.cpp:3: Skipped\nio_uring is forbidden here\n[  SKIPPED ] C\n"
            "</system-out></testcase>"
        )

        self.assertEqual(lines, [
            "skipped  C: io_uring is forbidden here",
            "FAILED   B",
            "FAILED: release: 1 passed, 1 skipped, 1 failed in 3 s",
        ])
        self.assertEqual(status, 1)

    def test_a_test_that_left_a_backend_out_is_named(self):
        lines, status = self.summary_of(
            '<testcase name="A" status="run"><system-out>.\n'
            "not tested on io_uring: forbidden here\nOK\n</system-out></testcase>"
        )

        self.assertEqual(lines[0], "in part  A: not tested on io_uring: forbidden here")
        self.assertEqual(status, 0)

    def test_the_cases_of_a_test_are_counted_where_it_tells_them(self):
        root = ElementTree.fromstring(
            '<testsuite time="3"><testcase name="A" status="run"/>'
            '<testcase name="B.part0" status="run"/>'
            '<testcase name="B.part1" status="fail"><failure/></testcase>'
            '<testcase name="B.part2" status="fail"><failure/></testcase>'
            '<testcase name="B.part3" status="fail"><failure/></testcase></testsuite>'
        )
        with tempfile.TemporaryDirectory() as directory:
            for name, cases in (
                ("B.part0", '<testcase name="One" classname="S" status="run" result="completed"/>'
                            '<testcase name="Two" classname="S" status="run" result="skipped">'
                            '<skipped message="a.cpp:3&#x0A;no root here&#x0A;"/></testcase>'),
                ("B.part1", '<testcase name="Three" classname="S"><failure/></testcase>'),
                ("B.part2", '<testcase name="Four" classname="S"/>'),  # and then leaks
            ):
                file = pathlib.Path(directory) / f"{name}.xml"
                file.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")

            lines, status = summary("release", root, pathlib.Path(directory))

        self.assertEqual(lines, [
            "skipped  S.Two: no root here",
            "FAILED   S.Three",
            "FAILED   B.part2",
            "FAILED   B.part3",
            "FAILED: release: 3 passed, 1 skipped, 3 failed in 3 s",
        ])
        self.assertEqual(status, 1)

    def test_skipped_tests_do_not_fail_a_run(self):
        lines, status = self.summary_of(
            '<testcase name="A" status="run"/>'
            '<testcase name="B" status="notrun"><skipped/></testcase>'
        )

        self.assertEqual(lines[-1], "PASSED: release: 1 passed, 1 skipped, 0 failed in 3 s")
        self.assertEqual(status, 0)

    def test_a_run_without_tests_is_a_failure(self):
        lines, status = self.summary_of("")

        self.assertEqual(lines, ["FAILED: release: 0 passed, 0 skipped, 0 failed in 3 s"])
        self.assertEqual(status, 1)


class Snippets(unittest.TestCase):
    def test_whole_examples_are_found_with_their_line_and_fragments_are_left(self):
        page = (
            "# Page\n\n```cpp\nco_await f();\n```\n\n```cpp\n#include <a>\nint x;\n```\n"
            "```sh\n#include\n```\n```cpp\n#include <b>\nint main() {}\n```\n"
        )

        found = list(snippets(page))

        self.assertEqual(found, [
            (8, "#include <a>\nint x;\n", "parts"),
            (15, "#include <b>\nint main() {}\n", "programs"),
        ])

    def test_headers_and_what_would_run_for_ever_are_told_from_programs(self):
        page = (
            "```cpp\n// list.h: of its own name\n#include <a>\nint main();\n```\n"
            "```cpp\n#include <b>\nint main() { return weir::run({}, f) ? 0 : 1; }\n```\n"
        )

        found = [folder for _, _, folder in snippets(page)]

        self.assertEqual(found, ["headers", "servers"])


if __name__ == "__main__":
    unittest.main()
