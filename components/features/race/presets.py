"""Races that answer common questions; the home page, which links to one, imports nothing else of the race."""

from collections.abc import Mapping

_SAME: dict[str, str | int] = {
    "lane_count": 2,
    **{f"model_{number}": "Scripted: typical hosted" for number in (1, 2)},
    **{f"graph_{number}": "chat" for number in (1, 2)},
    **{f"flush_{number}": "direct" for number in (1, 2)},
}
WAYS_TO_APPEAR = "Whole, by token, in pieces"
RACES: Mapping[str, Mapping[str, str | int]] = {
    "Streaming against blocking": {**_SAME, "how_1": "streaming", "how_2": "blocking (invoke)"},
    "All seven modes against one": {**_SAME, "how_1": "streaming", "how_2": "all seven modes"},
    "Direct against whole text per token": {
        **_SAME,
        "how_1": "streaming",
        "how_2": "streaming",
        "flush_2": "every token",
    },
    WAYS_TO_APPEAR: {
        **_SAME,
        "lane_count": 3,
        "how_1": "streaming",
        "how_2": "streaming",
        "flush_2": "every N tokens",
        "every_tokens_2": 10,
        "how_3": "blocking (invoke)",
        "model_3": "Scripted: typical hosted",
        "graph_3": "chat",
        "flush_3": "direct",
    },
    "Fast against slow model": {**_SAME, "how_1": "streaming", "how_2": "streaming", "model_1": "Scripted: fast GPU"},
}
"""Settings of races that answer common questions, by the keys of their controls."""
