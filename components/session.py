"""What one visitor's session remembers, and the only place that writes it."""

from dataclasses import dataclass

import streamlit as st

from streaming import Run, RunRequest, lab
from streaming.projections import Latency, Metrics, apply_all

RUN_PARAM = "run"
_RUNS = "session.runs"
_HISTORY = "session.history"
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


def start_run(page: str, request: RunRequest, *, api_key: str | None = None) -> Run:
    """Start a run for this page; the one that it replaces is stopped."""
    if (before := run_of(page)) is not None:
        before.cancel()
    run = lab().start(request, api_key=api_key)
    _runs()[page] = run.id
    st.query_params[RUN_PARAM] = run.id
    return run


def run_of(page: str) -> Run | None:
    """The page's run: this session's, or the one whose id stands in the URL (a reloaded tab)."""
    run_id = _runs().get(page) or st.query_params.get(RUN_PARAM)
    run = lab().get(run_id) if run_id else None
    if run is None:
        st.query_params.pop(RUN_PARAM, None)
        return None
    _runs()[page] = run.id
    st.query_params[RUN_PARAM] = run.id
    return run


def forget_run(page: str) -> None:
    """Start the page afresh."""
    _runs().pop(page, None)
    st.query_params.pop(RUN_PARAM, None)


def autorun_wanted(page: str) -> bool:
    """Whether the URL asks to start at once; true once a page and session."""
    wanted = st.query_params.get("autorun") == "1" and page not in st.session_state.setdefault(_AUTORAN, set())
    if wanted:
        st.session_state[_AUTORAN].add(page)
    return wanted


def remember(run: Run, *, model: str) -> None:
    """Add a finished run to the session's history, once."""
    history = _past()
    if run.ended is None or run.id in history:
        return
    history[run.id] = PastRun(
        run_id=run.id,
        number=len(history) + 1,
        graph=run.request.graph.name,
        model=model,
        modes=" + ".join(run.request.modes),
        outcome=run.status,
        metrics=apply_all(Latency(), run.events).metrics(),
    )


def history() -> list[PastRun]:
    """This session's finished runs, oldest first."""
    return list(_past().values())


def _runs() -> dict[str, str]:
    runs: dict[str, str] = st.session_state.setdefault(_RUNS, {})
    return runs


def _past() -> dict[str, PastRun]:
    past: dict[str, PastRun] = st.session_state.setdefault(_HISTORY, {})
    return past
