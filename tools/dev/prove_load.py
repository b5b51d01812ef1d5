"""Whether `weir load` tells the truth, the long form: waits against queueing theory at three loads,
and find-max against a plain bisection. Prints Markdown tables. The quick form, with the known
answer, the schedules and the logs, is `weir load selftest`.

Run it through tools/dev/prove-load.sh. Each wait is the mean over several runs of different seeds,
so its 95 % interval is Student's, from what the runs' means differ by; nothing is supposed about
what happens within one. The network and both programs add time to every request: what they add is
measured at a tenth of the load, where the wait is known and small. Server and generator have a
processor each if there are two. A run that is not to be trusted (the machine was disturbed, or the
generator late) is made again with another seed, and counted.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_rounds import environment, progress, run_program, say
from bench_server import Failure, Server

SERVICE_S = 500e-6
LOADS = (0.5, 0.7, 0.9)
BASE_LOAD = 0.1
TRIES_MAX = 3  # of each run
STUDENT_975 = {3: 4.303, 4: 3.182, 6: 2.571, 8: 2.365, 10: 2.262, 12: 2.201}  # by number of runs
SEARCH_GOAL_MS = 5.0
SEARCH_WIDTH = 1.01


def mm1_wait_s(load: float) -> float:
    return load * SERVICE_S / (1 - load)


def md1_wait_s(load: float) -> float:
    return mm1_wait_s(load) / 2


KINDS = {"M/D/1": ("fixed", md1_wait_s), "M/M/1": ("exp", mm1_wait_s)}


class Load:
    """`weir load` on a server of its own, run after run."""

    def __init__(self, weir: Path, service: list[str]) -> None:
        self._weir = weir
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) > 1:
            service = [*service, "--cpus", str(cpus[0])]
        self.cpus = ["--cpus", str(cpus[-1])]
        self._folder = tempfile.TemporaryDirectory()
        self._server = Server([str(weir), "serve", *service, "--listen", "127.0.0.1:0"])
        self.target = f"tcp://{self._server.address}"

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_) -> None:
        self._server.stop()
        self._folder.cleanup()

    def run(self, arguments: list[str], patience_s: float = 300) -> dict:
        path = Path(self._folder.name) / "result.json"
        command = [str(self._weir), "load", *arguments, "-o", str(path), "--progress", "none"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=patience_s,
                             stdin=subprocess.DEVNULL, check=False)
        if run.returncode not in (0, 4, 6):
            raise Failure(f"`{' '.join(command)}` failed: {run.stdout}{run.stderr}")
        return json.loads(path.read_text())

    def phase(self, rate: float, seconds: float, seed: int) -> tuple[dict, bool]:
        """The measured phase, and whether the run is to be trusted."""
        result = self.run([self.target, "--rate", f"{rate:.0f}", "-d", f"{seconds:g}s", "-c", "64",
                           "--warmup", "300ms", "--stamps", "app", "--seed", str(seed),
                           "--pace", "spin", *self.cpus])
        return result["phases"][0], result["verdict"] != "untrusted"


def mean_and_half_width(values: list[float]) -> tuple[float, float]:
    spread = statistics.stdev(values) / math.sqrt(len(values))
    return statistics.fmean(values), STUDENT_975[len(values)] * spread


def prove_waits(weir: Path, runs: int, seconds: float) -> bool:
    say("| queue | load | wait by theory | wait measured, 95 % interval | off | made again | |")
    say("|---|---|---|---|---|---|---|")
    all_hold = True
    for name, (shape, theory_of) in KINDS.items():
        with Load(weir, ["work", "--service-time", f"{shape}:{SERVICE_S * 1e6:.0f}us"]) as load:
            means = {}
            for share in (BASE_LOAD, *LOADS):
                found = []
                tries = 0
                while len(found) < runs:
                    tries += 1
                    progress(f"{name}, {share:.0%}: {len(found)} of {runs} runs, try {tries}")
                    phase, is_trusted = load.phase(share / SERVICE_S, seconds, tries)
                    if is_trusted:
                        found.append(phase["latency"]["response"]["mean"] / 1e9)
                    elif tries >= TRIES_MAX * runs:
                        raise Failure(f"{tries - len(found)} of {tries} runs were not to be "
                                      "trusted; use a quieter machine")
                means[share] = (*mean_and_half_width(found), tries - runs)
            progress("")
            base, base_width, _ = means[BASE_LOAD]
            overhead = base - SERVICE_S - theory_of(BASE_LOAD)
            for share in LOADS:
                mean, width, untrusted = means[share]
                wait = mean - SERVICE_S - overhead
                width = math.hypot(width, base_width)
                theory = theory_of(share)
                holds = abs(wait - theory) <= width
                all_hold = all_hold and holds
                say(f"| {name} | {share:.0%} | {theory * 1e3:.3f} ms | {wait * 1e3:.3f} ms "
                    f"+- {width * 1e3:.3f} | {100 * (wait / theory - 1):+.1f} % | {untrusted} | "
                    f"{'within' if holds else '**outside**'} |")
            say(f"| {name} | what else a request takes | | {overhead * 1e6:.0f} us | | | |")
    return all_hold


def bisect(load: Load, seconds: float) -> tuple[float, float]:
    """The highest rate that keeps the goal and the lowest that does not, found the plain way."""
    low, high = 1000.0, 5000.0
    while high / low > SEARCH_WIDTH:
        rate = math.sqrt(low * high)
        progress(f"by hand: {rate:.0f}/s")
        p99 = [load.phase(rate, seconds, seed)[0]["latency"]["response"]["p"]["99"] / 1e6
               for seed in (1, 2, 3)]
        if statistics.median(p99) < SEARCH_GOAL_MS:
            low = rate
        else:
            high = rate
    progress("")
    return low, high


def prove_search(weir: Path, seconds: float) -> bool:
    with Load(weir, ["work", "--service-time", "fixed:200us"]) as load:
        low, high = bisect(load, seconds)
        progress("find-max")
        found = load.run(["find-max", load.target, "--slo", f"p99<{SEARCH_GOAL_MS:g}ms", "--range",
                          "500..20k", "-c", "64", "-d", f"{seconds:g}s", "--pace", "spin",
                          *load.cpus])
        progress("")
    by_hand = math.sqrt(low * high)
    if found["lower"] is None or found["upper"] is None:
        raise Failure(f"find-max found {found['lower']} to {found['upper']}")
    middle = math.sqrt(found["lower"] * found["upper"])
    off = middle / by_hand - 1
    say("\n| search for p99 < 5 ms, one worker of 200 us | lower | upper |")
    say("|---|---|---|")
    say(f"| by hand: bisection, median of three runs of {seconds:g} s | {low:.0f}/s "
        f"| {high:.0f}/s |")
    say(f"| `weir load find-max` | {found['lower']:.0f}/s | {found['upper']:.0f}/s |")
    say(f"| their middles differ by | {100 * off:+.1f} % | |")
    return abs(off) <= 0.03


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="prove-load.sh", add_help=False)
    parser.add_argument("--weir", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=8, choices=sorted(STUDENT_975))
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--only", choices=("waits", "search"))
    options = parser.parse_args(arguments)
    facts = environment()
    say(f"{facts['cpu']}, Linux {facts['kernel']}, load {facts['loadavg'][0]:.2f}\n")
    hold = True
    if options.only != "search":
        hold = prove_waits(options.weir, options.runs, options.seconds) and hold
    if options.only != "waits":
        hold = prove_search(options.weir, options.seconds) and hold
    say("\nall hold" if hold else "\nnot all hold: see the rows, and whether the machine was quiet")
    return 0 if hold else 1


if __name__ == "__main__":
    run_program("prove-load.sh", main)
