"""Ratios of paired measurements, with a confidence interval. Standard library only.

On a shared machine two runs of the same program differ by a tenth and more, in regimes that last
for seconds. Measuring two programs right after each other and comparing within the pair cancels
that; nothing else does.
"""

import math
import random
import statistics
from dataclasses import dataclass

RESAMPLES = 2000


@dataclass(frozen=True)
class Ratio:
    """`estimate` of a / b with its 95 % confidence interval `low`..`high`, from `pairs` pairs."""

    estimate: float
    low: float
    high: float
    pairs: int

    def __str__(self) -> str:
        return f"{self.estimate:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def half_width(self) -> float:
        return (self.high - self.low) / 2


def hodges_lehmann(values: list[float]) -> float:
    """The median of all pairwise means: nearly as precise as the mean, and deaf to outliers."""
    walsh = [
        (values[i] + values[j]) / 2 for i in range(len(values)) for j in range(i, len(values))
    ]
    return statistics.median(walsh)


def paired_ratio(a: list[float], b: list[float]) -> Ratio:
    """The ratio a / b, where a[i] and b[i] were measured in the same round.

    Works on logarithms, so that a / b and b / a give reciprocal results. The interval is a
    percentile bootstrap over the rounds with a fixed seed: same input, same interval.
    """
    if len(a) != len(b) or not a:
        raise ValueError("paired_ratio: needs as many values of a as of b, and at least one")
    logs = [math.log(x / y) for x, y in zip(a, b)]
    chance = random.Random(1)
    estimates = sorted(
        hodges_lehmann(chance.choices(logs, k=len(logs))) for _ in range(RESAMPLES)
    )
    return Ratio(
        estimate=math.exp(hodges_lehmann(logs)),
        low=math.exp(estimates[int(0.025 * RESAMPLES)]),
        high=math.exp(estimates[int(0.975 * RESAMPLES) - 1]),
        pairs=len(logs),
    )


def verdict(ratio: Ratio, target: float) -> str:
    """Whether `ratio` is at most `target`, and whether the interval leaves a doubt about it."""
    if ratio.high <= target:
        return "met"
    if ratio.low > target:
        return "MISSED"
    return "met, within noise" if ratio.estimate <= target else "missed, within noise"
