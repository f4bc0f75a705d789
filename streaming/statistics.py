"""Figures over several runs: percentiles by group, goodput, and how sure one can be of a median."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A median with its 95 % confidence interval, and over how many values."""

    median: float
    low: float
    high: float
    count: int


def median_interval(values: Sequence[float], *, seed: int = 0) -> Interval | None:
    """The median with a percentile-bootstrap interval (Efron & Tibshirani 1993, ch. 13); `None` without values."""
    if not values:
        return None
    given = np.asarray(values, dtype=float)
    drawn = np.random.default_rng(seed).choice(given, size=(RESAMPLES, len(given)))
    low, high = np.percentile(np.median(drawn, axis=1), [2.5, 97.5])
    return Interval(median=float(np.median(given)), low=float(low), high=float(high), count=len(given))


def goodput(
    ttft_s: Sequence[float | None], tpot_s: Sequence[float | None], *, ttft_most: float, tpot_most: float
) -> float | None:
    """The share of runs within both objectives (DistServe, OSDI 2024); a run without a TTFT misses it.

    A run without a TPOT (one token, or whole) is judged by its TTFT alone. `None` without runs.
    """
    if not ttft_s:
        return None
    good = sum(
        first is not None and first <= ttft_most and (pace is None or pace <= tpot_most)
        for first, pace in zip(ttft_s, tpot_s, strict=True)
    )
    return good / len(ttft_s)
