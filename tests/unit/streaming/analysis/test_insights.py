"""Sentences about a run come from its own figures, and there are none where nothing stands out."""

from typing import Any

import pytest

from streaming.analysis.insights import run_insights
from streaming.core.events import (
    ANSWER_BROKE_OFF,
    Attempt,
    Custom,
    Ended,
    Event,
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


@pytest.mark.parametrize(
    ("first", "sentence"),
    [(8.2, "took 82% of the total time"), (1.0, "the first word arrived 10× sooner than the end"), (4.5, None)],
)
def test_early_and_late_first_tokens_get_a_sentence(first: float, sentence: str | None) -> None:
    found = run_insights(log(START, (first, token("a"), 10), DONE))
    assert found == [] if sentence is None else sentence in found[0]


def test_when_a_text_was_drawn_is_told_apart_from_when_it_arrived() -> None:
    events = log(START, (1.0, token("a"), 10), DONE)
    told = "The first token took 10% of the total time, and the first word was on screen after 23% of it."
    assert run_insights(events, shown_s=2.3) == [told]
    at_once = "The first token took 10% of the total time, and was on screen at once."
    assert run_insights(events, shown_s=1.001) == [at_once], "one figure is not told twice"
    assert run_insights(events, shown_s=10.2)[0].endswith("after 100% of it."), "drawn after the run had ended"


def test_a_first_token_after_a_tool_or_progress_is_not_called_a_silence() -> None:
    (sentence,) = run_insights(log(START, (2.0, Custom(ns=(), data=1), 10), (8.2, token("a"), 10), DONE))
    assert sentence == "The first token took 82% of the total time: tools and reports of progress came before it."
    assert "helped little" in run_insights(log(START, (8.2, token("a"), 10), (9.0, Custom(ns=(), data=1), 10), DONE))[0]


def test_a_first_message_that_came_whole_is_no_early_token() -> None:
    assert run_insights(log(START, (1.0, token("a", whole=True), 10), DONE)) == []


def test_modes_of_very_different_size_are_compared() -> None:
    found = run_insights(log(START, (1.0, Values(ns=(), state={}), 1400), (2.0, Updates(ns=(), deltas={}), 100), DONE))
    assert found == ["`values` sent 14× as many bytes as `updates`."]


def test_stopped_run_gives_chunks_and_token_limit_without_subtracting_them() -> None:
    chunks = [START, (1.0, token("a"), 1), (2.0, token("b"), 1)]
    (sentence,) = run_insights(log(*chunks, (3.0, Ended(outcome="cancelled"), 0)))
    assert "Stopped after 2 chunks of text" in sentence
    (sentence,) = run_insights(log(*chunks, (3.0, Ended(outcome="cancelled", cut=("m",)), 0)), max_tokens=200)
    assert sentence.startswith("Stopped after 2 chunks of text; its answer could have reached 200 tokens.")
    assert "198" not in sentence
    (sentence,) = run_insights(log(*chunks, (3.0, Ended(outcome="cancelled", cut=("m", "n")), 0)), max_tokens=200)
    assert "each of its 2 answers could have reached 200 tokens" in sentence


def test_wait_before_the_graphs_input_counts_for_the_share_of_the_first_token() -> None:
    waited = (5.0, Started(thread_id="t"), 0)
    (sentence,) = run_insights(log(waited, (8.2, token("a"), 1), DONE))
    assert "took 82% of the total time" in sentence


def test_retries_and_restarts_are_counted_apart() -> None:
    def attempt(number: int, reason: str = "status 503", **fields: Any) -> tuple[float, Event, int]:
        return 0.1, Attempt(number=number, of=3, reason=reason, pause_s=0, **fields), 0

    assert run_insights(log(START, attempt(2), DONE)) == ["The provider was asked again once before an answer began."]
    failed = (3.0, Ended(outcome="failed"), 0)
    assert "2 times, and no answer began." in run_insights(log(START, attempt(2), attempt(3), failed))[0]
    of_another_call = (0.05, token("the first node's answer"), 1)
    assert (
        "2 times, and no answer began." in run_insights(log(START, of_another_call, attempt(2), attempt(3), failed))[0]
    )
    restarts = [attempt(2, dropped=("m",)), attempt(2, ANSWER_BROKE_OFF)]
    assert run_insights(log(START, *restarts, DONE)) == ["An answer that broke off was asked for again 2 times."]
    (sentence,) = run_insights(log(START, attempt(2), attempt(3), restarts[0], DONE))
    assert "2 times before an answer began" in sentence
    assert "again once." in sentence


def test_share_of_drafts_is_mentioned() -> None:
    events = log(START, (4.0, token("a draft", tags=("draft",)), 1), DONE)
    assert "100% of the text" in run_insights(events)[0]


def test_empty_and_unremarkable_runs_get_no_sentence() -> None:
    assert run_insights([]) == []
    assert run_insights(log(START, DONE)) == []


def test_first_token_at_time_zero_gets_no_sentence() -> None:
    end = Ended(outcome="completed")
    assert run_insights(log(START, (0.0, token("a"), 1), (0.0, token("b"), 1), (1.0, end, 0))) == []


def test_failed_run_compares_no_sizes() -> None:
    failed = Ended(outcome="failed", reason="broken")
    events = log(START, (1.0, token("a"), 900), (1.1, Custom(ns=(), data=1), 1), (2.0, failed, 0))
    assert not [sentence for sentence in run_insights(events) if "bytes" in sentence]


def test_the_rest_of_an_answer_that_went_on_makes_no_sentence_about_its_first_token() -> None:
    end = (9.0, Ended(outcome="completed"), 0)
    assert run_insights(log((0.5, token("new"), 1), end))
    assert run_insights(log((0.1, token("old", kept=True), 1), (0.5, token("new"), 1), end)) == []
