"""A conversation: turns that are over, and the one that streams."""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.live.tokens import TokenPane, user_turn
from components.run_panel.panel import RunPanel
from components.shell.format import escape_markdown, format_bytes
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.rendering.flush import FlushStrategy
from streaming.rendering.markdown_safety import safe_markdown
from streaming.services import get_services

SAY = "say"
_MOMENT_S = 1.0


def spoken_texts(run: Run) -> None:
    """The texts of a run that is over."""
    for message in apply_all(Messages(), run.events).spoken():
        st.markdown(safe_markdown(message.text))


def past_turns(
    parent: DeltaGenerator, panel: RunPanel, *, show: Sequence[Callable[[Run], None]] = (spoken_texts,)
) -> None:
    """The earlier turns of the conversation, as they ended; each can be edited or asked again."""
    for run in panel.turns:
        _wait_for_end(run)
        with parent:
            user_turn(run.request.prompt)
            with st.chat_message("assistant"):
                for draw in show:
                    draw(run)
                if run.status not in ("Completed", "Running"):
                    st.caption(f"{run.status}. {escape_markdown(run.ended.reason) if run.ended else ''}")
            turn_buttons(run, panel)


def _wait_for_end(run: Run) -> None:
    """Wait for the end of a turn that the next one has cut off: it was cancelled, and ends in a moment."""
    by = run.age_s + _MOMENT_S
    for _ in run.follow(run.length, tick_s=_MOMENT_S / 10):
        if run.age_s > by:
            return


def chat_turn(
    parent: DeltaGenerator,
    follow_up: DeltaGenerator,
    panel: RunPanel,
    *,
    pacing: FlushStrategy,
    views: Sequence[LiveView],
    nodes: Sequence[str] = (),
    tags: Sequence[str] = (),
    cost: DeltaGenerator | None = None,
) -> None:
    """The current turn, streamed by the chosen flush strategy, and the input for the next one below it.

    Says at the end what drawing it cost, where asked.
    """
    if panel.run is None:
        parent.caption(":material/play_circle: Press Run: the answer will stream here.")
        return
    # Taken away again where nothing begins.
    next_input = follow_up.empty()
    ask_next_turn(next_input, panel)
    with parent:
        user_turn(panel.run.request.prompt)
        bubble = st.chat_message("assistant")
    pane = TokenPane(
        bubble,
        pacing=pacing,
        nodes=frozenset(nodes) or None,
        tags=frozenset(tags) or None,
        # In a conversation one voice speaks; elsewhere each message says its node.
        named=not panel.multi_turn,
    )
    buttons = parent.container()
    panel.follow(*views, tokens=pane)
    if not _begun(panel.run):
        next_input.empty()
    if cost is not None:
        cost.caption(
            f"Drawn by **{escape_markdown(pacing.flush)}**: {format_bytes(pane.cost.text_bytes)} of text sent in "
            f"{pane.cost.repaints:,} repaints. A run that was already over is drawn at once."
        )
    if panel.multi_turn:
        with buttons:
            turn_buttons(panel.run, panel)


def turn_buttons(run: Run, panel: RunPanel) -> None:
    """Ask a turn again, edit its question, or look at another version of it."""
    versions = get_services().engine.registry.versions(run)
    with st.container(horizontal=True, vertical_alignment="center", key=f"turn_{run.id}"):
        st.button(
            "Regenerate",
            icon=":material/refresh:",
            type="tertiary",
            key=f"again_{run.id}",
            disabled=not panel.able,
            on_click=panel.ask_again,
            args=(run,),
            help="Ask the same once more, from the checkpoint before this turn.",
        )
        with st.popover("Edit", icon=":material/edit:", type="tertiary"):
            st.text_area("Your message", run.request.prompt, key=_edit_key(run))
            st.button(
                "Ask this instead",
                key=f"ask_{run.id}",
                disabled=not panel.able,
                on_click=_ask_edited,
                args=(run, panel),
            )
        if len(versions) > 1:
            _version_switch(versions, versions.index(run), panel)


def _version_switch(versions: Sequence[Run], place: int, panel: RunPanel) -> None:
    """Arrows to the version before and after; each keeps the conversation that went on from it."""
    for step, icon, name in ((-1, "chevron_left", "Previous version"), (1, "chevron_right", "Next version")):
        target = place + step
        st.button(
            name,
            icon=f":material/{icon}:",
            type="tertiary",
            key=f"version_{step}_{versions[place].id}",
            disabled=not 0 <= target < len(versions),
            on_click=panel.show_version,
            args=(versions[target % len(versions)],),
        )
        if step < 0:
            st.caption(f"Version {place + 1} of {len(versions)}", width="content")


def ask_next_turn(slot: DeltaGenerator, panel: RunPanel) -> None:
    """The input for the next turn of the conversation, once there is a first."""
    if panel.run is not None and panel.multi_turn and _begun(panel.run):
        slot.chat_input("Say something more", key=SAY, disabled=not panel.able, on_submit=_say, args=(panel,))


def _begun(run: Run) -> bool:
    """Whether the run came as far as its graph, or still may."""
    return run.ended is None or run.started is not None


def _say(panel: RunPanel) -> None:
    """Start the turn before the page is drawn, so that it is drawn once."""
    if said := st.session_state.get(SAY):
        panel.say(said)


def _ask_edited(run: Run, panel: RunPanel) -> None:
    """Ask the text as it stands at the click: the page may not have been drawn since it was typed."""
    panel.ask_again(run, st.session_state.get(_edit_key(run)))


def _edit_key(run: Run) -> str:
    return f"edit_{run.id}"
