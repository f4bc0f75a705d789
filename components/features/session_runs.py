"""The runs of this tab, over a reload: the URL names them, and the server or its history has their figures."""

from contextlib import suppress

import streamlit as st

from components.shell.keys import COMPARED_PARAM
from components.shell.session import ID_SEPARATOR, past_runs
from components.shell.session_commands import add_stored_to_history, add_to_history
from streaming.core.errors import StoreUnavailable
from streaming.providers.catalogue import model_label
from streaming.runtime.run_facts import answering_model
from streaming.services import get_services

MOST_RUNS = 24
"""Runs that the URL names; with more of them, servers would refuse the page."""


def bring_back_runs() -> None:
    """Put the runs that the URL names into the session's history, if that is empty, as it is after a reload."""
    named = st.query_params.get(COMPARED_PARAM)
    if not named or past_runs():
        return
    ids = list(dict.fromkeys(named.split(ID_SEPARATOR)))[:MOST_RUNS]
    here = {run_id: run for run_id in ids if (run := get_services().engine.get(run_id)) is not None}
    stored = {}
    if elsewhere := [run_id for run_id in ids if run_id not in here]:
        with suppress(StoreUnavailable):
            stored = get_services().run_store.rows_of(elsewhere)
    for run_id in ids:
        if run_id in here:
            add_to_history(here[run_id], model=model_label(answering_model(here[run_id])))
        elif run_id in stored and stored[run_id]["ended_at"] is not None:
            add_stored_to_history(stored[run_id])


def name_runs() -> None:
    """Let the URL name the newest runs of the session's history."""
    ids = ID_SEPARATOR.join(run.run_id for run in past_runs()[-MOST_RUNS:])
    if ids and st.query_params.get(COMPARED_PARAM) != ids:
        st.query_params[COMPARED_PARAM] = ids
