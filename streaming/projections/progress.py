"""The progress that nodes and tools report through the stream writer."""

from dataclasses import dataclass
from typing import Any

from streaming.core.events import Custom, LogEntry, Namespace
from streaming.core.progress_report import ProgressReport, read_report


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressStep:
    """One value that a node or a tool wrote; a field is `None` where the value does not have it, or an odd one.

    `fraction` is of the whole job. `step` and `status` are `None` too if another field cannot be read: then the value
    itself is to be shown, which `data` is.
    """

    t: float
    ns: Namespace
    data: Any
    size: int
    step: str | None
    status: str | None
    done: float | None
    total: float | None
    fraction: float | None
    at: str | None


class Progress:
    """All values that were written, and the latest fraction (0 to 1) and status of the whole job.

    `streaming.core.progress_report` has the forms of a report.
    """

    def __init__(self) -> None:
        self.steps: list[ProgressStep] = []
        self.fraction: float | None = None
        self.status: str | None = None
        self._counted: ProgressStep | None = None
        self._total: float | None = None
        self._in_percent = False

    @property
    def shown(self) -> tuple[float | None, str | None]:
        """Fraction and status for a bar: of the job, or of the last counted step while nothing tells of the job."""
        step = self._counted
        if self.fraction is not None or step is None or step.done is None or not step.total:
            return self.fraction, self.status
        return step.done / step.total, f"{step.step or 'this step'}: {step.done:g} of {step.total:g}"

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        event = entry.event
        if not isinstance(event, Custom):
            return
        report = read_report(event.data) or ProgressReport()
        fraction = report.fraction if report.bare is None else self._scaled(report.bare)
        if fraction is not None:
            self._advance(fraction, report.total_of_job)
        self.status = report.status or self.status
        self.steps.append(
            ProgressStep(
                t=entry.t,
                ns=event.ns,
                data=event.data,
                size=entry.size,
                step=report.step if report.complete else None,
                status=report.status if report.complete else None,
                done=report.done,
                total=report.total,
                fraction=fraction,
                at=report.at,
            )
        )
        if report.done is not None:
            self._counted = self.steps[-1]

    def _advance(self, fraction: float, total: float | None) -> None:
        # Parallel nodes report out of order, but a progress bar must not run backwards; another total is another job.
        another = total is not None and self._total is not None and total != self._total
        self.fraction = fraction if another else max(self.fraction or 0.0, fraction)
        self._total = total if total is not None else self._total

    def _scaled(self, number: float) -> float | None:
        """A bare number as a fraction: one above 1 tells that all are in per cent, and 1 alone tells nothing."""
        if number > 1 and not self._in_percent:
            self._in_percent, self.fraction = True, None
        if self._in_percent:
            return number / 100
        return None if number == 1 and not self.fraction else number
