"""Recordings: choose one, play it in the browser, and take it along."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st

from components.features.share_page import drawn_at_s
from components.features.side_by_side import named_apart
from components.player.page_that_plays import drawn_by
from components.player.replay_mount import CHOICES, TOKENS, mount_replay, source
from components.run_panel.diagnosis import show_findings
from components.run_panel.insights import show_insights
from components.shell.format import count, escape_markdown, truncate
from components.shell.keys import COMPARE_PARAM, SPEED_PARAM, VIEW_PARAM
from components.shell.navigation import AS_IT_HAPPENED, SLOW_MOTION
from components.shell.session import owner, recall, visible_owner
from components.shell.session_commands import store_value
from streaming.analysis.diagnosis.rules import diagnose
from streaming.analysis.insights import run_insights
from streaming.core.errors import BadRecording, LabError
from streaming.core.events import GraphEvent
from streaming.recordings.format import SUFFIX, Recording, load_recording, recording_of
from streaming.recordings.library import open_recording, recording_names
from streaming.services import get_services

PARAM = "recording"
_MAX_STORED = 60
_OPENED = "replay.opened"
_COMPARED = "replay.compared"
_CHOICE = "recording"
"""The key of the list."""
_SPEEDS = {str(speed): speed for speed in (0.1, SLOW_MOTION, 0.5, AS_IT_HAPPENED, 2, 5, 10)}
"""The speeds that a link may name: those of the player (playback_clock.js), which puts the chosen one there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """The recording that this session has open; `identity` names its source, `key` is its id for the browser."""

    identity: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """An entry of the list: its id in the URL, its label, and how to open it; `None` while there is no file."""

    id: str
    label: str
    open: Callable[[], Recording | None]


_LOOKED_AT = 4
"""As many runs as a race has lanes."""


