"""The timeline of a finished run as light HTML without scripts: spans of nodes, and lanes of events."""

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from components.shell.format import count, escape_html, format_seconds, truncate
from components.shell.modes import FAILED_HEX, MODE_HEX, kind_hex
from streaming.core.events import (
    ENGINE_KINDS,
    Attempt,
    BoundaryEvent,
    Ended,
    Fallback,
    LogEntry,
    OutputEvent,
    ReportEvent,
    Started,
    StateEvent,
    TaskEvent,
    Token,
    TraceEvent,
)
from streaming.projections.node_spans import NodeSpans
from streaming.projections.spans import NodeSpan

BINS = 80
LANES = ("messages", "updates", "custom")
_MAX_SPANS = 14
_MAX_MARKS = 200
_MAX_NAME = 200
_ROW = "display:flex;align-items:center;gap:.6rem;margin:.2rem 0;font-size:.82rem"
_LABEL = "flex:0 0 clamp(4.5rem,24%,8.5rem);overflow:hidden;text-overflow:ellipsis;white-space:nowrap;text-align:right"
_TRACK = "position:relative;flex:1;height:1rem;background:rgba(128,134,150,.13);border-radius:4px"


class _Lanes:
    """The content of a timeline: spans, and the marks of each lane."""

    def __init__(self, lanes: Sequence[str]) -> None:
        self.start = self._now = 0.0
        self._spans = NodeSpans()
        self._marks: dict[str, list[float]] = {lane: [] for lane in lanes}
        self._provider: list[tuple[float, str]] = []

    @property
    def spans(self) -> list[NodeSpan]:
        return [span for span in self._spans.spans.values() if not span.node.startswith("__")]

    def apply(self, entry: LogEntry) -> None:
        self._spans.apply(entry)
        self._now = entry.t
        match entry.event:
            case Started():
                self.start = entry.t
            case Token(text=""):
                pass
            case Attempt(number=number, of=of, reason=reason):
                self._provider.append((entry.t, f"{reason}: attempt {number} of {of}"))
            case Fallback(reason=reason, to=to):
                self._provider.append((entry.t, f"{reason}: {f'{to} answers' if to else 'whole answer requested'}"))
            case Ended(outcome="failed" | "timed out" as outcome, reason=reason):
                self._provider.append((entry.t, f"{outcome}: {reason}"))
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() as event:
                if event.kind in self._marks:
                    self._marks[event.kind].append(entry.t)
            case ReportEvent() | BoundaryEvent():
                pass  # neither an event of the graph nor a problem of the provider
            case _ as never:
                assert_never(never)

    def html(self) -> str:
        spans = self.spans
        left_out = f"<p>The last {_MAX_SPANS} of {len(spans):,} node runs.</p>" if len(spans) > _MAX_SPANS else ""
        return left_out + render_timeline(
            spans[-_MAX_SPANS:],
            self._marks,
            self._provider,
            start=self.start,
            now=self._now,
        )


def timeline_picture(events: Iterable[LogEntry]) -> str:
    """The timeline of a finished run as HTML, for a page outside the app."""
    events = list(events)
    lanes = _Lanes(lanes_of(events))
    for entry in events:
        lanes.apply(entry)
    return lanes.html()


def lanes_of(events: Iterable[LogEntry]) -> list[str]:
    """The kinds of these events that get a lane: all except tasks, which are spans, and the engine's own."""
    found = {entry.event.kind for entry in events} - ENGINE_KINDS - {"tasks"}
    return sorted(found, key=lambda kind: (kind not in LANES, kind))


