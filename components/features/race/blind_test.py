"""The blind test: users vote which of two unlabelled lanes felt faster."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from components.features.race.lane import Lane, open_pane, shown
from components.features.race.race import follow_together, stop_all
from components.features.race.verdict import show_verdict
from components.shell.format import count, escape_markdown
from components.shell.session import recall
from components.shell.session_commands import cancel, store_value
from components.shell.stop_button import stop_button
from streaming.core.errors import LabError
from streaming.core.run import Run
from streaming.services import get_services


def run_blind_test(lanes: Sequence[Lane], *, page: str) -> None:
    """Draw the first two lanes unlabelled in random order, and store the vote with the measured figures."""
    st.subheader("Blind test", anchor=False)
    st.caption(
        "The first two lanes, unlabelled, in random order. Vote for the one that felt faster, then see the figures."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        started = st.button(
            "Start the blind test",
            icon=":material/visibility_off:",
            key="blind",
            on_click=stop_all,
            args=(page, "a blind test"),
        )
        stop, clock = st.empty(), st.empty()
    if started:
        order = random.sample([0, 1], 2)
        store_value(f"{page}.blind", [(lanes[n], get_services().engine.start(lanes[n].request)) for n in order])
        store_value(f"{page}.voted", None)
    if not (pair := recall(f"{page}.blind")):
        _show_votes()
        return
    runs = [run for _, run in pair]
    over = all(run.ended is not None for run in runs)
    if not over:
        stop_button(stop, "Stop the test", key="stop_blind", stop=partial(cancel, runs))
    panes = [
        open_pane(column, lane, run, key=f"blind_{name}", label=f"Pane {name}")
        for column, (lane, run), name in zip(st.columns(2), pair, "AB", strict=True)
    ]
    if not follow_together(runs, panes, clock, over=over, key="blind_clock"):
        _show_votes()
        return
    stop.empty()
    clock.empty()
    if any(run.status != "Completed" for run in runs):
        st.caption("One of the runs did not complete, so there is nothing to vote on. Start the test again.")
    elif (voted := recall(f"{page}.voted")) is None:
        _ask_vote(pair, page)
    else:
        st.markdown(
            f"You chose **{escape_markdown(voted)}**. Pane A was **{escape_markdown(pair[0][0].name)}**, B "
            f"**{escape_markdown(pair[1][0].name)}**."
        )
        show_verdict([lane for lane, _ in pair], runs)
    _show_votes()


def _ask_vote(pair: Sequence[tuple[Lane, Run]], page: str) -> None:
    sides = []
    for lane, run in pair:
        seen = shown(lane, run)
        figures = {"ttft_s": seen.first_s, "e2e_s": seen.metrics.e2e_s}
        sides.append({"run": run.id, "name": lane.configuration, **figures})
    st.markdown("**Which felt faster?**")
    with st.container(horizontal=True, key="vote"):
        for side, name in enumerate("AB"):
            st.button(f"Pane {name}", key=f"vote_{name}", on_click=_vote, args=(sides, side, page))
        st.button("No difference", key="vote_none", type="tertiary", on_click=_vote, args=(sides, None, page))


def _vote(sides: Sequence[Mapping[str, Any]], side: int | None, page: str) -> None:
    """Store the vote for the pane on this side; `None`: neither felt faster."""
    chosen = side or 0
    try:
        get_services().run_store.vote(faster=sides[chosen], slower=sides[1 - chosen], tie=side is None)
    except LabError as error:
        st.toast(escape_markdown(str(error)), icon=":material/database_off:")
    store_value(f"{page}.voted", "no difference" if side is None else f"Pane {'AB'[side]}")


def _show_votes() -> None:
    """Chart and table of all votes against the measured figures."""
    try:
        votes = get_services().run_store.votes()
    except LabError as error:
        st.warning(escape_markdown(str(error)), icon=":material/database_off:")
        return
    if not votes:
        st.caption(
            "No vote yet. Start the blind test and vote: the chart of votes against measured times appears here."
        )
        return
    rows = [
        {
            "first": _ratio(vote["figures"], "ttft_s"),
            "end": _ratio(vote["figures"], "e2e_s"),
            "vote": "no difference" if vote["figures"].get("tie") else "felt faster",
            "chosen": vote["faster"],
            "other": vote["slower"],
        }
        for vote in votes
    ]
    st.altair_chart(_votes_chart(rows), alt="Votes of the blind test against the measured first text and end")
    st.caption(
        "Left of the vertical line, the chosen lane also showed its first text earlier; below the horizontal line, it "
        "also ended earlier."
    )
    st.dataframe(_counted(rows), hide_index=True, alt="Votes by configuration")


def _votes_chart(rows: Sequence[Mapping[str, Any]]) -> Any:
    marks = (
        alt.Chart(pd.DataFrame(rows))
        .mark_point(size=90, filled=True, opacity=0.7)
        .encode(
            x=alt.X("first:Q", title="first text of the chosen lane ÷ the other's"),
            y=alt.Y("end:Q", title="end of the chosen lane ÷ the other's"),
            color=alt.Color("vote:N", title=None, legend=alt.Legend(orient="bottom")),
            tooltip=[
                "vote:N",
                "chosen:N",
                "other:N",
                alt.Tooltip("first:Q", format=".0%"),
                alt.Tooltip("end:Q", format=".0%"),
            ],
        )
    )
    equal = alt.Chart(pd.DataFrame({"equal": [1.0]}))
    line = equal.mark_rule(strokeDash=[4, 4], color="#8a90a2")
    return alt.layer(line.encode(x="equal:Q"), line.encode(y="equal:Q"), marks).properties(
        title=f"What felt faster against what was faster ({count(len(rows), 'vote')})", height=300
    )


def _counted(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The number of each kind of vote, by configuration."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        tie = row["vote"] == "no difference"
        for name, answer in ((row["chosen"], "felt faster"), (row["other"], "felt slower")):
            counts[name]["no difference" if tie else answer] += 1
    answers = ("felt faster", "no difference", "felt slower")
    return [{"configuration": name, **{answer: votes[answer] for answer in answers}} for name, votes in counts.items()]


def _ratio(figures: Mapping[str, Any], name: str) -> float | None:
    faster, slower = figures["faster"].get(name), figures["slower"].get(name)
    return faster / slower if faster and slower else None
