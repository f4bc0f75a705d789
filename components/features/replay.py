"""Playback of a recording: choose it, move through it, and show it in any view."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from math import ceil
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.features.event_api_comparison import KindList
from components.live.branches import BranchPanes
from components.live.checkpoints import CheckpointList
from components.live.live_view import LiveView, draw_batches
from components.live.metrics_row import MetricsRow
from components.live.namespaces import NamespaceTreeView
from components.live.progress import ProgressPanel
from components.live.raw_parts import RawParts
from components.live.states import StateView
from components.live.timeline import Timeline, lanes_of
from components.live.tokens import TokenPane
from components.live.tool_calls import CallCards
from components.live.trace import Trace
from components.live.updates import UpdateList
from components.run_panel.insights import show_insights
from components.shell.download import offer_recording
from components.shell.format import count, escape_markdown, format_seconds
from components.shell.keys import SPEED
from components.shell.session import recall, visible_owner
from components.shell.session_commands import store_value
from streaming.core.errors import LabError
from streaming.recordings.format import SUFFIX, Recording, load_recording
from streaming.recordings.library import open_recording, recording_names
from streaming.recordings.playback import SPEEDS, Playback, PlaybackState
from streaming.rendering.flush import FRAME_S, FlushStrategy
from streaming.services import get_services

PARAM = "recording"
TOKENS = "Tokens and timeline"
_MAX_STORED = 60
_PLAYBACK_STATE = "replay.playing"
_OPENED = "replay.played"
_UPLOAD_LABEL = "Upload a recording"

VIEWS: dict[str, Callable[[DeltaGenerator], LiveView]] = {
    "State": StateView,
    "Updates": UpdateList,
    "Progress": ProgressPanel,
    "Node spans": partial(Timeline, lanes=()),
    "Checkpoints": CheckpointList,
    "Branches": lambda parent: BranchPanes(parent, order="grouped by node"),
    "Tool calls": CallCards,
    "Namespaces": NamespaceTreeView,
    "Trace": Trace,
    "Kinds": KindList,
    "Raw parts": RawParts,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """An entry of the list: its id in the URL, its label, and how to open it; `None` while there is no file."""

    id: str
    label: str
    open: Callable[[], Recording | None]


def choose_recording() -> Recording | None:
    """The list of runs and files, with the choice in the URL; `None`, with a message, if there is nothing to play."""
    try:
        stored = _stored()
    except LabError as error:
        st.warning(escape_markdown(str(error)), icon=":material/database_off:")
        stored = []
    choices = [*_samples(), *stored, _Choice(id="upload", label=_UPLOAD_LABEL, open=_uploaded)]
    in_url = st.query_params.get(PARAM)
    index = next((n for n, choice in enumerate(choices) if choice.id == in_url), None)
    if index is None and in_url:
        choices.insert(0, _Choice(id=in_url, label="The run in this link", open=partial(_open_stored, in_url)))
    chosen = st.selectbox(
        "Recording", choices, index=index or 0, format_func=lambda choice: choice.label, key="recording"
    )
    if chosen is None:
        return None
    if st.query_params.get(PARAM) != chosen.id:
        st.query_params[PARAM] = chosen.id
    try:
        return chosen.open()
    except LabError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return None


def describe_recording(recording: Recording) -> None:
    """A line about the recorded run, and the advice from its figures."""
    header = recording.header
    st.markdown(
        f"**{escape_markdown(header.graph)}** on **{escape_markdown(header.model)}** · "
        f"{escape_markdown(header.created_at[:19].replace('T', ' '))} UTC · "
        f"{escape_markdown(recording.ended.outcome)} · {count(len(recording.events), 'event')}"
    )
    show_insights(recording.events)


def player_of(recording: Recording) -> Playback:
    """Draw the buttons, the speed and the slider; returns the playback that they control."""
    _open_recording(recording)
    player = Playback(recording.events, recall(_PLAYBACK_STATE))
    with st.container(border=True, key="player"):
        _buttons(player)
        timeline = Timeline(st.container(key="map"), lanes=lanes_of(recording.events))
        timeline.apply(recording.events)
        timeline.finish()
        _slider(player)
    return player


def _open_recording(recording: Recording) -> None:
    """Show the whole recording, unless it is open already; *Play* then starts at its beginning.

    Two files can hold the same run and end at different events.
    """
    identity = (recording.header.run_id, len(recording.events))
    if recall(_OPENED) != identity:
        store_value(_OPENED, identity)
        speed = float(st.session_state.get(SPEED, 1.0))
        store_value(_PLAYBACK_STATE, PlaybackState(position=recording.length_s, speed=speed))


def _buttons(player: Playback) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        moving = player.moving
        st.button(
            "Pause" if moving else "Play",
            icon=":material/pause:" if moving else ":material/play_arrow:",
            type="primary",
            key="play",
            on_click=_store,
            args=(player.pause if moving else player.play,),
        )
        _step_button("Step back", "skip_previous", player, -1)
        _step_button("Step forward", "skip_next", player, 1)
        st.button("To the start", icon=":material/first_page:", key="restart", on_click=_seek, args=(player, 0.0))
        st.selectbox(
            "Speed",
            SPEEDS,
            index=SPEEDS.index(1.0),
            format_func=lambda speed: f"{speed:g}×",
            key=SPEED,
            width=120,
            on_change=_change_speed,
            args=(player,),
        )


def _slider(player: Playback) -> None:
    if not player.moving:
        # A slider does not move by itself: set its value before it is drawn.
        st.session_state["scrub"] = round(player.position, 3)
    st.slider(
        "Position (s)",
        0.0,
        # Rounded up, so that the slider reaches the last event.
        max(ceil(player.length * 1000) / 1000, 0.001),
        step=0.001,
        key="scrub",
        format="%.3f",
        on_change=_scrub,
        args=(player,),
    )


def play(player: Playback, recording: Recording) -> None:
    """Show the recording in the chosen view, and keep drawing while it plays."""
    name = st.segmented_control("View", [TOKENS, *VIEWS], default=TOKENS, key="view", bind="query-params") or TOKENS
    position = st.empty()
    figures = MetricsRow(st.container())
    parent = st.container(key="replay_view")
    views: list[LiveView] = [figures, _Position(position, player)]
    if name != TOKENS:
        views.append(VIEWS[name](parent))
        for _ in draw_batches(views, player.follow(frame_s=FRAME_S)):
            pass
    else:
        left, right = parent.columns(2)
        pane = TokenPane(left.container(key="token_pane"), flush=FlushStrategy())
        views.append(Timeline(right.container(key="timeline"), lanes=lanes_of(recording.events)))
        pane.consume(draw_batches(views, player.follow(frame_s=FRAME_S)))
    if player.position >= player.length and recall(_PLAYBACK_STATE).since is not None:
        # The playback has ended: draw the buttons and the slider again.
        store_value(_PLAYBACK_STATE, player.pause())
        st.rerun()


def share_recording(recording: Recording) -> None:
    """A button that downloads the recording."""
    offer_recording("Download the recording", recording, key="download_recording")


class _Position(LiveView):
    """The position of the playback as a progress bar."""

    pace_s = 0.1

    def __init__(self, parent: DeltaGenerator, player: Playback) -> None:
        super().__init__()
        self._slot = parent
        self._player = player

    def apply(self, batch: Any) -> None:  # noqa: ARG002 - the playback moves without events too
        self._stale = True

    def paint(self) -> None:
        position, length = self._player.position, self._player.length
        share = min(1.0, position / length) if length else 1.0
        self._slot.progress(
            share, text=f"{format_seconds(position)} of {format_seconds(length)} · event {self._player.passed}"
        )


def _step_button(label: str, icon: str, player: Playback, by: int) -> None:
    st.button(label, icon=f":material/{icon}:", key=f"step_{by}", on_click=_store, args=(partial(player.step, by),))


def _store(change: Callable[[], PlaybackState]) -> None:
    store_value(_PLAYBACK_STATE, change())


def _seek(player: Playback, position: float) -> None:
    store_value(_PLAYBACK_STATE, player.seek(position))


def _scrub(player: Playback) -> None:
    store_value(_PLAYBACK_STATE, player.seek(float(st.session_state["scrub"])))


def _change_speed(player: Playback) -> None:
    store_value(_PLAYBACK_STATE, player.at_speed(float(st.session_state[SPEED])))


def _samples() -> list[_Choice]:
    return [
        _Choice(
            id=f"shipped:{name}",
            label=f"Sample: {name.removesuffix(SUFFIX).replace('-', ' ')}",
            open=partial(open_recording, get_services().settings.recordings, name),
        )
        for name in recording_names(get_services().settings.recordings)
    ]


def _stored() -> Sequence[_Choice]:
    rows = get_services().run_store.newest(_MAX_STORED, owner=visible_owner())
    return [
        _Choice(id=row["id"], label=_label(row), open=partial(_open_stored, row["id"]))
        for row in rows
        if row["log_bytes"]
    ]


def _open_stored(run_id: str) -> Recording:
    return get_services().run_store.recording(run_id)


def _label(row: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(row["created_at"]).strftime("%Y-%m-%d %H:%M:%S")
    modes = row["modes"] if row["api"] == "stream modes" else row["api"]
    return f"{at} · {row['graph']} · {row['model']} · {row['status']} · {modes}"


def _uploaded() -> Recording | None:
    file = st.file_uploader("Recording", type=[SUFFIX.removeprefix("."), "ndjson", "txt"], key="upload")
    if file is None:
        st.info(
            f"Drop a {SUFFIX} file here. To get one, download a recording on this page or on /runs, on any machine.",
            icon=":material/upload_file:",
        )
        return None
    return load_recording(file.getvalue())
