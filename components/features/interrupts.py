"""A thread that waits for a person: its questions, the answers, and what each mode said about the pause."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.panel import RunPanel
from components.shell.format import escape_markdown, format_bytes, truncate
from components.shell.modes import mode_badge
from components.shell.session import THREAD_PARAM, forget_runs
from streaming.core.errors import LabError
from streaming.core.events import (
    CheckpointSaved,
    Custom,
    Debug,
    Ended,
    LogEntry,
    Mode,
    Pending,
    TaskEnded,
    Token,
    Updates,
    Values,
)
from streaming.core.request import GraphSource
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.runtime.engine import ThreadPosition
from streaming.services import get_services

LATER, EDIT = "later", "edit"


def waiting_thread(panel: RunPanel, graph: GraphSource) -> ThreadPosition | None:
    """The thread that stands in the URL, when the server that ran it is gone; the run's own thread goes there too."""
    if panel.run is not None:
        st.query_params[THREAD_PARAM] = panel.run.thread_id
        return None
    thread_id = st.query_params.get(THREAD_PARAM)
    if not thread_id:
        return None
    thread = _looked_up(graph, thread_id)
    if thread is None:
        return None
    if thread.end.outcome == "interrupted":
        st.info(
            "This thread was interrupted before, and the database has kept it. Answer, and it goes on.",
            icon=":material/pause_circle:",
        )
    return thread


def thread_now(panel: RunPanel, waiting: ThreadPosition | None) -> ThreadPosition | None:
    """Where the thread of this page stands after its run: somebody else may have answered meanwhile."""
    if panel.run is None:
        return waiting
    return _looked_up(panel.shown.graph, panel.run.thread_id)


def ask_person(parent: DeltaGenerator, panel: RunPanel, now: ThreadPosition | None) -> None:
    """A form for every pending question; *Resume* sends the answers and the run goes on streaming."""
    if now is None:
        return
    end = (panel.run.ended if panel.run else None) or now.end
    if end.outcome != "interrupted":
        return
    with parent:
        if not _still_asks(end, now):
            _answered_already(panel)
            return
        st.subheader("It asks", anchor=False)
        if not end.pending:
            st.markdown(f"Nothing: the run pauses before {', '.join(f'`{node}`' for node in end.next)}.")
        else:
            for column, question in zip(st.columns(len(end.pending)), end.pending, strict=True):
                with column.container(border=True, key=f"question_{question.id}"):
                    _ask(question, may_wait=len(end.pending) > 1)
        st.button(
            "Resume",
            type="primary",
            icon=":material/play_arrow:",
            key="resume",
            disabled=not _ready(end),
            on_click=_resume,
            args=(panel, end, now.thread_id),
        )
        if end.pending:
            st.caption(
                "LangGraph runs the asking node again from its start; what it streams before the question comes twice."
            )


def what_came_of_it(parent: DeltaGenerator, now: ThreadPosition | None) -> None:
    """The answers and what was published by them, as the thread's last state keeps them; nothing while it waits."""
    if now is None or now.end.outcome != "completed":
        return
    state = now.values
    with parent.container(border=True):
        if "published" in state:
            st.subheader("Published", anchor=False)
            st.caption(
                f"The draft was **{escape_markdown(state.get('verdict'))}**, the channel is "
                f"**{escape_markdown(state['channel'])}**."
            )
            st.text(str(state["published"]))
        else:
            st.subheader("Not published", anchor=False)
            st.caption(
                f"The last draft was **{escape_markdown(state.get('verdict'))}** as well: draft {state.get('drafts')}."
            )


def story(parent: DeltaGenerator, turns: Sequence[Run], thread: ThreadPosition | None) -> None:
    """What was said before the pause, and what the person answered."""
    with parent:
        for run in turns:
            for message in apply_all(Messages(), run.events).spoken():
                st.caption(f"**{escape_markdown(message.node)}** · before the pause")
                st.text(message.text)
        if thread is not None:
            for name, value in thread.values.items():
                st.caption(f"**{escape_markdown(name)}** · kept in the database")
                st.text(truncate(str(value), 600))


def what_modes_said(parent: DeltaGenerator, run: Run | None) -> None:
    """For each mode, what it sent about the interrupt: some say nothing at all."""
    if run is None or run.ended is None or run.ended.outcome != "interrupted":
        return
    said = {mode: [entry for entry in run.events if entry.event.kind == mode] for mode in run.request.modes}
    with parent:
        st.subheader("What each mode says at the interrupt", anchor=False)
        for mode, events in said.items():
            telling = [entry for entry in events if _tells(entry)]
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(mode_badge(mode), width=110)
                st.markdown(_sentence(mode, telling, len(events)))


