"""Log entries and events for tests of projections: every figure can be checked by hand."""

from typing import Any

from streaming.core.events import ANSWER_BROKE_OFF, Attempt, Event, LogEntry, TaskEnded, TaskStarted, Token


def log(*timed: tuple[float, Event]) -> list[LogEntry]:
    """A log of these events at these times, each of 10 bytes."""
    return [LogEntry(seq=seq, t=t, event=event, size=10) for seq, (t, event) in enumerate(timed)]


def token(text: str, *, id: str = "m1", node: str = "n", **fields: Any) -> Token:
    return Token(ns=fields.pop("ns", ()), message_id=id, node=node, role=fields.pop("role", "ai"), text=text, **fields)


def task(id: str, node: str = "n") -> TaskStarted:
    return TaskStarted(ns=(), task_id=id, node=node, input=None, triggers=())


def result(id: str, node: str = "n", *, error: str | None = None) -> TaskEnded:
    return TaskEnded(ns=(), task_id=id, node=node, result={}, error=error, interrupts=())


def restart(*dropped: str) -> Attempt:
    """The answers in these messages broke off and will be written again."""
    return Attempt(number=2, of=3, reason=ANSWER_BROKE_OFF, pause_s=0.0, dropped=dropped)
