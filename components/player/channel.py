"""Feeds the player through Streamlit's own connection, in a session whose browser does not reach the app's routes.

The first mount that fails reports what it could not reach. From the next script run on, that comes another way: the
script as a component of its own, the runs as the data of a small component in a fragment that runs a few times a
second. The panels stay the same.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import streamlit as st

from components.player.bundle import player_script
from components.player.files import read_asset
from components.player.mount import FED, ROUTES, feed_component, mount_feed
from components.shell.session import known_runs, recall, unreachable
from components.shell.session_commands import store_value
from streaming.http.found_run import NO_RUN
from streaming.live.pulled import PulledRun
from streaming.runtime.run_facts import about_run, edges_of

TICK_S = 0.25
_FOLLOWED = "player.followed"

_REGISTER = "\nexport default function () { globalThis.streamingLabPlayer?.arrived(modules); }\n"


@contextmanager
def feed_where_unreachable() -> Iterator[None]:
    """Surround a page, so that what it mounts is fed where the routes are out of reach."""
    store_value(FED, {})
    store_value(ROUTES, unreachable())
    try:
        yield
    finally:
        if "script" in unreachable():
            _script()(key="player_script")
        fed: dict[str, bool] = recall(FED)
        if "socket" in unreachable() and fed:
            ongoing = any(run.ended is None for run_id in fed for run in known_runs(run_id))
            st.fragment(_feed, run_every=TICK_S if ongoing else None)()


def _script() -> Any:
    """Declared again in each script run, as in a Streamlit script."""
    return st.components.v2.component(
        "streaming_lab_player_script",
        js=player_script() + _REGISTER,
        css=read_asset("player.css") + read_asset("transport.css"),
        isolate_styles=False,
    )


def _feed() -> None:
    followed = _follow()
    gone = [{"run": run_id, "gone": NO_RUN} for run_id in recall(FED) if run_id not in followed]
    mount_feed([*(run.pull() for run in followed.values()), *gone], on_missing=_restart)


def _follow() -> dict[str, PulledRun]:
    """Follow the runs of the page: each by its id, with how far it is; those of the last script run are kept."""
    before: dict[str, PulledRun] = recall(_FOLLOWED) or {}
    followed: dict[str, PulledRun] = {}
    for run_id, raw in recall(FED).items():
        known = before.get(run_id)
        for run in known_runs(run_id):
            if known is None or known.raw != raw:
                known = PulledRun(run, about=about_run(run), edges=edges_of(run), raw=raw)
            followed[run_id] = known
    store_value(_FOLLOWED, followed)
    return followed


def _restart() -> None:
    """The browser lacks a frame of these runs."""
    missing: Sequence[str] = feed_component().get("missing") or ()
    followed: dict[str, PulledRun] = recall(_FOLLOWED) or {}
    for run_id in missing:
        if run_id in followed:
            followed[run_id].restart()
