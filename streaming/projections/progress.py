"""How far a job says it is, from what its nodes and tools write."""

from dataclasses import dataclass
from typing import Any

from streaming.core.events import Custom, LogEntry, Namespace


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressStep:
    """One thing that a node or a tool wrote; the named fields are `None` where it did not say them."""

    t: float
    ns: Namespace
    data: Any
    size: int
    step: str | None
    status: str | None
    done: int | None
    total: int | None
    fraction: float | None
    at: str | None


class Progress:
    """Everything written, and the latest word on the whole job.

    A progress event is a mapping with `kind="progress"` and any of `step`, `status`, `done`, `total`, `fraction`, `at`.
    """

    def __init__(self) -> None:
        self.steps: list[ProgressStep] = []
        self.fraction: float | None = None
        self.status: str | None = None

    def apply(self, entry: LogEntry) -> None:
        event = entry.event
        if not isinstance(event, Custom):
            return
        said = event.data if isinstance(event.data, dict) and event.data.get("kind") == "progress" else {}
        step = ProgressStep(
            t=entry.t,
            ns=event.ns,
            data=event.data,
            size=entry.size,
            step=said.get("step"),
            status=said.get("status"),
            done=said.get("done"),
            total=said.get("total"),
            fraction=said.get("fraction"),
            at=said.get("at"),
        )
        self.steps.append(step)
        self.status = step.status or self.status
        if step.fraction is not None:
            # Parallel nodes report out of order; a bar that runs backwards tells nothing.
            self.fraction = max(self.fraction or 0.0, min(1.0, step.fraction))
