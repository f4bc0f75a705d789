"""Figures over several runs: percentiles by group, goodput, and how sure one can be of a median."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import median

WANTED_CONFIDENCE = 0.95
"""How sure an interval should be; fewer than six values cannot be that sure of their median."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A median between two of its own values, how sure the interval is (0 to 1), and over how many values."""

    median: float
    low: float
    high: float
    confidence: float
    count: int


def median_interval(values: Sequence[float]) -> Interval | None:
    """The median with its interval from order statistics, which holds for any distribution; `None` without values.

    The k-th smallest and the k-th largest of n values enclose the median with the probability 1 − 2·P(B < k), B being
    binomial with n and ½ (David & Nagaraja, Order Statistics, 3rd ed., 7.1). The narrowest pair that reaches
    `WANTED_CONFIDENCE` is taken, and the extremes where none does.
    """
    if not values:
        return None
    ordered = sorted(values)
    place, confidence = 0, _enclosed(len(ordered), 0)
    while (surer := _enclosed(len(ordered), place + 1)) >= WANTED_CONFIDENCE:
        place, confidence = place + 1, surer
    return Interval(
        median=median(ordered), low=ordered[place], high=ordered[-1 - place], confidence=confidence, count=len(ordered)
    )


def _enclosed(count: int, left_out: int) -> float:
    """How likely the median lies among the values when so many are left out at either end."""
    outside: int = 2 * sum(comb(count, place) for place in range(left_out + 1))
    return 1.0 - outside / 2.0**count


def slo_attainment(
    ttft_s: Sequence[float | None], tpot_s: Sequence[float | None], *, max_ttft_s: float, max_tpot_s: float
) -> float | None:
    """The share of runs within both objectives (DistServe, OSDI 2024); a run without a TTFT misses it.

    A run without a TPOT (one token, or whole) is judged by its TTFT alone. `None` without runs.
    """
    if not ttft_s:
        return None
    good = sum(
        first is not None and first <= max_ttft_s and (pace is None or pace <= max_tpot_s)
        for first, pace in zip(ttft_s, tpot_s, strict=True)
    )
    return good / len(ttft_s)
