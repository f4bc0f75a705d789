"""`WS /api/live`: one socket for each browser tab, on which it follows any number of runs.

Messages and patches are described in `streaming.live.patches`. The id of a run gives the right to follow it.
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

from starlette.requests import HTTPConnection
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from streaming.core.errors import LabError
from streaming.http.found_run import NO_RUN, find_run
from streaming.live.fanout import Fanout, Subscriber
from streaming.live.raw_rows import whole_part
from streaming.runtime.rate_limit import MovingWindow
from streaming.runtime.run_facts import about_run, edges_of
from streaming.services import Services

PATH = "/api/live"
BEAT_S = 5.0
MAX_SOCKETS = 1000
MAX_SOCKETS_PER_CLIENT = 250
"""High, because a classroom, or all clients behind one proxy, have one address."""
MAX_FOLLOWS = 64
MAX_MESSAGE = 4096
MESSAGES_PER_SECOND = 50

_TRY_LATER = 1013
_REFUSED = 1008
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MAX_NUMBER = 10**15


class _BadMessage(Exception):
    """A client sent an invalid message; the text is the answer."""


def live_route(services: Services, *, allowed_origins: Iterable[str] = ()) -> WebSocketRoute:
    """The route. `allowed_origins` are hosts, with or without a port, of other pages that may connect."""
    fanout = Fanout(
        lambda run_id: services.engine.get(run_id),
        about=about_run,
        edges=edges_of,
        on_added=lambda tell: services.engine.registry.on_added.append(tell),
    )
    admission = _SocketLimits()
    allowed = frozenset(allowed_origins)

    async def live(socket: WebSocket) -> None:
        if not origin_allowed(socket, allowed, trust_proxy=services.settings.trust_proxy):
            await socket.close(_REFUSED)
            return
        client = socket.client.host if socket.client else "unknown"
        if not admission.enter(client):
            await socket.accept()
            await socket.send_text(_dump({"error": "Too many connections from this address. Close a tab."}))
            await socket.close(_TRY_LATER)
            return
        try:
            await socket.accept()
            await _serve(socket, services, fanout, admission)
        finally:
            admission.leave(client)

    return WebSocketRoute(PATH, live)


def origin_allowed(
    request: HTTPConnection, allowed: frozenset[str] = frozenset(), *, trust_proxy: bool = False
) -> bool:
    """Whether the page that connects is this server's own or allowed; clients without an `Origin` are no browsers."""
    origin = request.headers.get("origin")
    if origin is None:
        return True
    try:
        page = urlsplit(origin)
        page_host = page.hostname or ""
        _ = page.port  # raises for what only begins as a port does
    except ValueError:
        return False
    host = request.headers.get("host", "")
    if trust_proxy:
        host = request.headers.get("x-forwarded-host", host)
    server_host = urlsplit(f"//{host}").hostname or ""
    if page.scheme not in ("http", "https") or not page_host:
        return False
    same = page.netloc.lower() == host.lower() or (page_host in _LOOPBACK and server_host in _LOOPBACK)
    return same or page.netloc.lower() in allowed or page_host in allowed


