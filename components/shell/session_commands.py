"""What changes this visitor's session, the page's runs, or the `run` parameter of the URL."""

import secrets
from collections.abc import Sequence
from typing import Any

import streamlit as st

from components.shell.keys import RUN_PARAM, THREAD_PARAM
from components.shell.session import (
    AUTORAN,
    HISTORY,
    ID_SEPARATOR,
    OWNER,
    RUNS,
    STORED,
    PastRun,
    autorun_pending,
    known_runs,
    runs_of,
)
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.services import get_services


def open_session(page: str) -> None:
    """Start a script run of this page: name the session, and make session and URL agree on the page's runs.

    A run that the server no longer has is forgotten. The link that named it has done its work: it starts no new run.
    """
    st.session_state.setdefault(OWNER, secrets.token_urlsafe(12))
    if runs := runs_of(page):
        show_runs(page, runs)
    elif st.query_params.pop(RUN_PARAM, None):
        _end_autorun(page)


def start_runs(page: str, requests: Sequence[RunRequest], *, api_key: str | None = None) -> list[Run]:
    """Start runs for this page, one after the other; those that they replace are stopped."""
    cancel(runs_of(page))
    runs = get_services().engine.start_in_turn(requests, api_key=api_key)
    show_runs(page, runs)
    return runs


def cancel(runs: Sequence[Run]) -> None:
    """Stop them all."""
    for run in runs:
        run.cancel()


def show_runs(page: str, runs: Sequence[Run]) -> None:
    """Make these the page's runs."""
    ids = ID_SEPARATOR.join(run.id for run in runs)
    st.session_state.setdefault(RUNS, {})[page] = st.query_params[RUN_PARAM] = ids


def forget_runs(page: str) -> None:
    """Leave the page without a run; the run itself goes on."""
    st.session_state.setdefault(RUNS, {}).pop(page, None)
    st.query_params.pop(RUN_PARAM, None)


def take_autorun(page: str) -> bool:
    """Use up what `autorun=1` allows: one start for each page and session, and none on top of a thread in the URL."""
    if not autorun_pending(page):
        return False
    _end_autorun(page)
    return THREAD_PARAM not in st.query_params


def let_autorun(page: str) -> None:
    """Let the page start by itself when it is opened next, as at its first time in this session."""
    cancel(known_runs(st.session_state.setdefault(RUNS, {}).pop(page, "")))
    st.session_state.setdefault(AUTORAN, set()).discard(page)


def store_value(name: str, value: Any) -> None:
    """Store a result for this session under a name; `recall` reads it."""
    st.session_state[f"{STORED}{name}"] = value


def remember(run: Run, *, model: str) -> None:
    """Add a finished run to this session's past runs, once."""
    past: dict[str, PastRun] = st.session_state.setdefault(HISTORY, {})
    if run.ended is None or run.id in past:
        return
    past[run.id] = PastRun(
        run_id=run.id,
        number=len(past) + 1,
        graph=run.request.graph.name,
        model=model,
        modes=" + ".join(run.request.modes) if run.request.api == "stream modes" else run.request.api,
        outcome=run.status,
        metrics=apply_all(MetricsCollector(), run.events).metrics(),
    )


def _end_autorun(page: str) -> None:
    st.session_state.setdefault(AUTORAN, set()).add(page)
