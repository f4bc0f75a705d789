"""A conversation: the finished turns, and the turn that streams."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.features.flush_trials import note_trial, point_to_trials, show_trials
from components.live.first_drawing import has_text, is_first_drawing
from components.live.tokens import TokenPane, user_turn
from components.player.mount import bring_into_sight, follow_end
from components.run_panel.ended_run import bounded_events, graph_may_start
from components.run_panel.panel import RunPanel
from components.shell.format import escape_markdown
from components.shell.most_shown import at_most, beginning
from components.shell.session import unreachable
from components.shell.url_state import LINE_BREAKS
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.rendering.flush import FlushStrategy
from streaming.rendering.markdown_safety import safe_markdown
from streaming.runtime.thread_moves import version_beside
from streaming.services import get_services

FOLLOW_UP = "say"
_TURN = "current_turn"
_FOLLOW_UP = "follow_up"
# Out of sight while the run streams (style.css): the growing answer would push it down the page.
_TURN_BUTTONS = "current_turn_buttons"
_NOT_YET = "after Run, this line says what it costs."
_IDLE = "Press Run: the answer streams here."
_MOST_ANSWERS = 100
END_WAIT_S = 1.0
"""Longest wait for the end of a cancelled turn."""


def answer_texts(run: Run) -> None:
    """Draw the texts of a finished run."""
    answers = apply_all(Messages(), bounded_events(run)).answers()
    for message in at_most(st.container(), answers, "answers", most=_MOST_ANSWERS):
        st.markdown(safe_markdown(beginning(message.text)))


def past_turns(
    parent: DeltaGenerator, panel: RunPanel, *, show: Sequence[Callable[[Run], None]] = (answer_texts,)
) -> None:
    """Draw the earlier turns of the conversation; each can be edited or regenerated."""
    for run in panel.turns:
        _wait_for_end(run)
        with parent:
            user_turn(run.request.prompt)
            with st.chat_message("assistant", avatar=":material/smart_toy:"):
                for draw in show:
                    draw(run)
                if run.status not in ("Completed", "Running"):
                    st.caption(f"{run.status}. {escape_markdown(run.ended.reason) if run.ended else ''}")
            turn_buttons(run, panel)


def _wait_for_end(run: Run) -> None:
    """Wait for the end of a turn that was cancelled when the next one started."""
    deadline_s = run.age_s + END_WAIT_S
    for _ in run.follow(run.length, tick_s=END_WAIT_S / 10):
        if run.age_s > deadline_s:
            return


def chat_turn(
    parent: DeltaGenerator,
    follow_up: DeltaGenerator,
    panel: RunPanel,
    *,
    flush: FlushStrategy,
    nodes: Sequence[str] = (),
    tags: Sequence[str] = (),
    cost: DeltaGenerator | None = None,
    trials: DeltaGenerator | None = None,
) -> None:
    """Stream the current turn by the chosen flush strategy, and draw the input for the next one below it.

    The placeholder `cost` shows the cost of drawing the turn, and `trials`, at the end, that of all ways tried so far.
    """
    settings: dict[str, Any] = {
        "nodes": frozenset(nodes) or None,
        "tags": frozenset(tags) or None,
        # In a conversation all answers come from one speaker; elsewhere each message is labelled with its node.
        "named": not panel.multi_turn,
        "idle": _IDLE,
        **({"rewinds": True} if flush.flush == "direct" else {}),
    }
    if panel.run is None:
        if cost is not None:
            _tell_cost(cost, panel, None, flush, streamed=False)
        _await_turn(parent, follow_up, panel, flush, settings)
        panel.draw_end()
        return
    # Removed below if the graph never starts.
    input_slot = follow_up.empty()
    ask_next_turn(input_slot, panel)
    with parent.container(key=_TURN):
        with st.container(key="question"):
            user_turn(panel.run.request.prompt)
        if not graph_may_start(panel.run):
            # Refused, as the run panel says: there is no answer, and nothing to be asked again.
            input_slot.empty()
            panel.draw_end()
            return
        bubble = _answer_bubble()
    measured = is_first_drawing(panel.run, has_text=has_text(panel.run))
    with bubble:
        pane = panel.open_token_pane(flush, height=None, cost=cost, **settings)
    _follow_answer(follow_up, panel)
    buttons = parent.container(key=_TURN_BUTTONS)
    streamed = panel.run.ended is None
    panel.draw_end(tokens=pane)
    if not graph_may_start(panel.run):
        input_slot.empty()
    if cost is not None:
        _tell_cost(cost, panel, pane, flush, streamed=streamed)
    tried = False
    if trials is not None and panel.run.ended is not None:
        if pane is None or measured:
            note_trial(panel.run, flush, pane.cost if pane is not None else None)
        with trials.container(key="tried"):
            tried = show_trials(panel.run)
    with buttons:
        _below_turn(panel.run, panel, tried=tried)


def _answer_bubble() -> DeltaGenerator:
    return st.chat_message("assistant", avatar=":material/smart_toy:")


def _await_turn(
    parent: DeltaGenerator,
    follow_up: DeltaGenerator,
    panel: RunPanel,
    flush: FlushStrategy,
    settings: Mapping[str, Any],
) -> None:
    """Draw the place of the first answer: what the browser draws is there before the run, for a mount takes time."""
    follow_up.empty()  # for the field
    _follow_answer(follow_up, panel)
    if flush.flush != "direct":
        parent.caption(f":material/play_circle: {_IDLE}")
        return
    with parent.container(key=_TURN):
        # As high as a question of one line, which moves nothing when it comes.
        with st.container(key="question_to_come"):
            user_turn("Your prompt")
        with _answer_bubble():
            panel.open_token_pane(flush, height=None, **settings)


def _follow_answer(follow_up: DeltaGenerator, panel: RunPanel) -> None:
    """Keep the end of the answer in sight; mounted before the first run, too."""
    run = panel.run
    with follow_up.container(key="to_end"):
        if run is not None and panel.turns:
            bring_into_sight(_TURN, once=run.id, to_begin=True)
        streams = run is not None and run.ended is None
        follow_end(_TURN, above=_FOLLOW_UP, once=run.id if run else "", streams=streams)


def _tell_cost(
    cost: DeltaGenerator, panel: RunPanel, pane: TokenPane | None, flush: FlushStrategy, *, streamed: bool
) -> None:
    """What drawing costs; of the direct way the browser, which draws, counts it while the text grows."""
    if flush.flush == "direct":
        idle = f"Drawn by direct: {_NOT_YET}"
        way = "through Streamlit" if "socket" in unreachable() else "over a connection of its own"
        with cost.container():
            panel.play("cost", key="cost_of_direct", settings={"idle": idle, "way": way}, counts_down=False)
    elif pane is None:
        cost.caption(f"Drawn by **{escape_markdown(flush.label)}**: {_NOT_YET}")
    else:
        at_once = (
            "" if streamed else " The run had already ended, so all was drawn in one go: run again to see it live."
        )
        cost.caption(f"{pane.cost.sentence(flush)}{at_once}")


def _below_turn(run: Run, panel: RunPanel, *, tried: bool) -> None:
    if panel.multi_turn:
        turn_buttons(run, panel, tried=tried)
    elif tried:
        point_to_trials()


def turn_buttons(run: Run, panel: RunPanel, *, tried: bool = False) -> None:
    """Draw the buttons of a turn: regenerate it, edit its prompt, show another version, and what was `tried`."""
    versions = get_services().engine.registry.versions(run)
    with st.container(horizontal=True, vertical_alignment="center", key=f"turn_{run.id}"):
        st.button(
            "Regenerate",
            icon=":material/refresh:",
            type="tertiary",
            key=f"again_{run.id}",
            disabled=not panel.can_run,
            on_click=panel.start_edited_turn,
            args=(run,),
            help="Send the same prompt again, from the checkpoint before this turn.",
        )
        with st.popover("Edit", icon=":material/edit:", type="tertiary"):
            st.text_area("Your message", run.request.prompt, key=_edit_key(run))
            st.button(
                "Resend",
                key=f"ask_{run.id}",
                disabled=not panel.can_run,
                on_click=_send_edited,
                args=(run, panel),
            )
        if len(versions) > 1:
            _version_switch(versions, run, panel)
        if tried:
            point_to_trials()


def _version_switch(versions: Sequence[Run], run: Run, panel: RunPanel) -> None:
    """Draw arrows to the previous and the next version; each version keeps the turns that followed it."""
    for step, icon, name in ((-1, "chevron_left", "Previous version"), (1, "chevron_right", "Next version")):
        other = version_beside(versions, run, step=step)
        st.button(
            name,
            icon=f":material/{icon}:",
            type="tertiary",
            key=f"version_{step}_{run.id}",
            disabled=other is None,
            on_click=panel.show_version,
            args=(other or run,),
        )
        if step < 0:
            st.caption(f"Version {versions.index(run) + 1} of {len(versions)}", width="content")


def ask_next_turn(slot: DeltaGenerator, panel: RunPanel) -> None:
    """Draw the input for the next turn, once the conversation has a first turn."""
    if panel.run is not None and panel.multi_turn and graph_may_start(panel.run):
        slot.chat_input(
            "Send a follow-up message",
            key=FOLLOW_UP,
            disabled=not panel.can_run,
            on_submit=_send_follow_up,
            args=(panel,),
        )


def _send_follow_up(panel: RunPanel) -> None:
    """Start the next turn in the callback, before the script runs, so that the page is drawn only once."""
    if text := (st.session_state.get(FOLLOW_UP) or "").rstrip(LINE_BREAKS):
        panel.start_next_turn(text)


def _send_edited(run: Run, panel: RunPanel) -> None:
    """Send the text as it is at the click; it may have been typed after the page was drawn."""
    text = st.session_state.get(_edit_key(run))
    panel.start_edited_turn(run, None if text is None else text.rstrip(LINE_BREAKS))


def _edit_key(run: Run) -> str:
    return f"edit_{run.id}"
