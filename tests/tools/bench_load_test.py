#!/usr/bin/env python3
"""tools/dev/bench-load.sh and known-answer.sh: other programs' words are read rightly, the server
with the known answer hangs when it should, and a run gives what it says.

    bench_load_test.py DIRECTORY_OF_THE_BUILT_PROGRAMS [unittest arguments]
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tools/dev"))

from bench_load import parse_sockperf  # noqa: E402
from bench_server import Failure, Server  # noqa: E402
from known_answer import REQUEST, parse_h2load, parse_hey, parse_wrk, parse_wrk_time  # noqa: E402

BIN = Path()
SOCKPERF = """sockperf: [Total Run] RunTime=1.000 sec; Warm up time=400 msec; SentMessages=20311
sockperf: ========= Printing statistics for Server No: 0
sockperf: [Valid Duration] RunTime=0.550 sec; SentMessages=11170; ReceivedMessages=11169
sockperf: ====> avg-latency=24.602 (std-dev=4.203)
"""
WRK = """Running 10s test @ http://127.0.0.1:41001/
  1 threads and 10 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     4.73ms   17.79ms 104.21ms   93.61%
    Req/Sec    22.50k     9.12k   33.09k    78.00%
  Latency Distribution
     50%  339.00us
     99%   89.80ms
  223665 requests in 10.00s, 8.53MB read
Requests/sec:  22362.13
"""


class WordsOfOthers(unittest.TestCase):
    def test_sockperf_counts_the_answers_of_its_valid_time(self):
        self.assertEqual(parse_sockperf(SOCKPERF), (11169, 0.55))
        with self.assertRaises(Failure):
            parse_sockperf("sockperf: ERROR")

    def test_wrk_has_times_of_several_units(self):
        answer = parse_wrk(WRK)

        self.assertEqual((answer.requests, answer.p99, answer.max), (223665, 89.8, 104.21))
        self.assertEqual((answer.mean, answer.p999), (4.73, None))
        self.assertEqual(parse_wrk_time("339.00us"), 0.339)
        self.assertEqual(parse_wrk_time("1.50s"), 1500)

    def test_hey_and_h2load_list_every_request(self):
        hey = parse_hey("response-time,DNS+dialup,status-code\n0.0010,0,200\n0.0030,0,200\n")
        h2load = parse_h2load("1764380000000000\t200\t1000\n1764380000001000\t200\t3000\n")

        for answer in (hey, h2load):
            self.assertEqual(answer.requests, 2)
            self.assertAlmostEqual(answer.mean, 2)
            self.assertAlmostEqual(answer.max, 3)


class HttpStall(unittest.TestCase):
    def test_what_comes_in_a_silence_is_answered_at_its_end(self):
        server = Server([sys.executable, str(REPOSITORY / "tools/dev/http_stall.py"), "0.5", "0.2"])
        self.addCleanup(server.stop)
        host, port = server.address.split(":")
        slow = []
        with socket.create_connection((host, int(port))) as connection:
            end = time.monotonic() + 1.5
            while time.monotonic() < end:
                began = time.monotonic()
                connection.sendall(REQUEST)
                self.assertIn(b"200 OK", connection.recv(4096))
                if time.monotonic() - began > 0.15:
                    slow.append(time.monotonic())

        # Whoever asks all the time meets each silence at its begin: three ends, a period apart.
        self.assertGreaterEqual(len(slow), 2)
        for first, second in zip(slow, slow[1:]):
            self.assertGreater(second - first, 0.3)


class BenchLoad(unittest.TestCase):
    def test_a_run_has_a_row_and_a_ratio_for_each(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "load.json"

            run = subprocess.run(
                [str(REPOSITORY / "tools/dev/bench-load.sh"), "--bin", str(BIN), "--rounds", "2",
                 "--cell-seconds", "0.05", "--case", "c64-d16", "--json", str(path)],
                capture_output=True, text=True, timeout=120, check=False)
            self.assertEqual(run.returncode, 0, run.stderr)
            (case,) = json.loads(path.read_text())["cases"]

        names = [generator["name"] for generator in case["generators"]]
        self.assertEqual(names, ["raw_epoll loop", "raw_epoll loop again", "weir load, epoll",
                                 "weir load, io_uring"])
        for generator in case["generators"]:
            self.assertEqual(len(generator["per_cpu_second"]), 2)
            self.assertGreater(min(generator["per_cpu_second"]), 0)
            self.assertIn(generator["name"], run.stdout)
        self.assertIn("A/A", run.stdout)

    def test_a_case_that_is_not_there_is_refused(self):
        run = subprocess.run(
            [str(REPOSITORY / "tools/dev/bench-load.sh"), "--bin", str(BIN), "--case", "c7"],
            capture_output=True, text=True, timeout=60, check=False)

        self.assertEqual(run.returncode, 2)
        self.assertIn("c64-d16", run.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BIN = Path(sys.argv.pop(1))
    unittest.main()
