"""A race: lanes that start at the same time."""

import time
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.features.race.lane import Lane, NativePane, are_of, as_part_of, open_pane
from components.features.race.restored_lanes import tell_of_other_lanes
from components.features.race.tested_pair import tested_runs
from components.features.race.verdict import show_verdict
from components.player.mount import bring_into_sight, mount_player
from components.run_panel.status import show_outcomes
from components.shell.format import escape_markdown
from components.shell.session import ID_SEPARATOR, known_runs, recall, runs_of
from components.shell.session_commands import cancel, forget_runs, show_runs, store_value, take_autorun
from components.shell.stop_button import offer_stop
from streaming.core.events import LogEntry
from streaming.core.run import Run
from streaming.rendering.flush import FRAME_S
from streaming.services import get_services

_STAGE = "race_stage"
_ASIDE = "These are not the lanes of the last race. Start a new one to compare them."
_TICK_S = 0.02
_CLOCK_WIDTH = 140
"""Pixels: a component in a row needs an explicit width."""


def run_race(lanes: Sequence[Lane], *, page: str, graphs: Collection[str]) -> None:
    """Start the lanes at the same time, with a shared clock and the figures of each; at the end draw the verdict.

    `graphs` are the names of those that a lane can run.
    """
    stage = st.container(key=f"lanes_of_{len(lanes)}").container(key=_STAGE)
    with stage.container(horizontal=True, vertical_alignment="center", key="race_buttons"):
        started = offer_start(
            "Start the race", lanes, page=page, starts="a race", key="run", icon=":material/flag:", type="primary"
        )
        stop = st.empty()
        clock = st.empty()
        headline = st.empty()
    trouble = stage.empty()
    for lane in lanes:
        if lane.trouble:
            stage.caption(f":orange[:material/edit: {escape_markdown(f'{lane.name}: {lane.trouble}')}]")
    known = _known_runs(page)
    runs = start_together(lanes, page=page) if started or (not known and _take_autorun(lanes, page)) else known
    requests = [run.request for run in runs]
    if runs and not are_of(lanes, requests):
        # The figures of the old configurations must not appear under the new names.
        cancel(runs)
        _set_aside(page, runs)
        with clock:
            tell_of_other_lanes(_ASIDE, requests, label="Show the last race", key="last_race", graphs=graphs)
        runs = []
    elif runs and not runs_of(page):
        show_runs(page, runs)
    over = all(run.ended is not None for run in runs)
    if not over:
        offer_stop(stop, "Stop", key="stop", stop=partial(cancel, runs))
    # A line in one lane is one in all, so that their texts begin at one height.
    tells_input = any(lane.given for lane in lanes)
    panes = [
        open_pane(column, lane, runs[n] if runs else None, key=f"lane_{n}", tells_input=tells_input)
        for n, (column, lane) in enumerate(zip(stage.columns(len(lanes)), lanes, strict=True))
    ]
    if not runs:
        return
    if not over:
        bring_into_sight(_STAGE, once=runs[0].id)
    if follow_together(runs, panes, clock, over=over, key="race_clock"):
        stop.empty()
        if all(run.status == "Completed" for run in runs):
            clock.markdown(":green-badge[Finished]")
        else:
            show_outcomes(runs, chip=clock, message=trouble)
        show_verdict(
            lanes, runs, title="Report of a race", key=f"{page}.report", headline=headline, plays=f"{page}.page"
        )


def _known_runs(page: str) -> list[Run]:
    """The runs of the page, or else those that were set aside."""
    return runs_of(page) or known_runs(recall(f"{page}.aside") or "")


def _set_aside(page: str, runs: Sequence[Run]) -> None:
    """Take the runs out of the URL, whose lanes are other ones, and keep them until the lanes are theirs again."""
    store_value(f"{page}.aside", ID_SEPARATOR.join(run.id for run in runs))
    forget_runs(page)


def offer_start(label: str, lanes: Sequence[Lane], *, page: str, starts: str, **settings: Any) -> bool:
    """A button that starts something with these lanes, and stops all else; whether it was pressed and they can run.

    What would be refused, as an empty prompt is, leaves the button: a click on one that is disabled would be lost where
    it ends what is typed.
    """
    refused = any(lane.request.trouble for lane in lanes)
    disabled = any(lane.trouble for lane in lanes)
    stops = None if refused else stop_all
    return st.button(label, on_click=stops, args=(page, starts), disabled=disabled, **settings) and not refused


def start_together(lanes: Sequence[Lane], *, page: str) -> list[Run]:
    """Stop the page's runs, and start every lane at the same time."""
    cancel(runs_of(page))
    runs = [get_services().engine.start(as_part_of(lane.request, "race")) for lane in lanes]
    show_runs(page, runs)
    return runs


def stop_all(page: str, started: str) -> None:
    """Stop everything that this page runs, because a race, repeats and a blind test would slow each other down.

    A message says which repeats and which blind test ended because of what is `started`.
    """
    cancel(runs_of(page))
    repeats = get_services().engine.sequences.get(recall(f"{page}.repeats") or "")
    if repeats is not None and not repeats.ended:
        repeats.cancel(f"{started[:1].upper()}{started[1:]} was started, and both would slow each other down.")
        st.toast(f"The repeats stop, because {started} starts: both would slow each other down.")
    tested = tested_runs(page)
    if any(run.ended is None for run in tested):
        cancel(tested)
        st.toast("The blind test was stopped.", icon=":material/stop:")


def follow_together(
    runs: Sequence[Run], panes: Sequence[NativePane | None], clock: DeltaGenerator, *, over: bool, key: str
) -> bool:
    """Draw the clock, and the lanes that have a pane; whether all runs have ended.

    If the player draws all lanes, it reports their end, which runs the script again. With a lane that the script draws
    itself, the script waits here for the end of all.
    """
    native = [pane is not None for pane in panes]
    if not over:
        with clock.container(width=_CLOCK_WIDTH):
            mount_player(
                [run.id for run in runs],
                key=f"{key}.{runs[0].id}",
                panels=[{"panel": "status", "parts": ["chip", "clock"]}],
                one_at_a_time=True,
                reports=not any(native),
            )
    if any(native):
        _draw_natives(runs, panes)
        over = True
    return over


def _draw_natives(runs: Sequence[Run], panes: Sequence[NativePane | None]) -> None:
    """Pass the batches of every run to its pane, if it has one, until all runs have ended."""
    followed: dict[int, Iterator[list[LogEntry]]] = {
        lane: run.follow(frame_s=0.0, tick_s=_TICK_S / len(runs)) for lane, run in enumerate(runs)
    }
    try:
        while followed:
            frame_start = time.monotonic()
            for lane in list(followed):
                batch = next(followed[lane], None)
                if batch is None:
                    del followed[lane]
                elif (pane := panes[lane]) is not None:
                    pane.feed(batch)
            time.sleep(max(0.0, FRAME_S - (time.monotonic() - frame_start)))
    finally:
        for pane in panes:
            if pane is not None:
                pane.close()


def _take_autorun(lanes: Sequence[Lane], page: str) -> bool:
    return take_autorun(page) and not any(lane.request.may_cost or lane.request.trouble for lane in lanes)
