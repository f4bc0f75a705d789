"""The agent graph and its tools."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.agent import evaluate
from streaming.core.events import ToolCalled
from streaming.projections.base import apply_all
from streaming.projections.tool_calls import ToolCalls
from streaming.runtime.engine import Engine
from tests.support.graph_runs import run_graph


def test_a_tool_call_streams_its_arguments_its_progress_and_its_result(engine: Engine) -> None:
    run = run_graph(engine, "agent", "Build an index of 3 documents")
    (call,) = apply_all(ToolCalls(), run.events).calls
    assert (call.tool, call.arguments, call.state) == ("build_index", '{"documents": 3}', "finished")
    assert call.pieces > 1
    assert call.output == ["document 1 ", "document 2 ", "document 3 "]
    assert call.result == "3 documents are indexed."
    assert call.started_at is not None
    assert call.asked_at < call.started_at < (call.ended_at or 0)


def test_without_the_tools_mode_the_result_comes_in_messages_only(engine: Engine) -> None:
    run = run_graph(engine, "agent", "2 + 2", modes=("messages",))
    (call,) = apply_all(ToolCalls(), run.events).calls
    assert (call.state, call.result, call.started_at) == ("finished", "4", None)
    assert not [entry for entry in run.events if isinstance(entry.event, ToolCalled)]


def test_a_failed_tool_gives_an_error_message_and_the_agent_continues(engine: Engine) -> None:
    run = run_graph(engine, "agent", "What does 7 / 0 give?")
    assert run.status == "Completed"
    assert apply_all(ToolCalls(), run.events).calls[-1].state == "failed"


@pytest.mark.parametrize(
    ("sum_", "value"),
    [("12 * (3 + 4)", 84), ("-3 + 5 % 3", -1), ("1.5 / 2", 0.75), ("3.14159265358979 * 2", 6.28318530717958)],
)
def test_the_calculator_works_sums_out(sum_: str, value: float) -> None:
    assert evaluate(sum_) == value


@pytest.mark.parametrize("text", ["__import__('os')", "9 ** 9", "a", "1 +", "'a' * 9", "(" * 150, "1+" * 150])
def test_the_calculator_executes_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"sum|only"):
        evaluate(text)


def test_the_calculator_says_that_a_number_is_too_long() -> None:
    with pytest.raises(ValueError, match="more than 30 digits"):
        evaluate("1" * 190)


def test_an_index_of_too_many_documents_says_its_limit(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphs.agent.SECONDS_A_DOCUMENT", 0.0)
    run = run_graph(engine, "agent", "Build an index of 1000 documents")
    (call,) = apply_all(ToolCalls(), run.events).calls
    assert call.arguments == '{"documents": 1000}'
    assert call.result == "40 documents are indexed. 1000 were requested; it takes 1 to 40 at a time."


@given(st.text(max_size=60))
def test_the_calculator_returns_a_number_or_a_value_error_for_any_text(text: str) -> None:
    with contextlib.suppress(ValueError, ArithmeticError):
        assert isinstance(evaluate(text), int | float)
