"""The runs of this tab that go on on pages which the visitor has left."""

from collections.abc import Mapping
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.shell.navigation import title_of_page
from components.shell.session import running_elsewhere
from components.shell.session_commands import cancel
from components.shell.stop_button import offer_stop
from streaming.core.run import Run

# Seconds between two looks.
_LOOK_EVERY_S = 2.0


def tell_of_runs_elsewhere(slot: DeltaGenerator, page: str, *, otherwise: str) -> bool:
    """Say in the slot which other pages of this tab have a run that goes on, with a button that stops it.

    The embedded model answers one request at a time, so a run of this page waits for it meanwhile. `otherwise` takes
    the place when they have ended. Returns whether there was one to tell of.
    """
    if not running_elsewhere(page):
        return False
    with slot.container():
        _look(page, otherwise)
    return True


@st.fragment(run_every=_LOOK_EVERY_S)
def _look(page: str, otherwise: str) -> None:
    running = running_elsewhere(page)
    if not running:
        st.caption(otherwise)
        return
    runs = [run for of_page in running.values() for run in of_page]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="elsewhere"):
        st.markdown(_sentence(running), width="content")
        offer_stop(st.empty(), "Stop it", key="stop_elsewhere", stop=partial(cancel, runs))


def _sentence(running: Mapping[str, list[Run]]) -> str:
    names = " and ".join(f"**{title_of_page(page)}**" for page in running)
    busy = any(run.request.model.provider == "local" for runs in running.values() for run in runs)
    waits = " The embedded model takes turns." if busy else ""
    return f":orange[:material/hourglass_top: Your run on {names} goes on.{waits}]"