def _looked_up(graph: GraphSource, thread_id: str) -> ThreadPosition | None:
    """The thread as the database has it now; `None` where it knows none, or cannot be asked, which is said."""
    try:
        thread = get_services().engine.thread(graph, thread_id)
    except LabError as error:
        st.error(escape_markdown(str(error)), icon=":material/database_off:")
        return None
    if thread is None:
        st.query_params.pop(THREAD_PARAM, None)
    return thread


def _still_asks(end: Ended, now: ThreadPosition) -> bool:
    """Whether the thread still stands where this end left it; an answer to one of two questions moves no checkpoint."""
    return (end.checkpoint_id, end.pending) == (now.end.checkpoint_id, now.end.pending)


def _answered_already(panel: RunPanel) -> None:
    st.info("This was answered already, perhaps in another tab.", icon=":material/done_all:")
    st.button(
        "Show how it went on", icon=":material/arrow_forward:", key="newest", on_click=_show_newest, args=(panel,)
    )


def _show_newest(panel: RunPanel) -> None:
    """The run that went on from this one; where this server has none, the thread as the database keeps it."""
    assert panel.run is not None
    if get_services().engine.registry.newest_after(panel.run) is panel.run:
        forget_runs(panel.page)
    else:
        panel.show_version(panel.run)


def _ask(question: Pending, *, may_wait: bool) -> None:
    """Widgets for one question; what they say is read by `_answer`."""
    value, key = _asked(question), question.id
    st.markdown(f"**{escape_markdown(value.get('question', 'What now?'))}**")
    st.caption(f"asked by `{question.node}`")
    if "note" in value:
        st.warning(escape_markdown(value["note"]))
    if "options" in value:
        st.radio("Choose", [*value["options"], *([LATER] if may_wait else [])], key=f"choice_{key}")
        return
    if "draft" in value:
        st.text(str(value["draft"]))
    actions = [*value.get("actions", ["approve"]), *([LATER] if may_wait else [])]
    action = st.segmented_control("Your answer", actions, default=actions[0], key=f"action_{key}")
    if action == EDIT:
        text = st.text_area("The text as it should be", str(value.get("draft", "")), key=f"text_{key}")
        if not text.strip():
            st.caption("An empty text cannot be published.")


def _asked(question: Pending) -> Mapping[str, Any]:
    return question.value if isinstance(question.value, Mapping) else {"question": str(question.value)}


def _answer(question: Pending) -> dict[str, Any] | None:
    """What the widgets of a question say at this moment; `None` leaves it for later."""
    said, key = st.session_state, question.id
    field = "choice" if "options" in _asked(question) else "action"
    chosen = said.get(f"{field}_{key}") or LATER
    if chosen == LATER:
        return None
    return {field: chosen} | ({"text": said.get(f"text_{key}", "")} if chosen == EDIT else {})


def _answers(end: Ended) -> dict[str, Any]:
    found = {question.id: _answer(question) for question in end.pending}
    return {name: answer for name, answer in found.items() if answer is not None}


def _ready(end: Ended) -> bool:
    """Whether *Resume* has something to send; a static breakpoint asks for nothing."""
    answers = _answers(end).values()
    return not end.pending or (bool(answers) and all(str(answer.get("text", "…")).strip() for answer in answers))


def _resume(panel: RunPanel, end: Ended, thread_id: str) -> None:
    """Send what the widgets say now: what was typed before the click is younger than the page that drew the button."""
    if not _ready(end):
        return
    try:
        now = get_services().engine.thread(panel.shown.graph, thread_id)
    except LabError:
        # The page looks the thread up again, and says what is wrong.
        return
    if now is None or not _still_asks(end, now):
        st.toast("This was answered already, perhaps in another tab.", icon=":material/done_all:")
        return
    panel.resume(_answers(end), thread_id=thread_id)


def _tells(entry: LogEntry) -> bool:
    match entry.event:
        case Values(interrupts=found) | TaskEnded(interrupts=found):
            return bool(found)
        case Updates(interrupts=found):
            # A static breakpoint sends an empty tuple: the key tells, not its truth.
            return found is not None
        case Debug(payload=payload):
            return bool(payload.get("interrupts"))
        case Token() | Custom() | CheckpointSaved() | _:
            return False


_HOW: dict[Mode, str] = {
    "values": "the state once more, with `interrupts` beside it",
    "updates": "`__interrupt__` in the place of a node's name",
    "tasks": "the asking task's result, with its `interrupts`",
    "debug": "the asking task's result once more, in the trace",
}


def _sentence(mode: Mode, telling: Sequence[LogEntry], events: int) -> str:
    if not telling:
        return f"nothing (it had sent {events} events before)"
    weight = format_bytes(sum(entry.size for entry in telling))
    return f"{_HOW.get(mode, 'the interrupt')}: {len(telling)} of {events} events, {weight}"
