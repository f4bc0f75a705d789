"""What the figures of a run say."""

from collections.abc import Sequence

import streamlit as st

from streaming.analysis.insights import run_insights
from streaming.core.events import LogEntry


def show_advice(events: Sequence[LogEntry], *, most_tokens: int | None = None) -> None:
    """Each sentence of advice on a line of its own."""
    for sentence in run_insights(events, most_tokens=most_tokens):
        st.markdown(f":material/lightbulb: {sentence}")
