"""Repeats of a race: the lanes run in turn, many times; shows medians with confidence intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.features.race.lane import Lane, first_text_s
from components.features.race.race import stop_all
from components.features.race.verdict import ratios
from components.shell.format import format_seconds
from components.shell.session import recall
from components.shell.session_commands import store_value
from components.shell.stop_button import stop_button
from streaming.analysis.stats import Interval, median_interval
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.runtime.sequence import RunSequence
from streaming.services import get_services

_WARM_UPS = 1
"""Runs of each lane that are discarded."""
_DEFAULT_REPEATS = 6
_TICK_S = 0.2
"""Longest delay of a click: Streamlit notices clicks only when the script draws something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatFigures:
    """The figures of one repeat of one lane; times in seconds since submission."""

    completed: bool
    first_text_s: float | None
    e2e_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """The lanes that are repeated, and the sequence of their runs: lane 1, lane 2, …, lane 1 again."""

    lanes: list[Lane]
    sequence: RunSequence[RepeatFigures]


def repeat_race(lanes: Sequence[Lane], *, page: str) -> None:
    """Controls and results of the repeats."""
    st.subheader("Repeat it", anchor=False)
    st.caption(
        "One race is an anecdote. Repeats run one at a time, so that no lane slows another. One warm-up run per "
        "lane is discarded. Nothing is drawn, so the flush strategies make no difference here."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        times = st.number_input("Repeats", 2, 50, _DEFAULT_REPEATS, key="repeats", bind="query-params", width=160)
        clicked = st.button("Repeat", icon=":material/repeat:", key="repeat", on_click=stop_all, args=(page,))
        stop, bar = st.empty(), st.empty()
    if clicked:
        store_value(f"{page}.repeats", start_repeats(lanes, times=times))
    repeats: Repeats | None = recall(f"{page}.repeats")
    if repeats is None:
        return
    if not repeats.sequence.ended:
        stop_button(stop, "Stop repeating", key="stop_repeats", stop=repeats.sequence.cancel)
    show_progress(repeats.sequence, bar)
    bar.empty()
    stop.empty()
    _show_intervals(repeats)


def start_repeats(lanes: Sequence[Lane], *, times: int) -> Repeats:
    """Start the warm-ups and `times` repeats of each lane, one run at a time."""
    requests = [lane.request for _ in range(times + _WARM_UPS) for lane in lanes]

    def measure(position: int, run: Run) -> RepeatFigures:
        return figures_of(lanes[position % len(lanes)], run)

    return Repeats(lanes=list(lanes), sequence=get_services().engine.start_sequence(requests, measure=measure))


def figures_of(lane: Lane, run: Run) -> RepeatFigures:
    """The figures of a run that has ended."""
    events = run.events
    return RepeatFigures(
        completed=run.status == "Completed",
        first_text_s=first_text_s(lane, events),
        e2e_s=apply_all(MetricsCollector(), events).metrics().e2e_s,
    )


def show_progress(sequence: RunSequence[RepeatFigures], bar: DeltaGenerator, *, tick_s: float = _TICK_S) -> None:
    """Follow the sequence to its end; draws at every tick, so that a click is noticed during a slow run."""
    total = len(sequence.requests)
    for done in sequence.follow(tick_s=tick_s):
        bar.progress(done / total, text=f"Run {min(done + 1, total)} of {total}")


def _show_intervals(repeats: Repeats) -> None:
    lanes, results = repeats.lanes, repeats.sequence.results
    counted = [
        [figures for figures in results[position :: len(lanes)][_WARM_UPS:] if figures.completed]
        for position in range(len(lanes))
    ]
    firsts = [_median([figures.first_text_s for figures in of_lane]) for of_lane in counted]
    ends = [_median([figures.e2e_s for figures in of_lane]) for of_lane in counted]
    st.dataframe(
        {
            "lane": list(range(1, len(lanes) + 1)),
            "runs": [len(of_lane) for of_lane in counted],
            "first text arrived": [_interval_text(first) for first in firsts],
            "first ×": ratios([first.median if first else None for first in firsts]),
            "end": [_interval_text(end) for end in ends],
            "end ×": ratios([end.median if end else None for end in ends]),
            "confidence": ["–" if end is None else f"{end.confidence:.1%}" for end in ends],
            "configuration": [lane.name for lane in lanes],
        },
        hide_index=True,
        alt="Medians with their confidence intervals",
    )
    st.caption(
        "Median, and in brackets the two measured values that enclose the true median with this confidence (order "
        "statistics, for any distribution). Six runs are the fewest that reach 95 %."
    )


def _median(values: Sequence[float | None]) -> Interval | None:
    return median_interval([value for value in values if value is not None])


def _interval_text(interval: Interval | None) -> str:
    if interval is None:
        return "–"
    return f"{format_seconds(interval.median)} ({format_seconds(interval.low)} to {format_seconds(interval.high)})"
