"""Slows down a tab that sends more messages than a person can cause: each runs a page's script, for all the time that
the server has."""

import asyncio
from asyncio import sleep

from starlette.types import Message, Receive

BURST, PER_SECOND = 20, 25
"""Messages that are read at once, and then in a second; a page that pulls a run sends some ten."""


class PacedMessages:
    """The messages of one connection, which wait where they come too fast: then the client waits as well."""

    def __init__(self, receive: Receive, *, burst: int = BURST, per_second: float = PER_SECOND) -> None:
        self._receive = receive
        self._burst = burst
        self._per_second = per_second
        self._left = float(burst)
        self._counted_at = asyncio.get_running_loop().time()

    async def __call__(self) -> Message:
        """The next message."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        now = asyncio.get_running_loop().time()
        self._left = min(self._burst, self._left + (now - self._counted_at) * self._per_second) - 1
        self._counted_at = now
        if self._left < 0:
            await sleep(-self._left / self._per_second)
        return message
