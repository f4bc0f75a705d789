"""Questions of any shape that an interrupted graph asks: what to draw for each, and the answers."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from components.run_panel.input_form.json_input import read_json
from components.run_panel.panel import RunPanel
from components.shell.format import escape_markdown
from streaming.core.events import Ended, Pending
from streaming.services import get_services

DECISIONS = ("approve", "edit", "reject")


def answer_questions(panel: RunPanel) -> None:
    """Draw a form for each pending question of the run; *Resume* sends the answers."""
    run = panel.run
    if run is None or not panel.over or run.ended is None or run.ended.outcome != "interrupted":
        return
    end = run.ended
    if get_services().engine.registry.newest_after(run) is not run:
        st.info("This question was answered already, perhaps in another tab.", icon=":material/done_all:")
        return
    st.subheader("Waiting for your input", anchor=False)
    answers, troubles = draw_questions(end)
    pressed = st.button("Resume", type="primary", icon=":material/play_arrow:", key="resume", disabled=bool(troubles))
    if pressed and not troubles:
        panel.start_resumed(answers, thread_id=run.thread_id)
        st.rerun()


def draw_questions(end: Ended) -> tuple[dict[str, Any], list[str]]:
    """Draw a form for each pending question; the answers by the questions' ids, and what is wrong with them."""
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


def options_of(value: Any) -> Sequence[Any]:
    """The answers to choose from, if the question lists them."""
    if not isinstance(value, Mapping):
        return ()
    found = next((value[name] for name in ("options", "choices") if isinstance(value.get(name), list)), ())
    return tuple(found)


def actions_of(value: Any) -> Sequence[Mapping[str, Any]]:
    """The tool calls that LangChain's middleware asks about."""
    actions = value.get("action_requests") if isinstance(value, Mapping) else None
    return [action for action in actions if isinstance(action, Mapping)] if isinstance(actions, list) else []


def allowed_for(value: Mapping[str, Any], action: Mapping[str, Any]) -> Sequence[str]:
    """The decisions that the middleware allows for this tool call."""
    for config in value.get("review_configs") or ():
        if isinstance(config, Mapping) and config.get("action_name") == action.get("name"):
            return [name for name in config.get("allowed_decisions") or () if name in DECISIONS] or DECISIONS
    return DECISIONS


def _ask(question: Pending) -> tuple[Any, list[str]]:
    value, key = question.value, f"answer_{question.id}"
    if actions := actions_of(value):
        return _decide(value, actions, key=key)
    st.markdown(f"**{escape_markdown(_sentence(value))}**")
    if isinstance(value, Mapping) and len(value) > 1:
        st.json(dict(value), expanded=False)
    if options := options_of(value):
        return st.radio("Choose", options, format_func=str, key=key), []
    if isinstance(value, bool):
        return st.toggle("Yes", value, key=key), []
    as_json = st.toggle("Answer with JSON", isinstance(value, Mapping | list), key=f"{key}.json")
    text = st.text_area("Your answer", "{}" if as_json else "", key=f"{key}.{'raw' if as_json else 'text'}")
    if not as_json:
        return text, []
    answer, trouble = read_json(text)
    return answer, [trouble] if trouble else []


def _decide(value: Any, actions: Sequence[Mapping[str, Any]], *, key: str) -> tuple[Any, list[str]]:
    """One decision for each tool call, as LangChain's human-in-the-loop middleware takes them."""
    decisions: list[dict[str, Any]] = []
    troubles: list[str] = []
    for number, action in enumerate(actions):
        name, here = str(action.get("name", "")), f"{key}.{number}"
        st.markdown(f"**{escape_markdown(name)}**")
        if text := action.get("description"):
            st.text(str(text))
        arguments = action.get("args", action.get("arguments", {}))
        allowed = allowed_for(value, action)
        decision = st.segmented_control("Decision", allowed, default=allowed[0], key=here) or allowed[0]
        if decision == "edit":
            typed = st.text_area("Arguments", _pretty(arguments), key=f"{here}.args")
            edited, trouble = read_json(typed)
            troubles += [trouble] if trouble else []
            decisions.append({"type": "edit", "edited_action": {"name": name, "args": edited}})
            continue
        st.json(arguments, expanded=True)
        reason = st.text_input("Why not", key=f"{here}.why") if decision == "reject" else ""
        decisions.append({"type": decision} | ({"message": reason} if reason else {}))
    return {"decisions": decisions}, troubles


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _sentence(value: Any) -> str:
    if isinstance(value, Mapping):
        words = ("question", "message", "prompt", "title", "description")
        return str(next((value[word] for word in words if value.get(word)), "What should happen next?"))
    return str(value)
