#!/usr/bin/env python3
"""`weir load udp://...` against servers whose faults are known: what it counts has to be just that.

    load_udp_test.py PATH_OF_WEIR [unittest arguments]
"""

import signal
import subprocess
import sys
import unittest
from pathlib import Path

import program
from program import (
    BAD_USAGE,
    DONE,
    INTERRUPTED,
    NOTHING_SUCCEEDED,
    RUN_FAILED,
    available_backends,
    weir,
)
from udp_load import LoadTest


class FixedRateTest(LoadTest):
    def test_a_right_echo_of_everything_is_a_good_run(self) -> None:
        for backend in available_backends():
            for size in ("24", "64", "1400", "65507"):
                with self.subTest(backend=backend, size=size):
                    server = self.server()

                    phase = self.fixed(
                        server, 1000, 300, "--size", size, "--backend", backend, "-c", "3"
                    )
                    server.end()

                    self.assertIn(phase["verdict"], ("ok", "untrusted"))
                    self.assertEqual(phase["env"]["backend"], backend)
                    self.assertEqual(phase["datagrams"]["answered"], 300)
                    self.assertEqual(server.received, 300)
                    self.assertEqual(phase["latency"]["response"]["count"], 300)
                    self.assertEqual(phase["latency"]["send_lag"]["count"], 300)
                    self.assertGreater(phase["latency"]["response"]["min"], 0)
                    self.assertEqual(phase["bytes"]["tx"], 300 * int(size))
                    self.assertEqual(phase["bytes"]["rx"], 300 * int(size))
                    bits = phase["datagrams"]["sent_bits_per_s"]
                    self.assertAlmostEqual(bits / (8 * int(size) * 1000), 1, delta=0.25)

    def test_every_tenth_dropped_is_a_loss_of_ten_percent(self) -> None:
        for backend in available_backends():
            with self.subTest(backend=backend):
                server = self.server(drop_every=10)

                phase = self.fixed(
                    server, 2000, 500, "--lost-after=200ms", "--backend", backend
                )
                server.end()

                datagrams, where = phase["datagrams"], phase["lost_where"]
                self.assertIn(phase["verdict"], ("lossy", "untrusted"))
                self.assertEqual((server.received, server.counts["dropped"]), (1000, 100))
                self.assertEqual(datagrams["lost"], 100)
                self.assertAlmostEqual(datagrams["loss_ratio"], 0.1)
                self.assertEqual(datagrams["loss_bursts"], 100)
                self.assertEqual(datagrams["loss_burst_max"], 1)
                self.assertEqual(where["network_or_server"], 100)
                self.assertEqual(where["our_queue"] + where["our_socket_buffer"], 0)
                self.assertEqual(where["server_socket_buffer"], 0)

    def test_a_copy_is_a_duplicate_and_no_second_answer(self) -> None:
        server = self.server(double_every=10)

        phase = self.fixed(server, 2000, 500)

        self.assertIn(phase["verdict"], ("ok", "untrusted"))
        self.assertEqual(phase["datagrams"]["answered"], 1000)
        self.assertEqual(phase["datagrams"]["duplicates"], 100)
        self.assertEqual(phase["bytes"]["rx"], 1100 * 64)

    def test_one_that_lets_the_next_pass_is_reordered(self) -> None:
        server = self.server(swap_every=7)

        phase = self.fixed(server, 2000, 500)
        server.end()

        self.assertEqual(server.counts["swapped"], 142)
        self.assertEqual(phase["datagrams"]["reordered"], 142)
        self.assertEqual(phase["datagrams"]["reordering_distance_max"], 1)
        self.assertEqual(phase["datagrams"]["lost"], 0)

    def test_one_changed_bit_is_damage_wherever_it_is(self) -> None:
        for at in (15, 23, 24, 63):  # number, send time, first and last of the payload
            with self.subTest(at=at):
                server = self.server(damage_every=10, damage_at=at)

                phase = self.fixed(
                    server, 1000, 300, "--lost-after=100ms", exit_code=RUN_FAILED
                )

                self.assertEqual(phase["verdict"], "failed")
                self.assertEqual(phase["datagrams"]["damaged"], 30)
                self.assertEqual(phase["datagrams"]["lost"], 30)
                self.assertEqual(phase["lost_where"]["damaged"], 30)
                self.assertEqual(phase["lost_where"]["network_or_server"], 0)
                self.assertEqual(phase["errors"]["mismatch"], 30)
                self.assertIn("datagram ", phase["error_examples"]["mismatch"])

    def test_a_cut_datagram_is_damage_too(self) -> None:
        server = self.server(cut_every=10)

        phase = self.fixed(server, 1000, 300, "--lost-after=100ms", exit_code=RUN_FAILED)

        self.assertEqual(phase["datagrams"]["damaged"], 30)
        self.assertIn("63 bytes came back of 64", phase["error_examples"]["mismatch"])

    def test_what_nobody_sent_is_foreign(self) -> None:
        server = self.server(stray_every=10)

        phase = self.fixed(server, 1000, 300, exit_code=RUN_FAILED)

        self.assertEqual(phase["datagrams"]["foreign"], 30)
        self.assertEqual(phase["datagrams"]["answered"], 300)

    def test_an_answer_after_its_time_is_late_and_lost(self) -> None:
        server = self.server(delay_every=10, delay_s=0.3)

        phase = self.fixed(server, 1000, 1000, "--lost-after=100ms")
        server.end()

        self.assertEqual(server.counts["delayed"], 100)
        self.assertEqual(phase["datagrams"]["lost"], 100)
        # Those of the first 700 ms have come back while the schedule lasted.
        self.assertGreaterEqual(phase["datagrams"]["late"], 50)
        self.assertEqual(phase["lost_where"]["late"], phase["datagrams"]["late"])

    def test_latency_counts_from_when_a_datagram_was_due(self) -> None:
        server = self.server()
        # It runs when the server has heard of it; then it stands still for a third of a second.
        load = self.started(server, "--rate=1k", "--arrival=fixed", "-d1s", received=100)
        load.send_signal(signal.SIGSTOP)
        try:
            load.wait(timeout=0.3)
        except subprocess.TimeoutExpired:
            load.send_signal(signal.SIGCONT)
        phase = self.ended(load)["phases"][0]

        self.assertEqual(phase["datagrams"]["sent"], 1000)
        self.assertGreater(phase["latency"]["send_lag"]["max"], 250e6)
        # A fifth of the schedule or more was due while it stood still.
        self.assertGreater(phase["latency"]["response"]["p"]["90"], 50e6)

    def test_shards_share_the_schedule(self) -> None:
        server = self.server(drop_every=10)

        phase = self.fixed(server, 1000, 500, "-c", "5", "-t", "2", "--lost-after=100ms")

        self.assertEqual((phase["conns"]["requested"], phase["conns"]["established"]), (5, 5))
        self.assertEqual(phase["datagrams"]["lost"], 50)
        self.assert_arrivals(phase, "fixed", count=500 - 5)

    def assert_arrivals(self, phase: dict, arrival: str, count: int) -> None:
        """What was sent was due with the gaps that the arrival process has."""
        (check,) = [check for check in phase["trust"] if check["check"] == "arrivals"]
        self.assertTrue(check["ok"], check)
        gaps = phase["gaps"]
        self.assertEqual(gaps["count"], count)
        flows = phase["conns"]["requested"]
        wanted = {"poisson": 1, "uniform": 3**-0.5, "fixed": 0}[arrival] / flows**0.5
        self.assertAlmostEqual(gaps["cv_wanted"], wanted)
        self.assertAlmostEqual(gaps["cv"], wanted, delta=0.15)
        self.assertAlmostEqual(gaps["mean_ratio"], 1, delta=0.15)

    def test_the_gaps_of_the_schedule_are_held_against_the_arrivals(self) -> None:
        server = self.server()
        for arrival in ("poisson", "uniform", "fixed"):
            for flows in ("1", "4"):
                with self.subTest(arrival=arrival, flows=flows):
                    phase = self.load(
                        *(server.target, "--rate=4k", f"--arrival={arrival}", "-d500ms"),
                        *("-c", flows, "-t", "2"),
                    )

                    sent = phase["datagrams"]["sent"]
                    self.assert_arrivals(phase, arrival, count=sent - int(flows))


