#!/usr/bin/env python3
"""The paired ratios of the benches (tools/dev/paired_ratio.py) and of the load generator agree.

    paired_ratio_test.py PATH_OF_WEIR_STATS_PROBE [unittest arguments]

The estimate is defined without chance, so it is the same number. The intervals come from different
random numbers: their ends may differ by a small part of the width, not more.
"""

import random
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "dev"))

from paired_ratio import Ratio, paired_ratio  # noqa: E402

PROBE = ""
LIMIT_S = 60


def ratio_of_probe(a: list[float], b: list[float]) -> Ratio:
    probe = subprocess.run(
        [PROBE, "ratio"],
        input="".join(f"{x!r} {y!r}\n" for x, y in zip(a, b)),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    estimate, low, high = (float(number) for number in probe.stdout.split())
    return Ratio(estimate, low, high, len(a))


def rounds(seed: int, pairs: int) -> tuple[list[float], list[float]]:
    """Rates of two servers, one 5 % faster, on a machine whose speed drifts; with an outlier.

    A mild one: whether a wild one of few pairs reaches an interval's end hangs on the last of the
    2.5 % of resamples beyond it, so on the random numbers.
    """
    chance = random.Random(seed)
    drift = [chance.uniform(0.7, 1.3) for _ in range(pairs)]
    a = [105e3 * speed * chance.gauss(1, 0.03) for speed in drift]
    b = [100e3 * speed * chance.gauss(1, 0.03) for speed in drift]
    a[pairs // 2] *= 0.85
    return a, b


class PairedRatioTest(unittest.TestCase):
    def test_both_agree(self) -> None:
        for seed, pairs in ((1, 12), (2, 13), (3, 24), (4, 51)):
            with self.subTest(seed=seed, pairs=pairs):
                a, b = rounds(seed, pairs)

                bench, load = paired_ratio(a, b), ratio_of_probe(a, b)

                self.assertAlmostEqual(load.estimate, bench.estimate, delta=1e-12)
                slack = 0.15 * (bench.high - bench.low)
                self.assertAlmostEqual(load.low, bench.low, delta=slack)
                self.assertAlmostEqual(load.high, bench.high, delta=slack)

    def test_one_pair_is_its_own_interval(self) -> None:
        load = ratio_of_probe([3.0], [2.0])

        for number in (load.estimate, load.low, load.high):
            self.assertAlmostEqual(number, 1.5, delta=1e-12)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROBE = str(Path(sys.argv.pop(1)).resolve())
    unittest.main()
