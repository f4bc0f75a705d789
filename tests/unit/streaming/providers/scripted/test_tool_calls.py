"""The scripted tool calls follow from the prompt."""

import json
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, ToolMessage

from streaming.providers.scripted.tool_calls import tool_calls_for, tool_summary


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
    assert "**calculator**: 4" in (tool_summary(answered) or "")


def test_a_long_result_is_shortened_at_the_end_of_a_sentence() -> None:
    found = ToolMessage("A sentence. " * 40 + "And a", tool_call_id="1", name="search_documents")
    summary = tool_summary([found]) or ""
    assert "A sentence.\n\n" in summary
    assert len(summary) < 420
