"""How busy the server is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStats:
    """How busy the server is: runs at work, and runs that wait for a place."""

    running: int
    waiting: int
