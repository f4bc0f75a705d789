"""Which graph a page begins with: a choice goes along from page to page, and what a page chose by itself does not."""

from collections.abc import Collection, Sequence

import streamlit as st

from components.shell.keys import GRAPH
from components.shell.session import arrived, recall
from components.shell.session_commands import store_value
from streaming.core.run import Run

_CHOSEN = "chosen_graph"


def begin_with_graph(graphs: Collection[str], runs: Sequence[Run]) -> None:
    """Set the field of a page to which one comes: the graph of the page's run, else the one that was chosen last.

    Streamlit carries the value of a field along also where nobody has chosen it. A link decides by itself.
    """
    if not arrived():
        return
    if GRAPH in st.query_params:
        store_value(_CHOSEN, st.query_params[GRAPH])
        return
    ran = runs[0].request.graph.name if runs else ""
    graph = next((name for name in (ran, recall(_CHOSEN)) if name in graphs), None)
    if graph is not None:
        st.session_state[GRAPH] = graph
    elif st.session_state.get(GRAPH) in graphs:
        del st.session_state[GRAPH]


def note_choice() -> None:
    """Let the graph of the field go along to other pages: a visitor has chosen it."""
    store_value(_CHOSEN, st.session_state[GRAPH])
