"""The scripts of several tabs start one after the other.

They share one interpreter: together, each of them is as late as all, and so is the text that streams meanwhile.
"""

import asyncio
from contextlib import suppress

from google.protobuf.message import DecodeError
from starlette.types import Message, Receive
from streamlit.proto.BackMsg_pb2 import BackMsg

WAIT_S = 1.0
"""The longest wait for a turn: then a script starts beside the others."""
LONGEST_TURN_S = 0.5
"""A turn ends after so long even if its script has not begun to draw."""

_LARGEST_BYTES = 200_000


class ScriptTurns:
    """Gives one connection after the other the turn to run its script, in the order in which they ask."""

    def __init__(self, *, wait_s: float = WAIT_S, longest_s: float = LONGEST_TURN_S) -> None:
        self._wait_s = wait_s
        self._longest_s = longest_s
        self._free = asyncio.Semaphore(1)

    def for_connection(self) -> "ScriptTurn":
        """What a connection takes its turns with."""
        return ScriptTurn(self._free, self._wait_s, self._longest_s)


class ScriptTurn:
    """The turns of one connection: taken with a message that starts its script, given back when that has drawn."""

    def __init__(self, free: asyncio.Semaphore, wait_s: float, longest_s: float) -> None:
        self._free = free
        self._wait_s = wait_s
        self._longest_s = longest_s
        self._ends: asyncio.TimerHandle | None = None

    def taken_with(self, receive: Receive) -> Receive:
        """Messages of the browser, of which those that start a script wait for their turn."""

        async def receive_in_turn() -> Message:
            message = await receive()
            if _starts_script(message):
                await self._take()
            return message

        return receive_in_turn

    def give_back(self) -> None:
        """Let the next connection have its turn, if this one has one."""
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None
            self._free.release()

    async def _take(self) -> None:
        if self._ends is not None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self._wait_s):
                await self._free.acquire()
            self._ends = asyncio.get_running_loop().call_later(self._longest_s, self.give_back)


def _starts_script(message: Message) -> bool:
    data = message.get("bytes") if message["type"] == "websocket.receive" else None
    # A larger one has a long text; to read it here too would hold up everybody.
    if not data or len(data) > _LARGEST_BYTES:
        return False
    try:
        kind: str | None = BackMsg.FromString(data).WhichOneof("type")
    except DecodeError:  # Streamlit says so
        return False
    return kind == "rerun_script"
