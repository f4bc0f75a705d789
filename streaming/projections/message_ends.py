"""When each message ended: no stream mode reports it, so it is derived from other events."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import assert_never

from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    Ended,
    LogEntry,
    Namespace,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEnded,
    TaskEvent,
    Token,
    TraceEvent,
    Updates,
    Values,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEnd:
    """When a message ended (seconds since submission), and whether it was cut off."""

    t: float
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Origin:
    """What writes a message."""

    task_id: str
    node: str
    ns: Namespace


class MessageEnds:
    """The ends of messages, in the order of time.

    A whole message ends at once. A streamed one ends with its node, which `tasks`, `updates` or `values` report, or
    with the run. Dropped messages are removed: they will be written again.
    """

    def __init__(self) -> None:
        self.ends: dict[str, MessageEnd] = {}
        self._open: dict[str, _Origin] = {}

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case Token() as token:
                self._token(token, entry.t)
            # What a failed node was writing broke off, which the end of the run reports.
            case TaskEnded(task_id=task_id, error=None):
                self._close(entry.t, lambda origin: origin.task_id == task_id)
            case Updates(ns=ns, deltas=deltas):
                self._close(entry.t, lambda origin: origin.ns == ns and origin.node in deltas)
            case Values(ns=ns):
                self._close(entry.t, lambda origin: origin.ns == ns)
            case Attempt(dropped=dropped):
                for message_id in dropped:
                    self.ends.pop(message_id, None)
                    self._open.pop(message_id, None)
            case Ended(cut=cut):
                self._close(entry.t, lambda _: True, cut=cut)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event shows that a message has ended
            case _ as never:
                assert_never(never)

    def _token(self, token: Token, t: float) -> None:
        message_id = token.message_id
        if message_id in self._open or message_id in self.ends:
            return
        if token.whole:
            self.ends[message_id] = MessageEnd(t=t)
            return
        self._open[message_id] = _Origin(token.task_id, token.node, token.ns)

    def _close(self, t: float, ended: Callable[[_Origin], bool], *, cut: Collection[str] = ()) -> None:
        for message_id in [message_id for message_id, origin in self._open.items() if ended(origin)]:
            del self._open[message_id]
            self.ends[message_id] = MessageEnd(t=t, cut=message_id in cut)
