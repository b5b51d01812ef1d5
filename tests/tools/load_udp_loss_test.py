#!/usr/bin/env python3
"""`weir load udp://...`: who lost a datagram, which buffer was too small, who was not there at all.

    load_udp_loss_test.py PATH_OF_WEIR [unittest arguments]
"""

import ctypes
import json
import os
import signal
import socket
import sys
import unittest
from pathlib import Path

import program
from program import (
    DONE,
    INTERRUPTED,
    NOTHING_SUCCEEDED,
    RUN_FAILED,
    available_backends,
    weir,
)
from udp_fault_server import DeafSocket
from udp_load import LoadTest


def forbid_large_buffers() -> None:
    """Runs in the child before exec: root may pass the limits of net.core without it, too."""
    drop_from_bounding_set, net_admin = 24, 12
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(drop_from_bounding_set, net_admin, 0, 0, 0) != 0 and os.geteuid() == 0:
        raise OSError(ctypes.get_errno(), "PR_CAPBSET_DROP")


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


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program.WEIR = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()
