"""What an interrupted run asks, on a page that cannot answer it, and the way to the page that can."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.shell.format import escape_markdown, truncate
from components.shell.keys import GRAPH, RUN_PARAM
from components.shell.navigation import page_path
from streaming.analysis.questions import sentence_of
from streaming.core.events import Ended
from streaming.core.run import Run
from streaming.services import get_services

_ANSWERED_ON = "your_graph"
ANSWERING = frozenset({_ANSWERED_ON, "interrupts"})
_MOST_CHARACTERS = 80


def show_open_question(slot: DeltaGenerator, run: Run, *, page: str) -> None:
    """One line: the beginning of the question, and a link that opens the run where it is answered.

    Nothing on the pages that answer, and nothing for a run that was stopped after a step or has been answered.
    """
    end = run.ended
    if page in ANSWERING or end is None or end.outcome != "interrupted" or end.reason:
        return
    if get_services().engine.registry.newest_after(run) is not run:
        return
    with slot.container(horizontal=True, vertical_alignment="center", key="open_question"):
        st.markdown(_sentence(end), width="content")
        st.page_link(
            page_path(_ANSWERED_ON),
            label="Answer" if end.pending else "Resume",
            icon=":material/arrow_forward:",
            query_params={GRAPH: run.request.graph.name, RUN_PARAM: run.id},
        )


def _sentence(end: Ended) -> str:
    if not end.pending:
        return f"Paused before {escape_markdown(', '.join(end.next))}."
    first, *others = end.pending
    more = f" (and {len(others)} more)" if others else ""
    return f"It asks: {escape_markdown(truncate(sentence_of(first.value), _MOST_CHARACTERS))}{more}"
