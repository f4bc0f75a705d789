"""A thread that waits for a person: its questions, their answers, and the events of each mode about the pause."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, assert_never

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.features.own_graph.questions import ask_in_any_shape
from components.player.mount import bring_into_sight
from components.run_panel.ended_run import bounded_events
from components.run_panel.offered_graph import brings_its_model
from components.run_panel.panel import RunPanel
from components.shell.format import count, escape_markdown, format_bytes, truncate
from components.shell.keys import THREAD_PARAM
from components.shell.modes import mode_badge
from components.shell.most_shown import at_most, beginning
from components.shell.session_commands import forget_runs
from streaming.core.errors import LabError
from streaming.core.events import (
    BoundaryEvent,
    Debug,
    Ended,
    LogEntry,
    Mode,
    OutputEvent,
    Pending,
    ReportEvent,
    StateEvent,
    TaskEnded,
    TaskEvent,
    TraceEvent,
    Updates,
    Values,
)
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.core.state_fields import fields_of
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.runtime.engine import ThreadPosition
from streaming.runtime.graph_descriptions import describe
from streaming.services import get_services

LATER, EDIT = "later", "edit"


def with_breakpoints(heading: DeltaGenerator, request: RunRequest) -> list[RunRequest]:
    """Controls that choose static breakpoints among the nodes of the graph, and the request with them."""
    with heading.popover("Breakpoints", icon=":material/pause_circle:", key="breakpoints"):
        pauses = st.pills(
            "Pause before these nodes (static breakpoints)",
            describe(request.graph).node_names,
            selection_mode="multi",
            key="pauses",
            bind="query-params",
        )
    return [replace(request, interrupt_before=tuple(pauses))]


def open_thread(panel: RunPanel) -> ThreadPosition | None:
    """Put the run's thread into the URL; without a run, look up the thread in the URL.

    `None` if the page has a run, or if there is no such thread; an unknown thread is removed from the URL.
    """
    if panel.run is not None:
        st.query_params[THREAD_PARAM] = panel.run.thread_id
        return None
    thread_id = st.query_params.get(THREAD_PARAM)
    if not thread_id:
        return None
    try:
        thread = get_services().engine.thread(panel.graph, thread_id)
    except LabError as error:
        _database_error(error)
        return None
    if thread is None:
        st.query_params.pop(THREAD_PARAM, None)
    elif thread.end.outcome == "interrupted":
        st.info(
            "This thread was interrupted earlier and is stored in the database. Answer to continue it.",
            icon=":material/pause_circle:",
        )
    return thread


def current_position(panel: RunPanel, thread: ThreadPosition | None) -> ThreadPosition | None:
    """The position of the page's thread after its run, from the database: another tab may have answered meanwhile.

    `None` while the run goes on.
    """
    if panel.run is None:
        return thread
    if not panel.over:
        return None
    try:
        return get_services().engine.thread(panel.shown.graph, panel.run.thread_id)
    except LabError as error:
        _database_error(error)
        return None


def show_continuation(panel: RunPanel, *, part: str) -> None:
    """Scroll up to this part of the page once an answer was sent: *Resume* may be far below what it starts.

    A run that asks again shows its questions instead.
    """
    run = panel.run
    if run is not None and run.request.resume is not None and run.status != "Interrupted":
        bring_into_sight(part, once=run.id)


def ask_questions(parent: DeltaGenerator, panel: RunPanel, now: ThreadPosition | None, *, part: str) -> None:
    """Draw a form for every pending question; *Resume* sends the answers and continues the run in this part."""
    if now is None:
        _tell_expired(parent, panel)
        return
    end = (panel.run.ended if panel.run else None) or now.end
    if end.outcome != "interrupted":
        return
    with parent:
        if not _still_waits(end, now):
            _went_on(panel, end, now)
            return
        st.subheader("Waiting for your input", anchor=False)
        bring_into_sight("questions", once=f"{now.thread_id} {end.checkpoint_id}", then=part)
        if brings_its_model(panel.graph):
            # Nothing is known of the shape of the questions of a graph that the developer brought.
            ask_in_any_shape(panel, end, thread_id=now.thread_id)
            return
        if not end.pending:
            nodes = ", ".join(f"`{node}`" for node in end.next)
            st.markdown(f"Paused before {nodes}. There is no question to answer.")
        else:
            for column, question in zip(st.columns(len(end.pending)), end.pending, strict=True):
                with column.container(border=True, key=f"question_{question.id}"):
                    _ask(question, can_postpone=len(end.pending) > 1)
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
                "LangGraph re-runs the asking node from its start; anything it streamed before the question is "
                "streamed again."
            )


def show_published(parent: DeltaGenerator, now: ThreadPosition | None) -> None:
    """Draw the answers and the published text from the thread's last state, if the thread has completed."""
    if now is None or now.end.outcome != "completed" or "verdict" not in now.values:
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
                f"The last draft (draft {state.get('drafts')}) was **{escape_markdown(state.get('verdict'))}** too."
            )


