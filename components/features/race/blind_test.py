"""The blind test: users vote which of two unlabelled lanes felt faster."""

import random
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from components.features.race.lane import Lane, as_part_of, open_pane, shown
from components.features.race.lane_names import lanes_of
from components.features.race.race import follow_together, offer_start
from components.features.race.tested_pair import (
    answer_on,
    find_pair,
    find_tested_runs,
    forget_pair,
    in_panes,
    pair_ids,
    remember_answer,
    remember_pair,
)
from components.features.race.verdict import show_verdict
from components.features.race.votes import count_votes, show_votes, stored_votes
from components.shell.format import escape_markdown
from components.shell.session import owner
from components.shell.session_commands import cancel
from components.shell.stop_button import offer_stop
from streaming.analysis.votes import votes_by_pair
from streaming.core.errors import LabError
from streaming.core.run import Run
from streaming.services import get_services

# The controls that would reveal the lanes are hidden, not left out: a widget that is not drawn forgets its value.
_STAGE = """<style>
.stApp :is(.st-key-lanes, .st-key-page_head, .st-key-code, .st-key-blind_intro, .st-key-all_votes, .stSidebar,
  [role="tablist"]) {
  display: none;
}
.stApp .stMainBlockContainer { padding-bottom: 0; }
.stApp .st-key-blind_panes .sl-mount { min-height: 0 !important; }
.stApp .st-key-blind_panes :is(.sl-text, [class*="st-key-native_"]) {
  height: calc(100dvh - 14.75rem) !important; padding: 0.6rem 0.8rem; border: 1px solid currentColor;
  border-radius: 0.5rem; border-color: color-mix(in srgb, currentColor 20%, transparent); gap: 0; flex: none !important;
}
.stApp .st-key-blind_panes [data-testid="stLayoutWrapper"]:has(> [class*="st-key-native_"]) {
  height: auto !important; flex: none !important; padding: 0; border: 0;
}
.stApp .st-key-blind_panes .sl-jump { display: none; }
.stApp .st-key-blind_row { min-height: 2.5rem; }
@media (max-width: 640px) {
  .stApp .st-key-blind_row { flex-wrap: wrap; gap: 0.25rem; }
  .stApp .st-key-blind_row > [data-testid="stLayoutWrapper"]:has(> .st-key-vote),
  .stApp .st-key-vote > :first-child { flex: 1 0 100%; }
  .stApp .st-key-blind_panes :is(.sl-text, [class*="st-key-native_"]) {
    height: calc((100dvh - 25.5rem) / 2) !important;
  }
}
</style>"""
"""While two panes stream, and until the vote, they have the screen to themselves: at 1280×720 and on a phone."""


def run_blind_test(lanes: Sequence[Lane], *, page: str, in_sight: bool = True) -> None:
    """Draw the first two lanes unlabelled in random order, and store the vote with the measured figures.

    The URL names the two runs, so that a reload shows them, or what was voted and measured, again. Only `in_sight`
    does the test take the whole screen.
    """
    with st.container(key="blind_intro"):
        st.caption(
            "The first two lanes, unlabelled, in random order, on the whole screen. Vote for the one that felt faster "
            "(keys 1 and 2, or 0 for no difference), then see the figures."
        )
        started = offer_start(
            "Start the blind test",
            lanes,
            page=page,
            starts="a blind test",
            key="blind",
            icon=":material/visibility_off:",
        )
    if started:
        order = random.sample([0, 1], 2)
        start = get_services().engine.start
        started_runs = {n: start(as_part_of(lanes[n].request, "blind test")) for n in order}
        remember_pair(page, [started_runs[0], started_runs[1]])
    runs = find_tested_runs(page)
    if not runs:
        if pair_ids(page):
            st.caption("The blind test in this link is no longer on this server. Start it again.")
        _show_stored(page)
        return
    remember_pair(page, runs)
    pair = _in_panes(runs)
    voted = answer_on(page, runs)
    if any(run.ended is not None and run.status != "Completed" for run in runs):
        cancel(runs)
        st.caption("One of the runs did not complete, so there is nothing to vote on. Start the test again.")
        _show_stored(page)
    elif voted is None:
        _show_stage(pair, page, in_sight=in_sight)
    else:
        if not all(lane.matches(run.request) for lane, run in zip(lanes, runs, strict=False)):
            st.caption("These are not the lanes of the last blind test. Start a new one to compare them.")
        _show_result(pair, voted, page)