class ClosedLoopTest(LoadTest):
    def test_loss_does_not_stall_it(self) -> None:
        for backend in available_backends():
            with self.subTest(backend=backend):
                server = self.server(drop_every=10)

                phase = self.load(
                    *(server.target, "--closed", "-c", "2", "--depth", "4", "-d", "1500ms"),
                    *("--lost-after=250ms", "--backend", backend),
                )
                server.end()

                datagrams = phase["datagrams"]
                self.assertIn(phase["verdict"], ("lossy", "untrusted"))
                self.assertEqual(datagrams["sent"], server.received)
                self.assertEqual(datagrams["lost"], server.counts["dropped"])
                self.assertEqual(datagrams["answered"], server.sent)
                self.assertEqual(phase["latency"]["service"]["count"], datagrams["answered"])
                # 8 at a time and 250 ms for each lost one; each round of 8 gives about 80.
                self.assertGreater(datagrams["lost"], 20)

    def test_the_latency_is_that_of_the_round_trip(self) -> None:
        server = self.server(delay_every=1, delay_s=0.02)

        phase = self.load(server.target, "--closed", "-c", "1", "-d", "300ms")

        self.assertGreaterEqual(phase["latency"]["service"]["min"], 20e6)
        self.assertLessEqual(phase["datagrams"]["answered"], 15)
        self.assertEqual(phase["datagrams"]["lost"], 0)

    def test_a_server_that_answers_nothing_is_no_success(self) -> None:
        server = self.server(drop_every=1)

        phase = self.load(
            *(server.target, "--closed", "-c", "2", "-d", "200ms", "--lost-after=50ms"),
            exit_code=NOTHING_SUCCEEDED,
        )

        self.assertGreaterEqual(phase["datagrams"]["lost"], 4)
        self.assertEqual(phase["datagrams"]["loss_ratio"], 1)

    def test_an_interrupted_run_reports_what_it_has(self) -> None:
        server = self.server()
        load = self.started(server, "--closed", "-d", "60s", received=100)

        load.send_signal(signal.SIGINT)
        report = self.ended(load, INTERRUPTED)

        self.assertTrue(report["interrupted"])
        self.assertEqual(report["phases"][0]["datagrams"]["lost"], 0)
        self.assertGreater(report["phases"][0]["done"], 0)


