"""Echo and discard servers side by side: weir, the raw loops, and with --against or --peers servers
on other libraries, interleaved in one run.

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
import re
import sys
import time
from dataclasses import dataclass

from bench_rounds import (
    Comparison,
    Contender,
    add_options,
    add_peer_options,
    begin,
    check_options,
    check_peer_options,
    print_comparisons,
    print_contenders,
    run_program,
    run_rounds,
    say,
)
from bench_server import Client, find_trace
from paired_ratio import Ratio, paired_ratio

TARGET = 1.05
PEERS = ("asio_epoll", "asio_uring", "uv", "evt")
PEER_TARGET = 1.0
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
    codec: str = "raw"  # other than that: frames

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


def contenders_of(case: Case, options: argparse.Namespace) -> list[Contender]:
    raw = ["--port", "0", "--cpu", str(options.server_cpu), "--size", str(case.size)]
    uring = [str(options.bin / "raw_uring"), case.mode, *raw, *case.raw_uring, *case.flags]
    epoll = [str(options.bin / "raw_epoll"), case.mode, *raw, *case.flags]
    found = [Contender("raw_epoll", epoll), Contender("raw_uring", uring)]
    if options.weir is None:
        found.append(Contender("raw_uring_again", uring))
    else:
        weir = [str(options.weir), "serve", case.mode, "--listen", "127.0.0.1:0", "--shards", "1"]
        weir += ["--cpus", str(options.server_cpu), *case.flags, "--backend"]
        found += [
            Contender("weir_epoll", [*weir, "epoll"]),
            Contender("weir_uring", [*weir, "io_uring"]),
            Contender("weir_uring_again", [*weir, "io_uring"]),
        ]
    for name in options.peers:
        found.append(Contender(name, [str(options.bin / name), case.mode, *raw, *case.flags]))
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
    limit = ["--duration", str(seconds), "--warmup", str(options.warmup_seconds)]
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
    limit = ["--duration", "0.3", "--warmup", str(options.warmup_seconds)]
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
    run_rounds(
        case.name,
        contenders,
        options.rounds,
        measure=lambda contender: measure(contender, case, options),
        prepare=lambda contender: trace and trace_syscalls(contender, case, trace, options),
    )
    for contender in contenders:
        counters = contender.counters
        if trace is None and counters.get("bytes") and "syscalls" in counters:
            contender.syscalls = counters["syscalls"] / (counters["bytes"] / case.size)
    return contenders


def compare(case: Case, contenders: list[Contender]) -> list[Comparison]:
    """The ratios of server CPU per request that the targets are about."""
    cpu = {contender.name: contender.cpu_ns for contender in contenders}

    def ratio(a: str, b: str) -> Ratio:
        return paired_ratio(cpu[a], cpu[b])

    raw = ratio("raw_uring", "raw_epoll")
    better = "raw_uring" if raw.estimate <= 1 else "raw_epoll"
    found = [Comparison("raw_uring / raw_epoll", raw, None)]
    if "weir_uring" in cpu:
        own = TARGET if case.same_backend else None
        found += [
            Comparison("weir_epoll / raw_epoll", ratio("weir_epoll", "raw_epoll"), own),
            Comparison("weir_uring / raw_uring", ratio("weir_uring", "raw_uring"), own),
            Comparison(f"weir_uring / better raw ({better})", ratio("weir_uring", better), TARGET),
        ]
    if case.mode == "discard" and "weir_uring" in cpu:
        # Of a stream over loopback the kernel does a part on either side, now here, now there: the
        # segments that arrive while the server reads are the server's, the others the client's.
        both = {
            contender.name: [sum(pair) for pair in zip(contender.cpu_ns, contender.client_cpu_ns)]
            for contender in contenders
        }
        found.append(Comparison(f"client included: weir_uring / {better}",
                                paired_ratio(both["weir_uring"], both[better]), None))
    known = {"raw_epoll", "raw_uring", "raw_uring_again", "weir_epoll", "weir_uring",
             "weir_uring_again"}
    for name in [name for name in cpu if name not in known]:
        if name in PEERS and "weir_uring" in cpu:
            for weir in ("weir_epoll", "weir_uring"):
                found.append(Comparison(f"{weir} / {name}", ratio(weir, name), PEER_TARGET))
        found.append(Comparison(f"{name} / raw_uring", ratio(name, "raw_uring"), None))
    again = "weir_uring" if "weir_uring" in cpu else "raw_uring"
    found.append(Comparison(f"A/A: {again} twice", ratio(f"{again}_again", again), None))
    return found


def print_case(case: Case, contenders: list[Contender], comparisons: list[Comparison]) -> None:
    unit = "MiB" if case.mode == "discard" else "request"
    say(f"\n{case.name}: {case.title}")
    print_contenders(contenders, unit)
    print_comparisons(comparisons, "request")


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


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench-echo.sh",
        usage="bench-echo.sh [OPTION...]; --help lists the options",
        add_help=False,
    )
    add_options(parser)
    add_peer_options(parser)
    parser.add_argument("--idle", action="store_true",
                        help=f"instead: memory and CPU of {IDLE_CONNECTIONS} idle connections")
    options = parser.parse_args(arguments)
    check_options(parser, options)
    check_peer_options(parser, options, PEERS)
    return options


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    cases = [case for case in CASES if re.search(options.case, case.name)]
    if not cases:
        print(f"bench-echo.sh: no case matches {options.case!r}; there are: "
              + ", ".join(case.name for case in CASES), file=sys.stderr)
        return 2
    facts = begin(options)
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
                "servers": [contender.samples() for contender in contenders],
                "ratios": {c.what: vars(c.ratio) for c in comparisons},
            })
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    run_program("bench-echo.sh", main)
