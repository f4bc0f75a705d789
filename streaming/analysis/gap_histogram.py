"""Inter-token gaps as a small histogram that can be added up over runs.

A percentile of the runs' percentiles is not a percentile of their gaps, and there are too many gaps to keep them all.
So each run stores how many of its gaps fall into each of a fixed set of logarithmic buckets, as DDSketch does (Masson,
Rim, Lee: DDSketch, VLDB 2019). Histograms add up without loss, and a percentile of the sum is within `RELATIVE_ERROR`
of the percentile of all single gaps.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from math import ceil, log
from typing import overload

GapHistogram = dict[str, int]
"""Bucket number → count of gaps. The numbers are text, as the keys of a JSON object are."""

RELATIVE_ERROR = 0.01
"""How far a gap read from its bucket may be from the true gap, as a share of the true gap."""

SHORTEST_S = 1e-6
"""Shorter gaps, in seconds, are counted as this one: no clock here resolves them."""

_GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)


def histogram_of(gaps_s: Iterable[float]) -> GapHistogram:
    """Count these gaps, in seconds, by bucket."""
    return dict(Counter(str(_bucket(gap)) for gap in gaps_s))


class PooledGaps(Sequence[float]):
    """All gaps of several histograms as one sorted sequence, in seconds, each as the value of its bucket."""

    def __init__(self, histograms: Iterable[Mapping[str, int]]) -> None:
        counts: Counter[int] = Counter()
        for histogram in histograms:
            counts.update({int(bucket): count for bucket, count in histogram.items()})
        self._buckets = sorted(counts)
        self._ends = list(accumulate(counts[bucket] for bucket in self._buckets))

    def __len__(self) -> int:
        """The number of gaps."""
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> list[float]: ...
    def __getitem__(self, index: int | slice) -> float | list[float]:
        """The gap at this position of the sorted sequence, or those of a slice."""
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = index + len(self) if index < 0 else index
        if not 0 <= number < len(self):
            raise IndexError(index)
        return _value(self._buckets[bisect_right(self._ends, number)])


def _bucket(gap_s: float) -> int:
    """The number of the bucket with `_GROWTH ** (number - 1) < gap <= _GROWTH ** number`."""
    return ceil(log(max(gap_s, SHORTEST_S)) / log(_GROWTH))


def _value(bucket: int) -> float:
    """The value with the same relative distance to both edges of the bucket."""
    return float(2 * _GROWTH**bucket / (_GROWTH + 1))
