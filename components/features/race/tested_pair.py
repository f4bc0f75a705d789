"""The two runs of a page's blind test, in the order of their lanes, and the vote: in the session, and by the URL."""

from collections.abc import Sequence

import streamlit as st

from components.features.race.votes import stored_vote
from components.shell.keys import BLIND_PARAM
from components.shell.session import ID_SEPARATOR, known_runs, recall
from components.shell.session_commands import store_value
from streaming.core.errors import LabError
from streaming.core.run import Run
from streaming.services import get_services

_PANES, _NO_DIFFERENCE = ("Pane A", "Pane B"), "no difference"


def pair_ids(page: str) -> str:
    """The ids of the two runs, joined; empty if no blind test was started, or the last one was left."""
    return str(recall(f"{page}.blind") or st.query_params.get(BLIND_PARAM) or "")


def tested_runs(page: str) -> list[Run]:
    """The two runs that the engine has; none if it lacks one of them."""
    runs = known_runs(pair_ids(page))
    return runs if len(runs) == len(_PANES) else []


def find_tested_runs(page: str) -> list[Run]:
    """The two runs, from the history if an earlier server had them; none if one of them is not there."""
    return _found(pair_ids(page).split(ID_SEPARATOR))


def find_pair(page: str, ids: Sequence[str]) -> bool:
    """Make the two runs with these ids those of the page's blind test; `False` if one of them is not there."""
    if runs := _found(ids):
        remember_pair(page, runs)
    return bool(runs)


def _found(ids: Sequence[str]) -> list[Run]:
    if len(ids) != len(_PANES):
        return []
    try:
        found = [get_services().run_finder.find(run_id) for run_id in ids]
    except LabError:
        return []
    return [run for run in found if run is not None] if all(found) else []


def remember_pair(page: str, runs: Sequence[Run]) -> None:
    """Make these the runs of the page's blind test."""
    ids = ID_SEPARATOR.join(run.id for run in runs)
    if recall(f"{page}.blind") != ids:
        store_value(f"{page}.blind", ids)
        store_value(f"{page}.voted", None)
    st.query_params[BLIND_PARAM] = ids


def in_panes(runs: Sequence[Run]) -> list[Run]:
    """The two runs in the order of the panes: that of their random ids, which a reload gives again."""
    return sorted(runs, key=lambda run: run.id)


def remember_answer(page: str, side: int | None) -> None:
    """The vote was for the pane on this side; `None`: for neither."""
    store_value(f"{page}.voted", _NO_DIFFERENCE if side is None else _PANES[side])


def answer_on(page: str, runs: Sequence[Run]) -> str | None:
    """What was voted on the page's two runs, in this session or in another one; `None` before the vote."""
    if not recall(f"{page}.voted") and (vote := stored_vote(runs)) is not None:
        ids = [run.id for run in in_panes(runs)]
        remember_answer(page, None if vote["figures"]["tie"] else ids.index(vote["faster_run"]))
    answer: str | None = recall(f"{page}.voted")
    return answer


def forget_pair(page: str) -> None:
    """The page has no blind test any more."""
    store_value(f"{page}.blind", None)
    st.query_params.pop(BLIND_PARAM, None)
