"""The event stream of a LangGraph Server: whatever its lines are, other runs have their turns."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from streaming.core.errors import LimitReached
from streaming.core.json_limits import MAX_VALUES
from streaming.core.serialization import PIECE_BYTES
from streaming.remote_graphs.bounded_client import BoundedClient
from streaming.remote_graphs.event_lines import EventLines, EventText
from streaming.remote_graphs.run_stream import RunStream, ServerEvent
from streaming.remote_graphs.servers import named_servers
from tests.support.turns_of_others import with_turns_of_others

KEY = "lsv2-planted-key"


async def read(sent: bytes) -> list[ServerEvent]:
    """The events of an answer with this body, whose stream breaks off for good."""

    async def answer(request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield sent

        there = {"content-location": "/threads/t/runs/r"} if request.method == "POST" else {}
        return StreamingResponse(pieces(), media_type="text/event-stream", headers=there)

    app = Starlette(routes=[Route("/threads/t/runs/stream", answer, methods=["POST"])])
    [server] = named_servers("http://there", KEY)
    found = []
    async with server.client() as client:
        stream = RunStream(client, server, "t", {})
        stream._http = BoundedClient(base_url="http://there", transport=httpx.ASGITransport(app))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(RunStream, "_goes_on", _no)
            async for event in stream.events():
                found.append(event)
    return found


async def _no(_: RunStream) -> bool:
    return False


async def test_lines_without_meaning_leave_turns_to_other_tasks() -> None:
    found, turns = await with_turns_of_others(read(b":\n" * 300_000 + b'event: custom\ndata: "a"\n\n'))
    assert [event.data for event in found] == ["a"]
    assert turns > 20


async def test_a_large_event_is_cleaned_in_several_turns() -> None:
    text = "word " * 400_000
    found, turns = await with_turns_of_others(read(f'event: custom\ndata: "{text}{KEY}"\n\n'.encode()))
    assert [event.data for event in found] == [f"{text}[key]"]
    assert turns > len(text) // PIECE_BYTES


async def test_the_values_of_all_lines_of_an_event_are_counted_together() -> None:
    line = b"data: " + b"1," * 1_000 + b"\n"
    with pytest.raises(LimitReached):
        await read(b"event: custom\ndata: [\n" + line * (MAX_VALUES // 1_000 + 1) + b"data: 1]\n\n")


def test_events_are_read_as_the_specification_says() -> None:
    lines = EventLines()
    sent = b"\xef\xbb\xbfevent: a\n: no\nretry: 3\nid: 1\ndata:1\ndata:  2\n\ndata: 3\n\nid: \0\nevent:b\ndata\n\n"
    found = [event for line in sent.split(b"\n") if (event := lines.feed(line))]
    assert found == [EventText(b"a", b"1", b"1\n 2"), EventText(b"b", b"1", b"")]
