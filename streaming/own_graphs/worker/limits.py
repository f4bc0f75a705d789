"""The largest value that a graph may send: reading a larger one would stop the server for seconds."""

from __future__ import annotations

import re

MAX_BYTES = 25_000_000
"""More than the log of a run holds by default."""
MAX_CONTAINERS = 100_000
MAX_VALUES = 300_000
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')


class TooLarge(Exception):
    """A value that is too large; the text is a sentence."""


def trouble_of(payload: bytes) -> str:
    """Why this JSON is too large, as a sentence; empty if it is not."""
    if len(payload) > MAX_BYTES:
        return f"The graph sent a value of {len(payload) / 1e6:.0f} MB, the limit is {MAX_BYTES / 1e6:.0f} MB."
    if _containers(payload) <= MAX_CONTAINERS and payload.count(b",") <= MAX_VALUES:
        return ""
    bare = _STRING.sub(b"", payload)
    if _containers(bare) <= MAX_CONTAINERS and bare.count(b",") <= MAX_VALUES:
        return ""
    return f"The graph sent a value of more than {MAX_CONTAINERS:,} objects and lists, or {MAX_VALUES:,} items."


def _containers(payload: bytes) -> int:
    return payload.count(b"[") + payload.count(b"{")
