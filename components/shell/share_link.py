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
from components.shell.session import ID_SEPARATOR
from components.shell.url_state import too_long


def offer_share_link() -> None:
    """Show the links to these controls and to the run on screen, and a way to the run on /replay."""
    st.caption(
        "This link sets the same controls. It contains no run, no conversation and no key, and it works "
        "where this server can be reached."
    )
    address, query = st.context.url or "", dict(st.query_params)
    st.code(configuration_link(address, query), language=None)
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