def choose_recording() -> Recording | None:
    """The list of runs and files, with the choice in the URL; `None`, with a message, if there is nothing to play."""
    try:
        stored = _stored()
    except LabError as error:
        st.warning(escape_markdown(str(error)), icon=":material/database_off:")
        stored = []
    choices = [*stored, *_samples(), _UPLOAD]
    in_url = st.query_params.get(PARAM)
    index = next((n for n, choice in enumerate(choices) if choice.id == (in_url or _latest(stored))), None)
    if index is None and in_url:
        choices.insert(0, _Source(id=in_url, label="The run in this link", open=partial(_open_stored, in_url)))
    with st.container(horizontal=True, key="choose_recording"):
        chosen = st.selectbox(
            "Recording",
            choices,
            index=index or 0,
            format_func=lambda choice: choice.label,
            key=_CHOICE,
            label_visibility="collapsed",
        )
        st.button(
            "Upload",
            icon=":material/upload_file:",
            key="upload_recording",
            disabled=chosen == _UPLOAD,
            on_click=_choose_upload,
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


def _choose_upload() -> None:
    st.session_state[_CHOICE] = _UPLOAD


def beside(recording: Recording) -> list[tuple[Recording, str]]:
    """The recording, and the run that `compare` in the URL names; each of two has a name that tells it apart."""
    run_id = st.query_params.get(COMPARE_PARAM)
    others = []
    if run_id:
        try:
            others = [_open_once(run_id, partial(_load_run, run_id), slot=_COMPARED)]
        except LabError as error:
            st.warning(escape_markdown(str(error)), icon=":material/compare_arrows:")
    return named_apart([recording, *others])


def play(shown: Sequence[tuple[Recording, str]]) -> None:
    """Mount the recordings, each with its name, which the browser loads once and plays from then on."""
    sources = [
        source(_key_of(recording, slot), name or f"{recording.header.graph} on {recording.header.model}")
        for (recording, name), slot in zip(shown, (_OPENED, _COMPARED), strict=False)
    ]
    view = st.query_params.get(VIEW_PARAM, TOKENS)
    with st.container(key="token_pane"):
        speed = _SPEEDS.get(st.query_params.get(SPEED_PARAM, ""))
        mount_replay(sources, key="replay", chosen=view if view in CHOICES else TOKENS, speed=speed)


def _key_of(recording: Recording, slot: str) -> str:
    """The id by which the browser loads it."""
    opened: _Opened | None = recall(slot)
    if opened is not None and get_services().playable_recordings.recording(opened.key) is recording:
        return opened.key
    return _remember("", recording, slot=slot).key


def _remember(identity: str, recording: Recording, *, slot: str) -> _Opened:
    opened = _Opened(identity=identity, key=get_services().playable_recordings.add(recording))
    store_value(slot, opened)
    return opened


def _open_once(identity: str, load: Callable[[], Recording], *, slot: str = _OPENED) -> Recording:
    """Open the recording of this source, unless it is open."""
    opened: _Opened | None = recall(slot)
    is_open = opened is not None and opened.identity == identity
    held = get_services().playable_recordings.recording(opened.key) if opened is not None and is_open else None
    if held is not None:
        return held
    recording = load()
    _remember(identity, recording, slot=slot)
    return recording


def describe(shown: Sequence[tuple[Recording, str]]) -> None:
    """What is played: of one recording also why it streamed as it did; two of them beside each other."""
    if len(shown) == 1:
        recording = shown[0][0]
        _about(recording)
        show_findings(diagnose(recording.events, modes=recording.header.modes, subgraphs=True, asked_on_purpose=True))
        return
    for number, (column, (recording, name)) in enumerate(zip(st.columns(len(shown)), shown, strict=True)):
        with column:
            _about(recording, name, key=f"insights_{number}")


def _about(recording: Recording, name: str = "", *, key: str = "insights") -> None:
    """A line about the recorded run, and the advice from its figures; `name` tells it from the one beside it."""
    header = recording.header
    # As the player's tile counts: without the engine's own events.
    sent = sum(isinstance(entry.event, GraphEvent) for entry in recording.events)
    if name:
        st.markdown(f"**{escape_markdown(name)}**")
    st.markdown(
        f"**{escape_markdown(header.graph)}** on **{escape_markdown(header.model)}** · "
        f"{escape_markdown(header.created_at[:19].replace('T', ' '))} UTC · "
        f"{escape_markdown(recording.ended.outcome)} · {count(sent, 'event')}"
    )
    if flush := drawn_by(recording):
        st.caption(f"Here the text comes as it arrived; the app had drawn it by **{escape_markdown(flush.label)}**.")
    show_insights(run_insights(recording.events, shown_s=drawn_at_s(recording)), key=key)


def _samples() -> list[_Source]:
    folder = get_services().settings.recordings
    return [
        _Source(
            id=f"shipped:{name}",
            label=f"Sample: {name.removesuffix(SUFFIX).replace('-', ' ')}",
            open=partial(_open_once, f"shipped:{name}", partial(open_recording, folder, name)),
        )
        for name in recording_names(folder)
    ]


def _stored() -> Sequence[_Source]:
    # A run that has just ended may not be written yet.
    get_services().run_writer.flush()
    rows = get_services().run_store.newest(_MAX_STORED, owner=visible_owner())
    return [
        _Source(id=row["id"], label=_label(row), open=partial(_open_stored, row["id"]))
        for row in rows
        if row["log_bytes"]
    ]


def _latest(stored: Sequence[_Source]) -> str:
    """The id of this session's newest run, or of the newest that it may see; empty if there is none.

    A run that blocked has nothing to see before its end: of a race it is a lane that streamed.
    """
    ids = [choice.id for choice in stored]
    store = get_services().run_store
    for whose in (owner(), visible_owner()):
        try:
            newest = store.newest(_LOOKED_AT, owner=whose)
        except LabError:
            continue
        by_stage = sorted(newest, key=lambda row: row["api"] == "invoke")
        if found := next((row["id"] for row in by_stage if row["id"] in ids), ""):
            return str(found)
    return ids[0] if ids else ""


def _open_stored(run_id: str) -> Recording:
    return _open_once(run_id, partial(_load_run, run_id))


def _load_run(run_id: str) -> Recording:
    """The run from the history; or, if that does not have it, the engine's own, once it has ended."""
    run = get_services().engine.get(run_id)
    if run is not None and run.ended is None:
        raise BadRecording("This run has not ended yet.", advice="Stop it, or wait for its end.")
    try:
        return get_services().run_store.recording(run_id)
    except LabError:
        if run is None:
            raise
        return recording_of(run)


def _label(row: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(row["created_at"], UTC).strftime("%Y-%m-%d %H:%M:%S")
    modes = row["modes"] if row["api"] == "stream modes" else row["api"]
    prompt = f" · {truncate(row['prompt'], 40)}" if row["prompt"] else ""
    return f"{at} UTC{prompt} · {row['graph']} · {row['model']} · {row['status']} · {modes}"


def _uploaded() -> Recording | None:
    file = st.file_uploader("Recording", type=[SUFFIX.removeprefix("."), "ndjson", "txt"], key="upload")
    if file is None:
        st.info(
            f"Drop a {SUFFIX} file here. To get one, download a recording on this page or on /runs, on any machine.",
            icon=":material/upload_file:",
        )
        return None
    return _open_once(f"upload:{file.file_id}", lambda: load_recording(file.getvalue()))


_UPLOAD = _Source(id="upload", label="Upload a recording", open=_uploaded)
