"""Advice from the figures of a run."""

from collections.abc import Sequence

import streamlit as st

from streaming.analysis.insights import run_insights
from streaming.core.events import LogEntry


def show_insights(events: Sequence[LogEntry], *, max_tokens: int | None = None) -> None:
    """Show each sentence of advice on its own line; `max_tokens` is the limit of each answer."""
    with st.container(key="insights"):
        for sentence in run_insights(events, max_tokens=max_tokens):
            st.markdown(f":material/lightbulb: {sentence}")
