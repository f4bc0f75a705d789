"""A message of whatever was sent as one."""

from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk

from streaming.core.any_message import message_of_any


@pytest.mark.parametrize(
    ("value", "type_", "content"),
    [
        ({"type": "ai", "content": "bees", "id": "1"}, "ai", "bees"),
        ({"content": None}, "unknown", ""),
        ("bees", "unknown", "bees"),
        (7, "unknown", "7"),
        (None, "unknown", "None"),
    ],
)
def test_whatever_was_sent_as_a_message_is_one(value: Any, type_: str, content: str) -> None:
    message = message_of_any(value)
    assert (message.type, message.content) == (type_, content)
    assert message.response_metadata == {}


def test_fields_that_langchain_refuses_are_kept() -> None:
    sent = {"type": "ai", "content": "bees", "usage_metadata": {"total_cost": 0}, "tool_calls": "none", "id": 7}
    fields = message_of_any(sent).__dict__ | (message_of_any(sent).__pydantic_extra__ or {})
    assert fields["usage_metadata"] == {"total_cost": 0}
    assert fields["additional_kwargs"] == {"tool_calls": "none", "id": 7}


def test_a_chunk_stays_a_chunk() -> None:
    chunk = message_of_any({"type": "AIMessageChunk", "content": "be", "usage_metadata": {"total_cost": 0}})
    assert isinstance(chunk, AIMessageChunk)
    assert (chunk.tool_call_chunks, chunk.chunk_position) == ([], None)
