"""A race: lanes started together and followed together, and repeats that say how sure the figures are."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.lane import Lane, LanePane, first_text_s
from components.session import autorun_wanted, keep, kept, labelled, runs_of, show_runs
from components.text import rate, seconds, size
from streaming import Run, Stamped, lab
from streaming.pacing import FRAME_S
from streaming.projections import Latency, apply_all
from streaming.statistics import Interval, median_interval

_TICK_S = 0.02
_WARM_UPS = 1


def race(lanes: Sequence[Lane], *, page: str) -> None:
    """Start the lanes together and follow them all: a shared clock, first tokens and finishes as they happen."""
    with st.container(horizontal=True, vertical_alignment="center", key="race_buttons"):
        started = st.button("Start the race", type="primary", icon=":material/flag:", key="run")
        stop = st.empty()
        clock = st.empty()
    runs = start_together(lanes, page=page) if started or _autorun(page) else runs_of(page)
    if len(runs) != len(lanes):
        runs = []
    columns = st.columns(len(lanes))
    panes = [LanePane(column, lane) for column, lane in zip(columns, lanes, strict=True)]
    if not runs:
        return
    if any(run.ended is None for run in runs):
        stop.button("Stop", icon=":material/stop:", key="stop", on_click=cancel, args=(runs,))
    follow_together(runs, panes, clock)
    stop.empty()
    clock.markdown(":green-badge[Finished]")
    verdict(lanes, panes)


def start_together(lanes: Sequence[Lane], *, page: str) -> list[Run]:
    """Start every lane at the same time; what the page showed before is stopped."""
    cancel(runs_of(page))
    runs = [lab().start(labelled(replace(lane.request, labels={"flush": lane.pacing.flush}))) for lane in lanes]
    show_runs(page, runs)
    return runs


def cancel(runs: Sequence[Run]) -> None:
    """Stop them all."""
    for run in runs:
        run.cancel()


def follow_together(runs: Sequence[Run], panes: Sequence[LanePane], clock: DeltaGenerator) -> None:
    """Give every run's batches to its pane until all have ended."""
    follows: dict[int, Iterator[list[Stamped]]] = {
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
                panes[place].feed(batch)
        if frame - shown > 0.1:
            shown = frame
            clock.markdown(f":blue-badge[Running] {max(run.age_s for run in runs):.1f} s")
        time.sleep(max(0.0, FRAME_S - (time.monotonic() - frame)))


def verdict(lanes: Sequence[Lane], panes: Sequence[LanePane]) -> None:
    """The figures side by side, with ratios to the best."""
    st.subheader("Verdict", anchor=False)
    metrics = [pane.metrics for pane in panes]
    firsts = [first_text_s(lane, pane.events) for lane, pane in zip(lanes, panes, strict=True)]
    best_first = min((first for first in firsts if first is not None), default=None)
    ends = [figures.e2e_s for figures in metrics]
    best_end = min((end for end in ends if end is not None), default=None)
    st.dataframe(
        {
            "lane": [lane.name for lane in lanes],
            "first text": [seconds(first) for first in firsts],
            "ratio ": [_ratio(first, best_first) for first in firsts],
            "end": [seconds(end) for end in ends],
            "ratio": [_ratio(end, best_end) for end in ends],
            "tokens/s": [rate(figures.tokens_per_s) for figures in metrics],
            "bytes": [size(figures.bytes) for figures in metrics],
        },
        hide_index=True,
        alt="Figures of each lane, with ratios to the best",
    )


def repeat(lanes: Sequence[Lane], *, page: str) -> None:
    """Run the lanes in turn, again and again, and say how sure the medians are."""
    st.subheader("Repeat it", anchor=False)
    st.caption(
        f"One race is an anecdote. Repeats run one at a time, so that no lane slows another; the first {_WARM_UPS} of "
        "each lane is a warm-up and does not count."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        times = st.number_input("Repeats", 2, 50, 5, key="repeats", bind="query-params", width=160)
        wanted = st.button("Repeat", icon=":material/repeat:", key="repeat")
        stop, bar = st.empty(), st.empty()
    if wanted:
        requests = [labelled(lane.request) for _ in range(times + _WARM_UPS) for lane in lanes]
        keep(f"{page}.repeats", (list(lanes), lab().start_in_turn(requests)))
    if (found := kept(f"{page}.repeats")) is None:
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
    rows = []
    for place, lane in enumerate(lanes):
        counted = [run for run in list(runs)[place :: len(lanes)][_WARM_UPS:] if run.status == "Completed"]
        metrics = [apply_all(Latency(), run.events).metrics() for run in counted]
        firsts = [first_text_s(lane, run.events) for run in counted]
        first = median_interval([value for value in firsts if value is not None])
        end = median_interval([one.e2e_s for one in metrics if one.e2e_s is not None])
        rows.append({"lane": lane.name, "runs": len(counted), "first text": _said(first), "end": _said(end)})
    st.dataframe(rows, hide_index=True, alt="Medians with their 95 % confidence intervals")
    st.caption("Median and its 95 % confidence interval, by bootstrap over the repeats.")


def _said(interval: Interval | None) -> str:
    if interval is None:
        return "–"
    return f"{seconds(interval.median)} ({seconds(interval.low)} to {seconds(interval.high)})"


def _ratio(value: float | None, best: float | None) -> str:
    return "–" if value is None or not best else f"{value / best:.1f}×"
