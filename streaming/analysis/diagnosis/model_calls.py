"""When a model was asked: LangChain's id of an answer begins with the time of its request, by the graph's clock.

The ids of checkpoints begin with a time of the same clock, so each that the log dates tells how far that clock is from
the log's.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from uuid import UUID

from streaming.core.events import CheckpointSaved, Ended, LogEntry

_EPOCH = 0x01B21DD213814000
"""Ticks of 100 ns from the first day of the Gregorian calendar to that of the clock."""
_TICKS_PER_S = 10_000_000
_UUID_CHARS = 36


def clock_ahead_s(events: Sequence[LogEntry]) -> float | None:
    """By how many seconds the graph's clock is ahead of the log's; `None` without a checkpoint, which dates it.

    Rather too many than too few: what the log got late does not make the wait before a request longer.
    """
    return max(_ahead(events), default=None)


def clock_ahead_at_least_s(events: Sequence[LogEntry]) -> float | None:
    """The same, rather too few than too many: what was asked may then seem to be later than it was, never earlier."""
    return max(_ahead_at_least(events), default=None)


def asked_at(message_id: str, *, ahead_s: float) -> float | None:
    """When the model of this answer was asked, in seconds of the log; `None` where its id does not tell."""
    clock_s = next(_time_in(message_id[-_UUID_CHARS:]), None)
    return None if clock_s is None else clock_s - ahead_s


def _ahead(events: Sequence[LogEntry]) -> Iterator[float]:
    """How far the graph's clock is ahead of the log's, by each checkpoint."""
    before = 0.0
    for entry in events:
        event = entry.event
        if isinstance(event, CheckpointSaved):
            yield from (clock_s - entry.t for clock_s in _time_in(event.checkpoint_id))
        # The last checkpoint follows what the last node sent; after a stop or a failure it is of an earlier step.
        elif isinstance(event, Ended) and event.outcome == "completed":
            yield from (clock_s - before for clock_s in _time_in(event.checkpoint_id or ""))
        before = entry.t


def _ahead_at_least(events: Sequence[LogEntry]) -> Iterator[float]:
    """How far the clock is ahead at least: a checkpoint was there when the log got it, the last one before the end."""
    for entry in events:
        event = entry.event
        if isinstance(event, CheckpointSaved):
            yield from (clock_s - entry.t for clock_s in _time_in(event.checkpoint_id))
        elif isinstance(event, Ended):
            yield from (clock_s - entry.t for clock_s in _time_in(event.checkpoint_id or ""))


def _time_in(text: str) -> Iterator[float]:
    """The seconds since 1970 in an id of the kinds that begin with a time (UUID 6 and 7); nothing for another."""
    with suppress(ValueError):
        found = UUID(text)
        if found.version == 7:
            yield (found.int >> 80) / 1000
        elif found.version == 6:
            yield ((found.int >> 80 << 12 | found.int >> 64 & 0xFFF) - _EPOCH) / _TICKS_PER_S
