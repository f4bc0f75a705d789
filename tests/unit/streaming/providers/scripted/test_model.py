"""The scripted model keeps its promises about text, length and pace."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage

from graphs.agent import calculator
from streaming.core.model_spec import PRESETS, ModelSpec, Pace
from streaming.providers.factory import cannot_stream, open_model
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.providers.scripted.texts import answer_for, token_pieces
from streaming.providers.scripted.tool_calls import tool_calls_for, tool_summary


@given(st.text())
def test_the_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(token_pieces(text)) == text


@pytest.mark.parametrize("tokens", [1, 7, 3000])
async def test_an_answer_has_exactly_so_many_tokens(tokens: int) -> None:
    model = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=100_000, tokens=tokens))
    chunks = [chunk async for chunk in model.astream("hello")]
    assert len([chunk for chunk in chunks if chunk.text]) == tokens
    assert [chunk.usage_metadata["output_tokens"] for chunk in chunks if chunk.usage_metadata] == [tokens]


async def test_max_tokens_cuts_and_says_so() -> None:
    model = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=100_000)).bind(max_tokens=3)
    answer = await model.ainvoke("hello")
    assert len(token_pieces(str(answer.text))) == 3
    assert answer.response_metadata["finish_reason"] == "length"


def test_the_schedule_is_absolute_and_jitter_does_not_drift() -> None:
    model = ScriptedChatModel(pace=Pace(ttft_ms=500, tokens_per_s=100, jitter=1.0, tokens=200))
    due = [at for at, chunk in model._schedule([HumanMessage("x")], {}) if chunk.text]
    assert due[0] == 0.5
    assert all(abs(at - (0.5 + place / 100)) <= 0.005 + 1e-9 for place, at in enumerate(due))


def test_the_system_message_chooses_the_script() -> None:
    said = {
        phrase: answer_for([SystemMessage(phrase), HumanMessage("Cats")])
        for phrase in ("Refine the topic", "Tell a joke", "Write the report", "Merge the ideas", "Chat")
    }
    assert len(set(said.values())) == len(said)
    assert "Cats" in said["Tell a joke"]


def test_presets_are_distinct_and_pace_checks_itself() -> None:
    assert len(set(PRESETS.values())) == len(PRESETS)
    with pytest.raises(ValueError, match="pace"):
        Pace(tokens_per_s=0)
    with pytest.raises(ValueError, match="provider"):
        ModelSpec(provider="nobody")  # type: ignore[arg-type]


def test_the_subject_is_taken_from_a_named_line() -> None:
    prompt = "Passages:\n[1] something\n\nQuestion: What are otters?"
    assert "What are otters" in answer_for([SystemMessage("Answer from the passages"), HumanMessage(prompt)])


def called(prompt: str) -> list[tuple[str, dict[str, Any]]]:
    tools = ["calculator", "search_documents", "build_index"]
    return [(call.tool, json.loads(call.arguments)) for call in tool_calls_for([HumanMessage(prompt)], tools)]


@pytest.mark.parametrize(
    ("prompt", "calls"),
    [
        ("What is a checkpoint?", [("search_documents", {"query": "What is a checkpoint"})]),
        ("12 * (3 + 4)", [("calculator", {"expression": "12 * (3 + 4)"})]),
        (
            "What is a checkpoint, and what is 2+2?",
            [("search_documents", {"query": "What is a checkpoint"}), ("calculator", {"expression": "2+2"})],
        ),
        ("Build an index of 24 documents", [("build_index", {"documents": 24})]),
    ],
)
def test_the_scripted_agent_chooses_its_tools_by_the_prompt(prompt: str, calls: list[Any]) -> None:
    assert called(prompt) == calls


def test_without_tools_and_after_their_results_the_script_calls_none() -> None:
    assert tool_calls_for([HumanMessage("2 + 2")], []) == []
    answered = [HumanMessage("2 + 2"), ToolMessage("4", tool_call_id="1", name="calculator")]
    assert tool_calls_for(answered, ["calculator"]) == []
    assert "**calculator** says: 4" in (tool_summary(answered) or "")


async def test_arguments_are_streamed_in_pieces_and_a_whole_answer_has_them_too() -> None:
    model = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=5000)).bind_tools([calculator])
    chunks = [chunk async for chunk in model.astream("What is 12 * (3 + 4)?")]
    token_pieces = [call["args"] for chunk in chunks for call in chunk.tool_call_chunks]  # type: ignore[attr-defined]
    assert len(token_pieces) > 3
    assert json.loads("".join(token_pieces)) == {"expression": "12 * (3 + 4)"}
    whole = await model.ainvoke("What is 12 * (3 + 4)?")
    assert whole.tool_calls[0]["args"] == {"expression": "12 * (3 + 4)"}


async def test_a_scripted_model_that_cannot_stream_says_so_and_answers_whole() -> None:
    model = await open_model(ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=5000, streams=False)))
    assert cannot_stream(model) == "it cannot stream"
    assert cannot_stream(ScriptedChatModel()) is None
    assert len([chunk async for chunk in model.astream("Hello") if chunk.text]) == 1
