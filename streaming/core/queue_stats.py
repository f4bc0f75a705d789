"""The load of the server."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStats:
    """The load of the server: runs that execute, and runs that wait for a slot."""

    running: int
    waiting: int
