"""Intervals of medians, SLO attainment and goodput, against known values."""

import random
from math import log as ln

import pytest

from streaming.analysis.stats import Objectives, goodput_per_s, median_interval, slo_attainment

OBJECTIVES = Objectives(max_ttft_s=1.0, max_tpot_s=0.05)


def test_an_interval_holds_its_median_and_narrows_with_more_values() -> None:
    few, many = median_interval([1.0, 2.0, 3.0]), median_interval([1.0, 2.0, 3.0] * 30)
    assert few is not None
    assert many is not None
    assert (few.low, few.median, few.high, few.confidence) == (1.0, 2.0, 3.0, 0.75)
    assert many.high - many.low < few.high - few.low
    assert many.confidence >= 0.95
    assert median_interval([]) is None
    assert median_interval([5.0]) is not None


@pytest.mark.parametrize("count", [6, 9, 20])
def test_the_stated_confidence_is_how_often_the_interval_holds_the_true_median(count: int) -> None:
    source = random.Random(1)
    found = [median_interval([source.expovariate(1) for _ in range(count)]) for _ in range(3000)]
    holds = sum(one is not None and one.low <= ln(2) <= one.high for one in found) / len(found)
    assert found[0] is not None
    assert holds == pytest.approx(found[0].confidence, abs=0.015)
    assert found[0].confidence >= 0.95


@pytest.mark.parametrize(
    ("ttft_s", "tpot_s", "met"),
    [
        (1.0, 0.05, True),
        (1.01, 0.05, False),
        (1.0, 0.051, False),
        (0.5, None, True),
        (2.0, None, False),
        (None, None, False),
        (None, 0.01, False),
    ],
)
def test_a_run_meets_its_objectives_when_both_figures_are_within_them(
    ttft_s: float | None, tpot_s: float | None, met: bool
) -> None:
    assert OBJECTIVES.are_met(ttft_s=ttft_s, tpot_s=tpot_s) is met


def test_slo_attainment_is_a_share_of_runs() -> None:
    assert slo_attainment([True, False, False, True]) == 0.5
    assert slo_attainment([]) is None


def test_goodput_is_good_runs_per_second_of_observed_time() -> None:
    assert goodput_per_s([True, False, True], observed_s=4.0) == 0.5
    assert goodput_per_s([False], observed_s=4.0) == 0.0
    assert goodput_per_s([], observed_s=4.0) is None
    assert goodput_per_s([True], observed_s=0.0) is None
    assert goodput_per_s([True], observed_s=None) is None
