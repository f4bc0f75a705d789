"""The messages of a script run go to the browser in bursts, because it draws the whole page for each that comes alone.

Streamlit sends an element as soon as the script has drawn it, and its client then renders the page with all links of
the navigation. Of messages that come together it renders once. A page has more than a hundred elements, so this is most
of what a browser does at the start and at the end of a run, and with several tabs it delays the text of all of them.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from components.shell.script_turns import ScriptTurns
from components.shell.session_limit import STREAM

HOLD_S = 0.25
"""How long after the beginning of a script run its messages are held back: what a longer one sends later passes, such
as text that the script draws while it arrives."""
PAUSE_S = 0.05
"""A script that has drawn nothing for so long waits for something, as for the first text, which must not wait here."""

_BEGINS, _ENDS = "new_session", "script_finished"
_LARGEST_MARK = 200_000
"""Bytes: the first message of a script run has the list of pages and the settings of the theme."""


class Bursts:
    """Middleware that sends the messages of a script run together, or those of its first `hold_s` seconds.

    A pause of `pause_s` ends the burst too. Other connections, and messages between two script runs, pass unchanged.
    """

    def __init__(self, app: ASGIApp, *, hold_s: float = HOLD_S, pause_s: float = PAUSE_S) -> None:
        self.app = app
        self._hold_s = hold_s
        self._pause_s = pause_s
        self._turns = ScriptTurns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""
        if scope["type"] != "websocket" or not scope["path"].endswith(STREAM):
            await self.app(scope, receive, send)
            return
        turn = self._turns.for_connection()
        bursts = _Bursts(send, self._hold_s, self._pause_s, ended=turn.give_back)
        try:
            await self.app(scope, turn.taken_with(receive), bursts.send)
        finally:
            bursts.close()


class _Bursts:
    """The messages of one connection, in their order."""

    def __init__(self, send: Send, hold_s: float, pause_s: float, *, ended: Callable[[], None]) -> None:
        self._send = send
        self._ended = ended
        self._hold_s = hold_s
        self._pause_s = pause_s
        self._last_at = 0.0
        self._holding = False
        self._held: list[Message] = []
        self._order = asyncio.Lock()
        self._timer: asyncio.Task[None] | None = None

    async def send(self, message: Message) -> None:
        """Take a message of the app; returns at once while messages are held back."""
        kind = _kind(message)
        if kind == _BEGINS and not self._holding:
            self._holding = True
            self._timer = asyncio.create_task(self._release_in_time())
        self._held.append(message)
        self._last_at = asyncio.get_running_loop().time()
        if not self._holding:
            await self._release()
        elif kind == _ENDS or message["type"] != "websocket.send":
            self.close()
            await self._release()

    def close(self) -> None:
        """Hold nothing back any longer."""
        if self._timer is not None:
            self._timer.cancel()
        self._end()

    async def _release_in_time(self) -> None:
        now = asyncio.get_running_loop().time
        began = self._last_at = now()
        while (left_s := min(began + self._hold_s, self._last_at + self._pause_s) - now()) > 0:  # noqa: ASYNC110 - it waits for a time
            await asyncio.sleep(left_s)
        self._end()
        with suppress(WebSocketDisconnect, RuntimeError):  # the client left
            await self._release()

    def _end(self) -> None:
        self._timer, self._holding = None, False
        self._ended()

    async def _release(self) -> None:
        async with self._order:
            held, self._held = self._held, []
            for message in held:
                await self._send(message)


def _kind(message: Message) -> str | None:
    """Which of Streamlit's messages it is; `None` for what is none."""
    data = message.get("bytes") if message["type"] == "websocket.send" else None
    # What begins or ends a script run is small; to read a large table would hold up everybody.
    if data is None or len(data) > _LARGEST_MARK:
        return None
    kind: str | None = ForwardMsg.FromString(data).WhichOneof("type")
    return kind