def _in_panes(runs: Sequence[Run]) -> list[tuple[Lane, Run]]:
    lanes = {run.id: lane for lane, run in zip(lanes_of(runs), runs, strict=True)}
    return [(lanes[run.id], run) for run in in_panes(runs)]


def _show_stage(pair: Sequence[tuple[Lane, Run]], page: str, *, in_sight: bool) -> None:
    """Two panes and nothing that names them, until the vote."""
    if in_sight:
        st.html(_STAGE)
    runs = [run for _, run in pair]
    over = all(run.ended is not None for run in runs)
    with st.container(horizontal=True, vertical_alignment="center", key="blind_row"):
        clock, vote, stop = st.empty(), st.empty(), st.empty()
    if not over:
        offer_stop(stop, "Stop the test", key="stop_blind", stop=partial(_leave, runs, page))
    with st.container(key="blind_panes"):
        panes = [
            open_pane(column, lane, run, key=f"blind_{name}", label=f"Pane {name}")
            for column, (lane, run), name in zip(st.columns(2), pair, "AB", strict=True)
        ]
    if follow_together(runs, panes, clock, over=over, key="blind_clock"):
        clock.empty()
        stop.button("Leave without a vote", key="leave_blind", type="tertiary", on_click=_leave, args=(runs, page))
        _ask_vote(vote, pair, page)


def _leave(runs: Sequence[Run], page: str) -> None:
    cancel(runs)
    forget_pair(page)


def _show_result(pair: Sequence[tuple[Lane, Run]], voted: str, page: str) -> None:
    st.markdown(
        f"You chose **{escape_markdown(voted)}**. Pane A was **{escape_markdown(pair[0][0].name)}**, B "
        f"**{escape_markdown(pair[1][0].name)}**."
    )
    votes, names = stored_votes(), sorted(lane.configuration for lane, _ in pair)
    show_votes(votes, first=names)
    felt = next((one.sentence() for one in votes_by_pair(votes) if sorted(one.names) == names), "")
    show_verdict(
        [lane for lane, _ in pair],
        [run for _, run in pair],
        title="Report of a blind test",
        key=f"{page}.blind_report",
        felt=felt,
        panes="AB",
        more={"Votes": count_votes([vote for vote in votes if sorted((vote["faster"], vote["slower"])) == names])},
    )


def _show_stored(page: str) -> None:
    """What earlier tests gave, and the way to the last one, whose report has all votes on its pair."""
    votes = stored_votes()
    show_votes(votes)
    if votes:
        st.button(
            "Show the last test and its report",
            icon=":material/description:",
            key="last_blind",
            on_click=_show_last,
            args=(votes[0], page),
        )


def _show_last(vote: Mapping[str, Any], page: str) -> None:
    if not find_pair(page, [vote["faster_run"], vote["slower_run"]]):
        st.toast("The runs of the last test are not in the history any more.", icon=":material/database_off:")


def _ask_vote(slot: Any, pair: Sequence[tuple[Lane, Run]], page: str) -> None:
    sides = []
    for lane, run in pair:
        seen = shown(lane, run)
        figures = {"ttft_s": seen.first_s, "e2e_s": seen.metrics.e2e_s}
        sides.append({"run": run.id, "name": lane.configuration, **figures})
    with slot.container(horizontal=True, vertical_alignment="center", key="vote"):
        st.markdown("**Which felt faster?**", width="content")
        for side, name in enumerate("AB"):
            st.button(
                f"Pane {name}",
                type="primary",
                key=f"vote_{name}",
                on_click=_vote,
                args=(sides, side, page),
                shortcut=str(side + 1),
            )
        st.button("No difference", key="vote_none", on_click=_vote, args=(sides, None, page), shortcut="0")


def _vote(sides: Sequence[Mapping[str, Any]], side: int | None, page: str) -> None:
    """Store the vote for the pane on this side; `None`: neither felt faster."""
    chosen = side or 0
    try:
        store = get_services().run_store
        store.vote(faster=sides[chosen], slower=sides[1 - chosen], tie=side is None, owner=owner())
    except LabError as error:
        st.toast(escape_markdown(str(error)), icon=":material/database_off:")
    remember_answer(page, side)
