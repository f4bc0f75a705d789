"""The scripted model keeps its promises about text, length and pace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import HumanMessage, SystemMessage

from streaming.models import PRESETS, ModelSpec, Pace, ScriptedChatModel
from streaming.models.scripts import pieces, script_for


@given(st.text())
def test_the_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


@pytest.mark.parametrize("tokens", [1, 7, 3000])
async def test_an_answer_has_exactly_so_many_tokens(tokens: int) -> None:
    model = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=100_000, tokens=tokens))
    chunks = [chunk async for chunk in model.astream("hello")]
    assert len([chunk for chunk in chunks if chunk.text]) == tokens
    assert [chunk.usage_metadata["output_tokens"] for chunk in chunks if chunk.usage_metadata] == [tokens]


async def test_max_tokens_cuts_and_says_so() -> None:
    model = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=100_000)).bind(max_tokens=3)
    answer = await model.ainvoke("hello")
    assert len(pieces(str(answer.text))) == 3
    assert answer.response_metadata["finish_reason"] == "length"


def test_the_schedule_is_absolute_and_jitter_does_not_drift() -> None:
    model = ScriptedChatModel(pace=Pace(ttft_ms=500, tokens_per_s=100, jitter=1.0, tokens=200))
    due = [at for at, chunk in model._schedule([HumanMessage("x")], {}) if chunk.text]
    assert due[0] == 0.5
    assert all(abs(at - (0.5 + place / 100)) <= 0.005 + 1e-9 for place, at in enumerate(due))


def test_the_system_message_chooses_the_script() -> None:
    said = {
        phrase: script_for([SystemMessage(phrase), HumanMessage("Cats")])
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
    assert "What are otters" in script_for([SystemMessage("Answer from the passages"), HumanMessage(prompt)])
