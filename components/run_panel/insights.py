"""What the figures of a run show."""

from collections.abc import Sequence

import streamlit as st

from streaming.analysis.insights import run_insights
from streaming.core.events import LogEntry


def show_insights(events: Sequence[LogEntry], *, max_tokens: int | None = None) -> None:
    """Each sentence on a line of its own; `max_tokens` is the limit that was set for each answer."""
    for sentence in run_insights(events, max_tokens=max_tokens):
        st.markdown(f":material/lightbulb: {sentence}")
