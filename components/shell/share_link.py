"""The link that reproduces the controls of a page."""

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from components.shell.keys import (
    AUTORUN_PARAM,
    COMPARED_PARAM,
    PROMPT,
    RACE_PROMPT,
    RUN_PARAM,
    RUN_PARAMS,
    THREAD_PARAM,
    TRIED_PARAM,
)
from components.shell.navigation import replay_link
from components.shell.session import ID_SEPARATOR, PAGE, recall
from components.shell.session_commands import store_value
from components.shell.url_state import too_long

_LEFT_OUT = "share.left_out"


def note_left_out(told: str) -> None:
    """Let *Share* say which values of this page are not in its links, and why; nothing if they all are."""
    store_value(f"{_LEFT_OUT}.{st.session_state[PAGE]}", told)


def offer_share_link() -> None:
    """Show the links to these controls and to the run on screen, and a way to the run on /replay."""
    st.caption(
        "This link sets the same controls. It contains no run, no conversation and no key, and it works "
        "where this server can be reached."
    )
    address, query = st.context.url or "", dict(st.query_params)
    st.code(configuration_link(address, query), language=None)
    if left_out := recall(f"{_LEFT_OUT}.{st.session_state[PAGE]}"):
        st.caption(f":orange[Not in it: {left_out}.]")
    if any(too_long(st.session_state.get(key, "")) for key in (PROMPT, RACE_PROMPT)):
        st.caption("The prompt is too long for a link; share it separately.")
    if not any(query.get(name) for name in RUN_PARAMS):
        return
    run = query.get(RUN_PARAM, "")
    st.caption("This one also shows what ran, with its answers and figures, for as long as it is stored here.")
    st.code(configuration_link(address, query, with_runs=True), language=None)
    if not run or ID_SEPARATOR in run:
        st.caption("To send the result itself, without this server: *Download the report*, beside the result.")
    else:
        replay_link(run, label="Send this run: replay it, and download its recording, a report or a page that plays")


def configuration_link(url: str, query: Mapping[str, str], *, with_runs: bool = False) -> str:
    """The address of the page with its controls, without the parameters of one visitor; its runs only `with_runs`."""
    left_out = {THREAD_PARAM, AUTORUN_PARAM, COMPARED_PARAM}
    if not with_runs:
        left_out |= {*RUN_PARAMS, TRIED_PARAM}
    kept = {name: value for name, value in query.items() if name not in left_out}
    address = url.partition("?")[0]
    return f"{address}?{urlencode(kept)}" if kept else address
