"""What a message holds beside its text, in the fields and shapes of several providers."""

from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from streaming.core.message_content import (
    ThinkTags,
    content_part,
    finish_reason,
    other_content,
    reasoning_in,
    refusal_in,
    text_in,
)


def divided(pieces: Sequence[str]) -> tuple[str, str]:
    """The text and the reasoning of a message that came in these pieces."""
    tags = ThinkTags()
    parts = [tags.split(piece) for piece in pieces] + [tags.split("", ends=True)]
    return "".join(text for text, _ in parts), "".join(thought for _, thought in parts)


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ("<think>\nWhy?\n</think>\n\nSo.", ("So.", "Why?\n")),
        ("  <thinking>Why?</thinking>So.", ("So.", "Why?")),
        ("<think>never closed", ("", "never closed")),
        ("<think></think>So.", ("So.", "")),
        ("So <think>no</think>", ("So <think>no</think>", "")),
        ("<thin air", ("<thin air", "")),
        ("<think>a < b </thin k></think>So.", ("So.", "a < b </thin k>")),
        ("  So.", ("  So.", "")),
        ("", ("", "")),
    ],
)
def test_thinking_is_divided_from_the_text_wherever_the_chunks_cut_it(whole: str, expected: tuple[str, str]) -> None:
    for cut in range(len(whole) + 1):
        assert divided([whole[:cut], whole[cut:]]) == expected
    assert divided(list(whole)) == expected


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({}, None),
        ({"finish_reason": None}, None),
        ({"finish_reason": "", "stop_reason": "end_turn"}, "end_turn"),
        ({"done_reason": "stop"}, "stop"),
        ({"finishReason": "MAX_TOKENS"}, "MAX_TOKENS"),
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
    ],
)
def test_text_comes_from_strings_and_text_blocks(content: object, text: str) -> None:
    assert text_in(content) == text


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
