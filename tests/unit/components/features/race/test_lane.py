"""A lane's times: they count from submission, as E2E latency does, so a lane that had to wait shows it."""

from dataclasses import replace

import pytest

from components.features.race import lane as lanes
from components.features.race.lane import Lane, note_first_shown, whole_text_bytes
from graphs import GRAPHS
from streaming.core.events import Ended, LogEntry, Started, Token, Values
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.rendering.flush import FlushStrategy

REQUEST = RunRequest(
    graph=GRAPHS["chat"], model=ModelSpec(provider="scripted"), modes=("messages",), prompt="What is a checkpoint?"
)
LANE = Lane(name="1", configuration="", request=REQUEST, flush=FlushStrategy())


def first_text_s(events: list[LogEntry]) -> float | None:
    return apply_all(MetricsCollector(), events).metrics().first_text_s


def test_the_first_text_in_the_log_counts_from_submission() -> None:
    waited = LogEntry(seq=0, t=5.0, event=Started(thread_id="t"))
    text = LogEntry(seq=1, t=6.0, event=Token(ns=(), message_id="m", text="A", node="chat", role="ai"))
    assert first_text_s([waited, text]) == 6.0


def test_the_first_text_of_a_whole_answer_is_none_of_what_the_graph_was_given() -> None:
    lane = replace(LANE, request=replace(REQUEST, modes=("values",)))
    states = ({"wait": "PT5S"}, {"wait": "PT5S", "said": "Bees"})
    events = [LogEntry(seq=n, t=float(n), event=Values(ns=(), state=state)) for n, state in enumerate(states)]
    assert first_text_s(events) is None, "whether tokens come is known at the end"
    events.append(LogEntry(seq=2, t=2.0, event=Ended(outcome="completed")))
    assert (first_text_s(events), whole_text_bytes(lane, events)) == (1.0, 4)


def test_the_first_text_is_unknown_while_there_is_none() -> None:
    assert first_text_s([]) is None


def test_the_first_text_on_screen_counts_from_submission_and_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session: dict[str, object] = {}
    monkeypatch.setattr(lanes, "recall", session.get)
    monkeypatch.setattr(lanes, "store_value", session.__setitem__)
    now = [100.0]
    run = Run(REQUEST, thread_id="t", clock=lambda: now[0])
    now[0] = 106.5
    note_first_shown(run)
    assert list(session.values()) == [{run.id: 6.5}]
    now[0] = 120.0
    note_first_shown(run)
    assert list(session.values()) == [{run.id: 6.5}], "a page that is drawn again keeps the first time"
