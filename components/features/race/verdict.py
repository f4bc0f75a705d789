"""The verdict of a race: the figures of its lanes side by side."""

from collections.abc import Sequence

import streamlit as st

from components.features.race.lane import Lane, first_text_s, shown
from components.shell.format import format_bytes, format_rate, format_seconds
from streaming.core.run import Run


def show_verdict(lanes: Sequence[Lane], runs: Sequence[Run]) -> None:
    """A table of the lanes' figures, with ratios to the best completed lane."""
    st.subheader("Verdict", anchor=False)
    seen = [shown(lane, run) for lane, run in zip(lanes, runs, strict=True)]
    metrics = [lane.metrics for lane in seen]
    completed = [run.status == "Completed" for run in runs]
    firsts = [lane.first_s if ended_well else None for lane, ended_well in zip(seen, completed, strict=True)]
    ends = [figures.e2e_s if ended_well else None for figures, ended_well in zip(metrics, completed, strict=True)]
    st.dataframe(
        {
            "lane": list(range(1, len(lanes) + 1)),
            "first text": [format_seconds(value) for value in firsts],
            "first ×": ratios(firsts),
            "end": [format_seconds(value) for value in ends],
            "end ×": ratios(ends),
            "outcome": [run.status for run in runs],
            "arrived": [format_seconds(first_text_s(lane, run.events)) for lane, run in zip(lanes, runs, strict=True)],
            "decode speed": [format_rate(figures.tokens_per_s) for figures in metrics],
            "bytes": [format_bytes(figures.bytes) for figures in metrics],
            "configuration": [lane.name for lane in lanes],
        },
        hide_index=True,
        column_config={
            "end": st.column_config.Column(help="When the run ended, from submission, the wait included."),
            "decode speed": st.column_config.Column(
                help="Tokens after each message's first, per second in which at least one message streamed."
            ),
            "first text": st.column_config.Column(
                help="When the first text was drawn, from submission: the flush strategy counts. By "
                "*direct* the browser draws it as soon as it has arrived."
            ),
            "arrived": st.column_config.Column(
                help="When the first text arrived from the graph, from submission; not yet drawn."
            ),
        },
        alt="Figures of each lane, with ratios to the best",
    )


def ratios(values: Sequence[float | None]) -> list[str]:
    """Each value as a multiple of the smallest."""
    best = min((value for value in values if value), default=None)
    return ["–" if value is None or best is None else f"{value / best:.1f}×" for value in values]
