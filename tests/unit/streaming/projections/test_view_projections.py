"""The projections that only the live view uses: order of writing, ends of messages, state of the run, event lanes."""

from typing import Any

from streaming.core.events import (
    Attempt,
    Ended,
    Event,
    Fallback,
    LogEntry,
    Notice,
    ProviderStep,
    Started,
    TaskEnded,
    Token,
    Updates,
    Values,
)
from streaming.projections.arrival import Arrival, utf16_length
from streaming.projections.base import apply_all
from streaming.projections.event_lanes import EventLanes
from streaming.projections.message_ends import MessageEnd, MessageEnds
from streaming.projections.run_state import ProviderMark, RunState


def log(*timed: tuple[float, Event]) -> list[LogEntry]:
    return [LogEntry(seq=seq, t=t, event=event, size=10) for seq, (t, event) in enumerate(timed)]


def token(text: str, *, id: str = "m1", **fields: Any) -> Token:
    return Token(**{"ns": (), "message_id": id, "node": "n", "role": "ai", "text": text, **fields})


def again(*dropped: str) -> Attempt:
    return Attempt(number=2, of=3, reason="the answer broke off", pause_s=0.5, dropped=dropped)


def test_turns_tell_where_in_each_message_the_writing_went_on() -> None:
    found = log(
        (0, token("ab")), (1, token("x", id="m2")), (2, token("👍c")), (3, token("d")), (4, token("y", id="m2"))
    )
    assert apply_all(Arrival(), found).turns == [("m1", 0), ("m2", 0), ("m1", 2), ("m2", 1)]


def test_offsets_count_as_a_browser_does() -> None:
    assert utf16_length("👍c") == len("👍c".encode("utf-16-le")) // 2
    found = log((0, token("👍c")), (1, token("x", id="m2")), (2, token("d")))
    assert apply_all(Arrival(), found).turns[-1] == ("m1", 3)


def test_the_turns_of_a_dropped_message_go() -> None:
    found = log((0, token("a")), (1, token("b", id="m2")), (2, again("m1")), (3, token("c", id="m2")))
    assert apply_all(Arrival(), found).turns == [("m2", 0), ("m2", 1)]


def test_a_message_is_over_when_its_task_is() -> None:
    of_task = {"langgraph_checkpoint_ns": "n:t1"}
    other = {"langgraph_checkpoint_ns": "n:t2"}
    end = TaskEnded(ns=(), task_id="t1", node="n", result={}, error=None, interrupts=())
    found = log((0, token("a", metadata=of_task)), (1, token("b", id="m2", metadata=other)), (2, end))
    assert apply_all(MessageEnds(), found).ends == {"m1": MessageEnd(t=2)}


def test_updates_and_values_end_the_messages_of_their_own_graph() -> None:
    inner = token("b", id="m2", ns=("n:1",))
    by_update = log((0, token("a")), (1, inner), (2, Updates(ns=(), deltas={"n": {}})))
    by_state = log((0, token("a")), (1, inner), (2, Values(ns=(), state={})))
    assert set(apply_all(MessageEnds(), by_update).ends) == {"m1"}
    assert set(apply_all(MessageEnds(), by_state).ends) == {"m1"}


def test_the_end_of_the_run_ends_all_and_says_which_were_cut() -> None:
    found = log((0, token("a")), (1, token("b", id="m2")), (2, Ended(outcome="cancelled", cut=("m2",))))
    assert apply_all(MessageEnds(), found).ends == {"m1": MessageEnd(t=2), "m2": MessageEnd(t=2, cut=True)}


def test_what_a_failed_node_was_writing_broke_off() -> None:
    of_task = {"langgraph_checkpoint_ns": "n:t1"}
    failed = TaskEnded(ns=(), task_id="t1", node="n", result=None, error="the connection was closed", interrupts=())
    end = Ended(outcome="failed", cut=("m1",))
    found = log((0, token("a", metadata=of_task)), (1, failed), (2, end))
    assert apply_all(MessageEnds(), found).ends == {"m1": MessageEnd(t=2, cut=True)}


def test_a_notice_goes_with_the_next_event_of_the_graph() -> None:
    waiting = log((1, Notice(text="in the queue", wait_s=4)))
    assert (apply_all(RunState(), waiting).notice, apply_all(RunState(), waiting).notice_until) == ("in the queue", 5)
    assert apply_all(RunState(), waiting).status == "Waiting"
    assert apply_all(RunState(), [*waiting, *log((2, Started(thread_id="t")))]).status == "Running"
    for event in (Started(thread_id="t"), token("a"), Values(ns=(), state={})):
        assert apply_all(RunState(), [*waiting, *log((2, event))]).notice == ""


def test_that_another_model_answers_stays_in_sight() -> None:
    found = log((1, Fallback(reason="refused", to="scripted")), (2, token("a")))
    assert "scripted answers" in apply_all(RunState(), found).notice


def test_marks_tell_the_server_from_the_policy() -> None:
    found = log((1, ProviderStep(text="closes")), (2, again("m1")), (3, Ended(outcome="failed", reason="gave up")))
    assert apply_all(RunState(), found).marks == [
        ProviderMark(t=1, text="closes", by="server"),
        ProviderMark(t=2, text="the answer broke off, drops the partial answer: waits 0.50 s, then attempt 2 of 3"),
        ProviderMark(t=3, text="failed: gave up"),
    ]


def test_an_exception_of_a_node_is_no_mark_of_the_provider() -> None:
    found = log((1, Ended(outcome="failed", reason="A node raised KeyError.", error="GraphFailed")))
    assert apply_all(RunState(), found).marks == []


def test_lanes_count_graph_events_in_bins() -> None:
    found = log((0.01, Started(thread_id="t")), (0.02, token("a")), (0.04, token("b")), (0.06, token("c")))
    assert apply_all(EventLanes(), found).lanes == {"messages": {0: [2, 20], 1: [1, 10]}}
