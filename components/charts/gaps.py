"""The gaps between two chunks of a stream, as a chart."""

from collections import Counter
from heapq import nlargest
from operator import itemgetter
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from components.shell.format import escape_markdown
from streaming.analysis.final_answer import text_pieces
from streaming.recordings.format import Recording

MOST_GAPS = 5_000
"""Marks in the chart: as many as Altair writes into a file, and as a browser draws without a pause."""
_LONGEST_NAME = 80
NO_GAPS = "The text came whole, or there was none: there are no gaps between its chunks."


def show_gaps(recording: Recording, name: str = "") -> None:
    """The chart of the run with this name, where there are several; a sentence where there are no gaps."""
    if name:
        st.markdown(f"**{escape_markdown(name)}**")
    if has_gaps(recording):
        st.altair_chart(gaps_chart(recording), alt="Inter-token latency over the stream")
    else:
        st.caption(NO_GAPS)


def has_gaps(recording: Recording) -> bool:
    """Whether a message came in more than one chunk."""
    chunks = Counter(piece.message_id for piece in text_pieces(recording.events))
    return any(count > 1 for count in chunks.values())


def gaps_chart(recording: Recording) -> Any:
    """Inter-token latency over the stream: one mark per gap between two chunks of one message, in seconds."""
    gaps: list[dict[str, Any]] = []
    previous: dict[str, float] = {}
    for piece in text_pieces(recording.events):
        if (last := previous.get(piece.message_id)) is not None:
            gaps.append({"t": piece.t, "gap": piece.t - last, "node": piece.node[:_LONGEST_NAME]})
        previous[piece.message_id] = piece.t
    title = "Gaps between text chunks over the stream"
    if len(gaps) > MOST_GAPS:
        title += f": the {MOST_GAPS:,} longest of {len(gaps):,}"
        gaps = nlargest(MOST_GAPS, gaps, key=itemgetter("gap"))
    table = pd.DataFrame(gaps, columns=["t", "gap", "node"])
    return (
        alt.Chart(table, title=title, height=240)
        .mark_circle(size=28, opacity=0.6)
        .encode(
            x=alt.X("t:Q", title="seconds since submission"),
            y=alt.Y("gap:Q", title="gap (s)"),
            color=alt.Color("node:N", legend=alt.Legend(orient="bottom")),
        )
    )
