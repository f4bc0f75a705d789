"""A run as the history has it: its header and the events of its log, which lies there in compressed parts."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streaming.core.events import Ended, LogEntry
from streaming.recordings.format import Header

LOST = Ended(
    outcome="failed",
    reason="The server ended while the run went on.",
    advice="The last second before that may be missing here.",
    error="Lost",
)
"""The end of a run without one."""

MAX_LOG_TEXT = 250_000_000
"""Bytes of one event log after decompression; twice as many as a run at the default limits has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run as it is stored: `events` from part `first_part` of its log on, of `parts` parts in all.

    `request` is what `streaming.storage.stored_request` has written; empty for runs of an older version. `over` is
    false while the run's server is alive and executes it, by `heartbeat_at` and the system's clock, and `ended` is true
    once that server has ended it; the log of a run whose server was killed has no end event.
    """

    header: Header
    request: Mapping[str, Any]
    owner: str
    created_at: float
    over: bool
    ended: bool
    heartbeat_at: float
    events: list[LogEntry]
    parts: int


def following(events: Sequence[LogEntry], end: Ended) -> LogEntry:
    """The entry that ends this log, at the time of its last event."""
    last = events[-1] if events else None
    return LogEntry(seq=last.seq + 1 if last else 0, t=last.t if last else 0.0, event=end)


def decompressed(payloads: Sequence[bytes]) -> bytes:
    """The parts of a log, joined; raises `zlib.error` for damaged ones, and before they fill the memory."""
    parts: list[bytes] = []
    room = MAX_LOG_TEXT
    for payload in payloads:
        reader = zlib.decompressobj()
        parts.append(reader.decompress(payload, room))
        room -= len(parts[-1])
        if not reader.eof or room <= 0:
            raise zlib.error("the part is cut off, or too large")
    return b"\n".join(parts)