class _SocketLimits:
    """Limits the number of sockets, in all and from each address, and the messages of each socket."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._numbers = count()
        self._messages = MovingWindow(window_s=1)

    def enter(self, client: str) -> bool:
        """Count a new socket from this address; `False` if it is over a limit."""
        if self._open.total() >= MAX_SOCKETS or self._open[client] >= MAX_SOCKETS_PER_CLIENT:
            return False
        self._open[client] += 1
        return True

    def leave(self, client: str) -> None:
        """A socket from this address has closed."""
        self._open[client] -= 1
        self._open += Counter()

    def number(self) -> str:
        """A name for one socket, under which its messages are counted."""
        return str(next(self._numbers))

    def count_message(self, number: str) -> bool:
        """Count a message of this socket; `False` if it is over the limit."""
        return self._messages.hit(number, limit=MESSAGES_PER_SECOND)


async def _serve(socket: WebSocket, services: Services, fanout: Fanout, limits: _SocketLimits) -> None:
    subscriber = fanout.subscriber()
    tasks = [asyncio.create_task(_send(socket, subscriber)), asyncio.create_task(_beat(socket))]
    number = limits.number()
    try:
        while (received := await socket.receive())["type"] == "websocket.receive":
            if not limits.count_message(number):
                await socket.send_text(
                    _dump({"error": f"More than {MESSAGES_PER_SECOND} messages a second. Send fewer."})
                )
                await socket.close(_REFUSED)
                return
            try:
                answer = await _answer(_message(received.get("text")), services, subscriber)
            except _BadMessage as error:
                answer = {"error": str(error)}
            if answer is not None:
                await socket.send_text(_dump(answer))
    except WebSocketDisconnect:
        pass  # the client left while an answer was sent
    finally:
        subscriber.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(socket: WebSocket, subscriber: Subscriber) -> None:
    """Send frames as fast as the client reads them."""
    with suppress(WebSocketDisconnect, RuntimeError):  # the client left, which ends the reader of its messages too
        async for frame in subscriber.frames():
            await socket.send_text(frame)


async def _beat(socket: WebSocket) -> None:
    """Send heartbeats, so that a client knows that the connection is good."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await asyncio.sleep(BEAT_S)
            await socket.send_text(_dump({"beat": round(time.time(), 3)}))


def _message(content: str | None) -> dict[str, Any]:
    if content is None:
        raise _BadMessage("A message must be text.")
    if len(content) > MAX_MESSAGE:
        raise _BadMessage(f"A message has at most {MAX_MESSAGE} characters.")
    try:
        message = json.loads(content)
    except (ValueError, RecursionError):
        raise _BadMessage("The message is not JSON.") from None
    if not isinstance(message, dict):
        raise _BadMessage("A message must be a JSON object.")
    return message


async def _answer(message: dict[str, Any], services: Services, subscriber: Subscriber) -> dict[str, Any] | None:
    match message:
        case {"follow": str(run_id)}:
            return await _follow(run_id, message, services, subscriber)
        case {"leave": str(run_id)}:
            subscriber.leave(run_id)
            return None
        case {"part": str(run_id)}:
            return await _part(run_id, _number(message, "seq"), services)
        case {"ping": int() | float() as number}:
            return {"pong": number}
        case _:
            raise _BadMessage("A message has one of: follow, leave or part (a run's id), ping (a number).")


async def _follow(
    run_id: str, message: dict[str, Any], services: Services, subscriber: Subscriber
) -> dict[str, Any] | None:
    views = message.get("views")
    if views is not None and not (isinstance(views, list) and all(isinstance(name, str) for name in views)):
        raise _BadMessage("views must be a list of names.")
    if run_id not in subscriber.runs and len(subscriber.runs) >= MAX_FOLLOWS:
        raise _BadMessage(f"One connection follows at most {MAX_FOLLOWS} runs. Leave one first.")
    if message.get("ahead") is True:
        subscriber.follow_ahead(run_id, views=views)
        return None
    since, raw = _number(message, "since"), _number(message, "raw")
    try:
        run = await find_run(services, run_id)
    except LabError as error:
        return {"run": run_id, "gone": str(error)}
    if run is not None and run.stored:
        # The log of the server that executed it may have been longer: its numbers mean nothing here.
        since = 0
    if subscriber.follow(run_id, since=since, raw=raw, views=views):
        return None
    return {"run": run_id, "gone": NO_RUN}


async def _part(run_id: str, seq: int, services: Services) -> dict[str, Any]:
    """The whole of a raw part whose row was cut; its JSON is `None` where there is none."""
    try:
        run = await find_run(services, run_id)
    except LabError:
        run = None
    content = None if run is None else await asyncio.to_thread(whole_part, run.since(0), seq)
    return {"run": run_id, "part": seq, "json": content}


def _number(message: dict[str, Any], name: str) -> int:
    number = message.get(name, 0)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _MAX_NUMBER:
        raise _BadMessage(f"{name} must be a number of log entries, 0 or more.")
    return number


def _dump(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=True)
