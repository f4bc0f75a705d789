"""The chart of the gaps between two chunks of a stream."""

from typing import Any

import altair as alt
import pandas as pd

from streaming.analysis.final_answer import text_pieces
from streaming.recordings.format import Recording


def gaps_chart(recording: Recording) -> Any:
    """Inter-token latency over the stream: one mark per gap between two chunks of one message, in seconds."""
    gaps: list[dict[str, Any]] = []
    previous: dict[str, float] = {}
    for piece in text_pieces(recording.events):
        if (last := previous.get(piece.message_id)) is not None:
            gaps.append({"t": piece.t, "gap": piece.t - last, "node": piece.node})
        previous[piece.message_id] = piece.t
    table = pd.DataFrame(gaps, columns=["t", "gap", "node"])
    return (
        alt.Chart(table, title="Gaps between text chunks over the stream", height=240)
        .mark_circle(size=28, opacity=0.6)
        .encode(
            x=alt.X("t:Q", title="seconds since submission"),
            y=alt.Y("gap:Q", title="gap (s)"),
            color=alt.Color("node:N", legend=alt.Legend(orient="bottom")),
        )
    )
