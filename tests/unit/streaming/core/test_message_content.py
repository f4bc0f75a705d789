"""What a message holds beside its text, in the fields and shapes of several providers."""

from typing import Any

import pytest
from langchain_core.messages import AIMessage

from streaming.core.message_content import (
    as_content,
    content_part,
    finish_reason,
    other_content,
    reasoning_in,
    refusal_in,
    text_in,
)


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({}, None),
        ({"finish_reason": None}, None),
        ({"finish_reason": "", "stop_reason": "end_turn"}, "end_turn"),
        ({"done_reason": "stop"}, "stop"),
        ({"finishReason": "MAX_TOKENS"}, "MAX_TOKENS"),
        ({"finish_reason": "null"}, None),
        ({"finish_reason": "None", "stop_reason": "eos"}, "eos"),
        ({"finish_reason": "FINISH_REASON_UNSPECIFIED"}, None),
        ({"finish_reason": {"type": "stop"}}, "stop"),
        ({"finish_reason": False}, None),
        ({"finish_reason": 7}, "7"),
    ],
)
def test_the_finish_reason_is_the_providers_word(metadata: dict[str, Any], reason: str | None) -> None:
    assert finish_reason(metadata) == reason


@pytest.mark.parametrize(
    ("content", "beside", "reasoning"),
    [
        ("text", {}, ""),
        ("text", {"reasoning_content": "why"}, "why"),
        ("text", {"reasoning": {"summary": [{"text": "a"}, {"text": "b"}]}}, "ab"),
        ([{"type": "thinking", "thinking": "why"}, {"type": "text", "text": "so"}], {}, "why"),
        ([{"type": "reasoning", "summary": [{"type": "summary_text", "text": "why"}]}], {"reasoning": "no"}, "why"),
        ([{"type": "reasoning", "reasoning": None}], {}, ""),
        ([7, None, "why"], {"reasoning": 7}, ""),
        (
            "",
            {"reasoning_details": [{"type": "reasoning.text", "text": "why"}, {"type": "reasoning.encrypted"}]},
            "why",
        ),
        ("", {"thinking": "why"}, "why"),
        ("", {"reasoning": "why", "reasoning_details": [{"text": "why"}]}, "why"),
    ],
)
def test_reasoning_is_found_in_blocks_and_beside_them(content: object, beside: dict[str, Any], reasoning: str) -> None:
    assert reasoning_in(content, beside) == reasoning


def test_a_refusal_is_found_in_blocks_and_beside_them() -> None:
    assert refusal_in([{"type": "refusal", "refusal": "No."}], {}) == "No."
    assert refusal_in("", {"refusal": "No."}) == "No."
    assert refusal_in("text", {"refusal": None}) == ""


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("plain", "plain"),
        (["a", {"type": "text", "text": "b"}, {"text": "c"}, {"type": "output_text", "text": "d"}], "abcd"),
        ([{"type": "thinking", "thinking": "no"}, {"type": "text", "text": None}, 7], ""),
        (None, ""),
        ([{"type": "text", "text": {"value": "wrapped"}}, {"type": "text", "text": 7}], "wrapped7"),
    ],
)
def test_text_comes_from_strings_and_text_blocks(content: object, text: str) -> None:
    assert text_in(content) == text


@pytest.mark.parametrize(
    ("sent", "content"),
    [
        ("text", "text"),
        (None, ""),
        (7, "7"),
        ({"type": "text", "text": "a"}, [{"type": "text", "text": "a"}]),
        (["a", None, 7, ["b"]], ["a", {"type": "unknown", "value": 7}, {"type": "unknown", "value": ["b"]}]),
    ],
)
def test_whatever_is_sent_as_content_can_be_held_by_a_message(sent: Any, content: Any) -> None:
    assert as_content(sent) == content
    assert AIMessage(as_content(sent)).content == content


def test_content_of_other_types_is_listed() -> None:
    cited = {"type": "text", "text": "so", "annotations": [{"url": "x"}]}
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    plain: list[Any] = ["a", {"type": "text", "text": "b"}, {"type": "thinking", "thinking": "c"}, {"type": "tool_use"}]
    message = AIMessage([*plain, cited, picture], additional_kwargs={"audio": {"data": "AAAA"}, "images": [picture]})
    assert other_content(message) == [cited, picture, picture, {"type": "audio", "audio": {"data": "AAAA"}}]


@pytest.mark.parametrize(
    ("block", "part"),
    [
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}, (("image", "image/png"), 3)),
        ({"type": "audio", "audio": {"data": "AAAAAAAA", "format": "mp3"}}, (("audio", "mp3"), 6)),
        ({"type": "file", "id": "f", "index": 1, "name": "é"}, (("file", ""), 2)),
        ({"type": "text", "text": "so"}, (("citation", ""), 2)),
        ({}, (("unknown", ""), 0)),
    ],
)
def test_a_content_block_has_a_type_a_media_type_and_a_size(block: dict[str, Any], part: object) -> None:
    assert content_part(block) == part


def test_a_content_block_nested_without_end_has_a_size() -> None:
    block: dict[str, Any] = {"type": "file"}
    block["inner"] = block
    assert content_part(block) == (("file", ""), 0)
