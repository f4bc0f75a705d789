"""Time travel: continue from a checkpoint of a finished run, with one field of its state changed."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.player.mount import bring_into_sight
from components.run_panel.ended_run import bounded_events
from components.run_panel.panel import RunPanel
from components.shell.most_shown import MOST_CHARACTERS, at_most
from streaming.core.request import Fork
from streaming.live.view import patches_of
from streaming.projections.base import apply_all
from streaming.projections.checkpoints import Checkpoints, SavedAt

_VALUE_HEIGHT = 90


def offer_time_travel(parent: DeltaGenerator, panel: RunPanel) -> None:
    """Choose a checkpoint of the finished run, edit a field, and resume from there."""
    with parent:
        st.subheader("Time travel", anchor=False)
        travel_from(panel, button="resume")


def travel_from(panel: RunPanel, *, button: str) -> None:
    """The controls of time travel along the run's thread; `button` is the key of the one that resumes."""
    resumable = [entry for entry in _saved(panel) if entry.checkpoint.step >= 0 and entry.checkpoint.next]
    parent = st.container()
    with parent:
        if panel.run is None or panel.run.ended is None or not resumable or not panel.can_run:
            if panel.lost:
                st.caption(f"{panel.lost} There is no checkpoint to go back to.")
            _controls_without_checkpoint(button)
            return
        offered = at_most(parent, resumable, "checkpoints")
        chosen = st.selectbox("Checkpoint", offered, format_func=_label, key=f"checkpoint.{panel.run.id}")
        if chosen is None:
            return
        point = chosen.checkpoint
        edits = _edit(point.fields, key=point.checkpoint_id)
        if _resume_button(button):
            panel.start_fork(Fork(checkpoint_id=point.checkpoint_id, step=point.step, edits=edits))
            st.rerun()


def _saved(panel: RunPanel) -> list[SavedAt]:
    """The checkpoints of the thread, those of its earlier runs first; a run that resumes sends its first one again."""
    if panel.run is None:
        return []
    earlier = [bounded_events(run) for run in panel.turns if run.thread_id == panel.run.thread_id]
    saved = [entry for events in (*earlier, panel.ended_events) for entry in apply_all(Checkpoints(), events).root]
    return list({entry.checkpoint.checkpoint_id: entry for entry in saved}.values())


def earlier_checkpoints(panel: RunPanel) -> list[dict[str, Any]]:
    """The checkpoints of the earlier runs of the page's thread, as the player draws them."""
    return [
        {**patch[1], "earlier": True}
        for run in panel.turns
        for _, patches in patches_of(bounded_events(run), views=("checkpoints",))
        for patch in patches
        if patch[0] == "ckpt"
    ]


def show_fork(panel: RunPanel) -> None:
    """Scroll to the chain when the page's run continues from a checkpoint."""
    if panel.run is not None and panel.run.request.fork is not None:
        bring_into_sight("checkpoints", once=panel.run.id)


def _controls_without_checkpoint(button: str) -> None:
    """The controls as they will be: what is below them stays where it is when the run ends."""
    st.selectbox("Checkpoint", [], placeholder="Once the run has ended", disabled=True, key="checkpoint.none")
    st.selectbox("Field to change", [], placeholder="", disabled=True, key="field.none")
    st.text_area("New value", disabled=True, key="value.none", height=_VALUE_HEIGHT)
    _resume_button(button, disabled=True)


def _resume_button(key: str, *, disabled: bool = False) -> bool:
    return st.button("Resume from here", icon=":material/history:", key=key, disabled=disabled)


def _edit(values: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    """Controls to change one field, and the change; only texts and the last message can be edited."""
    texts = {
        name: text
        for name, value in values.items()
        if (text := _text(value)) is not None and len(text) <= MOST_CHARACTERS
    }
    if not texts:
        st.caption("This checkpoint has no text field to change. You can still resume from it.")
        return {}
    name = st.selectbox("Field to change", list(texts), key=f"field.{key}")
    text = st.text_area("New value", texts[name], key=f"value.{key}.{name}", height=_VALUE_HEIGHT)
    return {name: _changed(values[name], text)} if text != texts[name] else {}


def _text(value: Any) -> str | None:
    """The text of a field, or of the last message in it."""
    match value:
        case str():
            return value
        case [*_, {"type": "human" | "ai", "id": str(), "content": str(text), **rest}] if not rest.get("tool_calls"):
            return text
        case _:
            return None


def _changed(value: Any, text: str) -> Any:
    """The update that sets the field to this text; a message replaces the one with the same id."""
    if isinstance(value, str):
        return text
    return [{"type": value[-1]["type"], "content": text, "id": value[-1]["id"]}]


def _label(saved: SavedAt) -> str:
    point = saved.checkpoint
    times = Counter(point.next)
    names = (f"{name} ×{count}" if count > 1 else name for name, count in times.items())
    return f"step {point.step}, before {', '.join(names)}"
