"""Feeds of the run as a whole: its state, figures, event lanes and kinds of events."""

from collections.abc import Sequence
from typing import Any, ClassVar

from streaming.core.events import Ended, LogEntry, Token
from streaming.live import patches
from streaming.live.feed import Feed, PacedFeed, Sent, seconds
from streaming.live.patches import Patch
from streaming.live.previews import FIELD, preview
from streaming.projections.answer_ends import AnswerEnd, AnswerEnds, summary_of
from streaming.projections.event_kinds import EventKind, EventKinds
from streaming.projections.event_lanes import BIN_S, EventLanes
from streaming.projections.metrics import MetricsCollector
from streaming.projections.run_state import RunState

_SECONDS = (
    *("wait_s", "ttft_s", "first_event_s", "first_node_s", "first_reasoning_s", "first_token_s", "e2e_s"),
    *("itl_p50_s", "itl_p95_s", "itl_p99_s", "tpot_s", "tokens_per_s", "loop_cpu_s"),
    *("first_text_s", "ttft_share", "answer_after_s"),
)
_COUNTS = ("chunks", "output_tokens", "input_tokens", "events", "bytes", "attempts")


class RunFeed(Feed):
    """Status, notice, attempts, fallback and end of the run, and the marks of its provider."""

    kinds: ClassVar = frozenset(
        {"notice", "attempt", "fallback", "provider", "started", "ended", "messages", "values", "updates"}
    )
    counts_all: ClassVar = True

    def __init__(self) -> None:
        self._state = RunState()
        self._answers = AnswerEnds()
        self._sent = Sent()
        self._marks = 0
        self._quiet = False

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        state = self._state
        self._answers.apply(entry)
        if self._quiet and isinstance(entry.event, Token):
            return
        state.apply(entry)
        if different := self._sent.send("", self._fields()):
            out.append(patches.run(different))
        out.extend(patches.fault(round(mark.t, 4), mark.text, by=mark.by) for mark in state.marks[self._marks :])
        self._marks = len(state.marks)
        # A token can only end a notice: without a notice, tokens need not be applied.
        self._quiet = not state.notice or state.fallback is not None

    def _fields(self) -> dict[str, Any]:
        state = self._state
        fields: dict[str, Any] = {
            "status": state.status,
            "notice": state.notice,
            "notice_until": seconds(state.notice_until),
            "started_at": seconds(state.started_at),
        }
        if (attempt := state.attempt) is not None:
            names = ("number", "of", "reason", "pause_s")
            fields["attempt"] = {name: getattr(attempt, name) for name in names}
        if (fallback := state.fallback) is not None:
            fields["fallback"] = {"reason": fallback.reason, "to": fallback.to, "lost_s": seconds(fallback.lost_s)}
        return (
            fields
            if state.ended is None
            else {**fields, **_end_fields(state.ended, state.ended_at), **_answer_fields(self._answers.ends)}
        )


def _answer_fields(ends: Sequence[AnswerEnd]) -> dict[str, Any]:
    """A sentence about incomplete answers, and whether one of them was kept so."""
    kept = any(end.ending == "kept incomplete" for end in ends)
    return {"answers": summary_of(ends), **({"kept": True} if kept else {})}


def _end_fields(ended: Ended, t: float | None) -> dict[str, Any]:
    return {
        "outcome": ended.outcome,
        "reason": ended.reason,
        "advice": ended.advice,
        "error": ended.error,
        "draining": False,
        "next": list(ended.next),
        "pending": [{"id": item.id, "node": item.node, "value": preview(item.value, FIELD)} for item in ended.pending],
        "ended_at": seconds(t),
    }


class FigureFeed(PacedFeed):
    """The figures of the run; `texts` counts the pieces of text that they are computed from."""

    counts_all: ClassVar = True

    def __init__(self) -> None:
        self._metrics = MetricsCollector()
        self._sent = Sent()
        self._stale = False
        self.texts = 0

    def take(self, entry: LogEntry, out: list[Patch]) -> bool:
        """Apply the entry; see `Feed`."""
        self._metrics.apply(entry)
        self._stale = True
        if not getattr(entry.event, "text", ""):
            return False
        self.texts += 1
        return self.texts == 1

    @property
    def messages(self) -> int:
        """How many messages the figures go through."""
        return self._metrics.messages

    def pending(self, *, settle: bool = False) -> list[Patch]:
        """The patches held back; see `PacedFeed`."""
        if not self._stale:
            return []
        different = self._sent.send("", self._fields(), settle=settle)
        self._stale = not settle
        return [patches.figures(different)] if different else []

    def counts(self) -> list[Patch]:
        """How many events and bytes there are, which costs nothing to compute, while the other figures wait."""
        events, size = self._metrics.received
        return [patches.figures({"events": events, "bytes": size})] if self._stale else []

    def _fields(self) -> dict[str, Any]:
        metrics = self._metrics.metrics()
        times = {name: seconds(getattr(metrics, name)) for name in _SECONDS}
        return {**times, **{name: getattr(metrics, name) for name in _COUNTS}}


class LaneFeed(PacedFeed):
    """Events of each kind in bins of time."""

    counts_all: ClassVar = True

    def __init__(self) -> None:
        self._lanes = EventLanes()
        self._stale: dict[str, set[int]] = {}

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        self._lanes.apply(entry)
        if entry.event.kind in self._lanes.lanes:
            self._stale.setdefault(entry.event.kind, set()).add(int(entry.t / BIN_S))

    def pending(self, *, settle: bool = False) -> list[Patch]:
        """The patches held back; see `PacedFeed`."""
        lanes = self._lanes.lanes
        changed = [
            patches.lane(kind, ([number, *lanes[kind][number]] for number in sorted(numbers)))
            for kind, numbers in self._stale.items()
        ]
        if settle:
            self._stale = {}
        return changed


class KindFeed(PacedFeed):
    """Kinds of events that an API sends, each with the shape of its data."""

    def __init__(self) -> None:
        self._kinds = EventKinds()
        self._stale: dict[str, EventKind] = {}
        self._sent = Sent()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        self._kinds.apply(entry)
        if (kind := self._kinds.latest) is not None:
            self._stale[kind.name] = kind

    def pending(self, *, settle: bool = False) -> list[Patch]:
        """The patches held back; see `PacedFeed`."""
        changed = [
            patches.kind(kind.name, different)
            for kind in self._stale.values()
            if (different := self._sent.send(kind.name, _kind_fields(kind), settle=settle))
        ]
        if settle:
            self._stale = {}
        return changed


def _kind_fields(kind: EventKind) -> dict[str, Any]:
    return {
        "shape": kind.shape,
        "first_at": seconds(kind.first_at),
        "count": kind.count,
        "bytes": kind.bytes,
    }
