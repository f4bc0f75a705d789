"""What a LangGraph Server sends, as stream parts."""

from typing import Any

import pytest

from streaming.core.events import Token
from streaming.remote_graphs.parts import part_of
from streaming.remote_graphs.run_stream import ServerEvent
from streaming.runtime.stream_parts import StreamPartDecoder

ANSWER = {"content": "bees", "id": "1", "additional_kwargs": {}, "response_metadata": {}}


@pytest.mark.parametrize("usage", [{"total_cost": 0}, {"input_tokens": None, "output_tokens": 1, "total_tokens": 1}])
@pytest.mark.parametrize("kind", ["ai", "AIMessageChunk"])
async def test_a_message_whose_counts_langchain_refuses_is_a_token_with_these_counts(
    kind: str, usage: dict[str, Any]
) -> None:
    """A model's cache of LangChain gives such counts, and a server sends them on."""
    sent = [{**ANSWER, "type": kind, "usage_metadata": usage}, {"langgraph_node": "talk"}]
    part = part_of(ServerEvent(name="messages", data=sent, size=0), ["messages"])
    assert part is not None
    token, _ = await StreamPartDecoder().decode(part)
    assert isinstance(token, Token)
    assert (token.role, token.text, token.node, token.usage) == ("ai", "bees", "talk", usage)
    assert token.whole == (kind == "ai")


async def test_a_message_of_a_type_that_langchain_does_not_know_is_a_token_with_this_role() -> None:
    part = part_of(ServerEvent(name="messages", data=[{**ANSWER, "type": "remark"}, {}], size=0), ["messages"])
    assert part is not None
    token, _ = await StreamPartDecoder().decode(part)
    assert isinstance(token, Token)
    assert (token.role, token.text) == ("remark", "bees")
