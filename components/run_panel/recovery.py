"""Buttons that continue a run that broke off, or that was stopped after a step."""

from collections import Counter
from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.page_runs import PageRuns
from streaming.core.errors import AnsweredAlready
from streaming.core.events import TaskEnded, Updates, Values
from streaming.core.partial_answer import PartialAnswer
from streaming.core.run import Run
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages, StreamedMessage


def offer_recovery(panel: PageRuns) -> None:
    """Continue, Retry and Keep for an answer that broke off; Resume for a run that was drained.

    A graph that brings its model gets no part of an answer again, so it has Retry alone. A run that failed with the
    answers of a person can ask again. One that was refused because another had continued the thread links to that one.
    """
    run = panel.run
    if run is None or run.ended is None or len(panel.runs) > 1:
        return
    ended = run.ended
    if ended.outcome == "interrupted" and ended.reason:
        with _row():
            st.button("Resume", icon=":material/play_arrow:", key="go_on", on_click=panel.start_retry, args=({},))
    if ended.error == AnsweredAlready.__name__ and run.request.previous_run_id:
        with _row():
            label = "Show how it continued"
            st.button(label, icon=":material/arrow_forward:", key="newest", on_click=panel.show_continuation)
    if ended.outcome not in ("failed", "timed out", "cancelled") or run.started is None:
        return
    partial = {} if run.request.model == OWN_MODEL else _partial(run)
    if ended.outcome == "cancelled" and not ended.cut and not _has_finished_step(run):
        return
    with _row():
        if partial:
            _button("Continue", "resume", "Request only the rest of the answer.", panel, partial, continues=True)
        help_ = "Repeat the step that broke off; finished steps stay."
        st.button("Retry", icon=":material/replay:", key="retry", help=help_, on_click=panel.start_retry, args=({},))
        if ended.outcome == "failed" and run.request.resume and run.request.resume.answers:
            help_ = "Go back to the question, to answer it in another way."
            st.button("Ask again", icon=":material/help:", key="ask_again", help=help_, on_click=panel.ask_again)
        if partial:
            _button("Keep", "done", "Use this text as the whole answer, and continue.", panel, partial, continues=False)


def _has_finished_step(run: Run) -> bool:
    """Whether repeating the step that broke off is less than running again."""
    states = 0
    for entry in run.events:
        states += isinstance(entry.event, Values) and not entry.event.ns
        # The first state is what the run begins with.
        if states > 1 or isinstance(entry.event, TaskEnded | Updates):
            return True
    return False


def _row() -> DeltaGenerator:
    return st.container(horizontal=True, gap="xsmall", key="recovery")


def _button(
    label: str, icon: str, help_: str, panel: PageRuns, partial: Mapping[str, StreamedMessage], *, continues: bool
) -> None:
    partial_answers = {node: PartialAnswer(text=message.text, continues=continues) for node, message in partial.items()}
    st.button(
        label,
        icon=f":material/{icon}:",
        key=label.lower(),
        help=help_,
        on_click=panel.start_retry,
        args=(partial_answers,),
    )


def _partial(run: Run) -> dict[str, StreamedMessage]:
    """The messages that broke off, by node; none if it is not clear which text belongs to which model call."""
    assert run.ended is not None
    messages = apply_all(Messages(), run.events).messages
    cut = [messages[name] for name in run.ended.cut if name in messages and messages[name].text]
    calls = Counter(message.node for message in messages.values() if message.role == "ai")
    clear = all(calls[message.node] == 1 and not message.tool_calls for message in cut)
    return {message.node: message for message in cut} if clear else {}
