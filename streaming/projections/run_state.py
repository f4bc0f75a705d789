"""The state of a run in words: its status, the reason of a wait, and how it ended."""

from dataclasses import dataclass
from typing import Literal, assert_never

from streaming.core.errors import GraphFailed, ProcessEnded
from streaming.core.events import (
    Attempt,
    Ended,
    Fallback,
    LogEntry,
    Notice,
    OutputEvent,
    ProviderStep,
    Started,
    StateEvent,
    Status,
    TaskEvent,
    Token,
    TraceEvent,
    Updates,
    Values,
    status_of,
)

_OF_THE_GRAPH = frozenset({GraphFailed.__name__, ProcessEnded.__name__})
"""What ends a run without a fault of its provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMark:
    """A problem of the provider, or a reaction to it; `t` in seconds since submission.

    `by` is its origin: the fault server (`server`), or the run's policy of retries and fallback (`policy`).
    """

    t: float
    text: str
    by: Literal["server", "policy"] = "policy"


class RunState:
    """Status, notice and the provider's marks; `notice_until` is the time of the run to count down to.

    A notice is removed by the next event of the graph; that of a fallback stays until the end.
    """

    def __init__(self) -> None:
        self.status: Status = "Running"
        self.notice = ""
        self.notice_until: float | None = None
        self.started_at: float | None = None
        self.attempt: Attempt | None = None
        self.fallback: Fallback | None = None
        self.ended: Ended | None = None
        self.ended_at: float | None = None
        self.marks: list[ProviderMark] = []

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        t = entry.t
        match entry.event:
            case Token() | Values() | Updates():
                self._progress()
            case Notice(text=text, wait_s=wait):
                self._notice(text, until=None if wait is None else t + wait)
                self.status = "Waiting" if self.started_at is None else self.status
            case Started():
                self.started_at, self.status = t, "Running"
                self._progress()
            case Attempt(number=number, of=of, reason=reason, pause_s=pause, dropped=dropped) as attempt:
                self.attempt = attempt
                self._notice(f"{reason}: attempt {number} of {of}", until=t + pause)
                back = ", drops the partial answer" if dropped else ""
                self._mark(t, f"{reason}{back}: waits {pause:.2f} s, then attempt {number} of {of}")
            case ProviderStep(text=text):
                self.marks.append(ProviderMark(t=t, text=text, by="server"))
            case Fallback() as fallback:
                self._fall_back(fallback, t)
            case Ended(outcome=outcome, reason=reason) as ended:
                self.ended, self.ended_at, self.status = ended, t, status_of(ended)
                self._notice("")
                if outcome in ("failed", "timed out") and ended.error not in _OF_THE_GRAPH:
                    self._mark(t, f"{outcome}: {reason}")
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent():
                pass  # these accompany a token, a state or an update
            case _ as never:
                assert_never(never)

    def _progress(self) -> None:
        if self.notice and self.fallback is None:
            self._notice("")

    def _fall_back(self, fallback: Fallback, t: float) -> None:
        self.fallback = fallback
        reason, to = fallback.reason, fallback.to
        not_streamed = f"This model does not stream ({reason}): its answer arrives whole."
        self._notice(f"The model failed ({reason}): {to} answers." if to else not_streamed)
        self._mark(t, f"{reason}: {f'{to} answers' if to else 'requested the whole answer'}")

    def _notice(self, text: str, *, until: float | None = None) -> None:
        self.notice, self.notice_until = text, until

    def _mark(self, t: float, text: str) -> None:
        self.marks.append(ProviderMark(t=t, text=text))
