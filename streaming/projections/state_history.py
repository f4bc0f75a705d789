"""The state after each superstep, and the fields that it changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streaming.core.events import LogEntry, Namespace, Values


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
    """Snapshots in order; each is compared with the previous one of the same namespace."""

    def __init__(self) -> None:
        self.snapshots: list[Snapshot] = []
        self._last: dict[Namespace, Mapping[str, Any]] = {}
        self._steps: dict[Namespace, int] = {}

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        event = entry.event
        if not isinstance(event, Values):
            return
        state = event.fields
        before = self._last.get(event.ns, {})
        step = self._steps.get(event.ns, 0)
        self.snapshots.append(
            Snapshot(
                step=step,
                t=entry.t,
                ns=event.ns,
                state=state,
                changed=tuple(name for name, value in state.items() if name not in before or before[name] != value),
                removed=tuple(name for name in before if name not in state),
                size=entry.size,
                interrupts=event.interrupts,
            )
        )
        self._last[event.ns] = state
        self._steps[event.ns] = step + 1
