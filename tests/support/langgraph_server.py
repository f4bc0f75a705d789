"""A LangGraph Server that is none: it sends what a real one sent (`data/langgraph_server.sse`), and can be cut."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

RUN_ID = "01a2168c-1e1c-727f-81d9-e2dc89101bd5"
KEY = "lsv2-a-secret-key-of-the-tests"
RECORDED = Path(__file__).with_name("data") / "langgraph_server.sse"


def recorded_blocks() -> list[str]:
    """The events as they were sent, each with its name, data and id."""
    blocks = RECORDED.read_text(encoding="utf-8").split("\n\n")
    return [f"{block}\n\n" for block in blocks if block.startswith("event:")]


def id_of(block: str) -> str:
    return block.rpartition("id: ")[2].strip()


@dataclass(slots=True)
class FakeServer:
    """What it answers, and what it was asked.

    Each number in `cuts` ends a connection after so many of its events, cleanly, as a proxy does, or in the middle of
    an event if `rough`. Each pair in `repeats` is for one connection that joins: after so many replayed events it goes
    on live, and sends so many of them again, of those that are newer than the connection. `status` is that of the run,
    once all events are sent.
    """

    url: str = ""
    key: str | None = None
    blocks: list[str] = field(default_factory=recorded_blocks)
    cuts: list[int] = field(default_factory=list)
    repeats: list[tuple[int, int]] = field(default_factory=list)
    rough: bool = False
    holds: bool = False
    status: str = "success"
    state_schema: Mapping[str, Any] = field(
        default_factory=lambda: {"properties": {"notes": {"type": "array"}, "subject": {"type": "string"}}}
    )
    state: Mapping[str, Any] = field(default_factory=lambda: {"values": {}, "next": [], "tasks": []})
    bodies: list[dict[str, Any]] = field(default_factory=list)
    joined_from: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    sent: int = 0
    newest: str = ""

    def cut_next(self, *cuts: int, repeats: Sequence[tuple[int, int]] = ()) -> None:
        """Cut the connections of the next run after so many events each."""
        self.cuts, self.repeats, self.sent, self.joined_from = list(cuts), list(repeats), 0, []
        self.newest = ""

    def app(self) -> Starlette:
        run = "/threads/{thread}/runs"
        return Starlette(
            routes=[
                Route(f"{run}/stream", self._checked(self._start), methods=["POST"]),
                Route(f"{run}/{{run}}/stream", self._checked(self._join)),
                Route(f"{run}/{{run}}/cancel", self._checked(self._cancel), methods=["POST"]),
                Route(f"{run}/{{run}}", self._checked(self._run)),
                Route("/threads/{thread}/state", self._checked(self._state)),
                Route("/assistants/search", self._checked(self._assistants), methods=["POST"]),
                Route("/assistants/{assistant}/graph", self._checked(self._graph)),
                Route("/assistants/{assistant}/schemas", self._checked(self._schemas)),
            ]
        )

    def _checked(self, answer: Any) -> Any:
        async def checked(request: Request) -> Response:
            if self.key is not None and request.headers.get("x-api-key") != self.key:
                given = request.headers.get("x-api-key")
                return JSONResponse({"detail": f"Invalid key {given}"}, status_code=401)
            response: Response = await answer(request)
            return response

        return checked

    async def _start(self, request: Request) -> Response:
        self.bodies.append(await request.json())
        location = f"/threads/{request.path_params['thread']}/runs/{RUN_ID}"
        return self._stream(self.blocks, {"Content-Location": location, "Location": f"{location}/stream"})

    async def _join(self, request: Request) -> Response:
        last = request.headers.get("last-event-id", "")
        self.joined_from.append(last)
        stored = [block for block in self.blocks if id_of(block) > last]
        replayed, again = self.repeats.pop(0) if self.repeats else (len(stored), 0)
        known = sum(id_of(block) <= self.newest for block in stored)
        live = max(min(replayed, len(stored)) - again, min(known, replayed))
        return self._stream([*stored[:replayed], *stored[live:]], {})

    def _stream(self, blocks: list[str], headers: dict[str, str]) -> Response:
        cut = self.cuts.pop(0) if self.cuts else None

        async def events() -> AsyncIterator[str]:
            for number, block in enumerate(blocks):
                if number == cut:
                    if self.rough:
                        yield block[: len(block) // 2]
                        raise ConnectionResetError("cut by the test")
                    return
                yield block
                self.newest = max(self.newest, id_of(block))
            self.sent += 1
            while self.holds and not self.cancelled:
                yield ": heartbeat\n\n"
                await asyncio.sleep(0.01)

        return StreamingResponse(events(), headers=headers, media_type="text/event-stream")

    async def _run(self, _: Request) -> Response:
        return JSONResponse({"run_id": RUN_ID, "status": self.status if self.sent else "running"})

    async def _cancel(self, request: Request) -> Response:
        self.cancelled.append(request.path_params["run"])
        return Response(status_code=204)

    async def _state(self, _: Request) -> Response:
        return JSONResponse(self.state)

    async def _assistants(self, _: Request) -> Response:
        names = [("a-1", "research"), ("b-2", "research"), ("c-3", "chat")]
        return JSONResponse([{"assistant_id": one, "graph_id": name, "name": name} for one, name in names])

    async def _graph(self, _: Request) -> Response:
        edges = [{"source": "__start__", "target": "plan"}, {"source": "plan", "target": "read", "conditional": True}]
        return JSONResponse({"nodes": [], "edges": edges})

    async def _schemas(self, request: Request) -> Response:
        if request.path_params["assistant"] == "c-3":
            return JSONResponse({"detail": "no schemas"}, status_code=422)
        return JSONResponse({"input_schema": None, "state_schema": self.state_schema, "config_schema": {}})


@contextmanager
def fake_server(**options: Any) -> Iterator[FakeServer]:
    """The server on a port of its own."""
    fake = FakeServer(**options)
    serving = uvicorn.Server(uvicorn.Config(fake.app(), host="127.0.0.1", port=0, log_level="critical"))
    thread = Thread(target=serving.run, daemon=True)
    thread.start()
    while not serving.started:
        time.sleep(0.01)
    fake.url = f"http://127.0.0.1:{serving.servers[0].sockets[0].getsockname()[1]}"
    yield fake
    serving.should_exit = True
    thread.join()
