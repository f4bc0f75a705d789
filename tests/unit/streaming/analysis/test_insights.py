"""Advice says what a run's own figures say, and nothing where nothing stands out."""

from typing import Any

import pytest

from streaming.analysis.insights import run_insights
from streaming.core.events import (
    ANSWER_BROKE_OFF,
    Attempt,
    Custom,
    Ended,
    Event,
    Fallback,
    LogEntry,
    Started,
    Token,
    Updates,
    Values,
)


def log(*timed: tuple[float, Event, int]) -> list[LogEntry]:
    return [LogEntry(seq=seq, t=t, event=event, size=size) for seq, (t, event, size) in enumerate(timed)]


def token(text: str, **fields: object) -> Token:
    return Token(ns=(), message_id="m", node="n", role="ai", text=text, **fields)  # type: ignore[arg-type]


START = (0.0, Started(thread_id="t"), 0)
DONE = (10.0, Ended(outcome="completed"), 0)


@pytest.mark.parametrize(("first", "says"), [(8.2, "after 82% of the time"), (1.0, "waits 10× less"), (4.5, None)])
def test_when_the_first_token_came(first: float, says: str | None) -> None:
    found = run_insights(log(START, (first, token("a"), 10), DONE))
    assert found == [] if says is None else says in found[0]


def test_what_a_mode_weighs_against_another() -> None:
    found = run_insights(log(START, (1.0, Values(ns=(), state={}), 1400), (2.0, Updates(ns=(), deltas={}), 100), DONE))
    assert found == ["`values` sent 14× the bytes of `updates`."]


def test_what_a_stop_saved() -> None:
    found = run_insights(log(START, (1.0, token("a"), 1), (2.0, token("b"), 1), (3.0, Ended(outcome="cancelled"), 0)))
    assert "Stopped after 2 pieces" in found[0]
    end = Ended(outcome="cancelled", cut=("m",))
    found = run_insights(log(START, (1.0, token("a"), 1), (2.0, token("b"), 1), (3.0, end, 0)), most_tokens=200)
    assert "up to 198 tokens" in found[0]


def test_a_model_that_did_not_stream_is_named() -> None:
    found = run_insights(log(START, (0.0, Fallback(reason="it cannot stream"), 0), (4.5, token("a"), 1), DONE))
    assert "it cannot stream" in found[0]


def test_asking_again_and_starting_again_are_told_apart() -> None:
    def attempt(number: int, reason: str = "status 503", **fields: Any) -> tuple[float, Event, int]:
        return 0.1, Attempt(number=number, of=3, reason=reason, pause_s=0, **fields), 0

    assert run_insights(log(START, attempt(2), DONE)) == ["The provider was asked again once before an answer began."]
    restarts = [attempt(2, dropped=("m",)), attempt(2, ANSWER_BROKE_OFF)]
    assert run_insights(log(START, *restarts, DONE)) == ["An answer that broke off was asked for again 2 times."]
    (said,) = run_insights(log(START, attempt(2), attempt(3), restarts[0], DONE))
    assert "2 times before an answer began" in said
    assert "again once." in said


def test_drafts_that_nobody_asked_for() -> None:
    events = log(START, (4.0, token("a draft", tags=("draft",)), 1), DONE)
    assert "100% of the text" in run_insights(events)[0]


def test_nothing_is_said_of_nothing() -> None:
    assert run_insights([]) == []
    assert run_insights(log(START, DONE)) == []


def test_a_run_whose_clock_stood_still_says_nothing_of_its_pace() -> None:
    end = Ended(outcome="completed")
    assert run_insights(log(START, (0.0, token("a"), 1), (0.0, token("b"), 1), (1.0, end, 0))) == []


def test_a_failed_run_compares_no_weights() -> None:
    failed = Ended(outcome="failed", reason="broken")
    events = log(START, (1.0, token("a"), 900), (1.1, Custom(ns=(), data=1), 1), (2.0, failed, 0))
    assert not [sentence for sentence in run_insights(events) if "bytes" in sentence]
