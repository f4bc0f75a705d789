"""Stop comes first: while a run is being stopped, the other runs of its event loop wait a moment."""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field

LONGEST_HOLD_S = 0.25
"""Synchronous code that goes on, or a database that does not answer, must not hold up the other runs for longer."""


@dataclass(slots=True, eq=False)
class StopsFirst:
    """Lets stops pass before the next piece of any other run; used on one event loop only.

    A stop takes some twenty steps: through the graph, to the database and to the followers. Each would wait until all
    other runs have had their turn. Where many runs are fast that adds up to half a second.
    """

    _stopping: set[Hashable] = field(default_factory=set)
    _passed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def pending(self) -> bool:
        """Whether a run is being stopped at this moment."""
        return bool(self._stopping)

    def begin(self, run: Hashable) -> None:
        """Hold the other runs back until `end`, for `LONGEST_HOLD_S` at most; a second call does nothing."""
        if run not in self._stopping:
            self._stopping.add(run)
            self._passed.clear()
            asyncio.get_running_loop().call_later(LONGEST_HOLD_S, self.end, run)

    def end(self, run: Hashable) -> None:
        """The run has ended, by a stop or otherwise."""
        self._stopping.discard(run)
        if not self._stopping:
            self._passed.set()

    async def pass_by(self) -> None:
        """Wait until no run is being stopped."""
        if self._stopping:
            await self._passed.wait()
