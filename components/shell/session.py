"""What one visitor's session remembers, and the only place that writes it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.metrics import Metrics, MetricsCollector
from streaming.services import get_services

RUN_PARAM = "run"
THREAD_PARAM = "thread"
_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
_BETWEEN = "."
_RUNS = "session.runs"
_HISTORY = "session.history"
_OWNER = "session.owner"
_AUTORAN = "session.autoran"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A finished run of this session, as the latency charts need it."""

    run_id: str
    number: int
    graph: str
    model: str
    modes: str
    outcome: str
    metrics: Metrics


def start_runs(page: str, requests: Sequence[RunRequest], *, api_key: str | None = None) -> list[Run]:
    """Start runs for this page, one after the other; those that they replace are stopped."""
    cancel(runs_of(page))
    runs = get_services().engine.start_in_turn([with_labels(request) for request in requests], api_key=api_key)
    show_runs(page, runs)
    return runs


def cancel(runs: Sequence[Run]) -> None:
    """Stop them all."""
    for run in runs:
        run.cancel()


def with_labels(request: RunRequest) -> RunRequest:
    """The request with what the history wants to know: whose it is, and how its text is drawn."""
    flush = str(st.session_state.get("flush", "blocks"))
    return replace(request, labels={"owner": owner(), "flush": flush, **request.labels})


def owner() -> str:
    """A name for this session that nobody can guess."""
    name: str = st.session_state.setdefault(_OWNER, secrets.token_urlsafe(12))
    return name


def local_only() -> bool:
    """Whether the server can be reached from this machine alone: only then does everybody see everything.

    A server on loopback that answers to other names stands behind a proxy, as one does whose owner says so.
    """
    names = [st.get_option("server.address"), *(st.get_option("server.allowedHosts") or [""])]
    return not get_services().settings.exposed and all(name in _LOOPBACK for name in names)


def runs_of(page: str) -> list[Run]:
    """The page's runs: this session's, or those whose ids stand in the URL (a reloaded tab); none if one is gone."""
    ids = _runs().get(page) or st.query_params.get(RUN_PARAM) or ""
    runs = _known(ids)
    if not ids or len(runs) < len(ids.split(_BETWEEN)):
        if st.query_params.pop(RUN_PARAM, None):
            # The link did its work before the tab was loaded again.
            _autoran().add(page)
        return []
    show_runs(page, runs)
    return runs


def show_runs(page: str, runs: Sequence[Run]) -> None:
    """Make these the page's runs."""
    _runs()[page] = st.query_params[RUN_PARAM] = _BETWEEN.join(run.id for run in runs)


def forget_runs(page: str) -> None:
    """Start the page afresh."""
    _runs().pop(page, None)
    st.query_params.pop(RUN_PARAM, None)


def autorun_wanted(page: str) -> bool:
    """Whether the URL asks to start at once; once a page and session, and never in place of a run or thread there."""
    wanted = st.query_params.get("autorun") == "1" and page not in _autoran()
    if wanted:
        _autoran().add(page)
    return wanted and THREAD_PARAM not in st.query_params


def let_autorun(page: str) -> None:
    """Let the page start by itself when it is opened next, as at its first time in this session."""
    for run in _known(_runs().pop(page, "")):
        run.cancel()
    _autoran().discard(page)


def store_value(name: str, value: Any) -> None:
    """Keep a result for this session under a name."""
    st.session_state[f"session.kept.{name}"] = value


def recall(name: str) -> Any:
    """What was kept under this name; `None` if nothing was."""
    return st.session_state.get(f"session.kept.{name}")


def remember(run: Run, *, model: str) -> None:
    """Add a finished run to the session's history, once."""
    past_runs = _past()
    if run.ended is None or run.id in past_runs:
        return
    past_runs[run.id] = PastRun(
        run_id=run.id,
        number=len(past_runs) + 1,
        graph=run.request.graph.name,
        model=model,
        modes=" + ".join(run.request.modes) if run.request.api == "stream modes" else run.request.api,
        outcome=run.status,
        metrics=apply_all(MetricsCollector(), run.events).metrics(),
    )


def past_runs() -> list[PastRun]:
    """This session's finished runs, oldest first."""
    return list(_past().values())


def _runs() -> dict[str, str]:
    runs: dict[str, str] = st.session_state.setdefault(_RUNS, {})
    return runs


def _known(ids: str) -> list[Run]:
    return [run for run_id in ids.split(_BETWEEN) if (run := get_services().engine.get(run_id)) is not None]


def _autoran() -> set[str]:
    pages: set[str] = st.session_state.setdefault(_AUTORAN, set())
    return pages


def _past() -> dict[str, PastRun]:
    past: dict[str, PastRun] = st.session_state.setdefault(_HISTORY, {})
    return past
