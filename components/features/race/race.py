"""A race: lanes that are started and followed together."""

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
"""How often the clock is drawn."""


def run_race(lanes: Sequence[Lane], *, page: str) -> None:
    """Start the lanes together and follow them all: a shared clock, first tokens and finishes as they happen."""
    with st.container(horizontal=True, vertical_alignment="center", key="race_buttons"):
        started = st.button(
            "Start the race", type="primary", icon=":material/flag:", key="run", on_click=stop_all, args=(page,)
        )
        stop = st.empty()
        clock = st.empty()
    runs = start_together(lanes, page=page) if started or _autorun(lanes, page) else runs_of(page)
    changed = len(runs) != len(lanes) or not all(lane.started(run) for lane, run in zip(lanes, runs, strict=True))
    columns = st.columns(len(lanes))
    panes = [LanePane(column, lane) for column, lane in zip(columns, lanes, strict=True)]
    if runs and changed:
        # Their figures must not appear under the new names.
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
    runs = [get_services().engine.start(lane.request) for lane in lanes]
    show_runs(page, runs)
    return runs


def stop_all(page: str) -> None:
    """Stop everything that this page runs: a race, repeats and a blind test would slow each other down."""
    cancel(runs_of(page))
    if (repeats := recall(f"{page}.repeats")) is not None:
        repeats.sequence.cancel()
    cancel([run for _, run in recall(f"{page}.blind") or ()])


def follow_together(runs: Sequence[Run], panes: Sequence[LanePane], clock: DeltaGenerator) -> None:
    """Give every run's batches to its pane until all have ended."""
    follows: dict[int, Iterator[list[LogEntry]]] = {
        lane: run.follow(frame_s=0.0, tick_s=_TICK_S / len(runs)) for lane, run in enumerate(runs)
    }
    shown = 0.0
    while follows:
        frame = time.monotonic()
        for lane in list(follows):
            batch = next(follows[lane], None)
            if batch is None:
                del follows[lane]
            else:
                panes[lane].feed(runs[lane], batch)
        if frame - shown > _CLOCK_S:
            shown = frame
            clock.markdown(f":blue-badge[Running] {max(run.age_s for run in runs):.1f} s")
        time.sleep(max(0.0, FRAME_S - (time.monotonic() - frame)))


def _autorun(lanes: Sequence[Lane], page: str) -> bool:
    return not runs_of(page) and take_autorun(page) and not any(lane.request.may_cost for lane in lanes)
