"""Logs of runs at the product's own limits: 200,000 events, 20 MB, 20,000 pieces of text."""

from typing import Any

from streaming.core.events import (
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
    Started,
    TaskEnded,
    TaskStarted,
    Token,
    ToolCalled,
    Updates,
    Values,
)
from streaming.recordings.format import Header, Recording

MOST_EVENTS = 200_000
MOST_BYTES = 20_000_000
MOST_TOKENS = 20_000
_MESSAGES = 40
_FAT_BYTES = 700_000

HEADER = Header(
    run_id="b" * 32,
    created_at="2026-01-02T03:04:05+00:00",
    graph="limits",
    provider="scripted",
    model="scripted",
    modes=("values", "updates", "messages", "custom", "tasks", "checkpoints", "debug"),
    prompt="p" * 20_000,
)


def recording(events: list[Event]) -> Recording:
    """A recording of these events, a millisecond apart, which share the most bytes of a run."""
    size = MOST_BYTES // len(events)
    entries = [LogEntry(seq=seq, t=seq / 1000, event=event, size=size) for seq, event in enumerate(events)]
    return Recording(header=HEADER, events=entries)


def _token(number: int) -> Token:
    message = number % _MESSAGES
    first = {"langgraph_checkpoint_ns": f"write:t{message}"} if number < _MESSAGES else None
    return Token(
        ns=(),
        message_id=f"m{message}",
        node="write",
        role="ai",
        text=f"word{number % 97} ",
        tags=("draft",) if message % 2 else (),
        metadata=first,
    )


def many_events() -> Recording:
    """As many events as a run may have: the most pieces of text, and as many of every other kind."""
    events: list[Event] = [
        Notice(text="waiting", wait_s=1.0),
        Started(thread_id="a" * 32),
        Attempt(number=2, of=3, reason="busy", pause_s=0.1),
        Fallback(reason="refused", to="scripted"),
    ]
    number = 0
    while len(events) + 1 < MOST_EVENTS:
        events += _round(number)
        number += 1
    return recording([*events[: MOST_EVENTS - 1], Ended(outcome="failed", reason="r", error="E", cut=("m1",))])


def _round(number: int) -> list[Event]:
    node, task = f"n{number % 40}", f"t{number}"
    ns = () if number % 3 else (f"{node}:{number % 900}",)
    state = {"number": number, "word": f"w{number % 31}"}
    call = f"c{number % 4_000}"
    return [
        *(_token(number * 2 + more) for more in range(2 if number * 2 < MOST_TOKENS else 0)),
        TaskStarted(ns=ns, task_id=task, node=node, input=state, triggers=("start",)),
        Custom(ns=ns, data={"kind": "progress", "step": node, "done": number % 100, "total": 100}),
        Custom(ns=ns, data={"kind": "span", "name": f"s{number % 900}", "state": "started" if number % 2 else "done"}),
        Custom(ns=ns, data=f"note {number}"),
        ToolCalled(ns=ns, call_id=call, step="started", tool="search", data={"q": number}),
        ToolCalled(ns=ns, call_id=call, step="delta", data="part"),
        ToolCalled(ns=ns, call_id=call, step="finished", data="found"),
        ApiEvent(ns=ns, name=f"on_{number % 700}", node=node, shape="{}", text="x", message_id=f"a{number % 50}"),
        Updates(ns=ns, deltas={node: state}, cached=not number % 5),
        TaskEnded(ns=ns, task_id=task, node=node, result=state, error=None, interrupts=()),
        CheckpointSaved(
            ns=ns,
            checkpoint_id=f"k{number}",
            parent_id=f"k{number - 1}" if number else None,
            source="loop",
            step=number,
            values=state,
            next=(node,),
        ),
        Debug(
            ns=ns, step=number, timestamp="2026-01-01T00:00:00+00:00", type="task", payload={"id": task, "name": node}
        ),
        Values(ns=ns, state=state),
    ]


def one_answer() -> Recording:
    """As many pieces of one answer as a run may have events: reasoning, arguments of a call, then text."""
    events: list[Event] = [Started(thread_id="a" * 32)]
    pieces = MOST_EVENTS - 2
    for number in range(pieces):
        piece = f"word{number % 97} "
        fields: dict[str, Any] = {"text": piece}
        if number < pieces // 3:
            fields = {"text": "", "reasoning": piece}
        elif number < pieces // 2:
            fields = {"text": "", "tool_calls": ({"index": 0, "id": "c1", "name": "search", "args": piece},)}
        events.append(Token(ns=(), message_id="m1", node="write", role="ai", **fields))
    return recording([*events, Ended(outcome="completed")])


def large_values() -> Recording:
    """As many bytes as a run may have, in a few events of each kind that are very large."""
    fat = "ä" * (_FAT_BYTES // 2)
    state: dict[str, Any] = {"text": fat, "rows": [{"n": number, "text": "x" * 90} for number in range(10_000)]}
    messages = {"messages": [{"type": "ai", "content": fat, "id": "m9"}]}
    events: list[Event] = [
        Started(thread_id="a" * 32),
        TaskStarted(ns=(), task_id="t1", node="write", input=state, triggers=("start",)),
        Token(ns=(), message_id="m1", node="write", role="ai", text=fat, reasoning=fat, tags=("draft",)),
        Token(
            ns=(),
            message_id="m1",
            node="write",
            role="ai",
            text="end",
            tool_calls=({"index": 0, "id": "c1", "name": "search", "args": fat},),
            content=({"type": "image", "base64": fat},),
        ),
        Custom(ns=(), data={"kind": "progress", "status": fat, "fraction": 0.5}),
        Custom(ns=(), data={"kind": "span", "name": fat, "state": "started"}),
        Custom(ns=(), data=fat),
        ToolCalled(ns=(), call_id="c1", step="started", tool="search", data={"q": fat}),
        ToolCalled(ns=(), call_id="c1", step="delta", data=fat),
        ToolCalled(ns=(), call_id="c1", step="finished", data=fat),
        ApiEvent(ns=(), name="on_chat", node="write", shape="{}", text=fat, message_id="a1", data=state),
        Updates(ns=(), deltas={"write": state | messages}),
        TaskEnded(ns=(), task_id="t1", node="write", result=state, error=fat, interrupts=({"value": fat},)),
        CheckpointSaved(
            ns=(), checkpoint_id="k1", parent_id=None, source="loop", step=1, values=state, next=("write",)
        ),
        Debug(
            ns=(),
            step=1,
            timestamp="2026-01-01T00:00:00+00:00",
            type="task_result",
            payload={"name": "n", "result": fat},
        ),
        Values(ns=(), state=state | messages, interrupts=({"value": fat},)),
    ]
    pending = (Pending(id="i1", node="write", value=fat),)
    return recording([*events, Ended(outcome="interrupted", reason=fat, advice=fat, pending=pending, next=("write",))])
