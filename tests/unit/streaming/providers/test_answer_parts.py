"""An answer of very many parts ends before they are put together, which takes time by the square of their number."""

from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from streaming.core.errors import BrokenStream
from streaming.core.events import Token
from streaming.providers.answer_parts import MAX_NUMBERED, MAX_OTHERS, AnswerParts
from tests.support.graphs import events_of
from tests.support.provider_runs import compatible, run_on
from tests.support.raw_faults import delta
from tests.support.raw_provider import CLOSED, scripted_socket, sends


def piece(content: Any = "", info: dict[str, Any] | None = None, **fields: Any) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=content, **fields), generation_info=info)


def call(number: int, index: int | None) -> ChatGenerationChunk:
    return piece(tool_call_chunks=[{"name": "f", "args": "", "id": f"c{number}", "index": index}])


@pytest.mark.parametrize(
    ("made", "most"),
    [
        (lambda number: call(number, number), MAX_NUMBERED),
        (lambda number: call(number, 0), MAX_NUMBERED),
        (lambda number: call(number, None), MAX_OTHERS),
        (lambda number: piece([{"type": "text", "text": "a", "index": number}]), MAX_NUMBERED),
        (lambda number: piece([{"type": "text", "text": "a"}]), MAX_OTHERS),
        (lambda number: piece(["a"]), MAX_OTHERS),
        (lambda number: piece(additional_kwargs={"reasoning_details": [{"index": number}]}), MAX_NUMBERED),
        (lambda number: piece(info={"logprobs": {"content": [{"token": "a"}]}}), MAX_OTHERS),
    ],
    ids=["calls", "calls of one index", "calls without", "blocks", "blocks without", "texts", "reasoning", "logprobs"],
)
def test_parts_are_counted_over_all_pieces_of_an_answer(made: Any, most: int) -> None:
    parts = AnswerParts()
    for number in range(most):
        parts.add(made(number))
    with pytest.raises(BrokenStream, match="more than 500 tool calls"):
        parts.add(made(most))


def test_pieces_of_the_same_parts_are_not_counted_again() -> None:
    parts = AnswerParts()
    for _ in range(MAX_OTHERS + 1):
        parts.add(piece("a word ", tool_call_chunks=[{"name": None, "args": "a", "id": None, "index": 0}]))
    for number in range(1, MAX_NUMBERED):
        parts.add(call(number, number))
        parts.add(piece(tool_call_chunks=[{"name": None, "args": "a", "id": None, "index": number}]))


def test_an_answer_of_very_many_calls_ends_with_a_sentence() -> None:
    calls = [
        delta(tool_calls=[{"index": number, "id": f"c{number}", "function": {"name": "f", "arguments": "{}"}}])
        for number in range(2 * MAX_NUMBERED)
    ]
    with scripted_socket(sends(CLOSED, *calls)) as provider:
        run = run_on(compatible(provider.base_url))
    assert run.ended is not None
    assert run.ended.error == "BrokenStream"
    assert "more than 500 tool calls" in (run.ended.reason or "")
    assert len([token for token in events_of(run, Token) if token.tool_calls]) <= MAX_NUMBERED
