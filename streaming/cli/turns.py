"""Whose text is written: several messages may stream at the same time, and a terminal has one place to write."""

from dataclasses import dataclass
from typing import assert_never

from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    LogEntry,
    Namespace,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEnded,
    TaskEvent,
    Token,
    TraceEvent,
)

SILENT_S = 0.5
"""After so long without text, in seconds of the log, a message leaves its turn to one that waits."""


@dataclass(slots=True)
class _Text:
    """A message with text: what tells that it has ended, and when it last wrote."""

    ns: Namespace
    task_id: str
    step: int | None
    last_at: float = 0.0
    ended: bool = False


class Turns:
    """The message whose turn it is, and those that wait for theirs, in the order of their first text."""

    def __init__(self) -> None:
        self._texts: dict[str, _Text] = {}
        self._waiting: dict[str, _Text] = {}
        self._turn = ""

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case Token() as token:
                self._token(token, entry.t)
            case TaskEnded(task_id=task_id):
                for text in self._candidates():
                    text.ended |= text.task_id == task_id
            case Attempt(dropped=dropped):
                for message_id in dropped:
                    self._drop(message_id)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event carries or ends a text
            case _ as never:
                assert_never(never)

    def next(self, t: float) -> list[str]:
        """The messages to write now, each as far as it is; the last of them may go on at once."""
        now = []
        while self._waiting:
            if self._turn not in self._waiting:
                if self._is_writing(self._turn, t):
                    break
                self._turn = next(iter(self._waiting))
            del self._waiting[self._turn]
            now.append(self._turn)
        return now

    def take_ended(self) -> list[str]:
        """The messages that wait and are complete, which are written now."""
        done = [message_id for message_id, text in self._waiting.items() if text.ended]
        for message_id in done:
            del self._waiting[message_id]
        return done

    def take_all(self) -> list[str]:
        """All messages that wait, which are written now."""
        waiting, self._waiting = list(self._waiting), {}
        return waiting

    def _is_writing(self, message_id: str, t: float) -> bool:
        text = self._texts.get(message_id)
        return text is not None and not text.ended and t - text.last_at < SILENT_S

    def _token(self, token: Token, t: float) -> None:
        text = self._texts.get(token.message_id)
        if text is None:
            text = self._texts[token.message_id] = _open(token)
            self._end_earlier_steps(text)
        if token.text or token.reasoning:
            text.last_at = t
            self._waiting.setdefault(token.message_id, text)
        text.ended |= token.whole or token.finish_reason is not None

    def _end_earlier_steps(self, new: _Text) -> None:
        """A superstep begins when all nodes of the one before it have returned."""
        for text in self._candidates():
            if text.ns == new.ns and text.step is not None and new.step is not None:
                text.ended |= text.step < new.step

    def _candidates(self) -> list[_Text]:
        """The texts of which it matters whether they have ended: the one that is written, and those that wait."""
        current = self._texts.get(self._turn)
        return [*self._waiting.values(), *([current] if current else [])]

    def _drop(self, message_id: str) -> None:
        self._texts.pop(message_id, None)
        self._waiting.pop(message_id, None)


def _open(token: Token) -> _Text:
    step = (token.metadata or {}).get("langgraph_step")
    return _Text(
        ns=token.ns,
        task_id=token.task_id or token.message_id,
        step=step if isinstance(step, int) else None,
    )