def before_the_pause(parent: DeltaGenerator, turns: Sequence[Run], thread: ThreadPosition | None) -> None:
    """Draw the texts from before the pause: of the earlier runs, or of the thread's stored state."""
    with parent:
        for run in turns:
            for message in at_most(parent, apply_all(Messages(), bounded_events(run)).answers(), "answers"):
                st.caption(f"**{escape_markdown(message.node)}** · before the pause")
                st.text(beginning(message.text))
        if thread is not None:
            for name, value in fields_of(thread.values).items():
                st.caption(f"**{escape_markdown(name)}** · stored in the database")
                st.text(truncate(str(value), 600))


def modes_at_interrupt(parent: DeltaGenerator, run: Run | None) -> None:
    """List the events of each mode about the interrupt; three modes send none."""
    if run is None or run.ended is None or run.ended.outcome != "interrupted":
        return
    by_mode = {mode: [entry for entry in run.events if entry.event.kind == mode] for mode in run.request.modes}
    with parent:
        st.subheader("What each mode sends at the interrupt", anchor=False)
        for mode, events in by_mode.items():
            reports = [entry for entry in events if _reports_interrupt(entry)]
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(mode_badge(mode), width=110)
                st.markdown(_sentence(mode, reports, len(events)))


def _database_error(error: LabError) -> None:
    st.error(escape_markdown(str(error)), icon=":material/database_off:")


def _still_waits(end: Ended, now: ThreadPosition) -> bool:
    """Whether no question was answered since this end; one of two answers does not change the checkpoint."""
    return (end.checkpoint_id, end.pending) == (now.end.checkpoint_id, now.end.pending)


def _why_not_open(end: Ended, now: ThreadPosition | None) -> str:
    """Why the question of this end cannot be answered any more."""
    if now is None:
        return "This thread is not stored any more: it has expired, or was deleted. Run again to be asked again."
    if not end.pending:
        return "This thread was continued already, perhaps in another tab."
    return "This question was answered already, perhaps in another tab."


def _tell_expired(parent: DeltaGenerator, panel: RunPanel) -> None:
    """Say why a run that waits for an answer has no form; without the database, its error says so."""
    end = panel.run.ended if panel.run and panel.over else None
    if end is None or end.outcome != "interrupted":
        return
    with suppress(LabError):
        if panel.run and get_services().engine.thread(panel.shown.graph, panel.run.thread_id) is None:
            parent.info(_why_not_open(end, None), icon=":material/event_busy:")


def _went_on(panel: RunPanel, end: Ended, now: ThreadPosition) -> None:
    st.info(_why_not_open(end, now), icon=":material/done_all:")
    st.button(
        "Show how it continued", icon=":material/arrow_forward:", key="newest", on_click=_show_newest, args=(panel,)
    )


def _show_newest(panel: RunPanel) -> None:
    """Show the run that continued this one; if this server has none, the thread from the database."""
    assert panel.run is not None
    if get_services().engine.registry.newest_after(panel.run) is panel.run:
        forget_runs(panel.page)
    else:
        panel.show_version(panel.run)


