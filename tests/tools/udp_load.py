"""Shared by the tests of `weir load udp://...`: a load, run to its end or started."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

import program
from program import DONE, LIMIT_S, environment, weir
from udp_fault_server import FaultServer


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
            [program.WEIR, "load", server.target, *arguments, "--progress=none", "-o-"],
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
