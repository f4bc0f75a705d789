"""Lets the other tasks of an event loop have their turns while one of them computes."""

import asyncio
import time

LONGEST_S = 0.01


class LoopTurns:
    """Counts from its creation, or from the last turn that others had."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    async def take(self) -> None:
        """Let the others have a turn if this task has computed for longer than `LONGEST_S`."""
        if time.monotonic() - self._since > LONGEST_S:
            await asyncio.sleep(0)
            self._since = time.monotonic()
