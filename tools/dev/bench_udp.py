"""UDP servers side by side: weir, the raw loops, and with --against or --peers servers on other
libraries, interleaved in one run.

Run it through tools/dev/bench-udp.sh, which builds what is missing. For each case every contender
is started, pinned to one core, and the same partner on another core keeps it busy, in rounds of
random order. CPU comes from the scheduler's accounting of the contender's threads, and what it is
divided by are the datagrams it handled:

    echo, trains  what came back to the client, checked byte by byte
    receive       what the client sent less what the kernel dropped at the socket (/proc/net/udp),
                  where it counts a train as one if the socket has UDP_GRO on
    send          what the kernel took, by the sender's word, in cells in which the sink dropped
                  nothing: a datagram that is dropped costs its sender half as much

weir takes part twice under two names (A/A): what those two differ by is noise.
"""

import argparse
import json
import re
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

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
from bench_server import Client, Failure, Server, find_trace
from paired_ratio import paired_ratio

LOST_MAX = 0.001  # of an echo's datagrams: with more, client and server counted different things
TRIES_MAX = 10  # for a cell of a sender in which nothing is dropped

# The loops every case is measured against, by what they do: name and flags of raw_udp. The better
# one of those marked with * is the yardstick. The others show what it is worth, and how much lower
# the floor is: a blocking loop does one thing only, and trains through a ring save system calls.
RAW = {
    "echo": {
        "raw_recvfrom": ["recvfrom"],
        "raw_mmsg*": ["mmsg"],
        "raw_mmsg_blocking": ["mmsg", "--wait", "blocking"],
        "raw_uring*": ["uring"],
    },
    "receive": {
        "raw_recvfrom": ["recvfrom"],
        "raw_mmsg": ["mmsg"],
        "raw_uring": ["uring"],
        "raw_gro*": ["gso"],
        "raw_uring_gro": ["uring", "--offload"],
    },
    "send": {
        "raw_sendto": ["recvfrom"],
        "raw_mmsg": ["mmsg"],
        "raw_uring": ["uring"],
        "raw_gso*": ["gso"],
        "raw_uring_gso": ["uring", "--offload"],
    },
    "trains": {
        "raw_gso*": ["gso"],
        "raw_uring_gso": ["uring", "--offload"],
    },
}

# What weir is started with: the socket buffers are as large as the peers'. A sender is a program of
# its own, with the command line and the protocol of `raw_udp source --gated`.
WEIR = {
    "echo": "{weir} serve udp-echo --listen 127.0.0.1:0 --shards 1 --cpus {cpu}"
    " --backend {backend} --receive-buffer 4MiB --gro off --gso off",
    "receive": "{weir} serve udp-sink --listen 127.0.0.1:0 --shards 1 --cpus {cpu}"
    " --backend {backend} --receive-buffer 4MiB --gro on",
    "send": "{bin}/weir_udp_source --to {sink} --size {size} --duration {seconds} --gated"
    " --cpu {cpu} --backend {backend} --trains on",
    "trains": "{weir} serve udp-echo --listen 127.0.0.1:0 --shards 1 --cpus {cpu}"
    " --backend {backend} --receive-buffer 4MiB --gro on",
}
BACKENDS = {"weir_epoll": "epoll", "weir_uring": "io_uring"}

# Servers on other libraries, which have no sender, and that of the CPU of each weir may take.
PEERS = ("asio_udp", "uv_udp")
PEER_TARGETS = {"echo": 1 / 1.1, "receive": 1 / 8, "trains": 1 / 8}

TARGETS = {"echo": 1.05, "receive": 1.10, "send": 1.05, "trains": 1.10}
# At most this part of the CPU a datagram costs one by one.
ONE_BY_ONE = {"receive": ("raw_recvfrom", 1 / 6), "send": ("raw_sendto", 1 / 12)}


@dataclass(frozen=True)
class Case:
    name: str
    title: str
    job: str
    size: int
    sockets: int = 1
    depth: int = 1
    segments: int = 1  # datagrams of a train the client sends


def echo_cases() -> list[Case]:
    shapes = ((1, 1), (1, 32), (64, 1), (64, 16))
    return [
        Case(f"echo-{size}B-p{peers}-d{depth}",
             f"{size} B, {peers} peer{'s' if peers > 1 else ''}, depth {depth}, no offload",
             "echo", size, peers, depth)
        for size in (64, 512, 1200)
        for peers, depth in shapes
    ]


CASES = [
    *echo_cases(),
    Case("receive-64B", "64 B from one peer that sends trains of 64", "receive", 64, segments=64),
    Case("receive-1200B", "1200 B from one peer that sends trains of 54", "receive", 1200,
         segments=54),
    Case("send-64B", "64 B to one peer that receives trains", "send", 64),
    Case("send-1200B", "1200 B to one peer that receives trains", "send", 1200),
    Case("trains-1200B", "trains of 54 times 1200 B, echoed as trains, 2 in flight", "trains", 1200,
         depth=2, segments=54),
]


