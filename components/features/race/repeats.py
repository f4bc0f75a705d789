"""Repeats of a race: the lanes run in turn, many times, in the background; medians with confidence intervals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from components.features.race.lane import Lane, first_text_s
from components.features.race.race import stop_all
from components.features.race.verdict import ratios
from components.shell.format import format_seconds
from components.shell.keys import REPEATS_PARAM
from components.shell.session import recall
from components.shell.session_commands import store_value
from components.shell.stop_button import stop_button
from streaming.analysis.stats import Interval, median_interval
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.runtime.sequence import RunSequence
from streaming.services import get_services

_WARM_UPS = 1
"""Runs of each lane that are discarded."""
_DEFAULT_REPEATS = 6
_TICK_S = 0.5
_GRACE_S = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatFigures:
    """The figures of one repeat of one lane; times in seconds since submission."""

    completed: bool
    first_text_s: float | None
    e2e_s: float | None


def repeat_race(lanes: Sequence[Lane], *, page: str) -> None:
    """Controls and results of the repeats; the URL names them, so that a reload shows them again."""
    st.subheader("Repeat it", anchor=False)
    st.caption(
        "One race is an anecdote. Repeats run one at a time, so that no lane slows another. One warm-up run per "
        "lane is discarded. Nothing is drawn, so the flush strategies make no difference here."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        times = st.number_input("Repeats", 2, 50, _DEFAULT_REPEATS, key="repeats", bind="query-params", width=160)
        clicked = st.button(
            "Repeat", icon=":material/repeat:", key="repeat", on_click=stop_all, args=(page, "another series")
        )
    if clicked:
        _remember(page, start_repeats(lanes, times=times).id)
    key = recall(f"{page}.repeats") or st.query_params.get(REPEATS_PARAM)
    if not key:
        return
    sequence = get_services().engine.sequences.get(key)
    if sequence is None:
        st.caption("The repeats in this link are no longer on this server. Start them again.")
        return
    _remember(page, key)
    running = not sequence.ended
    st.fragment(_show, run_every=_TICK_S if running else None)(sequence, running=running)


def start_repeats(lanes: Sequence[Lane], *, times: int) -> RunSequence[RepeatFigures]:
    """Start the warm-ups and `times` repeats of each lane, one run at a time."""
    requests = [_patient(lane.request) for _ in range(times + _WARM_UPS) for lane in lanes]

    def measure(position: int, run: Run) -> RepeatFigures:
        return figures_of(lanes[position % len(lanes)], run)

    names = tuple(lane.name for lane in lanes)
    return get_services().engine.start_sequence(requests, measure=measure, subject=names)


def _patient(request: RunRequest) -> RunRequest:
    """The request with a grace time that outlasts the pause between two ticks of a hidden tab, which is a minute."""
    grace_s = request.limits.grace_s
    if grace_s is None or grace_s >= _GRACE_S:
        return request
    return replace(request, limits=replace(request.limits, grace_s=_GRACE_S))


def _remember(page: str, key: str) -> None:
    store_value(f"{page}.repeats", key)
    st.query_params[REPEATS_PARAM] = key


def figures_of(lane: Lane, run: Run) -> RepeatFigures:
    """The figures of a run that has ended."""
    events = run.events
    return RepeatFigures(
        completed=run.status == "Completed",
        first_text_s=first_text_s(lane, events),
        e2e_s=apply_all(MetricsCollector(), events).metrics().e2e_s,
    )


def _show(sequence: RunSequence[RepeatFigures], *, running: bool) -> None:
    """How far it is, and the results so far; the end draws the page again, and with it ends the clock."""
    sequence.keep()
    if running and sequence.ended:
        st.rerun()
    results, total = sequence.results, len(sequence.requests)
    if not sequence.ended:
        with st.container(horizontal=True, vertical_alignment="center"):
            stop_button(st.empty(), "Stop repeating", key="stop_repeats", stop=sequence.cancel)
            st.progress(len(results) / total, text=progress_text(len(results), total, sequence.remaining_s))
    elif len(results) < total or sequence.cancelled:
        st.caption(f"Stopped in run {max(1, len(results))} of {total}. {sequence.cancel_reason}")
    names = sequence.subject
    assert isinstance(names, tuple)
    _show_intervals(names, results)


def progress_text(done: int, total: int, remaining_s: float | None) -> str:
    """The run at work, and about how long it will take until the end."""
    left = "" if remaining_s is None else f" · about {max(1, round(remaining_s)):,} s left"
    return f"Run {min(done + 1, total)} of {total}{left}"


def _show_intervals(lanes: Sequence[str], results: Sequence[RepeatFigures]) -> None:
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
            "configuration": list(lanes),
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
