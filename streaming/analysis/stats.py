"""Figures over several runs: the interval of a median, SLO attainment and goodput."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import median

TARGET_CONFIDENCE = 0.95
"""The confidence that an interval should have; fewer than six values cannot reach it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A median with the interval `low` to `high`, its `confidence` (0 to 1) and the `count` of values."""

    median: float
    low: float
    high: float
    confidence: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Objectives:
    """Service level objectives of a run: the longest acceptable TTFT and TPOT, in seconds."""

    max_ttft_s: float
    max_tpot_s: float

    def are_met(self, *, ttft_s: float | None, tpot_s: float | None) -> bool:
        """Whether a run is within both objectives.

        A run without a TTFT misses them. A run without a TPOT (a single token, or an answer that came whole) is judged
        by its TTFT alone.
        """
        return ttft_s is not None and ttft_s <= self.max_ttft_s and (tpot_s is None or tpot_s <= self.max_tpot_s)


def median_interval(values: Sequence[float]) -> Interval | None:
    """The median with its interval from order statistics, which holds for any distribution; `None` without values.

    The k-th smallest and the k-th largest of n values enclose the median with the probability 1 − 2·P(B < k), where B
    is binomial with n and ½ (David & Nagaraja, Order Statistics, 3rd ed., 7.1). The narrowest pair that reaches
    `TARGET_CONFIDENCE` is taken, and the extremes where none does.
    """
    if not values:
        return None
    ordered = sorted(values)
    trimmed, confidence = 0, _confidence(len(ordered), trimmed=0)
    while (narrower := _confidence(len(ordered), trimmed=trimmed + 1)) >= TARGET_CONFIDENCE:
        trimmed, confidence = trimmed + 1, narrower
    return Interval(
        median=median(ordered),
        low=ordered[trimmed],
        high=ordered[-1 - trimmed],
        confidence=confidence,
        count=len(ordered),
    )


def slo_attainment(met: Sequence[bool]) -> float | None:
    """The share of runs within their objectives, 0 to 1 (DistServe, OSDI 2024); `None` without runs."""
    return sum(met) / len(met) if met else None


def goodput_per_s(met: Sequence[bool], *, observed_s: float | None) -> float | None:
    """Runs within their objectives per second of observed time, as `request_goodput` of `vllm bench serve`.

    `None` without runs, or without a duration.
    """
    return sum(met) / observed_s if met and observed_s else None


def _confidence(count: int, *, trimmed: int) -> float:
    """The probability that the median lies within the values that remain when `trimmed` are cut off at either end."""
    outside: int = 2 * sum(comb(count, below) for below in range(trimmed + 1))
    return 1.0 - outside / 2.0**count