@dataclass
class Bench:
    """One case under way."""

    case: Case
    options: argparse.Namespace
    sink: Server | None = None  # where senders send to
    notes: list[str] = field(default_factory=list)

    def raw_command(self, variant: list[str]) -> list[str]:
        job = {"receive": "sink", "send": "source"}.get(self.case.job, "echo")
        command = [str(self.options.bin / "raw_udp"), job, "--variant", *variant]
        command += ["--cpu", str(self.options.server_cpu)]
        if job == "source":
            command += ["--connect", self.sink.address, "--size", str(self.case.size), "--gated"]
            command += ["--duration", str(self.options.cell_seconds)]
        return command

    def weir_command(self, backend: str) -> list[str]:
        words = {
            "weir": self.options.weir,
            "bin": self.options.bin,
            "cpu": self.options.server_cpu,
            "size": self.case.size,
            "seconds": self.options.cell_seconds,
            "sink": self.sink.address if self.sink else "",
            "backend": backend,
        }
        return [word.format(**words) for word in WEIR[self.case.job].split()]

    def contenders(self) -> list[Contender]:
        launch = Server
        if self.case.job == "send":
            launch = partial(Client, patience_s=self.options.cell_seconds + 15)
        raw = RAW[self.case.job]
        commands = {name.rstrip("*"): self.raw_command(flags) for name, flags in raw.items()}
        again = yardsticks_of(self.case)[0]
        if self.options.weir is not None:
            commands |= {name: self.weir_command(it) for name, it in BACKENDS.items()}
            again = "weir_uring"
        commands[f"{again}_again"] = commands[again]
        if self.case.job in PEER_TARGETS:
            job = "sink" if self.case.job == "receive" else "echo"
            for name in self.options.peers:
                command = [str(self.options.bin / name), job]
                commands[name] = [*command, "--cpu", str(self.options.server_cpu)]
        for addition in self.options.add:
            name, _, flags = addition.partition("=")
            commands[name] = self.raw_command(flags.split())
        return [Contender(name, command, launch) for name, command in commands.items()]

    def client(self, address: str, seconds: float) -> Client:
        case = self.case
        mode = "blast" if case.job == "receive" else "echo"
        command = [str(self.options.bin / "raw_udp_client"), mode, "--connect", address]
        command += ["--size", str(case.size), "--segments", str(case.segments)]
        command += ["--cpu", str(self.options.client_cpu), "--gated"]
        command += ["--duration", str(seconds), "--warmup", str(self.options.warmup_seconds)]
        if mode == "echo":
            command += ["-c", str(case.sockets), "--depth", str(case.depth)]
        return Client(command, seconds + 15)

    def run(self, contender: Contender, seconds: float, before, after) -> tuple[dict, int]:
        """One run of the load. before() and after() are called while the contender sleeps; the
        second value is how many datagrams it handled between the two."""
        server = contender.server
        if self.case.job == "send":
            server.settled_cpu_ns()
            before()
            result = server.run()
            server.settled_cpu_ns()
            after()
            self.sink.settled_cpu_ns()  # what it has still to receive is no part of the next run
            return result, result["requests"]
        client = self.client(server.address, seconds)
        try:
            server.settled_cpu_ns()
            dropped = dropped_at(server.address)
            before()
            result = client.run()
            server.settled_cpu_ns()
            after()
            dropped = dropped_at(server.address) - dropped
        finally:
            client.close()
        if self.case.job == "receive":
            dropped *= self.case.segments if merges(contender.command) else 1
            return result, result["requests"] - dropped
        if result["lost"] > LOST_MAX * result["requests"]:
            self.notes.append(f"{contender.name}: {result['lost']} of {result['issued']} lost")
        return result, result["requests"]

    def measure(self, contender: Contender) -> None:
        for _ in range(TRIES_MAX if self.sink else 1):
            dropped = self.sink and dropped_at(self.sink.address)
            cpu_ns, result, handled = self.try_cell(contender)
            if not self.sink or dropped_at(self.sink.address) == dropped:
                break
        else:
            self.notes.append(f"{contender.name}: a cell with drops at the sink, do not trust it")
        contender.cpu_ns.append(cpu_ns / handled)
        contender.rate.append(handled / result["seconds"])
        contender.client_cpu_ns.append(result.get("client_cpu_ns", 0) / handled)
        if self.case.job in ("echo", "trains"):
            contender.p50_us.append(result["p50_us"])
            contender.p99_us.append(result["p99_us"])

    def try_cell(self, contender: Contender) -> tuple[int, dict, int]:
        """CPU time, what the load said, and datagrams handled."""
        cpu_ns = []

        def read() -> None:
            cpu_ns.append(contender.server.cpu_ns())

        result, handled = self.run(contender, self.options.cell_seconds, read, read)
        if handled <= 0:
            raise Failure(f"{contender.name} handled nothing: {result}")
        return cpu_ns[1] - cpu_ns[0], result, handled

    def trace_syscalls(self, contender: Contender, trace: type) -> None:
        """A short run of its own, because tracing slows the server down."""
        counters = []
        _, handled = self.run(
            contender,
            0.3,
            before=lambda: counters.append(trace(contender.server.pid)),
            after=lambda: counters.append(counters[0].count()),
        )
        contender.syscalls = counters[1] / handled


