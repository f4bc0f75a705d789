"""The colour of each stream mode; its name is always shown beside it."""

from streaming.core.events import Mode

MODE_COLOUR: dict[Mode, str] = {
    "messages": "green",
    "updates": "blue",
    "custom": "orange",
    "tasks": "violet",
    "values": "yellow",
    "checkpoints": "gray",
    "debug": "red",
    "tools": "gray",
}
"""Names of Streamlit's palette, for badges."""

MODE_HEX: dict[Mode, str] = {
    "messages": "#0f9d76",
    "updates": "#3b82f6",
    "custom": "#e08a00",
    "tasks": "#8b5cf6",
    "values": "#ca9a04",
    "checkpoints": "#7c8698",
    "debug": "#e0524d",
    "tools": "#c2418f",
}
"""Mid-tones that are readable on a light and on a dark page."""


def mode_badge(mode: Mode) -> str:
    """The mode's name as a coloured badge, in Markdown."""
    return f":{MODE_COLOUR[mode]}-badge[{mode}]"


def kind_hex(kind: str) -> str:
    """The colour of an event's kind: its mode's colour, or grey."""
    return next((colour for mode, colour in MODE_HEX.items() if mode == kind), "#7c8698")
