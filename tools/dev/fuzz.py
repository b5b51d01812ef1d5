"""Runs the fuzz targets of build/fuzz for a given time and says what each has executed and found.

Run it through tools/dev/fuzz.sh.
"""

import argparse
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build/fuzz/bin"
FOUND = ROOT / "build/fuzz/tests/fuzz/found"
CORPUS = ROOT / "tests/fuzz/corpus"


@dataclass(frozen=True)
class Run:
    target: str
    executions: int
    edges: int  # reached at the end
    status: int

    def __str__(self) -> str:
        verdict = "nothing found" if self.status == 0 else f"FOUND SOMETHING (exit {self.status})"
        return f"{self.target:<18} {self.executions:>13,} {self.edges:>6,}  {verdict}"


def last_number(pattern: str, text: str) -> int:
    numbers = re.findall(pattern, text)
    return int(numbers[-1]) if numbers else 0


def fuzz(target: str, seconds: int) -> Run:
    found = FOUND / target
    found.mkdir(parents=True, exist_ok=True)
    # libFuzzer writes to the first directory and only reads the others.
    command = [PROGRAMS / f"{target}_fuzz", f"-max_total_time={seconds}", "-timeout=60",
               "-print_final_stats=1", f"-artifact_prefix={found}/", found, CORPUS / target]
    ended = subprocess.run(command, capture_output=True, text=True, errors="replace",
                           timeout=2 * seconds + 600, check=False)
    (FOUND / f"{target}.log").write_text(ended.stderr, encoding="utf-8")
    run = Run(target, last_number(r"stat::number_of_executed_units: (\d+)", ended.stderr),
              last_number(r"cov: (\d+)", ended.stderr), ended.returncode)
    print(run, flush=True)
    return run


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=int, required=True)
    parser.add_argument("--jobs", type=int, required=True)
    parser.add_argument("targets", nargs="*")
    arguments = parser.parse_args()
    built = sorted(path.name.removesuffix("_fuzz") for path in PROGRAMS.glob("*_fuzz"))
    targets = arguments.targets or built
    if unknown := set(targets) - set(built):
        print(f"fuzz: no target {', '.join(sorted(unknown))}; there are {', '.join(built)}",
              file=sys.stderr)
        return 2
    seconds = max(1, arguments.minutes * 60 * arguments.jobs // len(targets))
    print(f"{'target':<18} {'executions':>13} {'edges':>6}  ({seconds} s each)", flush=True)
    with ThreadPoolExecutor(arguments.jobs) as pool:
        runs = list(pool.map(lambda target: fuzz(target, seconds), targets))
    print(f"{'all':<18} {sum(run.executions for run in runs):>13,}")
    return 1 if any(run.status != 0 for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
