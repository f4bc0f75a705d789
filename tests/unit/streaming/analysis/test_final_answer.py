"""The text of a run from tokens, an event API or the state."""

from streaming.analysis.final_answer import final_answers, text_pieces
from streaming.core.events import ApiEvent, Ended, Updates, Values
from tests.support.events import log, restart, token


def api(text: str, id: str = "m") -> ApiEvent:
    return ApiEvent(ns=(), name="messages", node="n", shape="{}", text=text, message_id=id)


def test_pieces_come_in_order_of_arrival_without_dropped_messages() -> None:
    events = log(
        (0, token("old", id="x")),
        (1, token("kept", id="y")),
        (2, token("a question", id="q", role="human")),
        (3, restart("x")),
        (4, api("new", id="z")),
    )
    assert [(piece.t, piece.text) for piece in text_pieces(events)] == [(1, "kept"), (4, "new")]


def test_streamed_messages_are_the_answers() -> None:
    events = log((0, token("a", id="x")), (1, token("b", id="x")), (2, Values(ns=(), state={"joke": "other"})))
    assert final_answers(events, prompt="p") == [("n", "ab")]


def test_text_of_an_event_api_is_joined_by_message() -> None:
    events = log((0, api("a", "x")), (1, api("c", "y")), (2, api("b", "x")))
    assert final_answers(events, prompt="p") == [("n", "ab"), ("n", "c")]


def test_last_answer_in_the_state_counts_where_nothing_was_streamed() -> None:
    events = log(
        (0, Values(ns=(), state={"topic": "p"})),
        (1, Updates(ns=(), deltas={"write": {"joke": "first"}, "idle": None})),
        (2, Updates(ns=("inner:1",), deltas={"write": {"joke": "of a subgraph"}})),
    )
    assert final_answers(events, prompt="p") == [("write", "first")]
    assert final_answers([], prompt="p") == []


def test_the_state_that_a_run_begins_with_is_no_answer_unless_it_is_the_only_one_at_the_end() -> None:
    given = (0, Values(ns=(), state={"topic": "bees"}))
    end = (9, Ended(outcome="completed"))
    assert final_answers(log(given), prompt="") == []
    assert final_answers(log(given, (1, Values(ns=(), state={"topic": "bees", "n": 1})), end), prompt="") == []
    written = (1, Values(ns=(), state={"topic": "bees", "joke": "all"}))
    assert final_answers(log(given, written, end), prompt="") == [("", "all")]
    assert (
        final_answers(log(given, (1, Updates(ns=(), deltas={"n": None})), (9, Ended(outcome="failed"))), prompt="")
        == []
    )
    assert final_answers(log((8, Values(ns=(), state={"joke": "all"})), end), prompt="") == [("", "all")]