class TextTest(LoadTest):
    def test_a_person_reads_the_same(self) -> None:
        server = self.server(drop_every=10)

        run = weir("load", server.target, "--rate=1k",
            "--arrival=fixed", "-d1500ms", "--lost-after=100ms")

        self.assertEqual(run.returncode, DONE, run.stdout + run.stderr)
        self.assertIn("open loop: 1 000/s", run.stdout)
        self.assertIn("1 socket, 64 B a datagram", run.stdout)
        self.assertRegex(
            run.stdout,
            r"(LOSSY|UNTRUSTED)  1 350 answers in \d\.\d\d s  \d{3}/s  150 lost"
        )
        self.assertIn("150 (10 %) in 150 bursts, the longest of 1", run.stdout)
        self.assertRegex(run.stdout, r"network or server +150 ")
        self.assertRegex(run.stderr, r"\d s  [\d ]+/s( of [\d ]+/s)?  p50 .* \d+ lost\n")

    def test_bad_usage_is_explained(self) -> None:
        target = "udp://127.0.0.1:9"
        cases = {
            (target, "--closed", "--rate=1"): "exclude each other",
            (target, "--closed", "--one-way"): "--one-way and --closed exclude",
            (target, "--rate=1", "--depth=2"): "--depth is for --closed",
            (target, "--rate=1", "--size=23"): "24 to 65507",
            (target, "--codec=len32"): "--codec is for tcp:// and unix:",
        }
        for arguments, reason in cases.items():
            with self.subTest(arguments=arguments):
                run = weir("load", *arguments)

                self.assertEqual((run.returncode, run.stdout), (BAD_USAGE, ""))
                self.assertIn(reason, run.stderr)
                self.assertEqual(run.stderr.count("\n"), 2, run.stderr)  # the help is named


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program.WEIR = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()
