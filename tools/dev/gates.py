#!/usr/bin/env python3
"""Compares what the gate programs count with bench/gates/baseline.json; see tools/dev/gates.sh."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from callgrind_costs import last_costs

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMA = "weir.gates/1"
UPDATE_COMMAND = "tools/dev/gates.sh --update"
LIMIT_S = 120
SKIPPED = 77

# Metrics of a scenario: what the program counts, and by what it is divided.
METRICS = {
    "system calls/request": ("system_calls", "requests"),
    "completions/request": ("completions", "requests"),
    "allocations/request": ("allocations", "requests"),
    "segments/request": ("segments", "requests"),
    "copies/byte": ("copied_bytes", "bytes"),
}
COPIES = "copies/byte"
INSTRUCTIONS = "instructions/frame"
KERNELS = "codec kernels"

# Counts are the same each time, but for how a decimal fraction is written. Instructions move a
# little with what surrounds a function.
EXACT = 1e-6
INSTRUCTIONS_MARGIN = 0.01
BETTER_MARGIN = 0.01


@dataclass
class Measured:
    """Values by subject, gate and metric, where a subject is a backend or the codec kernels."""

    build: str = ""
    features: list[str] = field(default_factory=list)  # of io_uring, those used
    values: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)  # subject: why

    def to_baseline(self) -> dict:
        return {
            "schema": SCHEMA,
            "build": self.build,
            "io_uring_features": self.features,
            "values": self.values,
        }


@dataclass(frozen=True)
class Comparison:
    subject: str
    gate: str
    metric: str
    expected: float | None
    found: float | None
    verdict: str  # same, better, WORSE, NEW, MISSING

    @property
    def has_failed(self) -> bool:
        return self.verdict.isupper()


def scenario_values(entry: dict) -> dict[str, float]:
    return {
        metric: round(entry[count] / entry[divisor], 6)
        for metric, (count, divisor) in METRICS.items()
        if count in entry
    }


def read_counts(report: dict) -> Measured:
    """From the JSON of weir_gates."""
    if report["schema"] != SCHEMA:
        raise ValueError(f"{report['schema']}, not {SCHEMA}")
    measured = Measured(build=report["build"])
    for backend, told in report["backends"].items():
        if "unavailable" in told:
            measured.left_out[backend] = told["unavailable"]
            continue
        measured.values[backend] = {
            entry["gate"]: scenario_values(entry) for entry in told["gates"]
        }
        if backend == "io_uring":
            measured.features = told["features"]
    return measured


def run_json(command: list[str]) -> dict:
    # What chooses a backend or switches features off would change the counts.
    kept = {name: text for name, text in os.environ.items() if not name.startswith("WEIR_")}
    done = subprocess.run(
        command, env=kept, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    if done.returncode != 0:
        print(done.stderr, end="", file=sys.stderr)
        sys.exit(f"gates.sh: {' '.join(command[-1:])} ended with {done.returncode}")
    return json.loads(done.stdout)


def count_instructions(program: Path, measured: Measured, wanted_build: str | None) -> None:
    """Adds the kernels, or why they are left out: another compiler makes other instructions."""
    if wanted_build is not None and measured.build != wanted_build:
        measured.left_out[KERNELS] = (
            f"built by {measured.build}; the baseline is of {wanted_build}"
        )
        return
    if shutil.which("valgrind") is None or not program.exists():
        measured.left_out[KERNELS] = "no valgrind here, or when this was built (Debian: valgrind)"
        return
    with tempfile.TemporaryDirectory() as directory:
        told = run_json([
            "valgrind", "--tool=callgrind", "--quiet",
            f"--callgrind-out-file={directory}/callgrind.out", str(program),
        ])
        costs = last_costs(Path(directory), program.name)
    if unseen := told["frames"].keys() - costs.keys():
        sys.exit(f"gates.sh: callgrind saw nothing of {', '.join(sorted(unseen))}")
    measured.values[KERNELS] = {
        kernel: {INSTRUCTIONS: round(costs[kernel] / frames, 3)}
        for kernel, frames in told["frames"].items()
    }


def leave_out_incomparable(measured: Measured, baseline: dict) -> None:
    """Drops what the baseline says nothing about, and notes why."""
    if "io_uring" in measured.values and measured.features != baseline["io_uring_features"]:
        other = set(measured.features) ^ set(baseline["io_uring_features"])
        measured.left_out["io_uring"] = (
            f"another kernel than the baseline's, which differs in: {', '.join(sorted(other))}"
        )
        del measured.values["io_uring"]
    if measured.build == baseline["build"]:
        return
    # Which copies are calls, and which are in line, is the compiler's choice.
    measured.left_out[COPIES] = f"built by {measured.build}; the baseline is of {baseline['build']}"
    for gates in measured.values.values():
        for metrics in gates.values():
            metrics.pop(COPIES, None)


def judge(metric: str, expected: float | None, found: float | None) -> str:
    if expected is None:
        return "NEW"
    if found is None:
        return "MISSING"
    margin = INSTRUCTIONS_MARGIN * expected if metric == INSTRUCTIONS else EXACT
    if found > expected + margin:
        return "WORSE"
    return "better" if found < expected * (1 - BETTER_MARGIN) else "same"


def compare(measured: Measured, baseline: dict) -> list[Comparison]:
    """Every value of either side, but for what was left out."""
    comparisons = []
    expected_values = baseline["values"]
    for subject in dict.fromkeys([*expected_values, *measured.values]):
        if subject in measured.left_out:
            continue
        expected_gates = expected_values.get(subject, {})
        found_gates = measured.values.get(subject, {})
        for gate in dict.fromkeys([*expected_gates, *found_gates]):
            expected, found = expected_gates.get(gate, {}), found_gates.get(gate, {})
            for metric in dict.fromkeys([*expected, *found]):
                if metric in measured.left_out:
                    continue
                pair = expected.get(metric), found.get(metric)
                comparisons.append(
                    Comparison(subject, gate, metric, *pair, judge(metric, *pair))
                )
    return comparisons


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}" if value < 1000 else f"{value:.1f}"


def print_table(comparisons: list[Comparison]) -> None:
    print(f"{'':15}{'gate':36}{'metric':22}{'baseline':>10}{'now':>10}  verdict")
    before = None
    for row in comparisons:
        gate = row.gate if (row.subject, row.gate) != before else ""
        subject = row.subject if before is None or row.subject != before[0] else ""
        before = (row.subject, row.gate)
        print(
            f"{subject:15}{gate:36}{row.metric:22}{number(row.expected):>10}"
            f"{number(row.found):>10}  {row.verdict}"
        )


def conclude(comparisons: list[Comparison], measured: Measured) -> int:
    """Prints what follows from the table. \\returns the exit code"""
    for subject, reason in measured.left_out.items():
        print(f"not tested on this machine: {subject}: {reason}")
    if not comparisons:
        print("skipped: nothing here can be compared with the baseline")
        return SKIPPED
    failed = [row for row in comparisons if row.has_failed]
    better = [row for row in comparisons if row.verdict == "better"]
    for row in failed:
        print(
            f"{row.verdict}: {row.subject}, {row.gate}: {row.metric} "
            f"{number(row.expected)} -> {number(row.found)}"
        )
    if better:
        print(
            f"{len(better)} better than the baseline by more than {BETTER_MARGIN:.0%}: tighten it, "
            f"so that this is kept: {UPDATE_COMMAND}"
        )
    if failed:
        print(f"If this is meant, say why in the commit and update the baseline: {UPDATE_COMMAND}")
        return 1
    print(f"{len(comparisons)} counts, none worse than the baseline")
    return 0


def update(measured: Measured, path: Path) -> int:
    if measured.left_out:
        for subject, reason in measured.left_out.items():
            print(f"gates.sh: no new baseline without {subject}: {reason}", file=sys.stderr)
        return 1
    path.write_text(json.dumps(measured.to_baseline(), indent=2) + "\n")
    print(f"wrote {path}")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="gates.sh", allow_abbrev=False)
    parser.add_argument("--bin", type=Path, default=REPOSITORY / "build/release/bin")
    parser.add_argument("--baseline", type=Path, default=REPOSITORY / "bench/gates/baseline.json")
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()

    baseline = None if options.update else json.loads(options.baseline.read_text())
    if baseline is not None and baseline["schema"] != SCHEMA:
        parser.error(f"{options.baseline} is {baseline['schema']}, not {SCHEMA}")
    measured = read_counts(run_json([str(options.bin / "weir_gates")]))
    count_instructions(
        options.bin / "weir_gate_kernels", measured, baseline["build"] if baseline else None
    )
    if baseline is None:
        return update(measured, options.baseline)
    leave_out_incomparable(measured, baseline)
    comparisons = compare(measured, baseline)
    print_table(comparisons)
    return conclude(comparisons, measured)


if __name__ == "__main__":
    sys.exit(main())
