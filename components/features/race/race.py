"""A race: lanes started together and followed together, and repeats that say how sure the figures are."""

import time
from collections.abc import Iterator, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.features.race.lane import Lane, LanePane, first_text_s
from components.shell.format import format_bytes, format_rate, format_seconds
from components.shell.session import autorun_wanted, cancel, recall, runs_of, show_runs, store_value, with_labels
from streaming.analysis.stats import Interval, median_interval
from streaming.core.events import LogEntry
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.rendering.flush import FRAME_S
from streaming.services import get_services

_TICK_S = 0.02
_WARM_UPS = 1
_USUAL_REPEATS = 6


def run_race(lanes: Sequence[Lane], *, page: str) -> None:
    """Start the lanes together and follow them all: a shared clock, first tokens and finishes as they happen."""
    with st.container(horizontal=True, vertical_alignment="center", key="race_buttons"):
        started = st.button(
            "Start the race", type="primary", icon=":material/flag:", key="run", on_click=stop_all, args=(page,)
        )
        stop = st.empty()
        clock = st.empty()
    runs = start_together(lanes, page=page) if started or _autorun(page) else runs_of(page)
    changed = len(runs) != len(lanes) or not all(lane.made(run) for lane, run in zip(lanes, runs, strict=True))
    columns = st.columns(len(lanes))
    panes = [LanePane(column, lane) for column, lane in zip(columns, lanes, strict=True)]
    if runs and changed:
        # Their figures under the new names would be a lie.
        cancel(runs)
        clock.caption("The configurations have changed since the last race.")
    if not runs or changed:
        return
    if any(run.ended is None for run in runs):
        stop.button("Stop", icon=":material/stop:", key="stop", on_click=cancel, args=(runs,))
    follow_together(runs, panes, clock)
    stop.empty()
    clock.markdown(":green-badge[Finished]")
    show_verdict(lanes, runs, panes)


def start_together(lanes: Sequence[Lane], *, page: str) -> list[Run]:
    """Start every lane at the same time; what the page showed before is stopped."""
    cancel(runs_of(page))
    runs = [get_services().engine.start(with_labels(lane.request)) for lane in lanes]
    show_runs(page, runs)
    return runs


def stop_all(page: str) -> None:
    """Stop whatever this page runs: a race, repeats and a blind test would slow each other down."""
    cancel(runs_of(page))
    cancel((recall(f"{page}.repeats") or ((), ()))[1])
    cancel([run for _, run in recall(f"{page}.blind") or ()])


def follow_together(runs: Sequence[Run], panes: Sequence[LanePane], clock: DeltaGenerator) -> None:
    """Give every run's batches to its pane until all have ended."""
    follows: dict[int, Iterator[list[LogEntry]]] = {
        place: run.follow(frame_s=0.0, tick_s=_TICK_S / len(runs)) for place, run in enumerate(runs)
    }
    shown = 0.0
    while follows:
        frame = time.monotonic()
        for place in list(follows):
            batch = next(follows[place], None)
            if batch is None:
                del follows[place]
            else:
                panes[place].feed(runs[place], batch)
        if frame - shown > 0.1:
            shown = frame
            clock.markdown(f":blue-badge[Running] {max(run.age_s for run in runs):.1f} s")
        time.sleep(max(0.0, FRAME_S - (time.monotonic() - frame)))


def show_verdict(lanes: Sequence[Lane], runs: Sequence[Run], panes: Sequence[LanePane]) -> None:
    """The figures side by side, with ratios to the best of the lanes that were completed."""
    st.subheader("Verdict", anchor=False)
    metrics = [pane.metrics for pane in panes]
    counts = [run.status == "Completed" for run in runs]
    shown = [pane.shown_s if counted else None for pane, counted in zip(panes, counts, strict=True)]
    ends = [figures.e2e_s if counted else None for figures, counted in zip(metrics, counts, strict=True)]
    st.dataframe(
        {
            "lane": list(range(1, len(lanes) + 1)),
            "first text": [format_seconds(value) for value in shown],
            "first ×": _ratios(shown),
            "end": [format_seconds(value) for value in ends],
            "end ×": _ratios(ends),
            "outcome": [run.status for run in runs],
            "arrived": [format_seconds(first_text_s(lane, run.events)) for lane, run in zip(lanes, runs, strict=True)],
            "tokens/s": [format_rate(figures.tokens_per_s) for figures in metrics],
            "bytes": [format_bytes(figures.bytes) for figures in metrics],
            "configuration": [lane.name for lane in lanes],
        },
        hide_index=True,
        column_config={
            "first text": st.column_config.Column(help="When the first text was drawn: the flush strategy counts."),
            "arrived": st.column_config.Column(help="When the first text had arrived from the graph, not yet drawn."),
        },
        alt="Figures of each lane, with ratios to the best",
    )


def repeat_race(lanes: Sequence[Lane], *, page: str) -> None:
    """Run the lanes in turn, again and again, and say how sure the medians are."""
    st.subheader("Repeat it", anchor=False)
    st.caption(
        f"One race is an anecdote. Repeats run one at a time, so that no lane slows another; the first {_WARM_UPS} of "
        "each lane is a warm-up and does not count. Nothing is drawn, so the flush strategies do not differ here."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        times = st.number_input("Repeats", 2, 50, _USUAL_REPEATS, key="repeats", bind="query-params", width=160)
        wanted = st.button("Repeat", icon=":material/repeat:", key="repeat", on_click=stop_all, args=(page,))
        stop, bar = st.empty(), st.empty()
    if wanted:
        requests = [with_labels(lane.request) for _ in range(times + _WARM_UPS) for lane in lanes]
        store_value(f"{page}.repeats", (list(lanes), get_services().engine.start_in_turn(requests)))
    if (found := recall(f"{page}.repeats")) is None:
        return
    raced, runs = found
    if any(run.ended is None for run in runs):
        stop.button("Stop repeating", icon=":material/stop:", key="stop_repeats", on_click=cancel, args=(runs,))
    for place, run in enumerate(runs):
        bar.progress(place / len(runs), text=f"Run {place + 1} of {len(runs)}")
        for _ in run.follow():
            pass
    bar.empty()
    stop.empty()
    _intervals(raced, runs)


def _autorun(page: str) -> bool:
    return not runs_of(page) and autorun_wanted(page)


def _intervals(lanes: Sequence[Lane], runs: Sequence[Run]) -> None:
    counted = [
        [run for run in list(runs)[place :: len(lanes)][_WARM_UPS:] if run.status == "Completed"]
        for place in range(len(lanes))
    ]
    firsts = [
        _median([first_text_s(lane, run.events) for run in own]) for lane, own in zip(lanes, counted, strict=True)
    ]
    ends = [_median([apply_all(MetricsCollector(), run.events).metrics().e2e_s for run in own]) for own in counted]
    st.dataframe(
        {
            "lane": list(range(1, len(lanes) + 1)),
            "runs": [len(own) for own in counted],
            "first text arrived": [_said(first) for first in firsts],
            "first ×": _ratios([first.median if first else None for first in firsts]),
            "end": [_said(end) for end in ends],
            "end ×": _ratios([end.median if end else None for end in ends]),
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


def _said(interval: Interval | None) -> str:
    if interval is None:
        return "–"
    return f"{format_seconds(interval.median)} ({format_seconds(interval.low)} to {format_seconds(interval.high)})"


def _ratios(values: Sequence[float | None]) -> list[str]:
    """Each value as a multiple of the smallest."""
    best = min((value for value in values if value), default=None)
    return ["–" if value is None or best is None else f"{value / best:.1f}×" for value in values]
