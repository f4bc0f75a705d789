"""The medians of repeated lanes, and who won by what: lanes that differ only in drawing are compared as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from components.features.race.drawing_alone import comparable_groups
from components.features.race.verdict import ratios
from components.shell.format import format_seconds
from streaming.analysis.contender import Contender
from streaming.analysis.race_verdict import base_of, race_sentence
from streaming.analysis.stats import Interval, median_interval
from streaming.core.enumeration import listed
from streaming.core.request import RunRequest
from streaming.recordings.format import Recording

WARM_UPS = 1
"""Runs of each lane that are discarded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatFigures:
    """The figures of one repeat of one lane; times in seconds since submission, the last repeat with its recording.

    `run_id` is empty where the run is not known.
    """

    completed: bool
    first_text_s: float | None
    e2e_s: float | None
    bytes: int = 0
    all_modes: bool = False
    recording: Recording | None = None
    run_id: str = ""


def medians_of(
    lanes: Sequence[str], requests: Sequence[RunRequest], results: Sequence[RepeatFigures]
) -> tuple[list[dict[str, Any]], str]:
    """The rows of the table so far, and who won by what; the sentence is empty until every lane has a figure.

    Lanes that repeats cannot tell apart are compared as one, with the runs of all of them; × refers to what the
    sentence divides by.
    """
    counted = [
        [figures for figures in results[position :: len(lanes)][WARM_UPS:] if figures.completed]
        for position in range(len(lanes))
    ]
    groups = comparable_groups(requests)
    compared = [
        _contender(_name_of([lanes[n] for n in group]), [figures for n in group for figures in counted[n]], len(group))
        for group in groups
    ]
    base = base_of(compared)
    times = "×" if base is None else f"× {_numbers([lanes[n] for n in groups[base]])}"
    first_s, end_s = (None, None) if base is None else (compared[base].first_s, compared[base].end_s)
    alone = [_contender(name, of_lane, 1) for name, of_lane in zip(lanes, counted, strict=True)]
    first_ratios = ratios([lane.first_s for lane in alone], of=first_s)
    end_ratios = ratios([lane.end_s for lane in alone], of=end_s)
    rows = [
        {
            "lane": n + 1,
            "configuration": lane.name,
            "first text arrived": _interval_text(lane.first),
            f"first {times}": first_ratios[n],
            "end": _interval_text(lane.end),
            f"end {times}": end_ratios[n],
            "runs": len(counted[n]),
            "confidence": "–" if lane.end is None or lane.end.count == 1 else f"{lane.end.confidence:.1%}",
        }
        for n, lane in enumerate(alone)
    ]
    return rows, race_sentence(compared) if len(compared) > 1 and all(counted) else ""


def _contender(name: str, runs: Sequence[RepeatFigures], lanes: int) -> Contender:
    """One lane, or some taken together, with the medians of its runs."""
    first, end = _median([figures.first_text_s for figures in runs]), _median([figures.e2e_s for figures in runs])
    return Contender(
        name=name,
        first_s=first.median if first else None,
        end_s=end.median if end else None,
        bytes=round(median(figures.bytes for figures in runs)) if runs else 0,
        all_modes=any(figures.all_modes for figures in runs),
        first=first,
        end=end,
        several=lanes > 1,
    )


def _name_of(lanes: Sequence[str]) -> str:
    return lanes[0] if len(lanes) == 1 else _numbers(lanes)


def _numbers(lanes: Sequence[str]) -> str:
    """The numbers of these lanes, by which a sentence and a column name them."""
    return f"{'lane' if len(lanes) == 1 else 'lanes'} {listed([name.partition('.')[0] for name in lanes])}"


def _median(values: Sequence[float | None]) -> Interval | None:
    return median_interval([value for value in values if value is not None])


def _interval_text(interval: Interval | None) -> str:
    if interval is None:
        return "–"
    low, middle, high = map(format_seconds, (interval.low, interval.median, interval.high))
    return middle if interval.count == 1 else f"{middle} ({low} to {high})"
