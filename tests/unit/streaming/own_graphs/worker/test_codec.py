"""Messages through the codec of a graph's process: each arrives as a message, as its sender had it."""

from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ChatMessage, ToolMessage

from streaming.own_graphs.worker.codec import dumps, loads

ANSWER = AIMessage("bees", id="1", response_metadata={"model": "m"})
CALL = {"name": "look_up", "args": "{", "id": "call-1", "index": 0}


class Remark(BaseMessage):
    """A class of an author's own."""

    type: str = "remark"


@pytest.mark.parametrize(
    "message",
    [
        ANSWER,
        AIMessageChunk("be", chunk_position="last"),
        ToolMessage("found", tool_call_id="call-1"),
        ChatMessage("bees", role="bee"),
    ],
    ids=lambda message: message.type,
)
def test_a_message_arrives_as_it_was(message: BaseMessage) -> None:
    assert loads(dumps(message)) == message


@pytest.mark.parametrize(
    ("message", "field", "value"),
    [
        (ANSWER, "usage_metadata", {"total_cost": 0}),
        (ANSWER, "usage_metadata", {"input_tokens": None, "output_tokens": 1, "total_tokens": 1}),
        (ANSWER, "content", None),
        (ANSWER, "content", {"text": "bees"}),
        (ANSWER, "tool_calls", [{"name": "look_up", "args": "bees", "id": "call-1"}]),
        (AIMessageChunk("be"), "chunk_position", "middle"),
        (ToolMessage("found", tool_call_id="call-1"), "status", "slow"),
    ],
)
def test_a_field_that_the_class_of_a_message_refuses_arrives_as_its_sender_had_it(
    message: BaseMessage, field: str, value: Any
) -> None:
    sent = message.model_copy(update={field: value})
    assert loads(dumps(sent)) == sent


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("usage_metadata", "many"),
        ("tool_calls", "none"),
        ("tool_calls", ["none"]),
        ("response_metadata", "none"),
        ("id", ["1"]),
    ],
)
def test_what_is_not_of_the_kind_of_its_field_is_kept_beside_it(field: str, value: Any) -> None:
    """The engine reads what an id, counts and calls hold."""
    found = loads(dumps(ANSWER.model_copy(update={field: value})))
    assert isinstance(found, AIMessage)
    assert found.content == "bees"
    assert found.additional_kwargs == {field: value}
    assert getattr(found, field) == AIMessage.model_fields[field].get_default(call_default_factory=True)


def test_the_calls_of_a_chunk_are_read_from_its_fragments_also_where_its_counts_are_refused() -> None:
    sent = AIMessageChunk("", tool_call_chunks=[CALL]).model_copy(update={"usage_metadata": {"total_cost": 0}})
    found = loads(dumps(sent))
    assert [call["name"] for call in found.tool_calls] == ["look_up"]
    assert found.usage_metadata == {"total_cost": 0}


def test_a_message_of_an_authors_own_class_is_a_message_of_its_type() -> None:
    found = loads(dumps({"said": [Remark("bees", id="1")]}))["said"][0]
    assert isinstance(found, BaseMessage)
    assert (found.type, found.content, found.id) == ("remark", "bees", "1")


@pytest.mark.parametrize("fields", [7, "x", [1], {"content": {"a": 1}, 3: 4}, {"id": []}], ids=repr)
def test_a_value_that_only_looks_like_a_message_is_read(fields: Any) -> None:
    """An input of a visitor, or a state: the thread that read it died, and the process heard nothing more."""
    assert loads(dumps({"given": {"__streaming_lab__": "AIMessage", "fields": fields}})) is not None
    read = loads(dumps({"given": {"__streaming_lab__": "AIMessage", "fields": 7}}))
    assert read["given"] == {"__streaming_lab__": "AIMessage", "fields": 7}
