"""examples/dns_responder and NSD side by side, under dnsperf.

Run it through tools/dev/bench-dns.sh. Every server answers the same zone on a free port of loopback
and is pinned to one core; dnsperf drives one after the other from another core, in rounds of random
order. CPU comes from the scheduler's accounting of the server's processes, counts from dnsperf.
"""

import argparse
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bench_server import Failure, Server  # noqa: E402
from paired_ratio import paired_ratio  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
ZONE = ROOT / "examples/dns_responder/example.zone"
OUTSTANDING = 64
CLIENTS = 8
START_S = 10
STOP_S = 10
# What a resolver asks: mostly what is there, some that is not.
QUESTIONS = """www.example A
www.example AAAA
mail.example A
example MX
example NS
home.example A
x.wild.example TXT
www.sub.example A
nope.example A
deep.example A
"""


class Nsd:
    """NSD in the foreground: a parent and one server process."""

    def __init__(self, cpu: int) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="bench-dns-")
        folder = Path(self._directory.name)
        shutil.copy(ZONE, folder / "example.zone")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        (folder / "nsd.conf").write_text(
            f"""server:
  ip-address: 127.0.0.1@{port}
  server-count: 1
  username: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  tcp-count: 100
  rrl-ratelimit: 0
  minimal-responses: yes
remote-control:
  control-enable: no
zone:
  name: example
  zonefile: example.zone
"""
        )
        self.process = subprocess.Popen(
            ["taskset", "-c", str(cpu), find("nsd"), "-d", "-c", str(folder / "nsd.conf")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self._wait_until_it_listens(port)

    def _wait_until_it_listens(self, port: int) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        errors = self.stop()
        raise Failure(f"nsd did not start: {errors}")

    def cpu_ns(self) -> int:
        """Of all its processes."""
        return sum(cpu_of(pid) for pid in family_of(self.process.pid))

    def stop(self) -> str:
        self.process.terminate()
        try:
            _, errors = self.process.communicate(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, errors = self.process.communicate()
        self._directory.cleanup()
        return errors.decode()


@dataclass
class Contender:
    """A server and what was measured of it, one entry a round."""

    name: str
    server: object
    rate: list[float] = field(default_factory=list)  # queries a second
    cpu_ns: list[float] = field(default_factory=list)  # a query


def find(program: str) -> str:
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")
    if path is None:
        raise Failure(f"{program} is missing; apt-get install {program}")
    return path


def family_of(pid: int) -> list[int]:
    pids = [pid]
    for known in pids:
        for children in Path(f"/proc/{known}/task").glob("*/children"):
            pids += [int(child) for child in children.read_text().split()]
    return pids


def cpu_of(pid: int) -> int:
    total = 0
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(path.read_text().split()[0])
        except OSError:
            continue  # the thread ended meanwhile
    return total


def settled_cpu_ns(server) -> int:
    """Once the server has finished what it was doing and sleeps."""
    before = server.cpu_ns()
    for _ in range(400):
        time.sleep(0.003)
        after = server.cpu_ns()
        if after == before:
            break
        before = after
    return before


def measure(contender: Contender, questions: Path, options: argparse.Namespace) -> None:
    host, port = contender.server.address.split(":")
    before = settled_cpu_ns(contender.server)
    load = subprocess.run(
        ["taskset", "-c", str(options.client_cpu), find("dnsperf"), "-s", host, "-p", port]
        + ["-m", options.transport, "-d", str(questions), "-l", str(options.cell_seconds)]
        + ["-c", str(CLIENTS), "-q", str(OUTSTANDING), "-e"],
        capture_output=True,
        text=True,
        timeout=options.cell_seconds + 30,
        check=False,
    )
    cpu_ns = settled_cpu_ns(contender.server) - before
    completed = re.search(r"Queries completed:\s+(\d+)", load.stdout)
    lost = re.search(r"Queries lost:\s+(\d+)", load.stdout)
    rate = re.search(r"Queries per second:\s+([\d.]+)", load.stdout)
    codes = re.search(r"Response codes:\s+(.*)", load.stdout)
    if not (completed and rate and codes) or int(completed[1]) == 0:
        raise Failure(f"dnsperf at {contender.name}: {load.stdout}{load.stderr}")
    if lost and int(lost[1]) > 0:
        say(f"  {contender.name}: {lost[1]} queries lost")
    # Nine of ten questions have an answer: another share means that they were not answered alike.
    good = re.search(r"NOERROR \d+ \(([\d.]+)%\)", codes[1])
    if good is None or abs(float(good[1]) - 90) > 1:
        raise Failure(f"{contender.name} answered otherwise: {codes[1]}")
    contender.rate.append(float(rate[1]))
    contender.cpu_ns.append(cpu_ns / int(completed[1]))


def say(text: str = "") -> None:
    print(text, flush=True)


def ours(options: argparse.Namespace, backend: str) -> Server:
    program = str(options.bin / "weir_dns_responder")
    command = ["taskset", "-c", str(options.server_cpu), program, "--zone", str(ZONE)]
    return Server([*command, "--listen", "127.0.0.1:0", "--backend", backend])


def report(contenders: list[Contender], options: argparse.Namespace) -> None:
    say(f"\nDNS by {options.transport}, {CLIENTS} clients, {OUTSTANDING} queries outstanding, "
        f"{options.rounds} rounds of {options.cell_seconds} s, medians")
    say(f"  {'server':<14}{'queries/s':>12}{'CPU ns/query':>16}")
    by_name = {contender.name: contender for contender in contenders}
    for contender in contenders:
        say(f"  {contender.name:<14}{statistics.median(contender.rate):12.0f}"
            f"{statistics.median(contender.cpu_ns):16.0f}")
    say("  paired ratios, estimate [95 % interval]")
    for name in ("weir_epoll", "weir_uring", "nsd_again"):
        cpu = paired_ratio(by_name[name].cpu_ns, by_name["nsd"].cpu_ns)
        rate = paired_ratio(by_name[name].rate, by_name["nsd"].rate)
        say(f"  {name + ' / nsd':<20} CPU {cpu}   queries/s {rate}")


def run(options: argparse.Namespace) -> None:
    contenders: list[Contender] = []
    with tempfile.TemporaryDirectory(prefix="bench-dns-") as folder:
        questions = Path(folder) / "questions"
        questions.write_text(QUESTIONS)
        try:
            contenders.append(Contender("weir_epoll", ours(options, "epoll")))
            contenders.append(Contender("weir_uring", ours(options, "io_uring")))
            for name in ("nsd", "nsd_again"):
                contenders.append(Contender(name, Nsd(options.server_cpu)))
            order = list(contenders)
            chance = random.Random(1)
            for _ in range(options.rounds):
                chance.shuffle(order)
                for contender in order:
                    measure(contender, questions, options)
        finally:
            for contender in contenders:
                contender.server.stop()
    report(contenders, options)


def main() -> int:
    cpus = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin")
    parser.add_argument("--transport", choices=("udp", "tcp"), default="udp")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--cell-seconds", type=float, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--server-cpu", type=int, default=cpus[0])
    parser.add_argument("--client-cpu", type=int, default=cpus[-1])
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.cell_seconds = 3, 0.5
    try:
        run(options)
    except (Failure, subprocess.TimeoutExpired) as failure:
        print(f"bench-dns: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
