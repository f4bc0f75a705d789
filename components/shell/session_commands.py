"""Change this visitor's session, the page's runs and the `run` parameter of the URL."""

import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from components.shell.keys import RUN_PARAM, THREAD_PARAM
from components.shell.session import (
    ARRIVED,
    AUTORAN,
    HISTORY,
    ID_SEPARATOR,
    LINK_TROUBLE,
    LINKED,
    NEXT_RUNS,
    OWNER,
    PAGE,
    ROUTES_CHANGED,
    RUNS,
    STORED,
    UNREACHABLE,
    PastRun,
    autorun_pending,
    browser_owner,
    known_runs,
    route_edition,
    runs_of,
    unreachable,
    visible_owner,
)
from streaming.core.errors import BadRecording, StoreUnavailable
from streaming.core.request import RunRequest
from streaming.core.run import Run, new_run_id
from streaming.http.found_run import NO_RUN
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.rendering.flush import FLUSH_NAMES, FlushStrategy
from streaming.services import get_services

MAX_RUNS = 64
"""Runs that a link may name; no page shows as many."""

_NO_RUN_ADVICE = "It was not stored, or the data folder is another one. Press Run to start a new one."


def open_session(page: str) -> None:
    """Start a script run of this page: name the session, and make session and URL agree on the page's runs.

    A run of an earlier server comes from the history. A link whose runs are not there either starts none by its
    `autorun`, and `link_trouble` says why nothing is shown.
    """
    if OWNER not in st.session_state:
        st.session_state[OWNER] = browser_owner() or secrets.token_urlsafe(12)
    st.session_state[ARRIVED] = st.session_state.get(PAGE) != page
    st.session_state[PAGE] = page
    if st.session_state[ARRIVED] and st.query_params.get(RUN_PARAM):
        _complete_ids()
        # Who follows a link to a run wants that one, not the run that this page had before.
        st.session_state.get(RUNS, {}).pop(page, None)
        st.session_state.setdefault(LINKED, {})[page] = st.query_params[RUN_PARAM].split(ID_SEPARATOR)[0]
    ids = st.session_state.get(RUNS, {}).get(page) or st.query_params.get(RUN_PARAM)
    if not ids:
        return
    try:
        found = [get_services().run_finder.find(run_id) for run_id in ids.split(ID_SEPARATOR)[:MAX_RUNS]]
        trouble = "" if all(found) else f"{NO_RUN} {_NO_RUN_ADVICE}"
    except StoreUnavailable as error:
        # The link stays as it is: the database may be there when the page is loaded again.
        _set_trouble(page, str(error))
        _end_autorun(page)
        return
    except BadRecording as error:
        trouble = str(error)
    if runs := runs_of(page):
        show_runs(page, runs)
        return
    _end_autorun(page)
    forget_runs(page)
    _set_trouble(page, trouble)


def _complete_ids() -> None:
    """Let the URL name its runs by their whole ids, where a visitor may see all runs: a short id gives no access."""
    if visible_owner() is not None:
        return
    with suppress(StoreUnavailable):
        ids = st.query_params[RUN_PARAM].split(ID_SEPARATOR)[:MAX_RUNS]
        st.query_params[RUN_PARAM] = ID_SEPARATOR.join(map(get_services().run_finder.full_id, ids))


def start_runs(
    page: str, requests: Sequence[RunRequest], *, api_key: str | None = None, together: bool = False
) -> list[Run]:
    """Stop the page's runs, and replace them by these, which start one after the other, or `together`."""
    cancel(runs_of(page))
    engine = get_services().engine
    if together:
        runs = [engine.start(request, api_key=api_key) for request in requests]
    else:
        next_id = st.session_state.setdefault(NEXT_RUNS, {}).pop(page, "")
        runs = engine.start_in_turn(requests, api_key=api_key, first_id=next_id)
    show_runs(page, runs)
    return runs


def next_run_id(page: str) -> str:
    """The id that the next run of this page gets: the browser can follow it before a script tells of it."""
    known: str = st.session_state.setdefault(NEXT_RUNS, {}).setdefault(page, new_run_id())
    return known


def cancel(runs: Sequence[Run]) -> None:
    """Stop all of these runs."""
    for run in runs:
        run.cancel()


def show_runs(page: str, runs: Sequence[Run]) -> None:
    """Make these the page's runs."""
    ids = ID_SEPARATOR.join(run.id for run in runs)
    st.session_state.setdefault(RUNS, {})[page] = st.query_params[RUN_PARAM] = ids
    _set_trouble(page, "")


def forget_runs(page: str) -> None:
    """Detach the page from its runs, which continue."""
    st.session_state.setdefault(RUNS, {}).pop(page, None)
    st.query_params.pop(RUN_PARAM, None)


def take_autorun(page: str) -> bool:
    """Whether `autorun=1` starts a run now: once for each page and session, never with a thread in the URL."""
    if not autorun_pending(page):
        return False
    _end_autorun(page)
    return THREAD_PARAM not in st.query_params


def allow_autorun(page: str) -> None:
    """Stop the page's runs, and let `autorun=1` start one again when the page is opened next."""
    cancel(known_runs(st.session_state.setdefault(RUNS, {}).pop(page, "")))
    st.session_state.setdefault(AUTORAN, set()).discard(page)


def store_value(name: str, value: Any) -> None:
    """Store a value for this session under a name; `recall` reads it."""
    st.session_state[f"{STORED}{name}"] = value


def remember_route(route: str, *, reached: bool) -> None:
    """Note for this session whether its browser reaches one of the app's routes."""
    store_value(UNREACHABLE, unreachable() - {route} if reached else unreachable() | {route})
    # Also where the system's clock was set back meanwhile.
    st.session_state[ROUTES_CHANGED] = max(time.time(), route_edition() + 0.001)


def add_to_history(run: Run, *, model: str) -> None:
    """Add a finished run to this session's history, once."""
    history: dict[str, PastRun] = st.session_state.setdefault(HISTORY, {})
    if run.ended is None or run.id in history:
        return
    metrics = apply_all(MetricsCollector(), run.events).metrics()
    flush = FlushStrategy.from_labels(run.request.labels)
    history[run.id] = PastRun(
        run_id=run.id,
        number=len(history) + 1,
        graph=run.request.graph.name,
        model=model,
        modes=" + ".join(run.request.modes) if run.request.api == "stream modes" else run.request.api,
        flush=flush.label if flush else "",
        outcome=run.status,
        wait_s=metrics.wait_s,
        ttft_s=metrics.ttft_s,
        e2e_s=metrics.e2e_s,
        tokens_per_s=metrics.tokens_per_s,
        chunks=metrics.chunks,
    )


def add_stored_to_history(row: Mapping[str, Any]) -> None:
    """Add a run of the run store, which this server does not have any more, to this session's history."""
    history: dict[str, PastRun] = st.session_state.setdefault(HISTORY, {})
    figures = ("graph", "model", "wait_s", "ttft_s", "e2e_s", "tokens_per_s", "chunks")
    history[row["id"]] = PastRun(
        run_id=row["id"],
        number=len(history) + 1,
        modes=row["modes"] if row["api"] == "stream modes" else row["api"],
        flush=dict(FLUSH_NAMES).get(row["flush"], row["flush"]),
        outcome=row["status"],
        **{name: row[name] for name in figures},
    )


def _set_trouble(page: str, sentence: str) -> None:
    st.session_state.setdefault(LINK_TROUBLE, {})[page] = sentence


def _end_autorun(page: str) -> None:
    st.session_state.setdefault(AUTORAN, set()).add(page)
