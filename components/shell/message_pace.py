"""Slows down tabs that send more messages than a person can cause: each runs a page's script, for all the time that the
server has."""

import asyncio
from asyncio import sleep

from starlette.types import Message, Receive

BURST, PER_SECOND = 20, 25
"""Messages of one tab that are read at once, and then in a second; a page that pulls a run sends some ten."""
VISITOR_BURST, VISITOR_PER_SECOND = 60, 60
"""The same of all tabs of one visitor."""
PATIENCE_S, SLOWED_PER_SECOND = 10.0, 20
"""A visitor whose messages wait for so long without a pause is slowed down to so many, until one need not wait."""

_UNSUPPORTED = 1003


class Pace:
    """So many messages at once, and then so many in a second."""

    def __init__(self, burst: int, per_second: float) -> None:
        self.per_second = per_second
        self._burst = burst
        self._left = float(burst)
        self._counted_at: float | None = None

    def wait_s(self, now: float) -> float:
        """Count a message at this time of the loop: how long it has to wait."""
        gained = (now - self._counted_at) * self.per_second if self._counted_at is not None else 0.0
        self._left = min(self._burst, self._left + gained) - 1
        self._counted_at = now
        return max(0.0, -self._left / self.per_second)


class VisitorPace(Pace):
    """The pace of all tabs of one visitor, slower for one that does not pause."""

    def __init__(self) -> None:
        super().__init__(VISITOR_BURST, VISITOR_PER_SECOND)
        self._waits_since: float | None = None

    def wait_s(self, now: float) -> float:
        """Count a message at this time of the loop: how long it has to wait."""
        wait_s = super().wait_s(now)
        if not wait_s:
            self._waits_since, self.per_second = None, VISITOR_PER_SECOND
        elif self._waits_since is None:
            self._waits_since = now
        elif now - self._waits_since > PATIENCE_S:
            self.per_second = SLOWED_PER_SECOND
        return wait_s


class PacedMessages:
    """The messages of one connection, which wait where they come too fast: then the client waits as well.

    A text, of which Streamlit has none, ends the connection: its error would fill the log with seventy lines for each.
    """

    def __init__(self, receive: Receive, *paces: Pace) -> None:
        self._receive = receive
        self._paces = paces

    async def __call__(self) -> Message:
        """The next message."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        if message.get("text") is not None:
            return {"type": "websocket.disconnect", "code": _UNSUPPORTED}
        now = asyncio.get_running_loop().time()
        if wait_s := max(pace.wait_s(now) for pace in self._paces):
            await sleep(wait_s)
        return message
