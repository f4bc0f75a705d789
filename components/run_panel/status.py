"""A run's status in one word, its clock, and what to do after a failure."""

import time
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from typing import assert_never

from streamlit.delta_generator import DeltaGenerator

from components.run_panel.ended_run import metrics_of, was_kept
from components.shell.format import escape_markdown, format_seconds
from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    Ended,
    Fallback,
    LogEntry,
    Notice,
    OutputEvent,
    ReportEvent,
    Started,
    StateEvent,
    Status,
    TaskEvent,
    Token,
    TraceEvent,
    Updates,
    Values,
)
from streaming.core.run import Run
from streaming.projections.metrics import Metrics, MetricsCollector

PACE_S = 0.2
"""Shortest time between two drawings of a status, because each delays the tokens beside it."""

_COLOUR: dict[Status, str] = {
    "Waiting": "gray",
    "Running": "blue",
    "Completed": "green",
    "Interrupted": "orange",
    "Paused": "violet",
    "Cancelled": "gray",
    "Timed out": "orange",
    "Failed": "red",
}


def show_outcomes(runs: Sequence[Run], *, chip: DeltaGenerator, message: DeltaGenerator) -> None:
    """The states of runs that have ended, and what is to be known about each.

    Of several runs each state is named once with how many ended in it, those that did not complete first.
    """
    groups = sorted(_grouped(runs, _badge), key=lambda group: group[0].status == "Completed")
    badges = [
        _badge(group[0]) + (f" :gray-badge[{len(group)} of {len(runs)}]" if len(runs) > 1 else "") for group in groups
    ]
    chip.markdown(" ".join(badges))
    box = message.container()
    for of_reason in _grouped(runs, _explanation):
        run = of_reason[0]
        if run.ended is not None:
            named = ", ".join(str(number) for number, other in enumerate(runs, 1) if other in of_reason)
            latency = metrics_of(run)
            _explain(box.empty(), run.ended, latency, part=f"Run {named} of {len(runs)}: " if len(runs) > 1 else "")


def _badge(run: Run) -> str:
    """The state of a run that has ended, as a badge."""
    if run.status == "Completed" and was_kept(run):
        return ":orange-badge[Kept, incomplete]"
    return f":{_COLOUR[run.status]}-badge[{run.status}]"


def all_completed(parent: DeltaGenerator, named: Collection[tuple[str, Run]]) -> bool:
    """Whether the figures of these named runs can be compared; says so, with the state of each, if they cannot."""
    if all(run.status == "Completed" for _, run in named):
        return bool(named)
    states = " · ".join(f"{name}: {run.status}" for name, run in named)
    parent.caption(f"Nothing is compared, because not every run completed. {states}")
    return False


def _explanation(run: Run) -> Hashable:
    """What runs share that are explained together; the cost of a fallback is each run's own."""
    fell_back = any(isinstance(entry.event, Fallback) for entry in run.events)
    return run.status, run.ended and (run.ended.reason, run.ended.advice), run.id if fell_back else ""


def _grouped(runs: Iterable[Run], key: Callable[[Run], Hashable]) -> list[list[Run]]:
    groups: dict[Hashable, list[Run]] = {}
    for run in runs:
        groups.setdefault(key(run), []).append(run)
    return list(groups.values())


