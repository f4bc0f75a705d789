"""A LangGraph Server may send anything: what is too large ends the run, and nothing stops the server."""

from collections.abc import AsyncIterator
from functools import partial

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from streaming.core.errors import BrokenStream, LimitReached
from streaming.core.json_limits import has_too_many_values
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.recordings.format import dump_event
from streaming.remote_graphs import bounded_client
from streaming.remote_graphs.bounded_client import BoundedClient
from streaming.remote_graphs.servers import named_servers
from streaming.remote_graphs.sources import RemoteGraphSource
from streaming.runtime.engine import Engine
from tests.support.graphs import finish
from tests.support.langgraph_server import KEY, fake_server, recorded_blocks


def large_answers() -> httpx.ASGITransport:
    async def stream(_: Request) -> Response:
        async def events() -> AsyncIterator[bytes]:
            for _ in range(40):
                yield b"data: " + b"x" * 500 + b"\n\n"
            for _ in range(40):
                yield b"data: " + b"x" * 500 + b"\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    async def plain(_: Request) -> Response:
        return Response(b"x" * 20_000)

    async def error(_: Request) -> Response:
        return Response(b"x" * 200_000, status_code=500)

    async def packed(_: Request) -> Response:
        return Response(b"x", headers={"content-encoding": "gzip"})

    return httpx.ASGITransport(
        Starlette(routes=[Route(f"/{made.__name__}", made) for made in (stream, plain, error, packed)])
    )


@pytest.mark.parametrize(
    ("path", "kind"), [("stream", LimitReached), ("plain", LimitReached), ("packed", BrokenStream)]
)
async def test_an_answer_that_is_too_large_or_compressed_ends(
    path: str, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_client, "MAX_BYTES", 10_000)
    async with BoundedClient(base_url="http://there", transport=large_answers()) as client:
        with pytest.raises(kind):
            await client.get(f"/{path}")


async def test_the_rest_of_a_large_error_is_not_read() -> None:
    async with BoundedClient(base_url="http://there", transport=large_answers()) as client:
        answer = await client.get("/error")
    assert answer.status_code == 500
    assert len(answer.content) <= bounded_client.MAX_ERROR_BYTES


def test_an_event_of_too_many_values_ends_the_run_and_a_key_is_found_in_any_form(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    lowered = partial(has_too_many_values, containers=5_000)
    monkeypatch.setattr("streaming.remote_graphs.run_stream.has_too_many_values", lowered)
    written = "".join(f"\\u{ord(char):04x}" for char in KEY)
    blocks = [
        *recorded_blocks()[:3],
        f'event: custom\ndata: {{"key": "{written}", "hex": "{KEY.encode().hex()}"}}\nid: 1795674619998-0\n\n',
        f"event: custom\ndata: {orjson.dumps([[]] * 6_000).decode()}\nid: 1795674619999-0\n\n",
    ]
    with fake_server(blocks=blocks, key=KEY) as fake:
        [server] = named_servers(fake.url, KEY)
        graph = RemoteGraphSource(name="x", title="", summary="", server=server, assistant_id="a", graph_id="g")
        request = RunRequest(graph=graph, model=ModelSpec(provider="scripted"), modes=("custom",), prompt="Hi")
        run = finish(engine.start(request))
    assert run.ended is not None
    assert run.ended.error == "LimitReached"
    logged = b"".join(map(dump_event, run.events))
    assert logged.count(b"[key]") == 2
    assert KEY.encode() not in logged
    assert KEY.encode().hex().encode() not in logged
