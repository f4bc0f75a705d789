"""The events of a run in the protocol of a front end as bytes, which all who follow it share."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from weakref import WeakValueDictionary

from streaming.core.loop_turns import LoopTurns
from streaming.core.run import Run
from streaming.wires.base import Wire, WireEvent

PIECE_BYTES = 65_536


class EncodedEvents:
    """The events of one run in one protocol: each is encoded once, in short turns, however many followers want it."""

    def __init__(self, run: Run, wire: Wire) -> None:
        self.run = run
        self._wire = wire
        self._read = 0
        self._content = bytearray()
        self._ends: list[int] = []
        self._has_end = False
        self._turn = asyncio.Lock()
        self._add(wire.start())

    async def pieces(self, first: int, *, pace_s: float = 0.0) -> AsyncGenerator[bytes, None]:
        """The events from this number on, live, as pieces of whole events; new ones come at this pace."""
        seen = 0
        async with aclosing(self.run.afollow(0, frame_s=pace_s)) as batches:
            async for batch in batches:
                seen += len(batch)
                await self._read_to(seen)
                while first < len(self._ends):
                    piece, first = self._piece(first)
                    yield piece
                    # Nothing else waits here while the client's buffers take all of it.
                    await asyncio.sleep(0)

    async def count(self) -> int:
        """How many events there are so far; of a run that has ended, all."""
        await self._read_to(self.run.length)
        return len(self._ends)

    def _piece(self, first: int) -> tuple[bytes, int]:
        """Some events from this number on, at least one, and the number of the next."""
        start = self._ends[first - 1] if first else 0
        after = max(first + 1, bisect_right(self._ends, start + PIECE_BYTES))
        return bytes(memoryview(self._content)[start : self._ends[after - 1]]), after

    async def _read_to(self, seq: int) -> None:
        """Encode the entries before this number, and after the last one what ends the stream."""
        async with self._turn:
            turns = LoopTurns()
            for entry in self.run.since(self._read, most=seq - self._read) if self._read < seq else ():
                self._add(self._wire.feed(entry))
                self._read += 1
                await turns.take()
            if self.run.ended is not None and self._read == self.run.length and not self._has_end:
                self._has_end = True
                self._add(self._wire.end())

    def _add(self, events: Iterable[WireEvent]) -> None:
        for event in events:
            self._content += event.encoded()
            self._ends.append(len(self._content))


class SharedEvents:
    """The events of the runs that are followed now; used on one event loop only."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[tuple[int, str], EncodedEvents] = WeakValueDictionary()

    def of(self, run: Run, name: str, make: Callable[[], Wire]) -> EncodedEvents:
        """The events of this run in the protocol of this name."""
        known = self._known.get((id(run), name))
        if known is None:
            known = self._known[id(run), name] = EncodedEvents(run, make())
        return known
