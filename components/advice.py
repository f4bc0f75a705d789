"""What the figures of a run say."""

from collections.abc import Sequence

import streamlit as st

from streaming.advice import advice
from streaming.events import Stamped


def show_advice(events: Sequence[Stamped], *, most_tokens: int | None = None) -> None:
    """Each sentence of advice on a line of its own."""
    for sentence in advice(events, most_tokens=most_tokens):
        st.markdown(f":material/lightbulb: {sentence}")
