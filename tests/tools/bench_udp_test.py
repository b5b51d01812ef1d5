#!/usr/bin/env python3
"""tools/dev/bench-udp.sh: a run gives what it says. Its statistics are tested with bench-echo.sh.

    bench_udp_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS [unittest arguments]
"""

import json
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(REPOSITORY / "tools/dev"))

from bench_udp import dropped_at  # noqa: E402
from raw_server import skip_if_left_out  # noqa: E402

BIN = Path()

# Stands in for weir: the raw loop of the backend, started by weir's command line.
WEIR = """#!/bin/sh
case "$*" in
  *" --backend epoll "*" --gro off --gso off") exec "{bin}/raw_udp" echo --variant mmsg ;;
  *" --backend io_uring "*" --gro off --gso off") exec "{bin}/raw_udp" echo --variant uring ;;
  "serve udp-sink "*" --gro on") exec "{bin}/raw_udp" sink --variant gso ;;
  "serve udp-echo "*" --gro on") exec "{bin}/raw_udp" echo --variant gso ;;
esac
exit 2
"""


def bench_udp(*arguments: str) -> subprocess.CompletedProcess:
    command = [str(REPOSITORY / "tools/dev/bench-udp.sh"), "--bin", str(BIN), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


class Run(unittest.TestCase):
    def run_quickly(self, *arguments: str) -> tuple[str, dict]:
        with tempfile.TemporaryDirectory() as directory:
            out = Path(directory) / "out.json"

            result = bench_udp("--quick", "--json", str(out), *arguments)

            if "io_uring_queue_init_params" in result.stderr:
                self.skipTest(f"no io_uring here: {result.stderr.strip()}")
            self.assertEqual(result.returncode, 0, result.stderr)
            (case,) = json.loads(out.read_text())["cases"]
        for contender in case["servers"]:
            self.assertEqual(len(contender["cpu_ns"]), 2)
            self.assertGreater(min(contender["cpu_ns"]), 0)
            self.assertGreater(min(contender["rate"]), 0)
        return result.stdout, case

    def test_measures_the_raw_loops_without_weir(self):
        for case, twice in (
            ("echo-64B-p64-d1$", "raw_mmsg"),
            ("receive-1200B", "raw_gro"),
            ("send-1200B", "raw_gso"),
            ("trains", "raw_gso"),
        ):
            with self.subTest(case=case):
                text, _ = self.run_quickly("--weir", "none", "--case", case)

                self.assertRegex(text, rf"A/A: {twice} twice +\d")
                self.assertRegex(text, rf"raw_uring\w* / {twice} +\d")

    def test_holds_weir_to_the_better_raw_loop(self):
        with tempfile.TemporaryDirectory() as directory:
            weir = Path(directory) / "weir"
            weir.write_text(WEIR.format(bin=BIN))
            weir.chmod(0o755)
            for case, target in (("echo-64B-p1-d32", "1.05"), ("trains", "1.1")):
                with self.subTest(case=case):
                    text, _ = self.run_quickly("--weir", str(weir), "--case", case)

                    for name in ("weir_epoll", "weir_uring"):
                        self.assertRegex(
                            text, rf"{name} / raw_\w+ +\d.*<= {target}: "
                        )
                    self.assertRegex(text, r"A/A: weir_uring twice +\d")

    def test_holds_offloads_to_the_loop_without_them_too(self):
        with tempfile.TemporaryDirectory() as directory:
            weir = Path(directory) / "weir"
            weir.write_text(WEIR.format(bin=BIN))
            weir.chmod(0o755)

            text, case = self.run_quickly("--weir", str(weir), "--case", "receive-1200B")

        self.assertRegex(text, r"weir_epoll / raw_recvfrom +\d.*<= 0\.167: ")
        # What is the same program costs about the same, whatever it is called.
        estimate = case["ratios"]["A/A: weir_uring twice"]["estimate"]
        self.assertTrue(0.2 < estimate < 5, estimate)

    def test_a_missing_sender_is_a_failure_with_its_name(self):
        with tempfile.TemporaryDirectory() as directory:
            weir = Path(directory) / "weir"
            weir.write_text(WEIR.format(bin=BIN))
            weir.chmod(0o755)
            for program in ("raw_udp", "raw_udp_client"):
                (Path(directory) / program).symlink_to(BIN / program)

            result = bench_udp("--bin", directory, "--quick", "--case", "send-64B")

        self.assertEqual(result.returncode, 1)
        reason = r"^bench-udp\.sh: cannot start .*/weir_udp_source: No such file"
        self.assertRegex(result.stderr, reason)

    def test_adds_a_loop_of_ones_own(self):
        text, _ = self.run_quickly("--weir", "none", "--case", "echo-64B-p1-d32",
                                   "--add", "mine=uring --buffer-count 64")

        self.assertRegex(text, r"mine / raw_\w+ +\d")

    def test_measures_servers_on_other_libraries_when_asked(self):
        skip_if_left_out(BIN / "uv_udp")
        with tempfile.TemporaryDirectory() as directory:
            weir = Path(directory) / "weir"
            weir.write_text(WEIR.format(bin=BIN))
            weir.chmod(0o755)
            text, _ = self.run_quickly("--weir", str(weir), "--case", "trains",
                                       "--against", "uv_udp")

        for name in ("weir_epoll", "weir_uring"):
            self.assertRegex(text, rf"{name} / uv_udp +\d.*<= 0\.125: ")
        self.assertRegex(text, r"uv_udp / raw_\w+ +\d")

    def test_says_what_is_missing(self):
        for arguments, message in (
            (("--weir", "/no/such/weir"), "no weir program at /no/such/weir"),
            (("--weir", "none", "--case", "sing"), "no case matches 'sing'"),
            (("--weir", "none", "--rounds", "0"), "--rounds and --cell-seconds must be positive"),
            (("--weir", "none", "--against", "uv"), "no peer 'uv'; there are: asio_udp, uv_udp"),
        ):
            with self.subTest(arguments=arguments):
                result = bench_udp(*arguments)

                self.assertEqual(result.returncode, 2)
                self.assertIn(message, result.stderr)


class Dropped(unittest.TestCase):
    def test_what_a_full_socket_drops_is_counted(self):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as full,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
        ):
            full.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            full.bind(("127.0.0.1", 0))
            full.setblocking(False)
            address = "127.0.0.1:%d" % full.getsockname()[1]
            before = dropped_at(address)

            for _ in range(100):
                peer.sendto(bytes(1000), full.getsockname())
            dropped = dropped_at(address)

            received = 0
            try:
                while True:
                    full.recv(2000)
                    received += 1
            except BlockingIOError:
                pass
        self.assertEqual(before, 0)
        self.assertGreater(dropped, 0)
        self.assertEqual(dropped + received, 100)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BIN = Path(sys.argv.pop(1)).resolve()
    unittest.main()
