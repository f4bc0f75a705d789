"""The tabs of a race's page, and what goes on in those that are not in sight."""

import streamlit as st

from components.features.race.repeats import series_of
from components.features.race.tested_pair import answer_on, tested_runs
from components.shell.session import runs_of

RACE, REPEATS, BLIND_TEST = TABS = ("Race", "Repeats", "Blind test")
TAB_PARAM = "tab"


def tell_of_others(page: str, *, tab: str, in_sight: bool) -> None:
    """Say in this tab, while it is in sight, what runs in another one."""
    # It is there without a text too, so that nothing below it is another element then.
    slot = st.empty()
    if not in_sight:
        return
    repeats, tested = series_of(page), tested_runs(page)
    can_vote = bool(tested) and all(run.ended is None or run.status == "Completed" for run in tested)
    going_on = {
        RACE: "A race is running" if any(run.ended is None for run in runs_of(page)) else "",
        REPEATS: "Repeats are running" if repeats is not None and not repeats.ended else "",
        BLIND_TEST: "A blind test waits for your vote" if can_vote and answer_on(page, tested) is None else "",
    }
    told = [f"{what} in the tab *{other}*." for other, what in going_on.items() if what and other != tab]
    if told:
        slot.caption(f":material/tab: {' '.join(told)}")
