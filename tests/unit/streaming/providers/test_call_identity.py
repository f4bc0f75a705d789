"""Every tool call has an id and a place of its own, whatever a server sends."""

from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk

from streaming.providers.call_identity import CallIdentity

ONE, TWO = '{"expression": "1+2"}', '{"expression": "3*4"}'
BOTH = [("calculator", {"expression": "1+2"}), ("calculator", {"expression": "3*4"})]


def part(index: Any, call_id: str | None, name: str | None, args: str) -> dict[str, Any]:
    """A fragment of a call as LangChain's client gives it."""
    return {"type": "tool_call_chunk", "index": index, "id": call_id, "name": name, "args": args}


def joined(sent: list[dict[str, Any]]) -> AIMessageChunk:
    """The answer of these fragments, each in a chunk of its own, as LangChain joins it."""
    calls = CallIdentity([AIMessage("", tool_calls=[{"name": "x", "args": {}, "id": "taken"}])])
    answer = AIMessageChunk("")
    for fragment in sent:
        answer += AIMessageChunk("", tool_call_chunks=calls.fragments([fragment]))  # type: ignore[arg-type]
    return answer


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param([part(0, "a", "calculator", ONE), part(1, "b", "calculator", TWO)], id="by the protocol"),
        pytest.param([part(0, None, "calculator", ONE), part(1, None, "calculator", TWO)], id="no ids"),
        pytest.param([part(None, "", "calculator", ONE), part(None, "", "calculator", TWO)], id="neither"),
        pytest.param([part(0, "a", "calculator", ONE), part(1, "a", "calculator", TWO)], id="one id"),
        pytest.param([part(0, "a", "calculator", ONE), part(0, "a", "calculator", TWO)], id="one id, one index"),
        pytest.param([part(0, "a", "calculator", ONE), part(0, "b", "calculator", TWO)], id="one index"),
        pytest.param([part(3, "a", "calculator", ONE), part(9, "b", "calculator", TWO)], id="gaps"),
        pytest.param(
            [
                part(0, "a", "calculator", ONE[:9]),
                part(1, "b", "calculator", TWO[:9]),
                part(0, None, None, ONE[9:]),
                part(1, None, None, TWO[9:]),
            ],
            id="in turn",
        ),
        pytest.param(
            [
                part(None, "a", "calculator", ONE[:9]),
                part(None, "b", "calculator", TWO[:9]),
                part(None, "a", None, ONE[9:]),
                part(None, "b", None, TWO[9:]),
            ],
            id="in turn, by ids only",
        ),
        pytest.param(
            [
                part(0, "a", "calculator", ONE[:9]),
                part(0, "a", "calculator", ONE[9:]),
                part(1, "b", "calculator", TWO[:9]),
                part(1, "b", "", TWO[9:]),
            ],
            id="the name again",
        ),
        pytest.param([part(0, "taken", "calculator", ONE), part(1, "b", "calculator", TWO)], id="an id of before"),
    ],
)
def test_calls_are_told_apart_and_joined(sent: list[dict[str, Any]]) -> None:
    answer = joined(sent)
    assert [(call["name"], call["args"]) for call in answer.tool_calls] == BOTH
    ids = [call["id"] for call in answer.tool_calls]
    assert all(ids)
    assert len({*ids, "taken"}) == 3


def test_ids_that_are_right_stay() -> None:
    assert [call["id"] for call in joined([part(0, "a", "x", ""), part(1, "b", "x", "")]).tool_calls] == ["a", "b"]


def test_a_name_that_comes_after_the_id_belongs_to_the_call() -> None:
    answer = joined([part(0, "a", None, ""), part(0, None, "calculator", ONE)])
    assert [(call["id"], call["name"]) for call in answer.tool_calls] == [("a", "calculator")]


def test_the_calls_of_a_whole_answer_have_ids_of_their_own() -> None:
    calls = CallIdentity([]).whole([{"id": None, "name": "x"}, {"id": "a"}, {"id": "a"}])
    assert len({call["id"] for call in calls} - {None}) == 3
    assert calls[1]["id"] == "a"


def test_arguments_that_are_nested_too_deeply_to_be_read_are_no_whole_call() -> None:
    sent = [part(0, "a", "calculator", "[" * 15_000), part(0, "a", "calculator", "[" * 15_000)]
    calls = CallIdentity([])
    assert [len(calls.fragments([fragment])) for fragment in sent] == [1, 1]
