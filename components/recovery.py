"""What can be done about a run that broke off, or was stopped after a step."""

from collections import Counter
from collections.abc import Mapping
from typing import Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streaming import Run
from streaming.models import Opening
from streaming.projections import MessageText, Texts, apply_all


class Recoverable(Protocol):
    """What a desk knows of its runs."""

    @property
    def run(self) -> Run | None: ...
    @property
    def runs(self) -> list[Run]: ...
    def recover(self, openings: Mapping[str, Opening], /) -> None: ...


def offer_recovery(desk: Recoverable) -> None:
    """Continue, Retry and Keep for an answer that broke off; Go on for a run that was drained."""
    run = desk.run
    if run is None or run.ended is None or len(desk.runs) > 1:
        return
    ended = run.ended
    if ended.outcome == "interrupted" and ended.reason:
        with _row():
            st.button("Go on", icon=":material/play_arrow:", key="go_on", on_click=desk.recover, args=({},))
    if ended.outcome not in ("failed", "timed out", "cancelled") or run.started is None:
        return
    partial = _partial(run)
    if ended.outcome == "cancelled" and not ended.cut:
        return
    with _row():
        if partial:
            _button("Continue", "resume", "Ask for the rest only.", desk, partial, go_on=True)
        help_ = "Do the step that broke once more; what was finished before stays."
        st.button("Retry", icon=":material/replay:", key="retry", help=help_, on_click=desk.recover, args=({},))
        if partial:
            _button("Keep", "done", "Take this text for the whole answer, and go on.", desk, partial, go_on=False)


def _row() -> DeltaGenerator:
    return st.container(horizontal=True, key="recovery")


def _button(
    label: str, icon: str, told: str, desk: Recoverable, partial: Mapping[str, MessageText], *, go_on: bool
) -> None:
    openings = {node: Opening(text=message.text, go_on=go_on) for node, message in partial.items()}
    st.button(
        label,
        icon=f":material/{icon}:",
        key=label.lower(),
        help=told,
        on_click=desk.recover,
        args=(openings,),
    )


def _partial(run: Run) -> dict[str, MessageText]:
    """The messages that broke off, by node; none where it is not plain which text belongs to which call."""
    assert run.ended is not None
    messages = apply_all(Texts(), run.events).messages
    cut = [messages[name] for name in run.ended.cut if name in messages and messages[name].text]
    calls = Counter(message.node for message in messages.values() if message.role == "ai")
    plain = all(calls[message.node] == 1 and not message.tool_calls for message in cut)
    return {message.node: message for message in cut} if plain else {}
