"""Fields that LangChain's client leaves out stay in chunks and whole answers."""

from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk

from streaming.providers.answer_fields import KeepsAnswerFields

CLIENT = KeepsAnswerFields(model="m", api_key="k")  # type: ignore[arg-type]


def streamed(*choices: Any) -> AIMessageChunk:
    """The message of a chunk with these choices."""
    generation = CLIENT._convert_chunk_to_generation_chunk({"id": "c", "choices": list(choices)}, AIMessageChunk, None)
    assert generation is not None
    assert isinstance(generation.message, AIMessageChunk)
    return generation.message


def whole(**message: Any) -> AIMessage:
    """The message of an answer that is no stream."""
    sent = {"role": "assistant", "content": "", **message}
    result = CLIENT._create_chat_result(
        {"id": "c", "choices": [{"index": 0, "message": sent, "finish_reason": "stop"}]}
    )
    found = result.generations[0].message
    assert isinstance(found, AIMessage)
    return found


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_has_one_name_in_a_stream_and_in_a_whole_answer(name: str) -> None:
    assert streamed({"delta": {name: "Hm"}}).additional_kwargs["reasoning_content"] == "Hm"
    assert whole(**{name: "Hm"}).additional_kwargs["reasoning_content"] == "Hm"


def test_what_is_beside_the_text_stays() -> None:
    images = [{"type": "image_url", "image_url": {"url": "data:,"}}]
    for message in (streamed({"delta": {"refusal": "No.", "images": images}}), whole(refusal="No.", images=images)):
        assert message.additional_kwargs["refusal"] == "No."
        assert message.additional_kwargs["images"] == images


def test_the_finish_reason_is_in_its_own_chunk() -> None:
    last = streamed({"delta": {"content": "a"}, "finish_reason": "length"})
    assert last.response_metadata["finish_reason"] == "length"
    assert "finish_reason" not in streamed({"delta": {"content": "a"}, "finish_reason": None}).response_metadata


@pytest.mark.parametrize("sent", [{"message": {"content": "text"}}, {"text": "text"}, {"delta": {"content": "text"}}])
def test_a_text_is_read_wherever_a_server_puts_it(sent: dict[str, Any]) -> None:
    assert streamed({"index": 0, **sent}).text == "text"


def test_of_several_answers_one_is_the_text_and_the_rest_is_beside_it() -> None:
    message = streamed({"index": 1, "delta": {"content": "other"}}, {"index": 0, "delta": {"content": "asked"}})
    assert message.text == "asked"
    assert message.additional_kwargs["choices"] == [{"type": "choice", "number": 1, "delta": {"content": "other"}}]


@pytest.mark.parametrize(
    "delta",
    [
        {"tool_calls": [{"index": 0, "id": 7, "function": {"name": "add", "arguments": {"a": 1}}}]},
        {"tool_calls": {"index": 0, "id": "7", "function": {"name": "add", "arguments": '{"a": 1}'}}},
    ],
    ids=["numbers and objects", "alone"],
)
def test_a_tool_call_is_read_in_the_shapes_that_servers_send(delta: dict[str, Any]) -> None:
    (call,) = streamed({"delta": delta}).tool_call_chunks
    assert (call["name"], call["args"], call["id"]) == ("add", '{"a": 1}', "7")
    (called,) = whole(**delta).tool_calls
    assert (called["name"], called["args"], called["id"]) == ("add", {"a": 1}, "7")


def test_a_call_by_its_old_name_is_a_tool_call() -> None:
    (call,) = streamed({"delta": {"function_call": {"name": "add", "arguments": "{}"}}}).tool_call_chunks
    assert (call["name"], call["index"]) == ("add", 0)


def test_a_fragment_without_an_index_is_not_dropped() -> None:
    (call,) = streamed({"delta": {"tool_calls": [{"function": {"arguments": "{"}}]}}).tool_call_chunks
    assert call["args"] == "{"


def test_a_chunk_without_choices_is_left_to_the_client() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    generation = CLIENT._convert_chunk_to_generation_chunk({"choices": [], "usage": usage}, AIMessageChunk, None)
    assert generation is not None
    message = generation.message
    assert isinstance(message, AIMessageChunk)
    assert message.usage_metadata is not None
    assert message.usage_metadata["total_tokens"] == 3