class RunStatus:
    """The status of a run whose text the script draws itself."""

    def __init__(
        self,
        run: Run,
        *,
        chip: DeltaGenerator,
        message: DeltaGenerator,
        stops: Sequence[DeltaGenerator] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run = run
        self._chip = chip
        self._stops = stops
        self._message = message
        self._clock = clock
        self._notice = ""
        self._started = self._waiting = False
        self._until: float | None = None
        self._latency = MetricsCollector()

    def follow(self, batches: Iterable[list[LogEntry]]) -> Iterator[list[LogEntry]]:
        """Yield each batch, and draw the status after the caller has drawn it: every `PACE_S` seconds, and at the end.

        It is drawn also while nothing arrives, so that Streamlit notices a click in time. The caller must exhaust the
        iterator, or the status misses the end.
        """
        due_at, stale = self._clock(), True
        for batch in batches:
            yield batch
            for entry in batch:
                self.take(entry)
            stale = self._clock() < due_at
            if not stale:
                self.paint()
                due_at = self._clock() + PACE_S
        if stale:
            self.paint()

    def take(self, entry: LogEntry) -> None:
        """Apply an entry."""
        self._latency.apply(entry)
        match entry.event:
            case Notice(text=text, wait_s=wait):
                self._set_notice(text, until=None if wait is None else entry.t + wait)
                self._waiting = not self._started
            case Started():
                self._started, self._waiting = True, False
                self._set_notice("" if self._latency.fallback is None else self._notice)
            case Attempt(number=number, of=of, reason=reason, pause_s=pause):
                self._set_notice(f"{reason}: attempt {number} of {of}", until=entry.t + pause)
            case Token() | Values() | Updates() if self._latency.fallback is None:
                self._set_notice("")
            case Fallback(reason=reason, to=to):
                whole = f"This model does not stream ({reason}): its answer arrives whole."
                self._set_notice(f"The model failed ({reason}): {to} answers instead." if to else whole)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event changes the notice
            case _ as never:
                assert_never(never)

    def _set_notice(self, text: str, *, until: float | None = None) -> None:
        """Show a notice beside the clock, with a countdown to `until`, in seconds since submission."""
        self._notice, self._until = text, until

    def paint(self) -> None:
        """Draw the picture as it is now."""
        run = self._run
        ended = run.ended
        if ended is None:
            left = max(0.0, self._until - run.age_s) if self._until is not None else 0.0
            notice = f"{self._notice} in {left:.1f} s" if left else self._notice
            if run.draining:
                notice = "Stopping after this step…"
            word: Status = "Waiting" if self._waiting else "Running"
            self._chip.markdown(f":{_COLOUR[word]}-badge[{word}] {run.age_s:.1f} s {escape_markdown(notice)}")
            return
        self._chip.markdown(_badge(run))
        for stop in self._stops:
            stop.empty()
        _explain(self._message, ended, self._latency.metrics())


def _explain(slot: DeltaGenerator, ended: Ended, metrics: Metrics, *, part: str = "") -> None:
    """Why the run ended and what to do, or what a model that did not stream has cost."""
    text = f"{part}{escape_markdown(ended.reason)} {escape_markdown(ended.advice)}"
    match ended.outcome:
        case "failed":
            slot.error(text, icon=":material/error:")
        case "timed out":
            slot.warning(text, icon=":material/timer_off:")
        case "cancelled":
            slot.info(text, icon=":material/stop_circle:")
        case "interrupted" if ended.reason:
            slot.info(text, icon=":material/pause_circle:")
        case _ if metrics.fallback is not None:
            slot.info(f"{part}{_cost_of_fallback(metrics, metrics.fallback)}", icon=":material/hourglass_bottom:")
        case _:
            slot.empty()


def _cost_of_fallback(metrics: Metrics, fallback: Fallback) -> str:
    """The cost, in time, of a model that did not stream or did not answer."""
    share = f", {metrics.ttft_share:.0%} of the total time" if metrics.ttft_share is not None else ""
    if fallback.to:
        return (
            f"The model failed ({escape_markdown(fallback.reason)}), and {escape_markdown(fallback.to)} answered "
            "instead. The failed attempt took "
            f"{format_seconds(fallback.lost_s)}; the first text arrived after "
            f"{format_seconds(metrics.ttft_s)}."
        )
    lost = f" The refused stream took {format_seconds(fallback.lost_s)} of it." if fallback.lost_s else ""
    return (
        f"The model did not stream ({escape_markdown(fallback.reason)}), so its answer was requested whole, as "
        "`invoke` does. "
        f"The first text arrived after {format_seconds(metrics.ttft_s)}{share}.{lost}"
    )
