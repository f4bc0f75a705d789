"""Every type of event survives a recording."""

from streaming.core.events import (
    EVENT_TYPES,
    ApiEvent,
    Attempt,
    CheckpointSaved,
    Custom,
    Debug,
    Ended,
    Event,
    Fallback,
    LogEntry,
    Notice,
    Pending,
    ProviderStep,
    Stall,
    Started,
    TaskEnded,
    TaskStarted,
    Token,
    ToolCalled,
    Updates,
    Values,
)
from streaming.recordings.format import dump_event, load_event

EVENTS: tuple[Event, ...] = (
    Notice(text="waiting", wait_s=2.5),
    Attempt(number=2, of=3, reason="status 503", pause_s=0.5, dropped=("m",)),
    Fallback(reason="status 503", lost_s=1.5, to="Groq second"),
    ProviderStep(text="call 1: 503 Service Unavailable"),
    Started(thread_id="t", checkpoint_id="c"),
    Values(ns=("n:1",), state={"a": [1, None]}, interrupts=({"id": "i"},)),
    Updates(ns=(), deltas={"n": None}, cached=True, interrupts=()),
    Token(ns=(), message_id="m", node="n", role="ai", text="ü", tool_calls=({"index": 0},), metadata={"k": 1}),
    Custom(ns=(), data=[1, "two"]),
    TaskStarted(ns=(), task_id="1", node="n", input={"a": 1}, triggers=("start",)),
    TaskEnded(ns=(), task_id="1", node="n", result={"a": 1}, error="boom", interrupts=()),
    CheckpointSaved(ns=(), checkpoint_id="c", parent_id=None, source="loop", step=-1, values={}, next=("n",)),
    Debug(ns=(), step=1, timestamp="2026-01-01T00:00:00", type="task", payload={"id": "1"}),
    ToolCalled(ns=(), call_id="c", step="finished", tool="search", data={"status": "error"}),
    ApiEvent(ns=(), name="on_chain_start", node="n", shape="{}", text="x", message_id="m", data=1),
    Ended(
        outcome="interrupted",
        pending=(Pending(id="i", node="n", value="Sure?"),),
        next=("n",),
        cut=("m",),
        cpu_s=0.1,
        stalls=(Stall(node="n", text="sleep(1)", file="a.py", line=3, seconds=1.2, longest_s=1.0),),
    ),
)


def test_every_event_type_is_restored_as_it_was_recorded() -> None:
    assert {type(event) for event in EVENTS} == set(EVENT_TYPES)
    for seq, event in enumerate(EVENTS):
        entry = LogEntry(seq=seq, t=1.5, event=event, size=3)
        assert load_event(dump_event(entry)) == entry
