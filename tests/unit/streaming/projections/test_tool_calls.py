"""Tool calls from their first argument to their result."""

from typing import Any

import pytest

from streaming.core.events import Ended, Outcome, ToolCalled
from streaming.projections.base import apply_all
from streaming.projections.tool_calls import ToolCalls
from tests.support.events import log, restart, token

PIECE = {"id": "c1", "name": "search", "args": '{"q', "index": 0}


def test_call_of_a_dropped_message_is_gone() -> None:
    calls = apply_all(
        ToolCalls(),
        log(
            (0.0, token("", tool_calls=(PIECE,))),
            (0.1, restart("m1")),
            (0.2, token("", id="m2", tool_calls=({**PIECE, "id": "c2", "args": '{"q": 1}'},))),
        ),
    )
    assert [(call.id, call.arguments) for call in calls.calls] == [("c2", '{"q": 1}')]


def test_the_message_of_a_call_is_known_even_if_its_execution_was_seen_first() -> None:
    started = ToolCalled(ns=(), call_id="c1", step="started", tool="search")
    seen = log((0.0, started), (0.1, token("", tool_calls=(PIECE,))))
    (call,) = apply_all(ToolCalls(), seen).calls
    assert call.message_id == "m1"
    assert apply_all(ToolCalls(), [*seen, *log((0.2, restart("m1")))]).calls == []


def test_tool_that_handles_its_own_error_has_failed() -> None:
    failed = ToolCalled(ns=(), call_id="c1", step="finished", data={"status": "error", "content": "no index"})
    started = ToolCalled(ns=(), call_id="c1", step="started", tool="search")
    (call,) = apply_all(ToolCalls(), log((1.0, started), (3.0, failed))).calls
    assert (call.state, call.result, call.seconds) == ("failed", "no index", 2.0)


@pytest.mark.parametrize("index", [0, None])
def test_parallel_calls_are_told_apart_by_their_ids(index: int | None) -> None:
    pieces: list[dict[str, Any]] = [
        {"id": "a", "name": "add", "args": '{"x"', "index": index},
        {"id": None, "name": None, "args": ": 1}", "index": index},
        {"id": "b", "name": "add", "args": '{"x"', "index": index},
        {"id": "b", "name": None, "args": ": 2}", "index": index},
    ]
    calls = apply_all(ToolCalls(), log(*[(0.1, token("", tool_calls=(piece,))) for piece in pieces])).calls
    assert {call.id: call.arguments for call in calls} == {"a": '{"x": 1}', "b": '{"x": 2}'}


def test_interleaved_fragments_without_an_id_follow_their_index() -> None:
    pieces: list[dict[str, Any]] = [
        {"id": "a", "name": "add", "args": "", "index": 0},
        {"id": "b", "name": "add", "args": "", "index": 1},
        {"id": None, "name": None, "args": "1", "index": 0},
        {"id": None, "name": None, "args": "2", "index": 1},
    ]
    calls = apply_all(ToolCalls(), log(*[(0.1, token("", tool_calls=(piece,))) for piece in pieces])).calls
    assert {call.id: call.arguments for call in calls} == {"a": "1", "b": "2"}


def test_calls_without_ids_are_kept_apart_by_their_names() -> None:
    pieces: list[dict[str, Any]] = [{"name": "add", "args": {"x": x}, "id": None} for x in (1, 2)]
    calls = apply_all(ToolCalls(), log((0.1, token("", tool_calls=tuple(pieces))))).calls
    assert [call.arguments for call in calls] == ['{"x": 1}', '{"x": 2}']


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("interrupted", "waiting for a person"), ("completed", "not run"), ("failed", "broken off")],
)
def test_a_call_without_a_result_says_at_the_end_what_became_of_it(outcome: Outcome, state: str) -> None:
    (call,) = apply_all(ToolCalls(), log((0.1, token("", tool_calls=(PIECE,))), (0.2, Ended(outcome=outcome)))).calls
    assert call.state == state


def test_a_tool_that_does_not_exist_is_shown_as_that() -> None:
    answer = token("Error: search is not a valid tool", role="tool", tool_call_id="c1", tool_error="unknown tool")
    (call,) = apply_all(ToolCalls(), log((0.1, token("", tool_calls=(PIECE,))), (0.2, answer))).calls
    assert call.state == "unknown tool"


def test_a_later_answer_that_uses_an_id_again_has_a_call_of_its_own() -> None:
    first, second = ({"id": "c0", "name": "add", "args": f'{{"x": {number}}}', "index": 0} for number in (1, 2))
    calls = apply_all(
        ToolCalls(),
        log(
            (0.1, token("", tool_calls=(first,))),
            (0.2, ToolCalled(ns=(), call_id="c0", step="started", tool="add")),
            (0.3, ToolCalled(ns=(), call_id="c0", step="finished", data="one")),
            (0.4, token("", id="m2", tool_calls=(second,))),
            (0.5, ToolCalled(ns=(), call_id="c0", step="started", tool="add")),
            (0.6, ToolCalled(ns=(), call_id="c0", step="finished", data="two")),
        ),
    ).calls
    assert [(call.message_id, call.arguments, call.result) for call in calls] == [
        ("m1", '{"x": 1}', "one"),
        ("m2", '{"x": 2}', "two"),
    ]
