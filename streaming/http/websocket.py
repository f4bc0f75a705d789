"""`WS /api/live`: one socket a browser tab, on which it follows any number of runs.

Messages and patches are described in `streaming.live.patches`. Knowing the id of a run is the right to follow it.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from streaming.core.run import Run
from streaming.live.fanout import Fanout, Subscriber
from streaming.projections.active_nodes import Edge
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.recordings.format import header_of
from streaming.runtime.rate_limit import MovingWindow
from streaming.services import Services

PATH = "/api/live"
BEAT_S = 5.0
MAX_SOCKETS = 1000
MAX_SOCKETS_PER_CLIENT = 250
"""A classroom, or everyone behind one proxy, has one address."""
MAX_FOLLOWS = 64
MAX_MESSAGE = 4096
MESSAGES_PER_SECOND = 50

_TRY_LATER = 1013
_REFUSED = 1008
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TELLS_NODES = frozenset({"tasks", "debug"})
_MAX_NUMBER = 10**15


class _BadMessage(Exception):
    """What a client sent that is no message of the protocol; the text is the answer."""


def live_route(services: Services, *, allowed_origins: Iterable[str] = ()) -> WebSocketRoute:
    """The route. `allowed_origins` are hosts, with or without a port, of other pages that may connect."""
    fanout = Fanout(lambda run_id: services.engine.get(run_id), about=about_run, edges=GraphEdges())
    door = _Door()
    allowed = frozenset(allowed_origins)

    async def live(socket: WebSocket) -> None:
        if not origin_allowed(socket, allowed, trust_proxy=services.settings.trust_proxy):
            await socket.close(_REFUSED)
            return
        client = socket.client.host if socket.client else "unknown"
        if not door.enter(client):
            await socket.accept()
            await socket.send_text(_dump({"error": "Too many connections from this address: close a tab."}))
            await socket.close(_TRY_LATER)
            return
        try:
            await socket.accept()
            await _serve(socket, fanout, door)
        finally:
            door.leave(client)

    return WebSocketRoute(PATH, live)


def about_run(run: Run) -> dict[str, Any]:
    """The fields of a run that stand in no event; nothing secret is among them."""
    header = header_of(run.id, run.created_at, run.request)
    names = ("graph", "provider", "model", "modes", "api", "prompt", "created_at")
    return {name: getattr(header, name) for name in names}


def origin_allowed(socket: WebSocket, allowed: frozenset[str] = frozenset(), *, trust_proxy: bool = False) -> bool:
    """Whether the page that connects is this server's own; a browser always names it, other clients need not."""
    origin = socket.headers.get("origin")
    if origin is None:
        return True
    try:
        page = urlsplit(origin)
        page_host = page.hostname or ""
    except ValueError:
        return False
    host = socket.headers.get("host", "")
    if trust_proxy:
        host = socket.headers.get("x-forwarded-host", host)
    server_host = urlsplit(f"//{host}").hostname or ""
    if page.scheme not in ("http", "https") or not page_host:
        return False
    same = page.netloc.lower() == host.lower() or (page_host in _LOOPBACK and server_host in _LOOPBACK)
    return same or page.netloc.lower() in allowed or page_host in allowed


class _Door:
    """Counts sockets, in all and from each address, and the messages of each."""

    def __init__(self) -> None:
        self._inside: Counter[str] = Counter()
        self._numbers = count()
        self._messages = MovingWindow(window_s=1)

    def enter(self, client: str) -> bool:
        if self._inside.total() >= MAX_SOCKETS or self._inside[client] >= MAX_SOCKETS_PER_CLIENT:
            return False
        self._inside[client] += 1
        return True

    def leave(self, client: str) -> None:
        self._inside[client] -= 1
        self._inside += Counter()

    def number(self) -> str:
        """A name for one socket, to count its messages by."""
        return str(next(self._numbers))

    def may_say(self, number: str) -> bool:
        return self._messages.hit(number, limit=MESSAGES_PER_SECOND)


async def _serve(socket: WebSocket, fanout: Fanout, door: _Door) -> None:
    subscriber = fanout.subscriber()
    tasks = [asyncio.create_task(_send(socket, subscriber)), asyncio.create_task(_beat(socket))]
    number = door.number()
    try:
        while (received := await socket.receive())["type"] == "websocket.receive":
            if not door.may_say(number):
                await socket.send_text(_dump({"error": f"More than {MESSAGES_PER_SECOND} messages a second."}))
                await socket.close(_REFUSED)
                return
            try:
                answer = _answer(_message(received.get("text")), subscriber)
            except _BadMessage as error:
                answer = {"error": str(error)}
            if answer is not None:
                await socket.send_text(_dump(answer))
    except WebSocketDisconnect:
        pass  # gone while an answer was sent
    finally:
        subscriber.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(socket: WebSocket, subscriber: Subscriber) -> None:
    """Frames as fast as the client reads them."""
    with suppress(WebSocketDisconnect, RuntimeError):  # gone: the reader of its messages ends too
        async for frame in subscriber.frames():
            await socket.send_text(frame)


async def _beat(socket: WebSocket) -> None:
    """Tell a silent client that the connection is good."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await asyncio.sleep(BEAT_S)
            await socket.send_text(_dump({"beat": round(time.time(), 3)}))


def _message(content: str | None) -> dict[str, Any]:
    if content is None:
        raise _BadMessage("A message is text.")
    if len(content) > MAX_MESSAGE:
        raise _BadMessage(f"A message has at most {MAX_MESSAGE} characters.")
    try:
        message = json.loads(content)
    except (ValueError, RecursionError):
        raise _BadMessage("The message is no JSON.") from None
    if not isinstance(message, dict):
        raise _BadMessage("A message is a JSON object.")
    return message


def _answer(message: dict[str, Any], subscriber: Subscriber) -> dict[str, Any] | None:
    match message:
        case {"follow": str(run_id)}:
            return _follow(run_id, message, subscriber)
        case {"leave": str(run_id)}:
            subscriber.leave(run_id)
            return None
        case {"ping": int() | float() as number}:
            return {"pong": number}
        case _:
            raise _BadMessage("A message has one of: follow (a run's id), leave (a run's id), ping (a number).")


def _follow(run_id: str, message: dict[str, Any], subscriber: Subscriber) -> dict[str, Any] | None:
    views = message.get("views")
    if views is not None and not (isinstance(views, list) and all(isinstance(name, str) for name in views)):
        raise _BadMessage("views is a list of names.")
    if run_id not in subscriber.runs and len(subscriber.runs) >= MAX_FOLLOWS:
        raise _BadMessage(f"One connection follows at most {MAX_FOLLOWS} runs: leave one.")
    since, raw = _number(message, "since"), _number(message, "raw")
    if subscriber.follow(run_id, since=since, raw=raw, views=views):
        return None
    return {"run": run_id, "gone": "There is no such run here, or no longer."}


def _number(message: dict[str, Any], name: str) -> int:
    number = message.get(name, 0)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _MAX_NUMBER:
        raise _BadMessage(f"{name} is a number of log entries: 0 or more.")
    return number


def _dump(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=True)


class GraphEdges:
    """The edges of a run's graph, which tell the running node where no mode does; each graph is built once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[Edge]] = {}

    def __call__(self, run: Run) -> list[Edge]:
        if _TELLS_NODES & set(run.request.modes):
            return []
        source = run.request.graph
        key = source.module, source.name
        if key not in self._known:
            drawn = source.build(ScriptedChatModel()).get_graph()
            self._known[key] = [(edge.source, edge.target, edge.conditional) for edge in drawn.edges]
        return self._known[key]
