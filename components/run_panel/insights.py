"""Advice from the figures of a run."""

from collections.abc import Sequence

import streamlit as st


def show_insights(sentences: Sequence[str], *, key: str = "insights") -> None:
    """Show each sentence of advice on its own line."""
    with st.container(key=key):
        for sentence in sentences:
            st.markdown(f":material/lightbulb: {sentence}")
