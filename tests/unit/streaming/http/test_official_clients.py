"""Official clients read every shipped recording over a real socket that breaks after every event, and miss nothing.

Each test goes through all recordings and all their events; none is left out. `tests/browser/test_wires.py` has the same
for `EventSource`, `test_ag_ui_client.py` for the client of AG-UI.
"""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import httpx_sse
import langgraph_sdk._async.http as sdk_http
import pytest
from ag_ui.core import Event as AgUiEvent
from langgraph_sdk import get_client
from openai import APIConnectionError, AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk
from pydantic import TypeAdapter

from streaming.core.run import Run
from streaming.http.run_routes import facts_of
from streaming.services import Services
from streaming.wires.ag_ui_checker import ag_ui_violations
from streaming.wires.base import WireEvent, wire_events
from streaming.wires.catalogue import WIRES, WireName
from tests.support.cut_server import serving_cuts
from tests.support.wire_logs import SHIPPED

OFFICIAL: TypeAdapter[Any] = TypeAdapter(AgUiEvent)


def whole(wire: WireName, run: Run) -> list[WireEvent]:
    """What the stream is without a cut."""
    return list(wire_events(WIRES[wire].make(facts_of(run)), run.events))


def path_of(wire: WireName, run: Run) -> str:
    return f"/api/runs/{run.id}/events?as={wire}"


@pytest.mark.parametrize("wire", ["langgraph", "langgraph-messages"])
async def test_the_sdk_of_langgraph_connects_again_by_itself_after_every_event(
    services: Services, wire: WireName, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else it waits a second before each.
    monkeypatch.setattr(sdk_http, "_reconnect_delay", lambda *_, **__: 0)
    with serving_cuts(services, SHIPPED) as (base, runs, cuts):
        client = get_client(url=base, api_key=None)
        for run in runs.values():
            found = [part async for part in client.http.stream(path_of(wire, run), "GET")]
            expected = whole(wire, run)
            assert [(part.id, part.event) for part in found] == [(str(one.id), one.name) for one in expected]
            assert [part.data for part in found] == [json.loads(one.data) for one in expected]
            assert cuts[path_of(wire, run)] == len(expected) - 1
        await client.aclose()


async def test_the_client_of_openai_reads_every_chunk(services: Services) -> None:
    """It knows no resuming and tells no ids. As ids are positions, the next one is the number of its chunks."""
    with serving_cuts(services, SHIPPED) as (base, runs, cuts):
        client = AsyncOpenAI(base_url=base, api_key="none")
        for run in runs.values():
            *expected, _done = whole("openai", run)
            found: list[ChatCompletionChunk] = []
            while len(found) < len(expected):
                found += [chunk async for chunk in _chunks(client, path_of("openai", run), len(found))]
            assert [chunk.model_dump_json(exclude_unset=True) for chunk in found] == [
                ChatCompletionChunk.model_validate_json(one.data).model_dump_json(exclude_unset=True)
                for one in expected
            ]
            assert cuts[path_of("openai", run)] == len(expected)
        await client.close()


async def _chunks(client: AsyncOpenAI, path: str, count: int) -> AsyncIterator[ChatCompletionChunk]:
    """The chunks from this number on, until the connection breaks."""
    headers = {"Last-Event-ID": str(count - 1)} if count else {}
    stream = await client.get(
        path, cast_to=object, stream=True, stream_cls=AsyncStream[ChatCompletionChunk], options={"headers": headers}
    )
    with suppress(APIConnectionError):
        async for chunk in stream:
            yield chunk


async def test_the_official_types_accept_all_that_a_reader_of_ag_ui_resumed(services: Services) -> None:
    with serving_cuts(services, SHIPPED) as (base, runs, cuts):
        async with httpx.AsyncClient(base_url=base) as client:
            for run in runs.values():
                expected = whole("ag-ui", run)
                found: list[httpx_sse.ServerSentEvent] = []
                while len(found) < len(expected):
                    found += [event async for event in _events(client, path_of("ag-ui", run), found)]
                assert [(one.id, one.event, one.data) for one in found] == [
                    (str(one.id), one.name or "message", one.data) for one in expected
                ]
                assert cuts[path_of("ag-ui", run)] == len(expected) - 1
                parsed = [json.loads(one.data) for one in found]
                assert all(OFFICIAL.validate_python(one) for one in parsed)
                assert ag_ui_violations(parsed) == []


async def _events(
    client: httpx.AsyncClient, path: str, found: list[httpx_sse.ServerSentEvent]
) -> AsyncIterator[httpx_sse.ServerSentEvent]:
    headers = {"Last-Event-ID": found[-1].id} if found else {}
    async with httpx_sse.aconnect_sse(client, "GET", path, headers=headers) as source:
        with suppress(httpx.RemoteProtocolError):
            async for event in source.aiter_sse():
                yield event
