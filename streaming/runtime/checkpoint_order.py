"""Keeps the checkpoints of a thread in their order when the system's clock is set back, or another server's is ahead.

LangGraph takes the checkpoint with the greatest id for the newest, and an id begins with the time of a clock.
A run whose clock is behind the thread's newest checkpoint would complete, and the thread would stay as it was before.
Within one process LangGraph counts on from the latest id; here it counts on from that of the thread too.
"""

import time

from langgraph.checkpoint.base import id as checkpoint_ids

from streaming.core.errors import NotContinuable

FURTHEST_S = 20 * 365 * 86_400.0
"""A checkpoint that much ahead of the clock is damaged: counting on from it could leave the range of ids."""

_TICKS_PER_S = 10_000_000
_EPOCH = 0x01B21DD213814000
"""Ticks of 100 ns from the first day of the Gregorian calendar, with which ids begin, to that of the clock."""


def continue_after(checkpoint_id: str) -> None:
    """The checkpoints that this process makes from now on are newer than this one.

    Raises `NotContinuable` if it is too far ahead of the clock for that.
    """
    ticks = _ticks(checkpoint_id)
    if ticks is None:
        return
    if ticks > (time.time() + FURTHEST_S) * _TICKS_PER_S + _EPOCH:
        raise NotContinuable(
            "The newest state of this thread is dated many years from now, so nothing can follow it. Nothing was run.",
            advice="Check the server's clock, or run it again from its start.",
        )
    last: int = checkpoint_ids._last_v6_timestamp or 0
    checkpoint_ids._last_v6_timestamp = max(last, ticks)  # type: ignore[assignment]


def _ticks(checkpoint_id: str) -> int | None:
    """The time in this id; `None` if it is another kind of id."""
    try:
        found = checkpoint_ids.UUID(checkpoint_id)
    except ValueError:
        return None
    return found.time if found.version == 6 else None
