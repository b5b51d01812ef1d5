"""What load generators say of an HTTP server whose delays are known: it hangs for 100 ms of each
second (http_stall.py). At 1000 requests a second over 10 connections, a tenth of the requests waits
between 0 and 100 ms: p99 is 90 ms, p99.9 is 99 ms, the mean 5 ms, whoever asks.

Run it through tools/dev/known-answer.sh. wrk holds no rate: its closed loop is shown to show that.
"""

import argparse
import csv
import json
import math
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench_rounds import environment, run_program, say
from bench_server import Failure, Server

RATE, CONNECTIONS, SECONDS = 1000, 10, 10
TRUE_MS = {"p99": 90.0, "p99.9": 99.0, "max": 100.0, "mean": 5.0}
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
ANSWER_BYTES = 40


@dataclass(frozen=True)
class Answer:
    """What a generator said, in milliseconds; None: it does not say."""

    requests: int
    p99: float | None
    p999: float | None
    max: float | None
    mean: float | None


def percentile(ordered: list[float], share: float) -> float:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def answer_of(latencies_ms: list[float]) -> Answer:
    ordered = sorted(latencies_ms)
    if not ordered:
        raise Failure("no latencies")
    return Answer(len(ordered), percentile(ordered, 0.99), percentile(ordered, 0.999), ordered[-1],
                  sum(ordered) / len(ordered))


def output_of(command: list[str], good: tuple[int, ...] = (0,)) -> str:
    run = subprocess.run(command, capture_output=True, text=True, timeout=6 * SECONDS,
                         stdin=subprocess.DEVNULL, check=False)
    if run.returncode not in good:
        raise Failure(f"`{' '.join(command)}` failed: {run.stdout}{run.stderr}")
    return run.stdout


def parse_hey(text: str) -> Answer:
    """`hey -o csv`: a line a request, its time in seconds."""
    rows = csv.DictReader(text.splitlines())
    return answer_of([1000 * float(row["response-time"]) for row in rows])


def parse_h2load(text: str) -> Answer:
    """`--log-file`: start in us, status, time in us, between tabs."""
    return answer_of([int(line.split("\t")[2]) / 1000 for line in text.splitlines()])


def parse_wrk_time(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s)", text)
    if match is None:
        raise Failure(f"wrk said {text!r}")
    return float(match[1]) * {"us": 0.001, "ms": 1, "s": 1000}[match[2]]


def parse_wrk(text: str) -> Answer:
    """`wrk --latency` has no p99.9."""
    requests = re.search(r"(\d+) requests in", text)
    p99 = re.search(r"99%\s+(\S+)", text)
    thread = re.search(r"Latency\s+(\S+)\s+\S+\s+(\S+)", text)
    if not (requests and p99 and thread):
        raise Failure(f"wrk said: {text}")
    return Answer(int(requests[1]), parse_wrk_time(p99[1]), None, parse_wrk_time(thread[2]),
                  parse_wrk_time(thread[1]))


def parse_weir(text: str, kind: str) -> Answer:
    phase = json.loads(text)["phases"][0]
    latency = phase["latency"][kind]
    return Answer(latency["count"], latency["p"]["99"] / 1e6, latency["p"]["99.9"] / 1e6,
                  latency["max"] / 1e6, latency["mean"] / 1e6)


def measure(weir: Path, address: str, folder: Path) -> dict[str, Answer]:
    found = {}
    payload = folder / "request"
    payload.write_bytes(REQUEST)
    text = output_of([str(weir), "load", f"tcp://{address}", "--rate", str(RATE), "--arrival",
                      "fixed", "-c", str(CONNECTIONS), "-d", f"{SECONDS}s", "--stamps", "app",
                      "--payload-file", str(payload), "--expect", f"bytes:{ANSWER_BYTES}",
                      "--progress", "none", "-o", "-"])
    found["weir load, response time"] = parse_weir(text, "response")
    found["weir load, service time"] = parse_weir(text, "service")
    url = f"http://{address}/"
    if shutil.which("hey"):
        found["hey -q"] = parse_hey(output_of(
            ["hey", "-z", f"{SECONDS}s", "-c", str(CONNECTIONS), "-q", str(RATE // CONNECTIONS),
             "-o", "csv", url]))
    if shutil.which("h2load"):
        log = folder / "h2load"
        output_of(["h2load", "--h1", "-c", str(CONNECTIONS), "-t", "1", "-D", str(SECONDS),
                   "--rps", str(RATE // CONNECTIONS), f"--log-file={log}", url])
        found["h2load --rps"] = parse_h2load(log.read_text())
    if shutil.which("wrk"):
        found["wrk (holds no rate)"] = parse_wrk(output_of(
            ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{SECONDS}s", "--latency", url]))
    return found


def cell(value: float | None, truth: float) -> str:
    return "-" if value is None else f"{value:.3g} ({100 * (value / truth - 1):+.0f} %)"


def print_table(found: dict[str, Answer]) -> None:
    say("| generator | requests | p99 | p99.9 | max | mean |")
    say("|---|---|---|---|---|---|")
    truth = " | ".join(f"{value:g}" for value in TRUE_MS.values())
    say(f"| the truth, ms | {RATE * SECONDS} | {truth} |")
    for name, answer in found.items():
        values = (answer.p99, answer.p999, answer.max, answer.mean)
        cells = " | ".join(cell(value, true) for value, true in zip(values, TRUE_MS.values()))
        say(f"| {name} | {answer.requests} | {cells} |")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="known-answer.sh", add_help=False)
    parser.add_argument("--weir", type=Path, required=True)
    options = parser.parse_args(arguments)
    facts = environment()
    say(f"{facts['cpu']}, Linux {facts['kernel']}, load {facts['loadavg'][0]:.2f}; {RATE} requests "
        f"a second, {CONNECTIONS} connections, {SECONDS} s\n")
    missing = [name for name in ("hey", "h2load", "wrk") if not shutil.which(name)]
    server = Server([sys.executable, str(Path(__file__).with_name("http_stall.py")), "1", "0.1"])
    try:
        with tempfile.TemporaryDirectory() as folder:
            print_table(measure(options.weir, server.address, Path(folder)))
    finally:
        server.stop()
    if missing:
        say(f"\nnot there: {', '.join(missing)} (apt-get install hey nghttp2-client wrk)")
    return 0


if __name__ == "__main__":
    run_program("known-answer.sh", main)
