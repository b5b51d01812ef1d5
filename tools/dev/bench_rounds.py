"""Interleaved rounds over several programs: what the benchmarks of servers have in common.

Rounds visit the contenders in random order, and every fourth round starts them anew, because where
memory lands is noise, too. What a round measures is the caller's business.
"""

import argparse
import os
import platform
import random
import re
import signal
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench_server import Accounted, Failure, Server
from paired_ratio import Ratio, verdict

ROUNDS_PER_START = 4
NOISE_MAX = 0.05  # half of an A/A interval: with more the ratios say little


@dataclass
class Contender:
    """A program and what was measured of it in one case, one entry a round."""

    name: str
    command: list[str]
    launch: Callable[[list[str]], Accounted] = Server
    server: Accounted | None = None
    cpu_ns: list[float] = field(default_factory=list)  # per request
    client_cpu_ns: list[float] = field(default_factory=list)  # per request
    rate: list[float] = field(default_factory=list)  # requests a second
    p50_us: list[float] = field(default_factory=list)
    p99_us: list[float] = field(default_factory=list)
    syscalls: float | None = None  # per request
    counters: dict = field(default_factory=dict)  # what it said of itself when it last stopped

    def start(self) -> None:
        self.server = self.launch(self.command)

    def stop(self) -> None:
        if self.server is not None:
            self.counters = self.server.stop()
        self.server = None

    def samples(self) -> dict:
        """What a report keeps."""
        return {
            key: value
            for key, value in vars(self).items()
            if key not in ("server", "launch", "counters")
        }


@dataclass
class Comparison:
    what: str
    ratio: Ratio
    target: float | None

    def line(self) -> str:
        text = f"  {self.what:<44}{str(self.ratio):<24}"
        if self.target is None:
            return text.rstrip()
        return text + f"<= {self.target:.3g}: {verdict(self.ratio, self.target)}"


def say(text: str = "") -> None:
    print(text, flush=True)


def progress(text: str) -> None:
    """A line for whoever waits; results go to stdout."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def run_rounds(
    name: str,
    contenders: list[Contender],
    rounds: int,
    measure: Callable[[Contender], None],
    prepare: Callable[[Contender], None],
) -> None:
    """Measures every contender once a round. `prepare` is called for each, once, before."""
    chance = random.Random(name)
    try:
        for number in range(rounds):
            if number % ROUNDS_PER_START == 0:
                for contender in contenders:
                    contender.stop()
                for contender in contenders:
                    contender.start()
                if number == 0:
                    for contender in contenders:
                        prepare(contender)
            for contender in chance.sample(contenders, len(contenders)):
                progress(f"{name}: round {number + 1}/{rounds}, {contender.name}")
                measure(contender)
    finally:
        progress("")
        for contender in contenders:
            contender.stop()


def print_contenders(contenders: list[Contender], unit: str) -> None:
    """A line of medians for each."""
    say(f"  {'server':<20}{unit + 's/s':>14}{'CPU ns/' + unit:>16}{'client CPU':>12}"
        f"{'syscalls/' + unit:>19}{'p50 us':>9}{'p99 us':>9}")
    for contender in contenders:
        syscalls = "-" if contender.syscalls is None else f"{contender.syscalls:.3f}"
        latency = "".join(
            f"{statistics.median(values):9.1f}" if values else f"{'-':>9}"
            for values in (contender.p50_us, contender.p99_us)
        )
        say(f"  {contender.name:<20}{statistics.median(contender.rate):14.0f}"
            f"{statistics.median(contender.cpu_ns):16.0f}"
            f"{statistics.median(contender.client_cpu_ns):12.0f}{syscalls:>19}{latency}")


def print_comparisons(comparisons: list[Comparison], unit: str) -> None:
    """A line for each; the last is the A/A."""
    say(f"  {f'server CPU per {unit}, paired ratio':<44} estimate [95 % interval]")
    for comparison in comparisons:
        say(comparison.line())
    noise = comparisons[-1].ratio.half_width()
    if noise > NOISE_MAX:
        say(f"  unstable: the A/A interval is +-{100 * noise:.0f} %; "
            "use more rounds or a quieter machine")


def environment() -> dict:
    cpuinfo = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.*)$", cpuinfo, re.MULTILINE)
    vulnerabilities = Path("/sys/devices/system/cpu/vulnerabilities")
    return {
        "kernel": platform.release(),
        "cpu": model[1] if model else platform.machine(),
        "cpus": os.cpu_count(),
        "mitigations": {path.name: path.read_text().strip() for path in vulnerabilities.glob("*")},
        "loadavg": os.getloadavg(),
    }


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that every such benchmark has."""
    cpus = sorted(os.sched_getaffinity(0))
    parser.add_argument("--bin", type=Path, required=True, help="folder of the built programs")
    parser.add_argument("--weir", help="the weir program, or `none` for the raw loops alone")
    parser.add_argument("--rounds", type=int, default=24, help="rounds a case (%(default)s)")
    parser.add_argument("--cell-seconds", type=float, default=0.5, metavar="S",
                        help="length of one measurement (%(default)s)")
    parser.add_argument("--case", default="", metavar="RE", help="only the cases that match")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write everything measured")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 0.05 s: does it work?")
    parser.add_argument("--realtime", action="store_true", help="run everything as SCHED_FIFO")
    parser.add_argument("--add", action="append", default=[], metavar="NAME=PEER FLAGS",
                        help="one more peer, e.g. 'fixed=raw_uring --fixed-files'; repeatable")
    parser.add_argument("--server-cpu", type=int, default=cpus[0], help="(%(default)s)")
    parser.add_argument("--client-cpu", type=int, default=cpus[-1], help="(%(default)s)")


