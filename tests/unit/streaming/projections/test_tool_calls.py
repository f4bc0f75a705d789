"""Tool calls from their first argument to their result."""

from streaming.core.events import ToolCalled
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


def test_tool_that_handles_its_own_error_has_failed() -> None:
    failed = ToolCalled(ns=(), call_id="c1", step="finished", data={"status": "error", "content": "no index"})
    started = ToolCalled(ns=(), call_id="c1", step="started", tool="search")
    (call,) = apply_all(ToolCalls(), log((1.0, started), (3.0, failed))).calls
    assert (call.state, call.result, call.seconds) == ("failed", "no index", 2.0)
