"""What a question looks like where nobody can answer it."""

from streaming.cli.asking import lines_of
from streaming.core.events import Pending


def test_a_review_of_tool_calls_names_each_call_and_what_may_be_decided() -> None:
    calls = [{"name": "send", "args": {"to": "Ann"}}, {"name": "pay", "args": {"note": "x" * 1000}}]
    allowed = [
        {"action_name": "send", "allowed_decisions": ["approve", "reject"]},
        {"action_name": "pay", "allowed_decisions": ["approve"]},
    ]
    asked = Pending(id="1", node="review", value={"action_requests": calls, "review_configs": allowed})
    told = lines_of([asked])
    assert 'review asks: What should happen next? send {"to": "Ann"} [approve, reject] pay {' in told
    assert told.endswith(" [approve] (id 1)")
    assert len(told) < 500
