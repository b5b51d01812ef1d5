"""What a load generator costs: `weir load --closed` beside a hand-written loop and sockperf.

Run it through tools/dev/bench-load.sh, which builds what is missing. One raw echo server, pinned
to one core, is under each generator in turn, on another core, in rounds of random order. raw_client
is an epoll loop that keeps a closed load, compares every byte and keeps a coarse histogram; it
takes part twice (A/A). weir compares every byte, too, and keeps full histograms. CPU is what each
says of its measured time (raw_client and weir), or what the kernel says of the whole process
(sockperf, which has a server of its own kind, because it speaks a protocol of its own).
"""

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field

from bench_rounds import (
    Comparison,
    add_options,
    begin,
    check_options,
    print_comparisons,
    progress,
    run_program,
    say,
)
from bench_server import Failure, Server
from paired_ratio import paired_ratio

TARGET = 1 / 0.9  # raw over weir: weir reaches 0.9 of the raw loop's rate


@dataclass(frozen=True)
class Case:
    name: str
    title: str
    connections: int
    depth: int


CASES = [
    Case("c1", "64 B, 1 connection, depth 1", 1, 1),
    Case("c64", "64 B, 64 connections, depth 1", 64, 1),
    Case("c64-d16", "64 B, 64 connections, depth 16", 64, 16),
]


@dataclass
class Generator:
    """One of them, and what was measured of it in one case, one entry a round."""

    name: str
    per_second: list[float] = field(default_factory=list)
    per_cpu_second: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Run:
    requests: int
    seconds: float
    cpu_s: float


def output_of(command: list[str], patience_s: float) -> str:
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=patience_s,
                             stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired as error:
        raise Failure(f"`{' '.join(command)}` did not end") from error
    if run.returncode != 0:
        raise Failure(f"`{' '.join(command)}` failed: {run.stdout}{run.stderr}")
    return run.stdout


def run_raw(case: Case, address: str, options: argparse.Namespace) -> Run:
    command = [str(options.bin / "raw_client"), "echo", "--connect", address, "--size", "64"]
    command += ["-c", str(case.connections), "--depth", str(case.depth)]
    command += ["--duration", str(options.cell_seconds), "--warmup", str(options.warmup_seconds)]
    command += ["--cpu", str(options.client_cpu)]
    result = json.loads(output_of(command, options.cell_seconds + 15))
    return Run(result["requests"], result["seconds"], result["client_cpu_ns"] / 1e9)


def run_weir(backend: str, case: Case, address: str, options: argparse.Namespace) -> Run:
    command = [str(options.weir), "load", f"tcp://{address}", "--closed", "--backend", backend]
    command += ["-c", str(case.connections), "--depth", str(case.depth), "--size", "64"]
    command += ["-d", f"{options.cell_seconds * 1000:.0f}ms"]
    command += ["--warmup", f"{options.warmup_seconds * 1000:.0f}ms"]
    command += ["--cpus", str(options.client_cpu)]
    command += ["--stamps", "app", "--progress", "none", "-o", "-"]
    phase = json.loads(output_of(command, options.cell_seconds + 15))["phases"][0]
    return Run(phase["done"], phase["dur_s"], phase["generator_cpu_s"])


def parse_sockperf(text: str) -> tuple[int, float]:
    """Messages answered in the valid time, and that time."""
    match = re.search(r"\[Valid Duration\] RunTime=([\d.]+) sec; SentMessages=(\d+); "
                      r"ReceivedMessages=(\d+)", text)
    if match is None:
        raise Failure(f"sockperf said: {text}")
    return int(match[3]), float(match[1])


