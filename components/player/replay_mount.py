"""Recorded runs on a page: loaded by the browser once, then played there without the server."""

import gzip
from collections.abc import Mapping, Sequence
from typing import Any

from components.player.mount import mount_module
from components.shell.modes import MODE_HEX
from components.shell.session import unreachable
from streaming.core.errors import BadRecording
from streaming.core.events import MODES
from streaming.services import get_services

HEIGHT, _MIN_HEIGHT = 320, 480
"""Pixels of a picture, and of a replay while it loads."""
_MODULE, _STYLES = "replay_component.js", ("player.css", "transport.css")
_LATER = "Nothing yet at this time of the run."

API_PATH = "api/recordings/"
_MAX_INLINE = 1_000_000
"""Bytes of a compressed recording that may come through Streamlit; uncompressed it is about ten times as large."""
_TOO_LARGE = (
    "The browser does not reach the server's recordings, and this one is too large to come through Streamlit: "
    "download it, or choose a shorter run."
)

TOKENS = "Tokens and timeline"
LANES = "Lanes"

CHOICES: Mapping[str, tuple[str, Mapping[str, Any], tuple[str, ...]]] = {
    TOKENS: ("tokens", {"height": HEIGHT, "idle": "", "whole": True, "rewinds": True}, ("text", "answer")),
    LANES: ("mode_lanes", {"modes": MODES}, ("raw",)),
    "Gaps": ("gaps", {"height": HEIGHT, "idle": _LATER}, ("text",)),
    "State": ("states", {"height": HEIGHT - 60, "idle": _LATER}, ("states",)),
    "Updates": ("updates", {"height": HEIGHT, "idle": _LATER}, ("updates",)),
    "Progress": ("progress", {"height": HEIGHT - 60}, ("steps",)),
    "Node spans": ("timeline", {"lanes": [], "rows": 12}, ("spans",)),
    "Tasks": ("tasks", {"height": HEIGHT, "idle": _LATER}, ("tasks",)),
    "Checkpoints": ("checkpoints", {"height": HEIGHT, "idle": _LATER}, ("checkpoints",)),
    "Branches": ("branches", {"height": HEIGHT, "idle": ""}, ("branches",)),
    "Tool calls": ("calls", {"height": HEIGHT, "idle": _LATER}, ("calls",)),
    "Tables": ("tables", {"idle": _LATER}, ("rows",)),
    "Attempts": ("faults", {"height": HEIGHT, "idle": _LATER}, ("faults",)),
    "Namespaces": ("namespaces", {"height": HEIGHT, "idle": _LATER}, ("namespaces",)),
    "Trace": ("trace", {"height": HEIGHT - 30}, ("trace",)),
    "Kinds": ("kinds", {"idle": _LATER}, ("kinds",)),
    "Raw parts": ("raw", {"height": HEIGHT - 30}, ("raw",)),
}
"""The pictures by name, which links hold: the panel, its settings, and the views of which a recording must have one."""

LABELS = {
    TOKENS: "Tokens",
    "Gaps": "Gaps between tokens",
    "Branches": "Parallel branches",
    "Namespaces": "Subgraph tree",
    "Trace": "Debug trace",
    "Kinds": "Event types",
}
"""What a picture is called on screen, where that is not its name."""


def view_choices() -> list[dict[str, Any]]:
    """`CHOICES` as `replay.js` takes them."""
    return [
        {
            "name": name,
            "label": LABELS.get(name, name),
            "panels": [{"panel": panel, **settings}],
            "views": views,
        }
        for name, (panel, settings, views) in CHOICES.items()
    ]


def source(key: str, label: str = "") -> dict[str, str]:
    """Where the browser finds the playable recording with this key; its content, if the browser does not reach that."""
    found = {"src": API_PATH + key, "label": label}
    if "recordings" not in unreachable():
        return found
    try:
        packed = get_services().playable_recordings.content(key) or b""
    except BadRecording as error:
        return {**found, "error": str(error)}
    if len(packed) > _MAX_INLINE:
        return {**found, "error": _TOO_LARGE}
    return {**found, "content": gzip.decompress(packed).decode()}


def mount_replay(
    recordings: Sequence[Mapping[str, str]], *, key: str, chosen: str = TOKENS, speed: float | None = None
) -> None:
    """Play these recordings on one clock; each is a `source`.

    `chosen` is the picture that opens first, if the recordings have it. With `speed` it plays at once, that fast.
    """
    data = {
        "recordings": [dict(recording) for recording in recordings],
        "choices": view_choices(),
        "chosen": chosen,
        "speed": speed,
        "colours": MODE_HEX,
        "panels": [],
        "reports": False,
    }
    mount_module(_MODULE, data, styles=_STYLES, key=key, min_height=_MIN_HEIGHT)


def mount_showcase(
    recording: Mapping[str, str], panel: Mapping[str, Any], *, note: str, key: str, min_height: int
) -> None:
    """Play a recording once by itself in one panel, with a button to play it again; `note` says what is played."""
    data = {
        "recordings": [dict(recording)],
        "showcase": True,
        "reports": False,
        "panels": [dict(panel)],
        "note": note,
        "colours": MODE_HEX,
    }
    mount_module(_MODULE, data, styles=_STYLES, key=key, min_height=min_height)
