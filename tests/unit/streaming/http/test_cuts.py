"""A run over HTTP and over the socket, cut after every event and continued: nothing is lost and nothing comes twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from graphs import GRAPHS
from streaming.core.events import LogEntry
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.http.routes import api_routes
from streaming.http.run_routes import facts_of
from streaming.http.websocket import live_route
from streaming.live.folding import empty_view, fold
from streaming.live.view import patches_of
from streaming.runtime.run_facts import about_run, edges_of
from streaming.services import Services
from streaming.wires.base import wire_events
from streaming.wires.catalogue import WIRE_NAMES, WIRES, WireName
from tests.support.wire_logs import SHIPPED, log_of

RECORDING = next(name for name in SHIPPED if "agent" in name)
EVENTS = 80
"""So many of the recording, and its end: an agent's thoughts, its calls and their results are among them."""

Event = tuple[str, str, str]


@pytest.fixture
def run(services: Services) -> Run:
    """A run that has not begun."""
    request = RunRequest(graph=GRAPHS["chat"], model=ModelSpec(provider="scripted"), modes=("messages",), prompt="Hi")
    run = Run(request, thread_id="t")
    services.engine.registry.add(run)
    return run


def recorded_events() -> tuple[LogEntry, ...]:
    log = log_of(RECORDING)
    return (*log[:EVENTS], log[-1])


class Cut:
    """A connection of a client that leaves after some events: no socket is in between."""

    def __init__(self, app: Any, path: str, last: str = "") -> None:
        self._app, self._path, self._last = app, path, last
        self._gone = asyncio.Event()
        self._asked = False
        self.status = 0

    async def events(self) -> AsyncIterator[Event]:
        """The events as they come; to leave this iteration is to cut the connection."""
        chunks: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        task = asyncio.create_task(self._call(chunks))
        try:
            text = ""
            while (chunk := await chunks.get()) is not None:
                *blocks, text = (text + chunk.decode().replace("\r\n", "\n")).split("\n\n")
                for block in blocks:
                    if "data:" in block:
                        yield parsed(block)
            assert not text.strip()
        finally:
            self._gone.set()
            while not task.done():
                # What was on its way when the client left is lost.
                await asyncio.wait([task, lost := asyncio.ensure_future(chunks.get())], return_when="FIRST_COMPLETED")
                lost.cancel()
            await task

    async def _call(self, chunks: asyncio.Queue[bytes | None]) -> None:
        path, _, query = self._path.partition("?")
        headers = [(b"host", b"testserver"), *([(b"last-event-id", self._last.encode())] if self._last else [])]
        scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers}

        async def receive() -> dict[str, Any]:
            if self._asked:
                await self._gone.wait()
                return {"type": "http.disconnect"}
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
            elif message.get("body"):
                await chunks.put(message["body"])

        client = {"client": ("127.0.0.1", 1), "server": ("testserver", 80), "scheme": "http", "root_path": ""}
        await self._app({**scope, **client, "http_version": "1.1", "raw_path": path.encode()}, receive, send)
        await chunks.put(None)


def parsed(block: str) -> Event:
    lines = [line.partition(": ") for line in block.splitlines() if not line.startswith(":")]
    fields = {name: "\n".join(value for field, _, value in lines if field == name) for name, *_ in lines}
    return fields.get("id", ""), fields.get("event", ""), fields["data"]


@pytest.mark.parametrize("wire", WIRE_NAMES)
async def test_a_stream_that_is_cut_after_every_event_is_the_whole_stream(
    services: Services, run: Run, wire: WireName
) -> None:
    for entry in recorded_events():
        run.append(entry.event, size=entry.size)
    app = Starlette(routes=api_routes(services))
    path = f"/api/runs/{run.id}/events?as={wire}"
    found: list[Event] = []
    while True:
        connection = Cut(app, path, found[-1][0] if found else "")
        async with aclosing(connection.events()) as events:
            async for event in events:
                found.append(event)
                break
        if connection.status == 204:
            break
    whole = wire_events(WIRES[wire].make(facts_of(run)), run.events)
    assert found == [(str(event.id), event.name or "", event.data) for event in whole]


def test_a_socket_that_is_cut_after_every_event_shows_the_whole_run(services: Services, run: Run) -> None:
    view, since = empty_view(), 0
    with TestClient(Starlette(routes=[live_route(services)])) as client:
        for seq, entry in enumerate(recorded_events()):
            run.append(entry.event, size=entry.size)
            with client.websocket_connect("/api/live") as socket:
                socket.send_text(json.dumps({"follow": run.id, "since": since}))
                while since <= seq:
                    message = json.loads(socket.receive_text())
                    if "beat" in message:
                        continue
                    if message.get("snapshot"):
                        view = empty_view()
                    fold(view, message["p"])
                    since = message["seq"]
    patches = [
        patch for _, found in patches_of(run.events, about=about_run(run), edges=edges_of(run)) for patch in found
    ]
    assert json.loads(json.dumps(view)) == json.loads(json.dumps(fold(empty_view(), patches)))
