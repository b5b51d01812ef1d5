"""The rules: each a function from a file (and the tree) to (line, message) pairs."""

import dataclasses
import pathlib
import re

from style import functions, layers, lists, names


@dataclasses.dataclass(frozen=True)
class Finding:
    path: pathlib.PurePosixPath
    line: int
    rule: str
    message: str
    is_warning: bool = False

    def __str__(self):
        kind = "warning: " if self.is_warning else ""
        return f"{self.path}:{self.line}: {kind}{self.rule}: {self.message}"


LINE_COLUMNS_MAX = 100
FILE_LINES_WARN = 500
FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 70

RULES = {
    "line-length": f"at most {LINE_COLUMNS_MAX} columns",
    "file-length": f"a warning over {FILE_LINES_WARN} lines, an error over {FILE_LINES_MAX}",
    "function": f"at most {FUNCTION_LINES_MAX} lines",
    "file-name": "one noun of the field; no catch-alls",
    "name": "type and function names that say nothing",
    "left-over": "no reminders to finish it some day",
    "opening": "headers start with a comment and #pragma once",
    "dead-file": "sources stand in a CMake list, private headers are included by something",
    "layer": "includes point downwards",
    "io-free": "runtime and protocols neither throw, print nor exit",
    "sleep": "tests do not sleep",
    "await-in-condition": "co_await into a local first: GCC 12 drops what follows",
}


# Programs that others are measured against stay as they are, long lines included.
UNCHANGED_FOLDER = "tests/interop/peers/"


def _line_length(file):
    if str(file.path).startswith(UNCHANGED_FOLDER):
        return
    if not (file.is_cpp or file.path.suffix in (".py", ".sh", ".cmake", "") or
            file.path.name == "CMakeLists.txt"):
        return
    for number, line in enumerate(file.lines, 1):
        # A word that cannot be broken, such as an address, may stick out.
        if len(line) > LINE_COLUMNS_MAX and len(max(line.split(), key=len)) < LINE_COLUMNS_MAX - 20:
            yield number, f"{len(line)} columns; {LINE_COLUMNS_MAX} is the limit"


def _file_length(file):
    if not (file.is_cpp or file.path.suffix in (".py", ".sh")):
        return
    count = len(file.lines) - 1
    if count > FILE_LINES_MAX:
        yield 1, f"{count} lines; {FILE_LINES_MAX} is the limit: split it by concern"


def _file_length_warning(file):
    if (file.is_cpp or file.path.suffix in (".py", ".sh")) and (
        FILE_LINES_WARN < len(file.lines) - 1 <= FILE_LINES_MAX
    ):
        yield 1, f"{len(file.lines) - 1} lines; look for the second noun"


def _function(file):
    if file.is_cpp:
        measured = functions.cpp_functions(file)
    elif file.path.suffix == ".py":
        measured = functions.python_functions(file)
    else:
        return
    for number, name, count in measured:
        if count > FUNCTION_LINES_MAX:
            yield number, (
                f"{name} has {count} lines; {FUNCTION_LINES_MAX} is the limit: "
                "move straight-line work out, keep the branches"
            )


def _opening(file):
    if not file.is_header:
        return
    if not file.text.startswith("//"):
        yield 1, "a header starts with a comment that says what it is and what it does not do"
    directives = [line for line in file.code_lines if line.strip()]
    if not directives or directives[0].strip() != "#pragma once":
        yield 1, "the first line after the file comment is #pragma once"


_CONDITION = re.compile(r"\b(?:if|while|switch) \(")


def _await_in_condition(file):
    """A condition that declares a variable is fine: `if (auto x = co_await f())`."""
    if not file.is_cpp:
        return
    for number, line in enumerate(file.code_lines, 1):
        for match in _CONDITION.finditer(line):
            depth, end = 1, match.end()
            while end < len(line) and depth > 0:
                depth += {"(": 1, ")": -1}.get(line[end], 0)
                end += 1
            condition = line[match.end() : end]
            if "co_await" in condition and "=" not in condition.split("co_await")[0]:
                yield number, "co_await into a local before the condition (GCC 12)"


_CHECKS = {
    "line-length": _line_length,
    "file-length": _file_length,
    "function": _function,
    "file-name": names.file_names,
    "name": names.identifiers,
    "left-over": names.left_overs,
    "opening": _opening,
    "io-free": names.io_free,
    "sleep": names.sleeps,
    "await-in-condition": _await_in_condition,
    "layer": layers.upward_includes,
}


def check(file, tree):
    """All findings of one text file, in the order of its lines."""
    if not file.is_text:
        return []
    found = []
    for rule, rule_check in _CHECKS.items():
        found += [Finding(file.path, line, rule, message) for line, message in rule_check(file)]
    found += [
        Finding(file.path, line, "file-length", message, is_warning=True)
        for line, message in _file_length_warning(file)
    ]
    found += [
        Finding(file.path, line, "dead-file", message) for line, message in lists.dead(file, tree)
    ]
    found = [finding for finding in found if not file.allows(finding.rule, finding.line)]
    return sorted(found, key=lambda finding: (finding.line, finding.rule))