def check_options(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Settles what depends on other options; ends the process if something is wrong."""
    options.warmup_seconds = 0.1
    if options.quick:
        options.rounds, options.cell_seconds, options.warmup_seconds = 2, 0.05, 0.02
    if options.rounds < 1 or options.cell_seconds <= 0:
        parser.error("--rounds and --cell-seconds must be positive")
    if options.weir == "none":
        options.weir = None
    else:
        options.weir = Path(options.weir) if options.weir else options.bin / "weir"
        if not os.access(options.weir, os.X_OK):
            parser.error(f"no weir program at {options.weir}; build it, say where it is with "
                         "--weir PATH, or measure the raw loops alone with --weir none")


def add_peer_options(parser: argparse.ArgumentParser) -> None:
    """The options of a benchmark that servers on other libraries can take part in."""
    parser.add_argument("--against", metavar="LIST", default="",
                        help="servers on other libraries as well, by name: uv,asio_epoll")
    parser.add_argument("--peers", action="store_true", help="all of those that were built")


def why_missing(folder: Path, peer: str) -> str | None:
    """Why there is no such server on another library, or None if there is one."""
    if os.access(folder / peer, os.X_OK):
        return None
    left_out = folder / "peers_left_out.txt"
    lines = left_out.read_text().splitlines() if left_out.exists() else []
    packages = [package for name, package in map(str.split, lines) if name == peer]
    if packages:
        return f"{peer} was left out of the build; it wants the Debian package {packages[0]}"
    return f"there is no {peer} in {folder}; build the target library_peers"


def check_peer_options(parser: argparse.ArgumentParser, options: argparse.Namespace,
                       peers: tuple[str, ...]) -> None:
    """Makes `options.peers` those of `peers` that are to be measured; ends the process if one was
    named that is not there."""
    wanted = [name for name in options.against.split(",") if name]
    for name in wanted:
        if name not in peers:
            parser.error(f"no peer {name!r}; there are: " + ", ".join(peers))
        if why := why_missing(options.bin, name):
            parser.error(why)
    if options.peers:
        for why in filter(None, (why_missing(options.bin, name) for name in peers)):
            print(why, file=sys.stderr)
        wanted = [name for name in peers if not why_missing(options.bin, name)]
    options.peers = wanted


def begin(options: argparse.Namespace) -> dict:
    """Takes our own place, says where we are and returns the facts for the report."""
    os.sched_setaffinity(0, {options.client_cpu})  # keep ourselves off the server's core
    if options.realtime:
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))  # children inherit it
        except PermissionError as error:
            raise Failure("--realtime needs root") from error
    facts = environment()
    say(f"{facts['cpu']}, Linux {facts['kernel']}, load {facts['loadavg'][0]:.2f}; "
        f"server on CPU {options.server_cpu}, client on CPU {options.client_cpu}")
    if options.server_cpu == options.client_cpu:
        say("only one CPU: client and server disturb each other, do not trust the ratios")
    return facts


def run_program(name: str, main: Callable[[list[str]], int]) -> None:
    """main() with failures as a line of text, and with servers ended when we are."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        print(f"{name}: {failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