class SockperfServer:
    """`sockperf server` on a free port."""

    def __init__(self, options: argparse.Namespace) -> None:
        for _ in range(20):
            self.port = random.randrange(20_000, 60_000)
            self.process = subprocess.Popen(
                ["taskset", "-c", str(options.server_cpu), "sockperf", "server", "--tcp",
                 "-i", "127.0.0.1", "-p", str(self.port)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(0.5)
            if self.process.poll() is None:
                return
        raise Failure("sockperf found no free port")

    def run(self, options: argparse.Namespace) -> Run:
        command = ["taskset", "-c", str(options.client_cpu), "sockperf", "ping-pong", "--tcp",
                   "-i", "127.0.0.1", "-p", str(self.port), "-m", "64",
                   "-t", str(max(1, round(options.cell_seconds)))]
        before = os.times()
        text = output_of(command, options.cell_seconds + 15)
        after = os.times()
        requests, seconds = parse_sockperf(text)
        cpu = (after.children_user + after.children_system
               - before.children_user - before.children_system)
        # Of a run that has warmed up as well: its CPU is more than that of the valid time.
        return Run(requests, seconds, cpu)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def run_case(case: Case, options: argparse.Namespace) -> list[Generator]:
    server = Server([str(options.bin / "raw_epoll"), "echo", "--port", "0", "--size", "64",
                     "--cpu", str(options.server_cpu)])
    sockperf = None
    try:
        runs = {
            "raw_epoll loop": lambda: run_raw(case, server.address, options),
            "raw_epoll loop again": lambda: run_raw(case, server.address, options),
            "weir load, epoll": lambda: run_weir("epoll", case, server.address, options),
            "weir load, io_uring": lambda: run_weir("io_uring", case, server.address, options),
        }
        if case.connections == 1 and shutil.which("sockperf"):
            sockperf = SockperfServer(options)
            runs["sockperf ping-pong"] = lambda: sockperf.run(options)
        generators = {name: Generator(name) for name in runs}
        chance = random.Random(case.name)
        for number in range(options.rounds):
            for name in chance.sample(list(runs), len(runs)):
                progress(f"{case.name}: round {number + 1}/{options.rounds}, {name}")
                run = runs[name]()
                generators[name].per_second.append(run.requests / run.seconds)
                generators[name].per_cpu_second.append(run.requests / run.cpu_s)
    finally:
        progress("")
        server.stop()
        if sockperf is not None:
            sockperf.stop()
    return list(generators.values())


def print_case(case: Case, generators: list[Generator]) -> dict[str, Comparison]:
    say(f"\n{case.name}: {case.title}")
    say(f"  {'generator':<24}{'requests/s':>14}{'requests/CPU s':>18}{'CPU ns/request':>18}")
    for generator in generators:
        per_cpu = statistics.median(generator.per_cpu_second)
        say(f"  {generator.name:<24}{statistics.median(generator.per_second):14.0f}{per_cpu:18.0f}"
            f"{1e9 / per_cpu:18.0f}")
    raw, again = generators[0], generators[1]
    comparisons = []
    for generator in generators[2:]:
        target = None if "sockperf" in generator.name else TARGET
        comparisons.append(Comparison(
            f"CPU: {generator.name} / raw", paired_ratio(raw.per_cpu_second,
                                                         generator.per_cpu_second), target))
        comparisons.append(Comparison(
            f"time: {generator.name} / raw", paired_ratio(raw.per_second,
                                                          generator.per_second), target))
    comparisons.append(Comparison("A/A: CPU of the raw loop twice",
                                  paired_ratio(raw.per_cpu_second, again.per_cpu_second), None))
    print_comparisons(comparisons, "request")
    return {comparison.what: comparison for comparison in comparisons}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench-load.sh", add_help=False,
                                     usage="bench-load.sh [OPTION...]; --help lists the options")
    add_options(parser)
    options = parser.parse_args(arguments)
    check_options(parser, options)
    if options.weir is None:
        parser.error("there is nothing to measure without weir")
    cases = [case for case in CASES if re.search(options.case, case.name)]
    if not cases:
        parser.error(f"no case matches {options.case!r}; there are: "
                     + ", ".join(case.name for case in CASES))
    facts = begin(options)
    say(f"{options.rounds} rounds of {options.cell_seconds} s a generator; "
        + ("sockperf from " + shutil.which("sockperf") if shutil.which("sockperf")
           else "without sockperf (apt-get install sockperf)"))
    report = {"environment": facts, "arguments": arguments, "cases": []}
    for case in cases:
        generators = run_case(case, options)
        comparisons = print_case(case, generators)
        report["cases"].append({
            "name": case.name,
            "generators": [vars(generator) for generator in generators],
            "ratios": {what: vars(comparison.ratio) for what, comparison in comparisons.items()},
        })
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    run_program("bench-load.sh", main)
