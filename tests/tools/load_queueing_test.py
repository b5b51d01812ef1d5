#!/usr/bin/env python3
"""Waiting times that `weir load` measures are those of queueing theory: M/D/1 and M/M/1.

    load_queueing_test.py PATH_OF_WEIR [unittest arguments]

One worker at 70 % load. Schedule and service times come from fixed seeds, so the waits are the
same in each run but for what the machine adds. It can only add: that a mean wait is not below
theory less its interval is asserted always; that it is not above, where the run is to be trusted.
"""

import json
import math
import signal
import subprocess
import sys
import unittest

from program import environment

WEIR = ""
LIMIT_S = 60
LOAD = 0.7
SERVICE_S = 1e-3
DURATION_S = 6
STANDARD_ERRORS = 4
ROUND_TRIP_S = 300e-6  # in every response time; wide, as a processor may have to wake up


def mm1_relative_variance(load: float) -> float:
    """Of the mean of n waits, times n: Daley 1968, as in Whitt, Management Science 35 (1989)."""
    return (2 + 5 * load - 4 * load**2 + load**3) / (load * (1 - load) ** 2)


class QueueingTest(unittest.TestCase):
    def measure(self, shape: str) -> tuple[dict, float]:
        """The report, and the mean service time that was drawn."""
        server = subprocess.Popen(
            [WEIR, "serve", "work", "--service-time", f"{shape}:1ms", "--listen", "127.0.0.1:0"],
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(server.kill)
        target = "tcp://" + server.stdout.readline().removeprefix("READY ").strip()
        run = subprocess.run(
            [
                *(WEIR, "load", target, "--rate", f"{LOAD / SERVICE_S:.0f}", "-c32"),
                *("-d", f"{DURATION_S}s", "--warmup=0s", "--stamps=app", "--progress=none", "-o-"),
            ],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=True,
        )
        server.send_signal(signal.SIGTERM)
        words, _ = server.communicate(timeout=LIMIT_S)
        drawn_s = float(words.split("(drawn ")[1].split(",")[0]) * 1e-6
        return json.loads(run.stdout), drawn_s

    def check_wait(self, shape: str, theory_s: float) -> None:
        report, drawn_s = self.measure(shape)
        phase = report["phases"][0]
        response = phase["latency"]["response"]
        wait_s = response["mean"] * 1e-9 - drawn_s
        # Fixed service times scatter less: this interval is wider than theirs.
        error = math.sqrt(mm1_relative_variance(LOAD) / response["count"])
        reach_s = STANDARD_ERRORS * error * theory_s

        print(f"{shape}: mean wait {wait_s:.6f} s, theory {theory_s:.6f} +- {reach_s:.6f} s")
        self.assertEqual(phase["requests"]["answered"], phase["requests"]["offered"])
        self.assertGreater(wait_s, theory_s - reach_s)
        if report["verdict"] == "ok":
            self.assertLess(wait_s, theory_s + reach_s + ROUND_TRIP_S)
        else:
            print(f"{shape}: inconclusive above: the run is {report['verdict']}")

    def test_fixed_service_times_wait_as_in_md1(self) -> None:
        self.check_wait("fixed", LOAD / (2 * (1 - LOAD)) * SERVICE_S)

    def test_exponential_service_times_wait_as_in_mm1(self) -> None:
        self.check_wait("exp", LOAD / (1 - LOAD) * SERVICE_S)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    WEIR = sys.argv.pop(1)
    unittest.main()
