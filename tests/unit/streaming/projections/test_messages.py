"""Messages keep their chunks apart and in order."""

from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from tests.support.events import log, restart, token


def test_chunks_of_two_messages_are_kept_apart_and_in_order() -> None:
    messages = apply_all(
        Messages(), log((0, token("a", id="x")), (1, token("b", id="y", node="m")), (2, token("c", id="x")))
    )
    assert [(message.node, message.text) for message in messages.answers()] == [("n", "ac"), ("m", "b")]
    assert [message.text for message in messages.answers(nodes=frozenset({"m"}))] == ["b"]


def test_messages_are_chosen_by_any_of_their_tags() -> None:
    messages = apply_all(Messages(), log((0, token("a", id="x", tags=("draft", "long"))), (1, token("b", id="y"))))
    assert [message.text for message in messages.answers(tags=frozenset({"long", "other"}))] == ["a"]


def test_fragments_of_a_tool_call_are_joined() -> None:
    pieces = [{"index": 0, "name": "add", "args": '{"a"'}, {"index": 0, "name": None, "args": ": 1}"}]
    messages = apply_all(Messages(), log(*[(0, token("", tool_calls=(piece,))) for piece in pieces]))
    assert messages.messages["m1"].tool_calls == {"m1/0": {"name": "add", "args": '{"a": 1}'}}


def test_dropped_message_is_gone_and_the_others_stay() -> None:
    events = log((0, token("old", id="x")), (1, token("kept", id="y")), (2, restart("x")), (3, token("new", id="z")))
    assert [message.text for message in apply_all(Messages(), events).answers()] == ["kept", "new"]


def test_a_whole_message_does_not_repeat_the_reasoning_that_was_streamed() -> None:
    events = log(
        (0, token("", reasoning="hm ")), (1, token("", reasoning="so")), (2, token("a", reasoning="hm so", whole=True))
    )
    assert apply_all(Messages(), events).messages["m1"].reasoning == "hm so"
