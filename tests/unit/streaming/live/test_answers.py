"""What the patches say about an answer beside its text."""

from typing import Any

from streaming.core.events import Ended, LogEntry
from streaming.live.folding import empty_view, fold
from streaming.live.view import patches_of
from tests.support.events import log, token


def view_of(events: list[LogEntry]) -> dict[str, Any]:
    return fold(empty_view(), [patch for _, batch in patches_of(events) for patch in batch])


def test_the_time_of_reasoning_is_known_when_the_text_begins() -> None:
    events = log((1.0, token("", reasoning="Low ")), (2.0, token("", reasoning="moon.")), (3.5, token("Ebb.")))
    (message,) = view_of(events)["messages"].values()
    assert (message["reasoning"], message["text"], message["thought_s"]) == ("Low moon.", "Ebb.", 2.5)
    assert message["ended_at"] is None


def test_the_end_of_a_message_says_how_the_answer_ended() -> None:
    events = log((1.0, token("Ebb", finish_reason="length")), (2.0, Ended(outcome="completed")))
    view = view_of(events)
    (message,) = view["messages"].values()
    assert (message["how"], message["cut"]) == ("cut by length", False)
    assert "token limit" in message["note"]
    assert view["run"]["answers"].startswith("The answer of n: cut off here")


def test_a_finished_answer_has_no_note_though_its_run_was_stopped_later() -> None:
    events = log((1.0, token("Ebb.", finish_reason="stop")), (2.0, Ended(outcome="cancelled", cut=("m1",))))
    view = view_of(events)
    (message,) = view["messages"].values()
    assert (message["how"], message["note"], message["cut"], view["run"]["answers"]) == ("finished", "", False, "")


def test_content_that_is_not_text_is_named_with_its_type_and_size() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGVsbG8h"}}
    (message,) = view_of(log((1.0, token("", content=(image,)))))["messages"].values()
    assert message["parts"] == [{"type": "image", "media": "image/png", "size": 6}]
