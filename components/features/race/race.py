"""A race: lanes that start at the same time and are followed together."""

import time
from collections.abc import Iterator, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.features.race.lane import Lane, LanePane
from components.features.race.verdict import show_verdict
from components.shell.session import recall, runs_of
from components.shell.session_commands import cancel, show_runs, take_autorun
from streaming.core.events import LogEntry
from streaming.core.run import Run
from streaming.rendering.flush import FRAME_S
from streaming.services import get_services

_TICK_S = 0.02
_CLOCK_S = 0.1
"""Seconds between two drawings of the clock."""


def run_race(lanes: Sequence[Lane], *, page: str) -> None:
    """Start the lanes at the same time and follow them all, with a shared clock and the times of first text and end."""
    with st.container(horizontal=True, vertical_alignment="center", key="race_buttons"):
        started = st.button(
            "Start the race", type="primary", icon=":material/flag:", key="run", on_click=stop_all, args=(page,)
        )
        stop = st.empty()
        clock = st.empty()
    runs = start_together(lanes, page=page) if started or _autorun(lanes, page) else runs_of(page)
    changed = len(runs) != len(lanes) or not all(lane.matches(run) for lane, run in zip(lanes, runs, strict=True))
    columns = st.columns(len(lanes))
    panes = [LanePane(column, lane) for column, lane in zip(columns, lanes, strict=True)]
    if runs and changed:
        # The figures of the old configurations must not appear under the new names.
        cancel(runs)
        clock.caption("The configurations have changed since the last race. Start a new one to compare them.")
    if not runs or changed:
        return
    if any(run.ended is None for run in runs):
        stop.button("Stop", icon=":material/stop:", key="stop", on_click=cancel, args=(runs,))
    follow_together(runs, panes, clock)
    stop.empty()
    clock.markdown(":green-badge[Finished]")
    show_verdict(lanes, runs, panes)


def start_together(lanes: Sequence[Lane], *, page: str) -> list[Run]:
    """Stop the page's runs, and start every lane at the same time."""
    cancel(runs_of(page))
    runs = [get_services().engine.start(lane.request) for lane in lanes]
    show_runs(page, runs)
    return runs


def stop_all(page: str) -> None:
    """Stop everything that this page runs, because a race, repeats and a blind test would slow each other down."""
    cancel(runs_of(page))
    if (repeats := recall(f"{page}.repeats")) is not None:
        repeats.sequence.cancel()
    cancel([run for _, run in recall(f"{page}.blind") or ()])


def follow_together(runs: Sequence[Run], panes: Sequence[LanePane], clock: DeltaGenerator) -> None:
    """Pass the batches of every run to its pane until all runs have ended."""
    followed: dict[int, Iterator[list[LogEntry]]] = {
        lane: run.follow(frame_s=0.0, tick_s=_TICK_S / len(runs)) for lane, run in enumerate(runs)
    }
    clock_drawn_at = 0.0
    while followed:
        frame_start = time.monotonic()
        for lane in list(followed):
            batch = next(followed[lane], None)
            if batch is None:
                del followed[lane]
            else:
                panes[lane].feed(runs[lane], batch)
        if frame_start - clock_drawn_at > _CLOCK_S:
            clock_drawn_at = frame_start
            clock.markdown(f":blue-badge[Running] {max(run.age_s for run in runs):.1f} s")
        time.sleep(max(0.0, FRAME_S - (time.monotonic() - frame_start)))


def _autorun(lanes: Sequence[Lane], page: str) -> bool:
    return not runs_of(page) and take_autorun(page) and not any(lane.request.may_cost for lane in lanes)
