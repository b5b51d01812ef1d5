#!/usr/bin/env python3
"""The live screen of `weir load` in a real terminal: there, rewritten in place, and gone without a
trace when the report comes.

    load_screen_test.py PATH_OF_WEIR [unittest arguments]
"""

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from program import environment

WEIR = ""
LIMIT_S = 60  # no wait is longer
COLUMNS, ROWS = 80, 24
ABOVE = "what was on the terminal before"
DONE_MARK = "exit code"
# Of a frame; the report has none of them.
MEASURING = re.compile(r"(?P<done>\d+) s / (?P<all>\d+) s +measuring")
FRAME_ONLY = ("measuring", "in flight  ", "send lag p99 ", "last 40 s")


class Terminal:
    """A shell command in a tmux of its own, 80 x 24; what it shows stays when the command ends."""

    def __init__(self, directory: Path, command: str, **variables: str) -> None:
        self.socket = str(directory / "tmux")
        self.env = environment(**variables)
        # A tmux inside a tmux would talk to the outer one.
        self.env.pop("TMUX", None)
        # `cat` keeps the last screen until the session ends.
        self.tmux(
            *("-f", "/dev/null", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS)),
            f"{command}; cat >{shlex.quote(str(directory / 'input'))}",
        )

    def tmux(self, *arguments: str) -> str:
        run = subprocess.run(
            ["tmux", "-S", self.socket, *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=True,
        )
        return run.stdout

    def press(self, key: str) -> None:
        self.tmux("send-keys", key)

    def lines(self) -> list[str]:
        """All that the terminal has shown: what scrolled away, then the window."""
        return self.tmux("capture-pane", "-p", "-S", "-").rstrip("\n").split("\n")

    def wait_for(self, condition) -> list[str]:
        """The lines once they meet `condition`. A terminal tells nobody when it changes."""
        end = time.monotonic() + LIMIT_S
        while True:
            lines = self.lines()
            if condition(lines):
                return lines
            if time.monotonic() > end:
                raise AssertionError("waited in vain; the terminal shows\n" + "\n".join(lines))

    def end(self) -> None:
        subprocess.run(
            ["tmux", "-S", self.socket, "kill-server"],
            env=self.env,
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
        )


def seconds_shown(lines: list[str]) -> int:
    """How far the run is by the screen; -1 if there is none that measures."""
    match = MEASURING.search("\n".join(lines))
    return int(match["done"]) if match else -1


def has_ended(lines: list[str]) -> bool:
    return any(line.startswith(DONE_MARK) for line in lines)


@unittest.skipUnless(shutil.which("tmux"), "tmux is missing: see tools/packages.txt")
class LoadScreenTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.server = subprocess.Popen(
            [WEIR, "serve", "echo", "--listen", "127.0.0.1:0"],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.addCleanup(self.server.communicate)
        self.addCleanup(self.server.kill)
        line = self.server.stdout.readline()
        self.assertTrue(line.startswith("READY "), line)
        self.target = "tcp://" + line.removeprefix("READY ").strip()

    def terminal(self, *arguments: str, progress: str = "screen", **variables: str) -> Terminal:
        command = shlex.join(
            [WEIR, "load", self.target, "--rate=1k/s", "--pace=sleep", *arguments]
            + ["--progress", progress]
        )
        variables = {"LC_ALL": "C.UTF-8", "NO_COLOR": "1"} | variables
        terminal = Terminal(
            self.directory,
            f"echo {ABOVE}; {command}; code=$?; echo; echo {DONE_MARK} $code",
            **variables,
        )
        self.addCleanup(terminal.end)
        return terminal

    def assert_only_the_report(self, lines: list[str]) -> None:
        self.assertEqual(lines[0], ABOVE)
        text = "\n".join(lines)
        for remnant in FRAME_ONLY:
            self.assertNotIn(remnant, text)
        # The report begins where the screen began.
        self.assertTrue(lines[1].startswith(("weir load", "RESULT")), text)

    def test_the_screen_rewrites_itself_and_makes_room_for_the_report(self) -> None:
        terminal = self.terminal("-d", "6s")

        first = terminal.wait_for(lambda lines: seconds_shown(lines) >= 1)
        then = seconds_shown(first)
        # The run may be over before a slow machine looks again.
        second = terminal.wait_for(lambda lines: seconds_shown(lines) > then or has_ended(lines))
        end = terminal.wait_for(has_ended)

        for lines in (first, second):
            if has_ended(lines):
                continue
            text = "\n".join(lines)
            self.assertEqual(lines[0], ABOVE)
            self.assertLessEqual(len(lines), ROWS)
            for part in FRAME_ONLY + ("p50 ", "p99.9 ", "queue ", "trust "):
                self.assertEqual(text.count(part), 1, f"{part!r} in\n{text}")
            self.assertLess(max(map(len, lines)), COLUMNS)
        self.assert_only_the_report(end)
        self.assertEqual(end[-1], f"{DONE_MARK} 0", "\n".join(end))

    def test_an_interruption_leaves_no_remnants_either(self) -> None:
        terminal = self.terminal("-d", "50s")
        terminal.wait_for(lambda lines: seconds_shown(lines) >= 1)

        terminal.press("C-c")
        end = terminal.wait_for(has_ended)

        self.assert_only_the_report(end)
        self.assertNotIn("^C", "\n".join(end))
        self.assertEqual(end[-1], f"{DONE_MARK} 130", "\n".join(end))

    def test_a_dumb_terminal_gets_a_line(self) -> None:
        # tmux sets TERM for what it starts: it has to be set after that.
        command = shlex.join([WEIR, "load", self.target, "--rate=1k/s", "--pace=sleep", "-d", "3s"])
        terminal = Terminal(
            self.directory,
            f"echo {ABOVE}; TERM=dumb LC_ALL=C {command}; code=$?; echo; echo {DONE_MARK} $code",
        )
        self.addCleanup(terminal.end)

        first = terminal.wait_for(lambda lines: "p50" in "\n".join(lines))
        end = terminal.wait_for(has_ended)

        self.assertRegex(first[1], r"^\[[#-]+\] \d s")
        self.assertEqual(len(first), 2, "\n".join(first))
        self.assert_only_the_report(end)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    WEIR = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()
