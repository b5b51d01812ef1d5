"""Echo and discard servers side by side: weir and the raw loops, interleaved in one run.

Run it through tools/dev/bench-echo.sh, which builds what is missing. For each case every server is
started, pinned to one core, and the same client drives them from another core in rounds of random
order. CPU comes from the scheduler's accounting of the server's threads, throughput from the
client, and system calls from a separate traced run. weir takes part twice under two names (A/A):
what those two differ by is noise.

Refused: comparing each server's own best minute (the machine's regimes last for seconds and differ
by more than the servers do), and asking the servers for their own counters.
"""

import argparse
import json
import os
import platform
import random
import re
import signal
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench_server import Client, Failure, Server, find_trace
from paired_ratio import Ratio, paired_ratio, verdict

TARGET = 1.05
WARMUP_S = 0.1
ROUNDS_PER_START = 4  # then all servers are started anew: where memory lands is noise, too
IDLE_CONNECTIONS = 10_000
IDLE_S = 5


@dataclass(frozen=True)
class Case:
    name: str
    title: str
    mode: str  # what the server does: echo or discard
    connections: int
    depth: int
    size: int
    raw_uring: list[str]  # the flags that measured best, see bench/peers/README.md
    same_backend: bool = True  # whether each backend is held to its own raw loop, too
    codec: str = "raw"  # other than that: frames, which raw_epoll alone has by hand

    @property
    def flags(self) -> list[str]:
        return [] if self.codec == "raw" else ["--codec", self.codec]


CASES = [
    Case("echo-64B-c1", "64 B, 1 connection, depth 1", "echo", 1, 1, 64, []),
    Case("echo-64B-c64", "64 B, 64 connections, depth 1", "echo", 64, 1, 64, []),
    Case("echo-64B-c1000", "64 B, 1000 connections, depth 1", "echo", 1000, 1, 64, []),
    Case("echo-64B-c256-d16", "64 B, 256 connections, depth 16", "echo", 256, 16, 64, []),
    Case("echo-16KiB-c8", "16 KiB, 8 connections", "echo", 8, 1, 16384, [], same_backend=False),
    Case("discard-1MiB-c1", "1 MiB stream to discard, 1 connection", "discard", 1, 1, 1 << 20,
         ["--buffer-bytes", "262144", "--buffer-count", "2"]),
    Case("framed-64B-c64-d16", "frames of 64 B behind 4 B of length, 64 connections, depth 16",
         "echo", 64, 16, 64, [], codec="len32"),
]


@dataclass
class Contender:
    """A server program and what was measured of it in one case, one entry a round."""

    name: str
    command: list[str]
    server: Server | None = None
    cpu_ns: list[float] = field(default_factory=list)  # per request
    client_cpu_ns: list[float] = field(default_factory=list)  # per request
    rate: list[float] = field(default_factory=list)  # requests a second
    p50_us: list[float] = field(default_factory=list)
    p99_us: list[float] = field(default_factory=list)
    syscalls: float | None = None  # per request

    def start(self) -> None:
        self.server = Server(self.command)

    def stop(self) -> dict:
        counters = self.server.stop() if self.server else {}
        self.server = None
        return counters


def say(text: str = "") -> None:
    print(text, flush=True)


