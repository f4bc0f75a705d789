"""The blind test: which of two felt faster, asked without saying which is which."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from components.features.race.lane import Lane, LanePane
from components.features.race.race import follow_together, stop_all
from components.features.race.verdict import show_verdict
from components.shell.format import escape_markdown
from components.shell.session import recall
from components.shell.session_commands import cancel, store_value
from streaming.core.errors import LabError
from streaming.core.run import Run
from streaming.services import get_services


def run_blind_test(lanes: Sequence[Lane], *, page: str) -> None:
    """The first two lanes without names, in random order; the vote is kept with the true figures."""
    st.subheader("Blind test", anchor=False)
    st.caption(
        "The first two lanes, unlabelled, in random order. Say which one felt faster; the figures come afterwards."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        started = st.button(
            "Start the blind test", icon=":material/visibility_off:", key="blind", on_click=stop_all, args=(page,)
        )
        stop, clock = st.empty(), st.empty()
    if started:
        order = random.sample([0, 1], 2)
        store_value(f"{page}.blind", [(lanes[n], get_services().engine.start(lanes[n].request)) for n in order])
        store_value(f"{page}.voted", None)
    if not (pair := recall(f"{page}.blind")):
        _votes()
        return
    panes = [
        LanePane(column, lane, label=f"Pane {name}")
        for column, (lane, _), name in zip(st.columns(2), pair, "AB", strict=True)
    ]
    runs = [run for _, run in pair]
    if any(run.ended is None for run in runs):
        stop.button("Stop the test", icon=":material/stop:", key="stop_blind", on_click=cancel, args=(runs,))
    follow_together(runs, panes, clock)
    stop.empty()
    clock.empty()
    if any(run.status != "Completed" for run in runs):
        st.caption("A pane did not get to its end, so there is nothing to vote on. Start the test again.")
    elif (voted := recall(f"{page}.voted")) is None:
        _ask_vote(pair, panes, page)
    else:
        st.markdown(
            f"You chose **{escape_markdown(voted)}**. Pane A was **{escape_markdown(pair[0][0].name)}**, B "
            f"**{escape_markdown(pair[1][0].name)}**."
        )
        show_verdict([lane for lane, _ in pair], runs, panes)
    _votes()


def _ask_vote(pair: Sequence[tuple[Lane, Run]], panes: Sequence[LanePane], page: str) -> None:
    sides = [
        {"run": run.id, "name": lane.name.partition(" ")[2], "ttft_s": pane.shown_s, "e2e_s": pane.metrics.e2e_s}
        for (lane, run), pane in zip(pair, panes, strict=True)
    ]
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


def _votes() -> None:
    """What felt faster, against what was measured."""
    try:
        votes = get_services().run_store.votes()
    except LabError as error:
        st.warning(escape_markdown(str(error)), icon=":material/database_off:")
        return
    if not votes:
        st.caption("No vote yet: the chart of what felt faster, against what was faster, will appear here.")
        return
    rows = [
        {
            "first": _share(vote["figures"], "ttft_s"),
            "end": _share(vote["figures"], "e2e_s"),
            "vote": "no difference" if vote["figures"].get("tie") else "felt faster",
            "this": vote["faster"],
            "that": vote["slower"],
        }
        for vote in votes
    ]
    st.altair_chart(_votes_chart(rows), alt="Votes of the blind test against the measured first text and end")
    st.caption("Left of the line the chosen one also began earlier; below the line it also ended earlier.")
    st.dataframe(_counted(rows), hide_index=True, alt="Votes by configuration")


def _votes_chart(rows: Sequence[Mapping[str, Any]]) -> Any:
    marks = (
        alt.Chart(pd.DataFrame(rows))
        .mark_point(size=90, filled=True, opacity=0.7)
        .encode(
            x=alt.X("first:Q", title="its first text, as a share of the other's"),
            y=alt.Y("end:Q", title="its end, as a share of the other's"),
            color=alt.Color("vote:N", title=None, legend=alt.Legend(orient="bottom")),
            tooltip=[
                "vote:N",
                "this:N",
                "that:N",
                alt.Tooltip("first:Q", format=".0%"),
                alt.Tooltip("end:Q", format=".0%"),
            ],
        )
    )
    same = alt.Chart(pd.DataFrame({"same": [1.0]}))
    line = same.mark_rule(strokeDash=[4, 4], color="#8a90a2")
    return alt.layer(line.encode(x="same:Q"), line.encode(y="same:Q"), marks).properties(
        title=f"What felt faster, against what was faster (votes: {len(rows)})", height=300
    )


def _counted(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How often each configuration was shown, and how often it was chosen."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        tie = row["vote"] == "no difference"
        for name, answer in ((row["this"], "felt faster"), (row["that"], "felt slower")):
            counts[name]["no difference" if tie else answer] += 1
    answers = ("felt faster", "no difference", "felt slower")
    return [{"configuration": name, **{answer: count[answer] for answer in answers}} for name, count in counts.items()]


def _share(figures: Mapping[str, Any], name: str) -> float | None:
    faster, slower = figures["faster"].get(name), figures["slower"].get(name)
    return faster / slower if faster and slower else None
