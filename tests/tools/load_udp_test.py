#!/usr/bin/env python3
"""`weir load udp://...` against servers whose faults are known: what it counts has to be just that.

    load_udp_test.py PATH_OF_WEIR [unittest arguments]
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import program
from program import (
    BAD_USAGE,
    DONE,
    INTERRUPTED,
    LIMIT_S,
    NOTHING_SUCCEEDED,
    RUN_FAILED,
    available_backends,
    environment,
    weir,
)
from udp_fault_server import DeafSocket, FaultServer

WEIR = ""


def forbid_large_buffers() -> None:
    """Runs in the child before exec: root may pass the limits of net.core without it, too."""
    drop_from_bounding_set, net_admin = 24, 12
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(drop_from_bounding_set, net_admin, 0, 0, 0) != 0 and os.geteuid() == 0:
        raise OSError(ctypes.get_errno(), "PR_CAPBSET_DROP")


class LoadTest(unittest.TestCase):
    def directory(self) -> Path:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        return Path(directory.name)

    def server(self, **faults) -> FaultServer:
        server = FaultServer(**faults)
        self.addCleanup(server.end)
        return server

    def load(self, target: str, *arguments: str, exit_code: int = DONE) -> dict:
        """The phase of a run's JSON; with the verdict."""
        run = weir("load", target, *arguments, "--progress", "none", "-o", "-")
        self.assertEqual(run.returncode, exit_code, run.stdout + run.stderr)
        report = json.loads(run.stdout)
        kept = {name: report[name] for name in ("verdict", "env", "trust")}
        return report["phases"][0] | kept

    def started(self, server: FaultServer, *arguments: str, received: int) -> subprocess.Popen:
        """A load that goes on, once the server has received so many datagrams of it."""
        load = subprocess.Popen(
            [WEIR, "load", server.target, *arguments, "--progress=none", "-o-"],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(load.communicate)
        self.addCleanup(load.kill)
        while server.received < received and load.poll() is None:
            pass
        return load

    def ended(self, load: subprocess.Popen, exit_code: int = DONE) -> dict:
        """The report of a load that was started, when it has ended by itself."""
        output, errors = load.communicate(timeout=LIMIT_S)
        self.assertEqual(load.returncode, exit_code, output + errors)
        return json.loads(output)

    def fixed(self, server, rate: int, duration_ms: int, *arguments: str, **kept) -> dict:
        """A run of a schedule; everything of it has to be sent."""
        phase = self.load(
            server.target, f"--rate={rate}/s",
            "--arrival=fixed", f"-d{duration_ms}ms", *arguments, **kept
        )
        datagrams = phase["datagrams"]
        self.assertEqual(datagrams["offered"], rate * duration_ms // 1000)
        self.assertEqual(datagrams["sent"], datagrams["offered"])
        self.assertEqual(
            datagrams["sent"], datagrams["answered"] + datagrams["lost"], datagrams
        )
        self.assertEqual(datagrams["under_way"], 0)
        return phase


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
                    *(server.target, "--closed", "-c", "2", "--depth", "4", "-d", "500ms"),
                    *("--lost-after=50ms", "--backend", backend),
                )
                server.end()

                datagrams = phase["datagrams"]
                self.assertIn(phase["verdict"], ("lossy", "untrusted"))
                self.assertEqual(datagrams["sent"], server.received)
                self.assertEqual(datagrams["lost"], server.counts["dropped"])
                self.assertEqual(datagrams["answered"], server.sent)
                self.assertEqual(phase["latency"]["service"]["count"], datagrams["answered"])
                # 8 at a time and 50 ms for each lost one; each round of 8 gives about 80.
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


class WhoLostWhatTest(LoadTest):
    def test_a_full_buffer_of_the_server_is_found(self) -> None:
        for arguments in (("--lost-after=100ms",), ("--one-way",)):
            with self.subTest(arguments=arguments):
                deaf = DeafSocket()
                self.addCleanup(deaf.end)
                lossy = arguments[0] != "--one-way"

                phase = self.load(
                    *(deaf.target, "--rate=1k",
                        "--arrival=fixed", "-d300ms", "--size=1000", *arguments),
                    exit_code=NOTHING_SUCCEEDED if lossy else DONE,
                )

                drops, waiting = deaf.drops(), deaf.waiting()
                self.assertEqual(phase["datagrams"]["sent"], 300)
                self.assertEqual(drops + waiting, 300)
                self.assertGreater(drops, 200)
                self.assertEqual(phase["lost_where"]["server_socket_buffer"], drops)
                if lossy:
                    self.assertEqual(phase["lost_where"]["network_or_server"], waiting)
                kernel = phase["kernel"]
                self.assertGreaterEqual(kernel["change"]["RcvbufErrors"], drops)
                for name, change in kernel["change"].items():
                    self.assertEqual(change, kernel["after"][name] - kernel["before"][name])

    def test_one_drop_is_one_datagram_also_where_trains_would_be_taken(self) -> None:
        for backend in available_backends():
            with self.subTest(backend=backend):
                deaf = DeafSocket(takes_trains=True)
                self.addCleanup(deaf.end)

                phase = self.load(
                    *(deaf.target, "--rate=200k", "--arrival=fixed", "-d100ms", "--one-way"),
                    *("--backend", backend),
                )

                drops, waiting = deaf.drops(), deaf.waiting()
                self.assertGreater(drops, 1000)
                self.assertEqual(drops + waiting, phase["datagrams"]["sent"])
                self.assertEqual(phase["lost_where"]["server_socket_buffer"], drops)

    def test_a_full_buffer_of_ours_is_found(self) -> None:
        server = self.server()
        load = self.started(
            # Longer than a busy machine needs to send the copies: what is left then is not read.
            *(server, "--rate=1k", "--arrival=fixed", "-d3s", "--size=1400"),
            received=100,
        )
        load.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, load.pid, os.WSTOPPED | os.WNOWAIT)
        copies = 20_000  # 28 MB of copies: more than any receive buffer here holds
        echo, peer = server.last
        for _ in range(copies):
            server.socket.sendto(echo, peer)
        load.send_signal(signal.SIGCONT)
        phase = self.ended(load)["phases"][0]
        server.end()

        datagrams = phase["datagrams"]
        arrived = datagrams["answered"] + datagrams["duplicates"] + datagrams["late"]
        dropped = phase["lost_where"]["our_socket_buffer"]
        self.assertGreater(dropped, 1000)
        self.assertEqual(arrived + dropped, server.sent + copies)
        self.assertEqual(phase["lost_where"]["network_or_server"], 0)

    def test_a_receive_buffer_that_the_kernel_cuts_is_noted(self) -> None:
        asked = 4 << 20
        granted = min(asked, int(Path("/proc/sys/net/core/rmem_max").read_text()))
        is_cut = granted < asked  # as under the kernel's default, which somebody may have raised
        server = self.server()

        run = weir(
            *("load", server.target, "--rate=500", "-d200ms", "--progress=none", "-o-"),
            preexec_fn=forbid_large_buffers,
        )

        self.assertEqual(run.returncode, DONE, run.stdout + run.stderr)
        (check,) = [
            check for check in json.loads(run.stdout)["trust"] if check["check"] == "socket_buffers"
        ]
        self.assertEqual((check["ok"], check["weight"]), (not is_cut, "note"))
        self.assertEqual((check["value"], check["limit"]), (granted, asked))
        self.assertEqual(check["unit"], "bytes")
        self.assertEqual(
            check["remedy"], f"try sysctl net.core.rmem_max={asked}" if is_cut else ""
        )

    def nobody(self) -> str:
        """Where nobody listens."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            return f"udp://127.0.0.1:{probe.getsockname()[1]}"

    def test_nobody_listening_is_no_success_and_reported(self) -> None:
        target = self.nobody()
        sentence = (
            f"nobody listens on {target}; is the server running? `weir serve udp-echo` starts one"
        )
        for backend in available_backends():
            for kind in (("--closed",), ("--rate=100",), ("--rate=5k", "--one-way", "-c", "2")):
                with self.subTest(backend=backend, kind=kind):
                    csv = self.directory() / "seconds.csv"

                    run = weir(
                        *("load", target, *kind, "-d", "10s", "--backend", backend),
                        *("--progress", "none", "-o", "-", "--csv", str(csv)),
                    )

                    self.assertEqual(run.returncode, NOTHING_SUCCEEDED, run.stdout + run.stderr)
                    self.assertEqual(run.stderr, f"weir load: {sentence}\n")
                    report = json.loads(run.stdout)
                    self.assertEqual(report["verdict"], "failed")
                    self.assertEqual(report["exit_code"], NOTHING_SUCCEEDED)
                    phase = report["phases"][0]
                    self.assertGreater(phase["errors"]["unreachable"], 0)
                    self.assertEqual(phase["error_examples"]["unreachable"], sentence)
                    requests = phase["requests"]
                    self.assertGreater(requests["sent"], 0)
                    self.assertEqual(requests["failed"], requests["sent"])
                    self.assertLess(phase["dur_s"], 5)  # nobody waits for the 10 s
                    self.assertTrue(csv.read_text().startswith("time_s,"))

    def test_nobody_listening_is_said_to_a_person(self) -> None:
        for kind in (("--closed",), ("--rate=100", "--one-way")):
            with self.subTest(kind=kind):
                target = self.nobody()

                run = weir("load", target, *kind, "-d", "10s", "--progress", "none")

                self.assertEqual((run.returncode, run.stderr), (NOTHING_SUCCEEDED, ""))
                self.assertIn("NOTHING SUCCEEDED  ", run.stdout)
                words = " ".join(run.stdout.split())
                self.assertIn(f"nobody listens on {target}; is the server running?", words)

    def test_a_job_with_nobody_listening_ends_with_its_report(self) -> None:
        target = self.nobody()
        for job in (
            ("sweep", target, "--rates", "100,200"),
            ("find-max", target, "--slo", "p99<1s", "--range", "100..200"),
        ):
            with self.subTest(job=job):
                run = weir("load", *job, "-d", "200ms", "--progress", "none", "-o", "-")

                self.assertEqual(run.returncode, NOTHING_SUCCEEDED, run.stdout + run.stderr)
                self.assertIn("nobody listens", run.stdout)

    def test_one_way_a_server_that_goes_away_after_a_while_did_get_something(self) -> None:
        server = self.server(drop_every=1)
        # Longer than a refusal of the first datagram may take.
        load = self.started(
            *(server, "--rate=1k", "--arrival=fixed", "-d2s", "--one-way", "-c1"),
            received=1300,
        )
        server.end()
        phase = self.ended(load, RUN_FAILED)["phases"][0]

        requests = phase["requests"]
        self.assertEqual(requests["sent"], 2000)
        self.assertGreater(requests["failed"], 0)
        self.assertLess(requests["failed"], 750)
        self.assertEqual(requests["failed"], phase["errors"]["unreachable"])

    def test_a_server_that_goes_away_is_told_and_the_run_goes_on(self) -> None:
        server = self.server()
        load = self.started(
            *(server, "--rate=1k", "--arrival=fixed", "-d1s", "--lost-after=100ms"),
            received=100,
        )
        server.end()
        phase = self.ended(load, RUN_FAILED)["phases"][0]

        self.assertGreater(phase["errors"]["unreachable"], 0)
        self.assertGreater(phase["datagrams"]["lost"], 0)
        self.assertIn("nobody listens", phase["error_examples"]["unreachable"])

    def test_what_is_under_way_at_an_interruption_counts_at_its_age(self) -> None:
        server = self.server(drop_every=2)
        load = self.started(server, "--rate=2k", "-c3", "-d60s", "--lost-after=50s", received=500)
        load.send_signal(signal.SIGINT)
        phase = self.ended(load, INTERRUPTED)["phases"][0]
        server.end()

        requests, response = phase["requests"], phase["latency"]["response"]
        self.assertGreaterEqual(requests["pending"], 200)
        self.assertEqual(requests["pending"], phase["datagrams"]["under_way"])
        self.assertEqual(
            requests["sent"], requests["answered"] + requests["lost"] + requests["pending"]
        )
        self.assertEqual(response["censored"], requests["pending"])
        self.assertEqual(response["count"], requests["answered"] + requests["pending"])
        # Every second one is missing, so it is not known how long the slowest tenth took.
        self.assertIn("90", response["lower_bounds"])


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
            r"(LOSSY|UNTRUSTED)  1 350 answers in 1\.5\d s  (89|9\d)\d/s  150 lost"
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
    WEIR = str(Path(sys.argv.pop(1)).resolve())
    program.WEIR = WEIR
    unittest.main()
