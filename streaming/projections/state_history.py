"""The state after each superstep, and the fields that it changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    CheckpointSaved,
    Debug,
    LogEntry,
    Namespace,
    OutputEvent,
    ReportEvent,
    Started,
    StateEvent,
    TaskEvent,
    TaskStarted,
    TraceEvent,
    Values,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The state after one superstep; `changed` names the fields that are new or differ from the previous one."""

    step: int
    t: float
    ns: Namespace
    state: Mapping[str, Any]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    size: int
    interrupts: tuple[Any, ...] = ()


class StateHistory:
    """Snapshots in order; each is compared with the previous one of the same namespace.

    Supersteps have LangGraph's numbers. A superstep in which no node writes sends no state, and an interrupt sends the
    last one again: where the run asked for `checkpoints`, `debug` or `tasks` too, these tell the number, otherwise it
    is counted from where the run started. A state that an interrupt repeats is no snapshot.
    """

    def __init__(self) -> None:
        self.snapshots: list[Snapshot] = []
        self._last: dict[Namespace, Mapping[str, Any]] = {}
        self._next: dict[Namespace, int] = {}

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case Values() as event:
                self._take(entry, event)
            case Started(first_step=int(step)):
                self._next[()] = step
            case Attempt(restarts=True):
                # It continues from its last checkpoint, whose state comes again.
                self._next = {ns: max(0, step - 1) for ns, step in self._next.items()}
            case CheckpointSaved(ns=ns, step=step) | Debug(ns=ns, step=step, type="checkpoint"):
                self._next[ns] = step + 1
            case Debug(ns=ns, step=step):
                self._next[ns] = step
            case TaskStarted(ns=ns):
                # A node runs, and no state came before it.
                self._next.setdefault(ns, 1)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event has a state or the number of a superstep
            case _ as never:
                assert_never(never)

    def _take(self, entry: LogEntry, event: Values) -> None:
        before, following = self._last.get(event.ns), self._next.get(event.ns, 0)
        if event.interrupts and event.fields == before:
            return
        step = max(0, following - 1) if event.interrupts else following
        known, state = before or {}, event.fields
        self.snapshots.append(
            Snapshot(
                step=step,
                t=entry.t,
                ns=event.ns,
                state=state,
                changed=tuple(name for name, value in state.items() if name not in known or known[name] != value),
                removed=tuple(name for name in known if name not in state),
                size=entry.size,
                interrupts=event.interrupts,
            )
        )
        self._last[event.ns] = state
        self._next[event.ns] = step + 1
