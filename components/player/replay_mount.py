"""Recorded runs on a page: loaded by the browser once, then played there without the server."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.player.mount import mount_module
from components.shell.modes import MODE_HEX

HEIGHT, _MIN_HEIGHT = 320, 480
"""Pixels of a picture, and of a replay while it loads."""
_MODULE, _STYLES = "replay_component.js", ("player.css", "transport.css")
_LATER = "Nothing yet at this time of the run."

TOKENS = "Tokens and timeline"

CHOICES: Mapping[str, tuple[str, Mapping[str, Any], tuple[str, ...]]] = {
    TOKENS: ("tokens", {"height": HEIGHT, "idle": ""}, ("text",)),
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


def mount_replay(
    recordings: Sequence[tuple[str, str]], *, key: str, chosen: str = TOKENS, speed: float | None = None
) -> None:
    """Play these recordings on one clock; each is an address below the app's own, and a label.

    `chosen` is the picture that opens first, if the recordings have it. With `speed` it plays at once, that fast.
    """
    data = {
        "recordings": [{"src": src, "label": label} for src, label in recordings],
        "choices": view_choices(),
        "chosen": chosen,
        "speed": speed,
        "colours": MODE_HEX,
        "panels": [],
        "reports": False,
    }
    mount_module(_MODULE, data, styles=_STYLES, key=key, min_height=_MIN_HEIGHT)


def mount_showcase(src: str, panel: Mapping[str, Any], *, note: str, key: str, min_height: int) -> None:
    """Play a recording once by itself in one panel, with a button to play it again; `note` says what is played."""
    data = {
        "recordings": [{"src": src}],
        "showcase": True,
        "reports": False,
        "panels": [dict(panel)],
        "note": note,
        "colours": MODE_HEX,
    }
    mount_module(_MODULE, data, styles=_STYLES, key=key, min_height=min_height)
