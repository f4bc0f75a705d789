"""Read this visitor's session and URL. Functions here write nothing; widgets and `session_commands` do."""

import time
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.shell.keys import AUTORUN_PARAM, RUN_PARAM
from components.shell.user_identity import identity
from streaming.core.run import Run
from streaming.services import get_services

OWNER = "session.owner"
RUNS = "session.runs"
NEXT_RUNS = "session.next_runs"
"""The ids that the next runs of pages get, by page."""
HISTORY = "session.history"
AUTORAN = "session.autoran"
STORED = "session.stored."
PAGE = "session.page"
ARRIVED = "session.arrived"
LINKED = "session.linked"
LINK_TROUBLE = "session.link_trouble"
ID_SEPARATOR = "."
UNREACHABLE = "unreachable"
ROUTES_CHANGED = "session.routes_changed"
_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A finished run of this session, with the figures for the latency charts; `flush` is empty if none drew it."""

    run_id: str
    number: int
    graph: str
    model: str
    modes: str
    flush: str
    outcome: str
    wait_s: float | None
    ttft_s: float | None
    e2e_s: float | None
    tokens_per_s: float | None
    chunks: int | None


def owner() -> str:
    """The secret random name to which this session's runs belong; `open_session` sets it."""
    return str(st.session_state[OWNER])


def browser_owner() -> str | None:
    """The user who is logged in, or else the owner in the browser's cookie; `None` on a server for one user, and
    without a cookie that it has signed."""
    owners = get_services().signed_owners
    if get_services().settings.login:
        user = identity(st.user)
        return owners.of_user(user) if user else None
    if local_only():
        return None
    return owners.owner_in(st.context.cookies.get(owners.cookie))


def local_only() -> bool:
    """Whether the server can be reached only from this machine; if so, a visitor may see all runs.

    A server on loopback that accepts other host names is behind a proxy; so is one with the setting `exposed`.
    """
    names = [st.get_option("server.address"), *(st.get_option("server.allowedHosts") or [""])]
    return not get_services().settings.exposed and all(name in _LOOPBACK for name in names)


def visible_owner() -> str | None:
    """The owner whose stored runs this visitor may see; `None` if all of them."""
    return None if local_only() and not get_services().settings.login else owner()


def runs_of(page: str) -> list[Run]:
    """The page's runs: this session's, or after a reload those in the URL; none if the engine lost one of them."""
    ids = st.session_state.get(RUNS, {}).get(page) or st.query_params.get(RUN_PARAM) or ""
    runs = known_runs(ids)
    return runs if ids and len(runs) == len(ids.split(ID_SEPARATOR)) else []


def running_elsewhere(page: str) -> dict[str, list[Run]]:
    """The runs of this session that go on on other pages, by page."""
    others = {name: known_runs(ids) for name, ids in st.session_state.get(RUNS, {}).items() if name != page}
    going = {name: [run for run in runs if run.ended is None] for name, runs in others.items()}
    return {name: runs for name, runs in going.items() if runs}


def known_runs(ids: str) -> list[Run]:
    """The runs that the engine still has, of these ids joined by `ID_SEPARATOR`."""
    engine = get_services().engine
    return [run for run_id in ids.split(ID_SEPARATOR) if (run := engine.get(run_id)) is not None]


def arrived() -> bool:
    """Whether this script run is the first one of the page since the session was on another one, or began."""
    return bool(st.session_state.get(ARRIVED))


def linked_run(page: str) -> str:
    """The id of the run that the last link to this page named, as a reload does; empty if none did."""
    return str(st.session_state.get(LINKED, {}).get(page, ""))


def link_trouble(page: str) -> str:
    """Why the run that the page's link names cannot be shown; empty if it is shown, or if there is none."""
    return str(st.session_state.get(LINK_TROUBLE, {}).get(page, ""))


def autorun_pending(page: str) -> bool:
    """Whether the URL asks for a run on load, and this page has not started it yet in this session."""
    return st.query_params.get(AUTORUN_PARAM) == "1" and page not in st.session_state.get(AUTORAN, ())


def recall(name: str) -> Any:
    """The value stored under this name by `store_value`; `None` if there is none."""
    return st.session_state.get(f"{STORED}{name}")


def unreachable() -> frozenset[str]:
    """What this session's browser could not reach of the app's routes: `script`, `socket`, `recordings`."""
    return recall(UNREACHABLE) or frozenset()


def route_edition() -> float:
    """When this session's routes changed last, or were first asked for: a later state has a higher number."""
    edition: float = st.session_state.setdefault(ROUTES_CHANGED, time.time())
    return edition


def past_runs() -> list[PastRun]:
    """This session's finished runs, oldest first."""
    return list(st.session_state.get(HISTORY, {}).values())
