"""The progress that nodes and tools report through the stream writer."""

from dataclasses import dataclass
from typing import Any

from streaming.core.events import Custom, LogEntry, Namespace


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressStep:
    """One value that a node or a tool wrote; a field is `None` where the value does not have it."""

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
    """All values that were written, and the latest fraction (0 to 1) and status of the whole job.

    A progress event is a mapping with `kind="progress"` and any of `step`, `status`, `done`, `total`, `fraction`, `at`.
    """

    def __init__(self) -> None:
        self.steps: list[ProgressStep] = []
        self.fraction: float | None = None
        self.status: str | None = None

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        event = entry.event
        if not isinstance(event, Custom):
            return
        report = event.data if isinstance(event.data, dict) and event.data.get("kind") == "progress" else {}
        step = ProgressStep(
            t=entry.t,
            ns=event.ns,
            data=event.data,
            size=entry.size,
            step=report.get("step"),
            status=report.get("status"),
            done=report.get("done"),
            total=report.get("total"),
            fraction=report.get("fraction"),
            at=report.get("at"),
        )
        self.steps.append(step)
        self.status = step.status or self.status
        if step.fraction is not None:
            # Parallel nodes report out of order, but a progress bar must not run backwards.
            self.fraction = max(self.fraction or 0.0, min(1.0, step.fraction))
