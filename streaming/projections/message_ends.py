"""Which messages are still being written, and which are over."""

from collections.abc import Iterable
from dataclasses import dataclass

from streaming.core.events import Attempt, Ended, LogEntry, Namespace, TaskEnded, Token, Updates, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEnd:
    """When a message was over (seconds since submission), and whether it was cut off."""

    t: float
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Origin:
    task_id: str
    node: str
    ns: Namespace


class MessageEnds:
    """The ends of messages, in their order.

    No stream mode reports the end of a message. A whole one is over at once; others when their node is, which `tasks`,
    `updates` or `values` report, and all with the run. Messages that are asked for again are forgotten.
    """

    def __init__(self) -> None:
        self.ends: dict[str, MessageEnd] = {}
        self._open: dict[str, _Origin] = {}

    def apply(self, entry: LogEntry) -> None:
        match entry.event:
            case Token() as token:
                self._token(token, entry.t)
            case TaskEnded(task_id=task_id):
                self._close((name for name, origin in self._open.items() if origin.task_id == task_id), entry.t)
            case Updates(ns=ns, deltas=deltas):
                self._close((name for name, of in self._open.items() if of.ns == ns and of.node in deltas), entry.t)
            case Values(ns=ns):
                self._close((name for name, origin in self._open.items() if origin.ns == ns), entry.t)
            case Attempt(dropped=dropped):
                for message_id in dropped:
                    self.ends.pop(message_id, None)
                    self._open.pop(message_id, None)
            case Ended(cut=cut):
                self._close(self._open, entry.t, cut)

    def _token(self, token: Token, t: float) -> None:
        message_id = token.message_id
        if message_id in self._open or message_id in self.ends:
            return
        if token.whole:
            self.ends[message_id] = MessageEnd(t=t)
            return
        path = str((token.metadata or {}).get("langgraph_checkpoint_ns", ""))
        self._open[message_id] = _Origin(path.rpartition(":")[2], token.node, token.ns)

    def _close(self, ids: Iterable[str], t: float, cut: Iterable[str] = ()) -> None:
        for message_id in list(ids):
            del self._open[message_id]
            self.ends[message_id] = MessageEnd(t=t, cut=message_id in cut)
