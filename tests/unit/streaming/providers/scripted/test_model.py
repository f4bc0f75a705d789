"""The scripted model keeps its promises about length, pace and tool calls."""

import json

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from graphs.agent import calculator
from graphs.ideas import ANGLES
from streaming.core.model_spec import ModelSpec, Pace
from streaming.providers.factory import cannot_stream, open_model
from streaming.providers.scripted import model as module
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.providers.scripted.texts import token_pieces


@pytest.mark.parametrize("tokens", [1, 7, 3000])
async def test_an_answer_has_exactly_the_requested_tokens(tokens: int) -> None:
    model = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=100_000, tokens=tokens))
    chunks = [chunk async for chunk in model.astream("hello")]
    assert len([chunk for chunk in chunks if chunk.text]) == tokens
    assert [chunk.usage_metadata["output_tokens"] for chunk in chunks if chunk.usage_metadata] == [tokens]


async def test_max_tokens_truncates_with_the_finish_reason_length() -> None:
    model = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=100_000)).bind(max_tokens=3)
    answer = await model.ainvoke("hello")
    assert len(token_pieces(str(answer.text))) == 3
    assert answer.response_metadata["finish_reason"] == "length"


def test_the_schedule_is_absolute_and_jitter_does_not_drift() -> None:
    model = ScriptedChatModel(pace=Pace(ttft_ms=500, tokens_per_s=100, jitter=1.0, tokens=200))
    due = [at for at, chunk in model._schedule([HumanMessage("x")], {}) if chunk.text]
    assert due[0] == 0.5
    assert all(abs(at - (0.5 + index / 100)) <= 0.005 + 1e-9 for index, at in enumerate(due))


def test_parallel_branches_are_not_in_step() -> None:
    model = ScriptedChatModel(pace=Pace(ttft_ms=100, tokens_per_s=100, jitter=0))
    firsts, gaps = set(), set()
    for angle in ANGLES:
        schedule = model._schedule([SystemMessage("Give one idea."), HumanMessage(f"{angle}: Learn to cook")], {})
        due = [at for at, chunk in schedule if chunk.text]
        firsts.add(round(due[0], 6))
        gaps.add(round(due[1] - due[0], 6))
    assert len(firsts) == len(gaps) == len(ANGLES)


async def test_arguments_are_streamed_in_pieces_and_a_whole_answer_has_them_too() -> None:
    model = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=5000)).bind_tools([calculator])
    chunks = [chunk async for chunk in model.astream("What is 12 * (3 + 4)?")]
    fragments = [call["args"] for chunk in chunks for call in chunk.tool_call_chunks]  # type: ignore[attr-defined]
    assert len(fragments) > 3
    assert json.loads("".join(fragments)) == {"expression": "12 * (3 + 4)"}
    whole = await model.ainvoke("What is 12 * (3 + 4)?")
    assert whole.tool_calls[0]["args"] == {"expression": "12 * (3 + 4)"}


async def test_a_scripted_model_without_streaming_answers_whole() -> None:
    model = await open_model(ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=5000, streams=False)))
    assert cannot_stream(model) == "it cannot stream"
    assert cannot_stream(ScriptedChatModel()) is None
    assert len([chunk async for chunk in model.astream("Hello") if chunk.text]) == 1


def test_the_chunks_of_a_long_answer_are_made_when_they_are_due(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    chunk_of = module._chunk
    monkeypatch.setattr(module, "_chunk", lambda *args, **fields: (made.append(1), chunk_of(*args, **fields))[1])
    model = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=1e6, jitter=0, tokens=5_000))
    chunks = model.stream("Hello")
    next(chunks)
    assert len(made) == 1
    assert sum(1 for _ in chunks) > 4_999