def render_timeline(
    spans: Sequence[NodeSpan],
    marks: Mapping[str, Sequence[float]],
    provider: Sequence[tuple[float, str]] = (),
    *,
    start: float,
    now: float,
    length: float | None = None,
) -> str:
    """The timeline from `start` to `now` (seconds since submission) as HTML without scripts.

    `length` is the length of the axis in seconds, if it is longer than the timeline.
    """
    length = max(now - start, length or 0.0)
    width = max(length, 0.001)
    rows = [_span_row(span, start=start, now=now, width=width) for span in spans]
    rows += [_lane_row(kind, found, start=start, width=width) for kind, found in marks.items()]
    if provider:
        rows.append(_provider_row(provider, start=start, width=width))
    label = f"Timeline of {count(len(spans), 'node run')} over {format_seconds(now - start)}"
    return f'<div role="img" aria-label="{label}">{"".join(rows)}{_axis(length)}</div>'


def _span_row(span: NodeSpan, *, start: float, now: float, width: float) -> str:
    end = now if span.end is None else span.end
    left, wide = _percent(span.start - start, width), max(_percent(end - span.start, width), 0.6)
    colour = {"failed": FAILED_HEX, "cut": MODE_HEX["checkpoints"]}.get(span.state, MODE_HEX["tasks"])
    look = "opacity:.55;" if span.end is None else ""
    position = f"left:{left:.1f}%;width:{wide:.1f}%;{look}background:{colour}"
    box = f'<div style="position:absolute;height:100%;border-radius:4px;{position}"></div>'
    note = f"{format_seconds(end - span.start)}" + ("" if span.state == "done" else f" · {span.state}")
    return _row(span.node, box, note)


def _lane_row(kind: str, found: Sequence[float], *, start: float, width: float) -> str:
    bins = sorted({min(BINS - 1, int((t - start) / width * BINS)) for t in found})
    colour = kind_hex(kind)
    boxes = "".join(
        f'<div style="position:absolute;left:{100 * first / BINS:.1f}%;width:{100 * width_in_bins / BINS:.2f}%;'
        f'min-width:4px;height:100%;background:{colour};border-radius:2px"></div>'
        for first, width_in_bins in _joined(bins)
    )
    return _row(kind, boxes, count(len(found), "event"), colour=colour)


def _provider_row(found: Sequence[tuple[float, str]], *, start: float, width: float) -> str:
    """A mark for each provider error and each reaction to one; its text is shown on hover."""
    boxes = "".join(
        f'<div title="{_short(text)}" style="position:absolute;left:calc({_percent(t - start, width):.1f}% - 4px);'
        f'width:4px;height:100%;background:{FAILED_HEX}"></div>'
        for t, text in found[:_MAX_MARKS]
    )
    return _row("provider", boxes, count(len(found), "mark"), colour=FAILED_HEX)


def _joined(bins: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of neighbouring bins: (first bin, number of bins)."""
    joined: list[tuple[int, int]] = []
    for current in bins:
        if joined and sum(joined[-1]) == current:
            joined[-1] = (joined[-1][0], joined[-1][1] + 1)
        else:
            joined.append((current, 1))
    return joined


def _row(label: str, boxes: str, note: str, *, colour: str | None = None) -> str:
    dot = f'<span style="color:{colour}">■</span> ' if colour else ""
    return (
        f'<div style="{_ROW}"><div style="{_LABEL}">{dot}{_short(label)}</div><div style="{_TRACK}">{boxes}</div>'
        f'<div style="flex:0 0 5.4rem;white-space:nowrap">{escape_html(note)}</div></div>'
    )


def _short(text: str) -> str:
    return escape_html(truncate(text, _MAX_NAME))


def _axis(length: float) -> str:
    ends = (
        f"<span>0</span><span>{format_seconds(length / 2)}</span><span>{format_seconds(length)}</span>"
        if length > 0
        else ""
    )
    return (
        f'<div style="{_ROW}"><div style="{_LABEL}">time</div><div style="flex:1;display:flex;'
        f'justify-content:space-between">{ends}</div><div style="flex:0 0 5.4rem"></div></div>'
    )


def _percent(part: float, whole: float) -> float:
    return min(100.0, max(0.0, 100 * part / whole))