def progress(text: str) -> None:
    """A line for whoever waits; results go to stdout."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def contenders_of(case: Case, options: argparse.Namespace) -> list[Contender]:
    raw = ["--port", "0", "--cpu", str(options.server_cpu), "--size", str(case.size)]
    uring = [str(options.bin / "raw_uring"), case.mode, *raw, *case.raw_uring]
    epoll = [str(options.bin / "raw_epoll"), case.mode, *raw, *case.flags]
    found = [Contender("raw_epoll", epoll)]
    again = Contender("raw_epoll_again", epoll)
    if case.codec == "raw":
        found.append(Contender("raw_uring", uring))
        again = Contender("raw_uring_again", uring)
    if options.weir is None:
        found.append(again)
    else:
        weir = [str(options.weir), "serve", case.mode, "--listen", "127.0.0.1:0", "--shards", "1"]
        weir += ["--cpus", str(options.server_cpu), *case.flags, "--backend"]
        found += [
            Contender("weir_epoll", [*weir, "epoll"]),
            Contender("weir_uring", [*weir, "io_uring"]),
            Contender("weir_uring_again", [*weir, "io_uring"]),
        ]
    for addition in options.add:
        name, _, command = addition.partition("=")
        flags = command.split()
        found.append(Contender(name, [str(options.bin / flags[0]), case.mode, *raw, *flags[1:]]))
    return found


def client_command(case: Case, address: str, options: argparse.Namespace, limit: list[str]):
    mode = "stream" if case.mode == "discard" else "echo"
    command = [str(options.bin / "raw_client"), mode, "--connect", address]
    command += ["-c", str(case.connections), "--size", str(case.size)]
    command += ["--cpu", str(options.client_cpu), "--gated", *case.flags, *limit]
    return command + (["--depth", str(case.depth)] if mode == "echo" else [])


def measure(contender: Contender, case: Case, options: argparse.Namespace) -> None:
    """One cell: a run of the load against one server, CPU read before and after it."""
    seconds = options.cell_seconds
    limit = ["--duration", str(seconds), "--warmup", str(WARMUP_S)]
    client = Client(client_command(case, contender.server.address, options, limit), seconds + 15)
    try:
        before = contender.server.settled_cpu_ns()
        result = client.run()
        after = contender.server.settled_cpu_ns()
    finally:
        client.close()
    contender.cpu_ns.append((after - before) / result["requests"])
    contender.client_cpu_ns.append(result["client_cpu_ns"] / result["requests"])
    contender.rate.append(result["requests_per_second"])
    if case.mode == "echo":
        contender.p50_us.append(result["p50_us"])
        contender.p99_us.append(result["p99_us"])


def trace_syscalls(contender: Contender, case: Case, trace: type, options) -> None:
    """A short run of its own, because tracing slows the server down."""
    limit = ["--duration", "0.3", "--warmup", str(WARMUP_S)]
    client = Client(client_command(case, contender.server.address, options, limit), 30)
    try:
        contender.server.settled_cpu_ns()
        counter = trace(contender.server.pid)
        result = client.run()
        contender.server.settled_cpu_ns()
        contender.syscalls = counter.count() / result["requests"]
    finally:
        client.close()


def run_case(case: Case, trace: type | None, options: argparse.Namespace) -> list[Contender]:
    contenders = contenders_of(case, options)
    chance = random.Random(case.name)
    try:
        for number in range(options.rounds):
            if number % ROUNDS_PER_START == 0:
                for contender in contenders:
                    contender.stop()
                for contender in contenders:
                    contender.start()
                if number == 0 and trace is not None:
                    for contender in contenders:
                        trace_syscalls(contender, case, trace, options)
            for contender in chance.sample(contenders, len(contenders)):
                progress(f"{case.name}: round {number + 1}/{options.rounds}, {contender.name}")
                measure(contender, case, options)
    finally:
        progress("")
        for contender in contenders:
            counters = contender.stop()
            if trace is None and counters.get("bytes"):
                contender.syscalls = counters["syscalls"] / (counters["bytes"] / case.size)
    return contenders


@dataclass
class Comparison:
    what: str
    ratio: Ratio
    target: float | None

    def line(self) -> str:
        text = f"  {self.what:<44}{str(self.ratio):<24}"
        if self.target is None:
            return text.rstrip()
        return text + f"<= {self.target}: {verdict(self.ratio, self.target)}"


def compare(case: Case, contenders: list[Contender]) -> list[Comparison]:
    """The ratios of server CPU per request that the targets are about."""
    cpu = {contender.name: contender.cpu_ns for contender in contenders}

    def ratio(a: str, b: str) -> Ratio:
        return paired_ratio(cpu[a], cpu[b])

    found = []
    best_raw = "raw_epoll"
    if "raw_uring" in cpu:
        best_raw = "raw_uring"
        raw = ratio("raw_uring", "raw_epoll")
        better = "raw_uring" if raw.estimate <= 1 else "raw_epoll"
        found.append(Comparison("raw_uring / raw_epoll", raw, None))
    if "weir_uring" in cpu:
        own = TARGET if case.same_backend else None
        found.append(Comparison("weir_epoll / raw_epoll", ratio("weir_epoll", "raw_epoll"), own))
        if "raw_uring" in cpu:
            found += [
                Comparison("weir_uring / raw_uring", ratio("weir_uring", "raw_uring"), own),
                Comparison(f"weir_uring / better raw ({better})", ratio("weir_uring", better),
                           TARGET),
            ]
        else:
            found.append(Comparison("weir_uring / raw_epoll", ratio("weir_uring", "raw_epoll"),
                                    TARGET))
    if case.mode == "discard" and "weir_uring" in cpu:
        # Of a stream over loopback the kernel does a part on either side, now here, now there: the
        # segments that arrive while the server reads are the server's, the others the client's.
        both = {
            contender.name: [sum(pair) for pair in zip(contender.cpu_ns, contender.client_cpu_ns)]
            for contender in contenders
        }
        found.append(Comparison(f"client included: weir_uring / {better}",
                                paired_ratio(both["weir_uring"], both[better]), None))
    known = {"raw_epoll", "raw_epoll_again", "raw_uring", "raw_uring_again", "weir_epoll"}
    known |= {"weir_uring", "weir_uring_again"}
    for name in cpu.keys() - known:
        found.append(Comparison(f"{name} / {best_raw}", ratio(name, best_raw), None))
    again = "weir_uring" if "weir_uring" in cpu else best_raw
    found.append(Comparison(f"A/A: {again} twice", ratio(f"{again}_again", again), None))
    return found


def print_case(case: Case, contenders: list[Contender], comparisons: list[Comparison]) -> None:
    unit = "MiB" if case.mode == "discard" else "request"
    say(f"\n{case.name}: {case.title}")
    say(f"  {'server':<20}{unit + 's/s':>12}{'CPU ns/' + unit:>16}{'client CPU':>12}"
        f"{'syscalls/' + unit:>18}{'p50 us':>9}{'p99 us':>9}")
    for contender in contenders:
        syscalls = "-" if contender.syscalls is None else f"{contender.syscalls:.3f}"
        latency = "".join(
            f"{statistics.median(values):9.1f}" if values else f"{'-':>9}"
            for values in (contender.p50_us, contender.p99_us)
        )
        say(f"  {contender.name:<20}{statistics.median(contender.rate):12.0f}"
            f"{statistics.median(contender.cpu_ns):16.0f}"
            f"{statistics.median(contender.client_cpu_ns):12.0f}{syscalls:>18}{latency}")
    say("  server CPU per request, paired ratio         estimate [95 % interval]")
    for comparison in comparisons:
        say(comparison.line())
    noise = comparisons[-1].ratio.half_width()
    if noise > 0.05:
        say(f"  unstable: the A/A interval is +-{100 * noise:.0f} %; "
            "use more rounds or a quieter machine")


def run_idle(options: argparse.Namespace) -> list[dict]:
    """What an idle connection costs: memory, and CPU while nothing happens."""
    case = Case("idle", "", "echo", IDLE_CONNECTIONS, 1, 64, [])
    warm = Case("warm", "", "echo", 1, 1, 64, [])
    rows = []
    say(f"\nidle: {IDLE_CONNECTIONS} connections, bytes of user memory each (resident / anonymous)")
    say(f"  {'server':<20}{'connected':>16}{'after an echo each':>22}{f'CPU us in {IDLE_S} s':>18}")
    for contender in contenders_of(case, options):
        if contender.name.endswith("_again"):
            continue
        contender.start()
        server = contender.server
        try:
            address = server.address
            first = Client(client_command(warm, address, options, ["--requests", "10000"]), 30)
            first.run()
            first.close()
            server.settled_cpu_ns()
            start = server.memory_bytes()
            limit = ["--requests", str(IDLE_CONNECTIONS)]
            holder = Client(client_command(case, address, options, limit), 60)
            try:
                server.settled_cpu_ns()
                connected = server.memory_bytes()
                holder.run()
                cpu = server.settled_cpu_ns()
                used = server.memory_bytes()
                time.sleep(IDLE_S)
                cpu = server.cpu_ns() - cpu
            finally:
                holder.close()
        finally:
            contender.stop()

        def each(now: dict, kind: str) -> float:
            return (now[kind] - start[kind]) / IDLE_CONNECTIONS

        row = {"server": contender.name, "idle_cpu_ns": cpu}
        for when, now in (("connected", connected), ("after_echo", used)):
            row[when] = {kind: each(now, kind) for kind in ("resident", "anonymous")}
        rows.append(row)
        pair = [f"{row[when]['resident']:.0f} / {row[when]['anonymous']:.0f}"
                for when in ("connected", "after_echo")]
        say(f"  {contender.name:<20}{pair[0]:>16}{pair[1]:>22}{cpu / 1000:>18.1f}")
    return rows


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


def parse(arguments: list[str]) -> argparse.Namespace:
    cpus = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(
        prog="bench-echo.sh",
        usage="bench-echo.sh [OPTION...]; --help lists the options",
        add_help=False,
    )
    parser.add_argument("--bin", type=Path, required=True, help="folder of the built programs")
    parser.add_argument("--weir", help="the weir program, or `none` for the raw loops alone")
    parser.add_argument("--rounds", type=int, default=24, help="rounds a case (%(default)s)")
    parser.add_argument("--cell-seconds", type=float, default=0.5, metavar="S",
                        help="length of one measurement (%(default)s)")
    parser.add_argument("--case", default="", metavar="RE", help="only the cases that match")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write everything measured")
    parser.add_argument("--quick", action="store_true", help="4 rounds of 0.2 s: does it work?")
    parser.add_argument("--idle", action="store_true",
                        help=f"instead: memory and CPU of {IDLE_CONNECTIONS} idle connections")
    parser.add_argument("--realtime", action="store_true", help="run everything as SCHED_FIFO")
    parser.add_argument("--add", action="append", default=[], metavar="NAME=PEER FLAGS",
                        help="one more peer, e.g. 'fixed=raw_uring --fixed-files'; repeatable")
    parser.add_argument("--server-cpu", type=int, default=cpus[0], help="(%(default)s)")
    parser.add_argument("--client-cpu", type=int, default=cpus[-1], help="(%(default)s)")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds, options.cell_seconds = 4, 0.2
    if options.rounds < 1 or options.cell_seconds <= 0:
        parser.error("--rounds and --cell-seconds must be positive")
    if options.weir == "none":
        options.weir = None
    else:
        options.weir = Path(options.weir) if options.weir else options.bin / "weir"
        if not os.access(options.weir, os.X_OK):
            parser.error(f"no weir program at {options.weir}; build it, say where it is with "
                         "--weir PATH, or measure the raw loops alone with --weir none")
    return options


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    cases = [case for case in CASES if re.search(options.case, case.name)]
    if not cases:
        print(f"bench-echo.sh: no case matches {options.case!r}; there are: "
              + ", ".join(case.name for case in CASES), file=sys.stderr)
        return 2
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
    report = {"environment": facts, "arguments": arguments, "cases": []}
    if options.idle:
        report["idle"] = run_idle(options)
    else:
        trace = find_trace()
        how = trace.name if trace else "the raw loops' own counters (neither perf nor strace works)"
        report["syscalls_by"] = how
        say(f"{options.rounds} rounds of {options.cell_seconds} s a server; system calls by {how}")
        for case in cases:
            contenders = run_case(case, trace, options)
            comparisons = compare(case, contenders)
            print_case(case, contenders, comparisons)
            report["cases"].append({
                "name": case.name,
                "servers": [
                    {key: value for key, value in vars(c).items() if key != "server"}
                    for c in contenders
                ],
                "ratios": {c.what: vars(c.ratio) for c in comparisons},
            })
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    # A terminated benchmark ends its servers too.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        print(f"bench-echo.sh: {failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
