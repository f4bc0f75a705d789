"""A conversation: turns that are over, and the one that streams."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.desk import Desk
from components.text import plain, size
from components.tokens import TokenPane, user_turn
from components.view import View
from streaming import Run
from streaming.markdown import safe_markdown
from streaming.pacing import Pacing
from streaming.projections import Texts, apply_all

SAY = "say"


def past_turns(parent: DeltaGenerator, turns: Sequence[Run]) -> None:
    """The earlier turns of the thread, as they ended."""
    for run in turns:
        with parent:
            user_turn(run.request.prompt)
            with st.chat_message("assistant"):
                for message in apply_all(Texts(), run.events).spoken():
                    st.markdown(safe_markdown(message.text))
                if run.status not in ("Completed", "Running"):
                    st.caption(f"{run.status}. {plain(run.ended.reason) if run.ended else ''}")


def chat_turn(
    parent: DeltaGenerator,
    desk: Desk,
    *,
    pacing: Pacing,
    nodes: Sequence[str],
    tags: Sequence[str],
    views: Sequence[View],
    cost: DeltaGenerator,
) -> None:
    """The current turn, streamed by the chosen flush strategy; says at the end what drawing it cost."""
    if desk.run is None:
        parent.caption(":material/play_circle: Press Run: the answer will stream here.")
        return
    with parent:
        user_turn(desk.run.request.prompt)
        bubble = st.chat_message("assistant")
    pane = TokenPane(
        bubble,
        pacing=pacing,
        nodes=frozenset(nodes) or None,
        tags=frozenset(tags) or None,
        named=desk.run.request.graph.name != "chat",
    )
    desk.follow(*views, tokens=pane)
    cost.caption(
        f"Drawn by **{plain(pacing.flush)}**: {size(pane.cost.text_bytes)} of text sent in "
        f"{pane.cost.repaints:,} repaints. A run that was already over is drawn at once."
    )


def say_next(parent: DeltaGenerator, desk: Desk) -> None:
    """The input for the next turn of the thread, once there is a first."""
    if desk.run is None:
        return
    parent.chat_input("Say something more", key=SAY, on_submit=_say, args=(desk,))


def _say(desk: Desk) -> None:
    """Start the turn before the page is drawn, so that it is drawn once."""
    if said := st.session_state.get(SAY):
        desk.say(said)
