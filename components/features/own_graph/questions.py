"""Questions of any shape that an interrupted graph asks: a form for each, and the answers."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from components.player.mount import bring_into_sight
from components.run_panel.input_form.form import ask_for
from components.run_panel.panel import RunPanel
from components.shell.format import escape_markdown
from streaming.analysis.questions import (
    MAY_HAVE_TEXT,
    NEEDS_TEXT,
    Action,
    Review,
    options_of,
    rest_of,
    review_of,
    schema_of,
    sentence_of,
)
from streaming.core.events import Ended, Pending
from streaming.core.json_input import errors_of, read_json
from streaming.services import get_services

_MOST_OPEN_LINES = 6


def answer_questions(panel: RunPanel) -> None:
    """Draw a form for each pending question of the run; *Resume* sends the answers."""
    run = panel.run
    if run is None or not panel.over or run.ended is None or run.ended.outcome != "interrupted":
        return
    end = run.ended
    if get_services().engine.registry.newest_after(run) is not run:
        st.info("This question was answered already, perhaps in another tab.", icon=":material/done_all:")
        label = "Show how it continued"
        st.button(label, icon=":material/arrow_forward:", key="newest", on_click=panel.show_version, args=(run,))
        return
    if panel.lost:
        _tell_lost(panel, end)
        return
    st.subheader("Waiting for your input", anchor=False)
    bring_into_sight("questions", once=run.id)
    ask_in_any_shape(panel, end, thread_id=run.thread_id)


def _tell_lost(panel: RunPanel, end: Ended) -> None:
    """Say why the questions cannot be answered any more, and offer to be asked again."""
    st.subheader("No longer waiting", anchor=False)
    st.info(f"{panel.lost} Run it again to be asked again.", icon=":material/event_busy:")
    for question in end.pending:
        st.caption(f"`{question.node}` asked: {escape_markdown(sentence_of(question.value))}")
    label, help_ = "Run again", "Start from the beginning, with the same input."
    st.button(label, icon=":material/replay:", key="run_again", help=help_, on_click=panel.start_again)


def ask_in_any_shape(panel: RunPanel, end: Ended, *, thread_id: str) -> None:
    """Draw a form for each pending question of this thread; *Resume* sends the answers."""
    answers, troubles = _draw_questions(end)
    # Never disabled: what is typed reaches the server with the click, so a first click on it would be lost.
    pressed = st.button("Resume", type="primary", icon=":material/play_arrow:", key="resume")
    if pressed and troubles:
        st.warning(escape_markdown(troubles[0]), icon=":material/edit:")
    elif pressed:
        panel.start_resumed(answers, thread_id=thread_id)
        st.rerun()


def _draw_questions(end: Ended) -> tuple[dict[str, Any], list[str]]:
    """The answers by the questions' ids, and what is wrong with them."""
    if not end.pending:
        st.caption(f"Paused before {escape_markdown(', '.join(end.next))}. There is no question to answer.")
    answers: dict[str, Any] = {}
    troubles: list[str] = []
    for question in end.pending:
        with st.container(border=True, key=f"question_{question.id}"):
            st.caption(f"asked by `{question.node}`")
            answers[question.id], wrong = _ask(question)
            troubles += wrong
    for trouble in troubles:
        st.caption(f":orange[:material/edit: {escape_markdown(trouble)}]")
    return answers, troubles


def _ask(question: Pending) -> tuple[Any, list[str]]:
    value, key = question.value, f"answer_{question.id}"
    if review := review_of(value, question.schema):
        answer, troubles = _decide(review, key=key)
        return answer, troubles or errors_of(answer, question.schema or {})
    st.markdown(f"**{escape_markdown(sentence_of(value))}**")
    schema = schema_of(value, question.schema)
    # Below the question, so that what else it holds does not push the answer out of sight.
    answered = ask_for(schema, key=key, tells=True) if schema else _ask_in_words(value, key=key)
    if rest := rest_of(value, with_options=bool(schema)):
        st.json(rest, expanded=_is_short(rest))
    return answered


def _is_short(rest: Mapping[str, Any]) -> bool:
    return json.dumps(rest, indent=2, default=str).count("\n") < _MOST_OPEN_LINES


def _ask_in_words(value: Any, *, key: str) -> tuple[Any, list[str]]:
    """The answer to a question without a schema: one of its options, a text, or JSON."""
    options = options_of(value)
    # A question in words is answered in words; an empty object in the field would be sent as an answer.
    asked = isinstance(value, Mapping) and any(isinstance(part, str) for part in value.values())
    only_json = isinstance(value, Mapping | list) and not asked and not options
    # Options too: many graphs expect an object that names the chosen one.
    if st.toggle("Answer with JSON", only_json, key=f"{key}.json"):
        start = json.dumps(options[0], ensure_ascii=False, default=str) if options else "{}"
        answer, trouble = read_json(st.text_area("Your answer", start, key=f"{key}.raw"))
        return answer, [trouble] if trouble else []
    if options:
        return st.radio("Choose", options, format_func=str, key=key), []
    if isinstance(value, bool):
        return st.toggle("Yes", value, key=key), []
    text = st.text_area("Your answer", "", key=f"{key}.text")
    return text, [] if text.strip() else ["Write an answer."]


def _decide(review: Review, *, key: str) -> tuple[Any, list[str]]:
    """One decision for each tool call."""
    decisions: list[dict[str, Any]] = []
    troubles: list[str] = []
    for number, action in enumerate(review.actions):
        decision, trouble = _decide_on(review, action, key=f"{key}.{number}")
        decisions.append(decision)
        troubles += [trouble] if trouble else []
    return review.answer(decisions), troubles


def _decide_on(review: Review, action: Action, *, key: str) -> tuple[dict[str, Any], str]:
    st.markdown(f"**{escape_markdown(action.name)}**")
    if action.description:
        st.text(action.description)
    chosen = st.segmented_control("Decision", action.allowed, default=action.allowed[0], required=True, key=key)
    if chosen == "edit":
        typed = st.text_area("Arguments", json.dumps(action.arguments, indent=2, default=str), key=f"{key}.args")
        edited, trouble = read_json(typed)
        return review.decision(action, chosen, arguments=edited), trouble
    st.json(action.arguments, expanded=True)
    if chosen not in MAY_HAVE_TEXT:
        return review.decision(action, chosen), ""
    label = "Your reply" if chosen in NEEDS_TEXT else "Why not"
    text = st.text_input(label, key=f"{key}.{'reply' if chosen in NEEDS_TEXT else 'why'}")
    missing = "" if text.strip() or chosen not in NEEDS_TEXT else f"Write a reply for {action.name}."
    return review.decision(action, chosen, text=text), missing
