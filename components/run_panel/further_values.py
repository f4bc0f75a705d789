"""Asks for configurable values as JSON where no form has them: of these a graph need not declare any."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components.run_panel.input_form.form import ask_for
from streaming.core.graph_description import GraphDescription
from streaming.core.graph_values import errors_of_configurable, further_values, shares_fields

_ANY_OBJECT: Mapping[str, Any] = {"type": "object"}


def ask_for_further(
    about: GraphDescription, start: Any, *, context: Any, key: str
) -> tuple[Mapping[str, Any] | None, list[str]]:
    """The values in a folded field, which begins with those of `start` that its `context` has not; what is wrong."""
    with st.expander("Configurable"):
        if shares_fields(about):
            st.caption("Values beside those of the context, which are among the configurable values anyway.")
        value, wrong = ask_for(_ANY_OBJECT, key=key, start=further_values(about, start, context), drops_empty=True)
    # What else was typed is told, and never reaches a run.
    found = value if isinstance(value, Mapping) else None
    return found, [f"Configurable: {sentence}" for sentence in wrong or errors_of_configurable(about, found or {})]