def _ask(question: Pending, *, can_postpone: bool) -> None:
    """Widgets for one question; `_answer` reads them."""
    value, key = _content(question), question.id
    st.markdown(f"**{escape_markdown(value.get('question', 'What should happen next?'))}**")
    st.caption(f"asked by `{question.node}`")
    if "note" in value:
        st.warning(escape_markdown(value["note"]))
    if "options" in value:
        st.radio("Choose", [*value["options"], *([LATER] if can_postpone else [])], key=f"choice_{key}")
        return
    draft = st.container()
    actions = [*value.get("actions", ["approve"]), *([LATER] if can_postpone else [])]
    # Who clicks the answer that is chosen means it: a click that unchose it would take it back.
    action = st.segmented_control("Your answer", actions, default=actions[0], required=True, key=f"action_{key}")
    if action == EDIT:
        # In the place of the draft, which it begins with: the buttons keep theirs.
        text = draft.text_area(
            "Your text", str(value.get("draft", "")), key=f"text_{key}", label_visibility="collapsed"
        )
        if not text.strip():
            st.caption("Write a text: an empty one cannot be published.")
    elif "draft" in value:
        draft.text(str(value["draft"]))


def _content(question: Pending) -> Mapping[str, Any]:
    return question.value if isinstance(question.value, Mapping) else {"question": str(question.value)}


def _answer(question: Pending) -> dict[str, Any] | None:
    """The answer that the widgets of a question hold now; `None` if it is postponed."""
    state, key = st.session_state, question.id
    field = "choice" if "options" in _content(question) else "action"
    chosen = state.get(f"{field}_{key}") or LATER
    if chosen == LATER:
        return None
    return {field: chosen} | ({"text": state.get(f"text_{key}", "")} if chosen == EDIT else {})


def _answers(end: Ended) -> dict[str, Any]:
    answers = {question.id: _answer(question) for question in end.pending}
    return {name: answer for name, answer in answers.items() if answer is not None}


def _ready(end: Ended) -> bool:
    """Whether *Resume* has something to send; a static breakpoint needs no answer."""
    answers = _answers(end).values()
    return not end.pending or (bool(answers) and all(str(answer.get("text", "…")).strip() for answer in answers))


def _resume(panel: RunPanel, end: Ended, thread_id: str) -> None:
    """Send the current values of the widgets; a text may have been typed after the page was drawn."""
    if not _ready(end):
        return
    try:
        now = get_services().engine.thread(panel.shown.graph, thread_id)
    except LabError:
        # The next script run looks up the thread again, and shows the error.
        return
    if now is None or not _still_waits(end, now):
        st.toast(_why_not_open(end, now), icon=":material/done_all:" if now else ":material/event_busy:")
        return
    panel.start_resumed(_answers(end), thread_id=thread_id)


def _reports_interrupt(entry: LogEntry) -> bool:
    match entry.event:
        case Values(interrupts=interrupts) | TaskEnded(interrupts=interrupts):
            return bool(interrupts)
        case Updates(interrupts=interrupts):
            # A static breakpoint sends an empty tuple, which still reports the interrupt.
            return interrupts is not None
        case Debug(payload=payload):
            return bool(payload.get("interrupts"))
        case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
            return False  # no other event says anything about an interrupt
        case _ as never:
            assert_never(never)


_REPORTS: dict[Mode, str] = {
    "values": "the state again, with `interrupts`",
    "updates": "`__interrupt__` instead of a node's name",
    "tasks": "the asking task's result, with its `interrupts`",
    "debug": "the asking task's result again, in the trace",
}


def _sentence(mode: Mode, reports: Sequence[LogEntry], events: int) -> str:
    if not reports:
        return f"nothing ({count(events, 'event')} before the interrupt)"
    size = format_bytes(sum(entry.size for entry in reports))
    return f"{_REPORTS.get(mode, 'the interrupt')}: {len(reports)} of {count(events, 'event')}, {size}"
