"""Percentiles over the pooled gaps of many runs."""

import json
import random

import pytest

from streaming.analysis.gap_histogram import RELATIVE_ERROR, SHORTEST_S, PooledGaps, histogram_of
from streaming.projections.metrics import percentile


@pytest.mark.parametrize("q", [0, 50, 95, 99, 100])
def test_pooled_percentiles_are_those_of_all_gaps_within_the_stated_error(q: int) -> None:
    rng = random.Random(q)
    runs = [[rng.lognormvariate(mean, 1.0) for _ in range(size)] for mean, size in ((-4, 900), (-1, 30), (-6, 1))]
    pooled = percentile(PooledGaps(histogram_of(gaps) for gaps in runs), q)
    single = sorted(gap for gaps in runs for gap in gaps)
    assert pooled == pytest.approx(percentile(single, q), rel=RELATIVE_ERROR)


def test_a_run_with_many_gaps_counts_for_more_than_one_with_few() -> None:
    steady, slow = histogram_of([0.01] * 99), histogram_of([1.0])
    assert percentile(PooledGaps([steady, slow]), 50) == pytest.approx(0.01, rel=RELATIVE_ERROR)
    assert percentile(PooledGaps([steady, slow]), 100) == pytest.approx(1.0, rel=RELATIVE_ERROR)


def test_pooled_gaps_are_a_sorted_sequence() -> None:
    pooled = PooledGaps([histogram_of([0.2, 0.1]), histogram_of([0.4])])
    assert len(pooled) == 3
    assert list(pooled) == pytest.approx([0.1, 0.2, 0.4], rel=RELATIVE_ERROR)
    assert pooled[-1] == pooled[2]
    assert pooled[1:] == [pooled[1], pooled[2]]
    with pytest.raises(IndexError):
        pooled[3]


def test_without_gaps_there_is_no_percentile() -> None:
    assert percentile(PooledGaps([]), 50) is None
    assert percentile(PooledGaps([{}]), 50) is None


def test_gaps_below_the_resolution_of_the_clock_count_as_the_shortest() -> None:
    assert list(PooledGaps([histogram_of([0.0, 1e-12])])) == pytest.approx([SHORTEST_S] * 2, rel=RELATIVE_ERROR)


def test_a_histogram_is_the_same_after_a_round_trip_through_json() -> None:
    histogram = histogram_of([0.001, 0.02, 0.02])
    assert json.loads(json.dumps(histogram)) == histogram
    assert sum(histogram.values()) == 3