def merges(command: list[str]) -> bool:
    """Whether the sockets of this server have UDP_GRO on."""
    text = " ".join(command)
    return any(flags in text for flags in ("gso", "--offload", "--gro on"))


def dropped_at(address: str) -> int:
    """What the kernel has dropped at the sockets of this port because they were full: datagrams,
    or, with UDP_GRO on, trains (each counts as one, however long it is)."""
    port = f":{int(address.rsplit(':', 1)[1]):04X}"
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return sum(int(words[-1]) for words in map(str.split, lines) if words[1].endswith(port))


def yardsticks_of(case: Case) -> list[str]:
    return [name.rstrip("*") for name in RAW[case.job] if name.endswith("*")]


def run_case(case: Case, trace: type | None, options: argparse.Namespace):
    bench = Bench(case, options)
    if case.job == "send":
        command = [str(options.bin / "raw_udp"), "sink", "--variant", "gso", "--no-copy"]
        bench.sink = Server([*command, "--cpu", str(options.client_cpu)])
    try:
        contenders = bench.contenders()
        run_rounds(
            case.name,
            contenders,
            options.rounds,
            measure=bench.measure,
            prepare=lambda contender: trace and bench.trace_syscalls(contender, trace),
        )
    finally:
        if bench.sink:
            bench.sink.stop()
    return contenders, bench.notes


def compare(case: Case, contenders: list[Contender]) -> list[Comparison]:
    """The ratios of CPU per datagram that the targets are about."""
    cpu = {contender.name: contender.cpu_ns for contender in contenders}
    target = TARGETS[case.job]
    known = {name.rstrip("*") for name in RAW[case.job]}
    raw = [name for name in cpu if name in known]
    yardsticks = yardsticks_of(case)
    first = yardsticks[0]
    against = {name: paired_ratio(cpu[name], cpu[first]) for name in raw}
    better = min(yardsticks, key=lambda name: against[name].estimate)
    best = min(raw, key=lambda name: against[name].estimate)
    found = [Comparison(f"{name} / {first}", against[name], None) for name in raw if name != first]
    ours = [name for name in BACKENDS if name in cpu]
    for name in ours:
        ratio = paired_ratio(cpu[name], cpu[better])
        found.append(Comparison(f"{name} / {better}", ratio, target))
        if best != better:
            found.append(Comparison(f"{name} / best of all ({best})",
                                    paired_ratio(cpu[name], cpu[best]), None))
    if case.job in ONE_BY_ONE:
        plain, at_most = ONE_BY_ONE[case.job]
        for name in ours or [better]:
            found.append(Comparison(f"{name} / {plain}", paired_ratio(cpu[name], cpu[plain]),
                                    at_most if case.size == 1200 else None))
    again = next(name for name in cpu if name.endswith("_again"))
    for name in [name for name in cpu if name not in {*raw, *ours, again}]:
        for weir in ours if name in PEERS else []:
            ratio = paired_ratio(cpu[weir], cpu[name])
            found.append(Comparison(f"{weir} / {name}", ratio, PEER_TARGETS[case.job]))
        found.append(Comparison(f"{name} / {better}", paired_ratio(cpu[name], cpu[better]), None))
    twice = again.removesuffix("_again")
    found.append(Comparison(f"A/A: {twice} twice", paired_ratio(cpu[again], cpu[twice]), None))
    return found


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench-udp.sh",
        usage="bench-udp.sh [OPTION...]; --help lists the options",
        add_help=False,
    )
    add_options(parser)
    add_peer_options(parser)
    options = parser.parse_args(arguments)
    check_options(parser, options)
    check_peer_options(parser, options, PEERS)
    return options


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    cases = [case for case in CASES if re.search(options.case, case.name)]
    if not cases:
        print(f"bench-udp.sh: no case matches {options.case!r}; there are: "
              + ", ".join(case.name for case in CASES), file=sys.stderr)
        return 2
    facts = begin(options)
    trace = find_trace()
    say(f"{options.rounds} rounds of {options.cell_seconds} s each; system calls by "
        + (trace.name if trace else "nobody: neither perf nor strace works"))
    report = {"environment": facts, "arguments": arguments, "cases": []}
    for case in cases:
        contenders, notes = run_case(case, trace, options)
        comparisons = compare(case, contenders)
        say(f"\n{case.name}: {case.title}")
        print_contenders(contenders, "datagram")
        print_comparisons(comparisons, "datagram")
        for note in notes:
            say(f"  {note}")
        report["cases"].append({
            "name": case.name,
            "servers": [contender.samples() for contender in contenders],
            "ratios": {c.what: vars(c.ratio) for c in comparisons},
            "notes": notes,
        })
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    run_program("bench-udp.sh", main)
