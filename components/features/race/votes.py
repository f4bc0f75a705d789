"""The votes of the blind test: one bar and one sentence for each pair of configurations."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import streamlit as st

from components.shell.format import escape_html, escape_markdown
from components.shell.session import visible_owner
from streaming.analysis.votes import PairVotes, votes_by_pair
from streaming.core.errors import LabError
from streaming.core.run import Run
from streaming.services import get_services

MOST_PAIRS = 5
_ONE, _OTHER, _TIE = "#4338ca", "#b45309", "#6b7280"
"""The colours of two configurations, by their names and not by their votes.

Dark enough for white figures, and apart from each other on a light and on a dark page.
"""


def stored_votes() -> list[dict[str, Any]]:
    """The votes that this visitor may see, newest first; none, with a message, if the history cannot be read."""
    try:
        return get_services().run_store.votes(owner=visible_owner())
    except LabError as error:
        st.warning(escape_markdown(str(error)), icon=":material/database_off:")
        return []


def stored_vote(runs: Sequence[Run]) -> dict[str, Any] | None:
    """The vote on these two runs, whoever gave it; `None` if there is none, or if the history cannot be read."""
    try:
        return get_services().run_store.vote_on([run.id for run in runs])
    except LabError:
        return None


def show_votes(votes: Sequence[dict[str, Any]], *, first: Sequence[str] = ()) -> None:
    """Each pair of configurations as a sentence and a bar, the pair `first` before the others, and a table of all."""
    if not votes:
        st.caption("No vote yet. Start the blind test and vote: what people felt appears here, with what was measured.")
        return
    pairs = sorted(votes_by_pair(votes), key=lambda pair: sorted(pair.names) != sorted(first))
    for pair in pairs[:MOST_PAIRS]:
        st.markdown(f"**{escape_markdown(pair.sentence())}**")
        st.html(bar(pair))
    with st.container(key="all_votes"), st.expander("All votes by configuration"):
        st.dataframe(count_votes(votes), hide_index=True, key="votes_table", alt="Votes by configuration")


def count_votes(votes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The number of each kind of vote, by configuration."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for vote in votes:
        tie = vote["figures"].get("tie")
        for name, answer in ((vote["faster"], "felt faster"), (vote["slower"], "felt slower")):
            counts[name]["no difference" if tie else answer] += 1
    answers = ("felt faster", "no difference", "felt slower")
    return [{"configuration": name, **{answer: found[answer] for answer in answers}} for name, found in counts.items()]


def bar(pair: PairVotes) -> str:
    """The votes of a pair as a bar with its legend, each configuration always in the same colour."""
    winner, loser = pair.short_names
    won, lost = (_ONE, _OTHER) if pair.names[0] <= pair.names[1] else (_OTHER, _ONE)
    parts = [(winner, pair.votes[0], won), ("no difference", pair.ties, _TIE), (loser, pair.votes[1], lost)]
    shown = [(name, number, colour) for name, number, colour in parts if number]
    segments = "".join(
        f'<span style="flex:{number};background:{colour};color:#fff;padding:0 0.5rem">{number}</span>'
        for _, number, colour in shown
    )
    legend = "".join(
        f'<span><span aria-hidden="true" style="color:{colour}">■</span> {escape_html(name)}: {number}</span>'
        for name, number, colour in shown
    )
    return (
        f'<div role="img" aria-label="{escape_html(pair.sentence())}" style="display:flex;line-height:1.75rem;'
        f'border-radius:0.4rem;overflow:hidden">{segments}</div>'
        f'<div style="display:flex;flex-wrap:wrap;gap:0 1rem;font-size:0.875rem">{legend}</div>'
    )
