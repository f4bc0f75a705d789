"""The routes of the app on a real socket, where every connection to a run's events breaks after one event."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette

from graphs import GRAPHS
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.http.routes import api_routes
from streaming.services import Services
from tests.support.http_server import running
from tests.support.wire_logs import log_of

BLOCK_END = b"\n\n"


class CutAfterEachEvent:
    """Let one event of a stream pass, and break the connection where another would come: no last chunk is sent."""

    def __init__(self, app: Any, *, retry_ms: int | None = None) -> None:
        self._app = app
        self._retry = b"" if retry_ms is None else b"retry: %d\n\n" % retry_ms
        self.cuts: Counter[str] = Counter()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass all requests on, and cut what answers with events, unless the client asks for the whole."""
        uncut = any(name == b"x-uncut" for name, _ in scope.get("headers", ()))
        if scope["type"] != "http" or not scope["path"].endswith("/events") or uncut:
            await self._app(scope, receive, send)
            return
        gone = asyncio.Event()
        has_event = False

        async def receive_until_cut() -> Any:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send_first(message: Any) -> None:
            nonlocal has_event
            if gone.is_set():
                return
            body = message.get("body", b"")
            if not body:
                await send(message)
                return
            block, end, rest = body.partition(BLOCK_END)
            if not has_event:
                has_event = True
                await send({**message, "body": self._retry + block + end, "more_body": True})
                body = rest
            if body:
                self.cuts[f"{scope['path']}?{scope['query_string'].decode()}"] += 1
                gone.set()

        await self._app(scope, receive_until_cut, send_first)


@contextmanager
def serving_cuts(
    services: Services, names: tuple[str, ...], routes: tuple[Any, ...] = (), *, retry_ms: int | None = None
) -> Iterator[tuple[str, dict[str, Run], Counter[str]]]:
    """The server's address, the runs of these recordings by their names, and how often each path was cut."""
    runs = {name: recorded_run(services, name) for name in names}
    cutting = CutAfterEachEvent(Starlette(routes=[*routes, *api_routes(services)]), retry_ms=retry_ms)
    # A connection that breaks is an error to uvicorn, which logs each.
    with running(cutting, log_level="critical", lifespan="off") as address:
        yield f"http://{address}", runs, cutting.cuts


def recorded_run(services: Services, name: str) -> Run:
    """A run of the registry that has ended, with the events of this recording."""
    request = RunRequest(graph=GRAPHS["chat"], model=ModelSpec(provider="scripted"), modes=("messages",), prompt="Hi")
    run = Run(request, thread_id="t")
    for entry in log_of(name):
        run.append(entry.event, size=entry.size)
    services.engine.registry.add(run)
    return run
