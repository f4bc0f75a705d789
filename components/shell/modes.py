"""The colour of each stream mode; its name is always shown beside it."""

from streaming.core.events import Mode

_PALETTE: dict[Mode, str] = {
    "messages": "green",
    "updates": "blue",
    "custom": "orange",
    "tasks": "violet",
    "values": "yellow",
    "checkpoints": "gray",
}
"""Names of Streamlit's palette, for badges; its red is for failures alone."""

MODE_HEX: dict[Mode, str] = {
    "messages": "#0f9d76",
    "updates": "#3b82f6",
    "custom": "#e08a00",
    "tasks": "#8b5cf6",
    "values": "#ca9a04",
    "checkpoints": "#7c8698",
    "debug": "#0891b2",
    "tools": "#c2418f",
}
"""Mid-tones that are readable on a light and on a dark page; the badges of the last two are in `style.css` as well."""

FAILED_HEX = "#e0524d"
"""What failed: no mode has this colour."""


def mode_badge(mode: Mode) -> str:
    """The mode's name as a coloured badge, in Markdown."""
    if mode in _PALETTE:
        return f":{_PALETTE[mode]}-badge[{mode}]"
    return f':color[{mode}]{{foreground="{MODE_HEX[mode]}" background="{MODE_HEX[mode]}"}}'


def kind_hex(kind: str) -> str:
    """The colour of an event's kind: its mode's colour, or grey."""
    return next((colour for mode, colour in MODE_HEX.items() if mode == kind), "#7c8698")
