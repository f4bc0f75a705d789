"""What arrives of a run whose connection is cut, whatever the server sends again when it is joined."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streaming.remote_graphs.run_stream import RunStream
from streaming.remote_graphs.servers import named_servers
from tests.support.langgraph_server import FakeServer, fake_server

Event = tuple[int, str]
"""The time in an id, and what the event says."""

EVENTS = st.lists(st.tuples(st.integers(0, 6), st.sampled_from("abc")), min_size=1, max_size=12, unique=True).map(
    lambda found: sorted(found, key=lambda event: event[0])
)
"""Events of which several have the same id or say the same, but never both."""

REPEATS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), max_size=4)
CUTS = st.lists(st.integers(1, 12), max_size=4)


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeServer]:
    with fake_server() as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr("streaming.remote_graphs.run_stream.PAUSES_S", (0.0,) * 5)
        yield server


def read(fake: FakeServer, events: Sequence[Event], *cuts: int, repeats: Sequence[tuple[int, int]] = ()) -> list[Event]:
    fake.blocks = [f'event: custom\ndata: [{time}, "{says}"]\nid: {1700 + time}-0\n\n' for time, says in events]
    fake.cut_next(*cuts, repeats=repeats)
    return asyncio.run(_read(fake))


async def _read(fake: FakeServer) -> list[Event]:
    [server] = named_servers(fake.url)
    async with server.client() as client:
        stream = RunStream(client, server, "thread", {})
        return [tuple(event.data) async for event in stream.events()]


@settings(max_examples=150, deadline=None)
@given(events=EVENTS, cuts=CUTS, repeats=REPEATS)
def test_no_event_is_lost_or_repeated(
    fake: FakeServer, events: list[Event], cuts: list[int], repeats: list[tuple[int, int]]
) -> None:
    assert read(fake, events, *cuts, repeats=repeats) == events


def test_equal_events_with_the_same_id_are_two_where_the_server_cannot_have_gone_back(fake: FakeServer) -> None:
    twins = [(1, "a"), (2, "b"), (2, "b"), (3, "c"), (4, "d"), (4, "d")]
    assert read(fake, twins) == twins
    assert read(fake, twins, 5) == twins
    assert read(fake, twins, 2, repeats=[(3, 1)]) == twins, "it goes back only once"
    assert read(fake, twins, 3) == twins[:5], "the last one can be the fifth, which came again"
