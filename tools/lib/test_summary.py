#!/usr/bin/env python3
"""Prints which tests were skipped, in whole or in part, and why; which failed; a closing line.

Reads the JUnit file that ctest wrote: test_summary.py PRESET RESULTS.xml [CASES]. CASES is a folder
of what GoogleTest wrote of the cases in a test, CASES/TEST.xml; where there is such a file its
cases are counted, not the test. Exit code 1 if a test failed or if none ran.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def skip_reason(output):
    """The message of GTEST_SKIP() in the output of a test, or its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        # GoogleTest prints "file.cpp:12: Skipped" and the message below it.
        if line.endswith(": Skipped") and number + 1 < len(lines):
            return lines[number + 1]
    for line in lines:
        if found := re.match(r"(?i)skip(?:ped)?:\s*(.+)", line):
            return found.group(1)
    return lines[-1] if lines else "no reason given"


def verdicts_of_cases(path):
    """Lists of what passed, what was skipped and why, and what failed, in a file of GoogleTest."""
    passed, skipped, failed = [], [], []
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        skip = case.find("skipped")
        if case.find("failure") is not None:
            failed.append(name)
        elif skip is not None:
            # "file.cpp:12" and the message below it.
            reason = (skip.get("message") or "").strip().splitlines()[1:2]
            skipped.append((name, reason[0] if reason else "no reason given"))
        else:
            passed.append(name)
    return passed, skipped, failed


def summary(preset, root, cases=None):
    """Returns (lines to print, exit code) for the root element of a JUnit file."""
    passed, skipped, failed, partly = [], [], [], []
    for case in root.iter("testcase"):
        name = case.get("name", "?")
        has_failed = case.find("failure") is not None or case.find("error") is not None
        of_cases = cases / f"{name}.xml" if cases else None
        if of_cases and of_cases.exists():
            more_passed, more_skipped, more_failed = verdicts_of_cases(of_cases)
            passed += more_passed
            skipped += more_skipped
            # It can fail as a whole: a leak at the end, a crash after the last case.
            failed += more_failed or ([name] if has_failed else [])
        elif has_failed:
            failed.append(name)
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            skipped.append((name, skip_reason(case.findtext("system-out") or "")))
        else:
            passed.append(name)
        found = re.findall(r"^not tested on .*$", case.findtext("system-out") or "", re.MULTILINE)
        partly += [f"in part  {name}: {line}" for line in found]

    lines = [f"skipped  {name}: {reason}" for name, reason in skipped] + partly
    lines += [f"FAILED   {name}" for name in failed]
    verdict = "FAILED" if failed or not passed else "PASSED"
    lines.append(
        f"{verdict}: {preset}: {len(passed)} passed, {len(skipped)} skipped, {len(failed)} failed"
        f" in {float(root.get('time') or 0):.0f} s"
    )
    return lines, 0 if verdict == "PASSED" else 1


def main():
    preset, path, *cases = sys.argv[1:]
    root = ElementTree.parse(path).getroot()
    lines, status = summary(preset, root, Path(cases[0]) if cases else None)
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
