"""The decoder of stream parts, on parts that LangGraph has sent, and those parts against today's LangGraph."""

from typing import Any

from streaming.core.events import MODES
from streaming.runtime.stream_parts import StreamPartDecoder
from tests.support.stream_parts import event_of, plain_part, recorded, shape, stream_parts


def shapes(parts: list[Any]) -> list[Any]:
    """Sorted, as parts of tasks at the same time have no fixed order."""
    return sorted(({"mode": part["type"], "data": shape(part["data"])} for part in parts), key=str)


def test_recorded_parts_decode_to_the_recorded_events() -> None:
    decoder, golden = StreamPartDecoder(), recorded()
    for one in golden:
        assert event_of(decoder, one["part"]) == one["event"]
    assert {one["part"]["type"] for one in golden} == set(MODES), "every mode is among them"


async def test_the_installed_langgraph_sends_parts_of_the_recorded_shapes() -> None:
    parts = [plain_part(part) for part in await stream_parts()]
    assert shapes(parts) == shapes([plain_part(one["part"]) for one in recorded()])
