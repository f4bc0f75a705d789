"""A thread that waits for a person: its questions, the answers, and what each mode said about the pause."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.desk import Desk
from components.modes import mode_badge
from components.session import THREAD_PARAM
from components.text import cut, plain, size
from streaming import GraphSource, Mode, Run, Stamped, Thread, lab
from streaming.errors import LabError
from streaming.events import CheckpointSaved, Custom, Ended, Pending, TaskEnded, Token, Updates, Values
from streaming.projections import Texts, apply_all

LATER = "later"


def waiting_thread(desk: Desk, graph: GraphSource) -> Thread | None:
    """The thread that stands in the URL, when the server that ran it is gone; the run's own thread goes there too."""
    if desk.run is not None:
        st.query_params[THREAD_PARAM] = desk.run.thread_id
        return None
    thread_id = st.query_params.get(THREAD_PARAM)
    if not thread_id:
        return None
    try:
        thread = lab().thread(graph, thread_id)
    except LabError as error:
        st.error(plain(str(error)), icon=":material/database_off:")
        return None
    if thread is None:
        st.query_params.pop(THREAD_PARAM, None)
        return None
    if thread.end.outcome == "interrupted":
        st.info(
            "This thread was interrupted before, and the database has kept it. Answer, and it goes on.",
            icon=":material/pause_circle:",
        )
    return thread


def ask_person(parent: DeltaGenerator, desk: Desk, thread: Thread | None) -> None:
    """A form for every pending question; *Resume* sends the answers and the run goes on streaming."""
    end = desk.run.ended if desk.run else thread.end if thread else None
    if end is None or end.outcome != "interrupted":
        return
    with parent:
        st.subheader("It asks", anchor=False)
        if not end.pending:
            _static(desk, end, thread)
            return
        answers: dict[str, Any] = {}
        for column, question in zip(st.columns(len(end.pending)), end.pending, strict=True):
            with column.container(border=True, key=f"question_{question.id}"):
                answer = _ask(question, may_wait=len(end.pending) > 1)
            if answer is not None:
                answers[question.id] = answer
        st.button(
            "Resume",
            type="primary",
            icon=":material/play_arrow:",
            key="resume",
            disabled=not answers,
            on_click=_resume,
            args=(desk, thread, answers),
        )
        st.caption(
            "LangGraph runs the asking node again from its start; what it streams before the question comes twice."
        )


def story(parent: DeltaGenerator, turns: Sequence[Run], thread: Thread | None) -> None:
    """What was said before the pause, and what the person answered."""
    with parent:
        for run in turns:
            for message in apply_all(Texts(), run.events).spoken():
                st.caption(f"**{plain(message.node)}** · before the pause")
                st.text(message.text)
        if thread is not None:
            for name, value in thread.values.items():
                st.caption(f"**{plain(name)}** · kept in the database")
                st.text(cut(str(value), 600))


def what_modes_said(parent: DeltaGenerator, run: Run | None) -> None:
    """For each mode, what it sent about the interrupt: some say nothing at all."""
    if run is None or run.ended is None or run.ended.outcome != "interrupted":
        return
    said = {mode: [stamped for stamped in run.events if stamped.event.kind == mode] for mode in run.request.modes}
    with parent:
        st.subheader("What each mode says at the interrupt", anchor=False)
        for mode, events in said.items():
            telling = [stamped for stamped in events if _tells(stamped)]
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(mode_badge(mode), width=110)
                st.markdown(_sentence(mode, telling, len(events)))


def _static(desk: Desk, end: Ended, thread: Thread | None) -> None:
    st.markdown(f"Nothing: the run pauses before {', '.join(f'`{node}`' for node in end.next)}, as you asked above.")
    st.button(
        "Resume", type="primary", icon=":material/play_arrow:", key="resume", on_click=_resume, args=(desk, thread, {})
    )


def _ask(question: Pending, *, may_wait: bool) -> Any:
    """Widgets for one question; `None` leaves it for later."""
    value = question.value if isinstance(question.value, Mapping) else {"question": str(question.value)}
    key = question.id
    st.markdown(f"**{plain(value.get('question', 'What now?'))}**")
    st.caption(f"asked by `{question.node}`")
    if "options" in value:
        chosen = st.radio("Choose", [*value["options"], *([LATER] if may_wait else [])], key=f"choice_{key}")
        return None if chosen == LATER else {"choice": chosen}
    if "draft" in value:
        st.text(str(value["draft"]))
    actions = [*value.get("actions", ["approve"]), *([LATER] if may_wait else [])]
    action = st.segmented_control("Your answer", actions, default=actions[0], key=f"action_{key}") or LATER
    if action == "edit":
        text = st.text_area("The text as it should be", str(value.get("draft", "")), key=f"text_{key}")
        return {"action": "edit", "text": text}
    return None if action == LATER else {"action": action}


def _resume(desk: Desk, thread: Thread | None, answers: Mapping[str, Any]) -> None:
    desk.resume(answers, thread_id=thread.thread_id if thread else None)


def _tells(stamped: Stamped) -> bool:
    match stamped.event:
        case Values(interrupts=found) | TaskEnded(interrupts=found):
            return bool(found)
        case Updates(interrupts=found):
            # A static breakpoint sends an empty tuple: the key tells, not its truth.
            return found is not None
        case Token() | Custom() | CheckpointSaved() | _:
            return False


_HOW: dict[Mode, str] = {
    "values": "the state once more, with `interrupts` beside it",
    "updates": "`__interrupt__` in the place of a node's name",
    "tasks": "the asking task's result, with its `interrupts`",
}


def _sentence(mode: Mode, telling: Sequence[Stamped], events: int) -> str:
    if not telling:
        return f"nothing (it had sent {events} events before)"
    weight = size(sum(stamped.size for stamped in telling))
    return f"{_HOW.get(mode, 'the interrupt')}: {len(telling)} of {events} events, {weight}"
