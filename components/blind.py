"""The blind test: which of two felt faster, asked without saying which is which."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from components.lane import Lane, LanePane, first_text_s
from components.race import cancel, follow_together, verdict
from components.session import keep, kept, labelled
from components.text import plain
from streaming import Run, lab
from streaming.errors import LabError
from streaming.projections import Latency, apply_all
from streaming.store import store


def blind_test(lanes: Sequence[Lane], *, page: str) -> None:
    """The first two lanes without names, in random order; the vote is kept with the true figures."""
    st.subheader("Blind test", anchor=False)
    st.caption(
        "The first two lanes, unlabelled, in random order. Say which one felt faster; the figures come afterwards."
    )
    if st.button("Start the blind test", icon=":material/visibility_off:", key="blind"):
        order = random.sample([0, 1], 2)
        cancel([run for _, run in kept(f"{page}.blind") or []])
        keep(f"{page}.blind", [(lanes[n], lab().start(labelled(lanes[n].request))) for n in order])
        keep(f"{page}.voted", None)
    if not (pair := kept(f"{page}.blind")):
        _votes()
        return
    panes = [
        LanePane(column, lane, named=f"Pane {name}")
        for column, (lane, _), name in zip(st.columns(2), pair, "AB", strict=True)
    ]
    clock = st.empty()
    follow_together([run for _, run in pair], panes, clock)
    clock.empty()
    if (voted := kept(f"{page}.voted")) is None:
        _ask_vote(pair, page)
    else:
        st.markdown(
            f"You chose **{plain(voted)}**. Pane A was **{plain(pair[0][0].name)}**, B **{plain(pair[1][0].name)}**."
        )
        verdict([lane for lane, _ in pair], panes)
    _votes()


def _ask_vote(pair: Sequence[tuple[Lane, Run]], page: str) -> None:
    st.markdown("**Which felt faster?**")
    with st.container(horizontal=True, key="vote"):
        for place, name in enumerate("AB"):
            st.button(f"Pane {name}", key=f"vote_{name}", on_click=_vote, args=(pair, place, page))
        st.button(
            "No difference", key="vote_none", type="tertiary", on_click=keep, args=(f"{page}.voted", "no difference")
        )


def _vote(pair: Sequence[tuple[Lane, Run]], place: int, page: str) -> None:
    sides = []
    for lane, run in pair:
        metrics = apply_all(Latency(), run.events).metrics()
        name = lane.name.partition(" ")[2]
        first = first_text_s(lane, run.events)
        sides.append({"run": run.id, "name": name, "ttft_s": first, "e2e_s": metrics.e2e_s})
    try:
        store().vote(faster=sides[place], slower=sides[1 - place])
    except LabError as error:
        st.toast(plain(str(error)), icon=":material/database_off:")
    keep(f"{page}.voted", f"Pane {'AB'[place]}")


def _votes() -> None:
    """What people said, against what was measured."""
    try:
        votes = store().votes()
    except LabError as error:
        st.warning(plain(str(error)), icon=":material/database_off:")
        return
    if not votes:
        st.caption("No vote yet: the chart of what felt faster, against what was faster, will stand here.")
        return
    rows = [
        {
            "first": _share(vote["figures"], "ttft_s"),
            "end": _share(vote["figures"], "e2e_s"),
            "felt faster": vote["faster"],
            "than": vote["slower"],
        }
        for vote in votes
    ]
    chart = (
        alt.Chart(
            pd.DataFrame(rows), title=f"What felt faster, against what was faster (votes: {len(votes)})", height=300
        )
        .mark_point(size=90, filled=True, opacity=0.7)
        .encode(
            x=alt.X("first:Q", title="its first text, as a share of the other's"),
            y=alt.Y("end:Q", title="its end, as a share of the other's"),
            tooltip=[
                "felt faster:N",
                "than:N",
                alt.Tooltip("first:Q", format=".0%"),
                alt.Tooltip("end:Q", format=".0%"),
            ],
        )
    )
    st.altair_chart(chart, alt="Votes of the blind test against the measured first text and end")
    st.caption("Left of 1 the chosen one also began earlier; below 1 it also ended earlier.")


def _share(figures: Mapping[str, Any], name: str) -> float | None:
    faster, slower = figures["faster"].get(name), figures["slower"].get(name)
    return faster / slower if faster and slower else None
