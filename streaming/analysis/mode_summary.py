"""What each stream mode was good for in one run: a sentence a mode, with figures of that run alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from streaming.core.events import MODES, LogEntry, Mode, TaskStarted, Token, Updates


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeSummary:
    """One mode of a run: number of events, bytes as JSON, time of the first one (s; `None` without), and its use."""

    mode: Mode
    events: int
    bytes: int
    first_s: float | None
    use: str


def mode_summaries(events: Sequence[LogEntry], *, modes: Sequence[Mode] = MODES) -> list[ModeSummary]:
    """A summary for each of these modes, in their order."""
    by_mode = {mode: [entry for entry in events if entry.event.kind == mode] for mode in MODES}
    return [
        ModeSummary(
            mode=mode,
            events=len(by_mode[mode]),
            bytes=_bytes(by_mode[mode]),
            first_s=by_mode[mode][0].t if by_mode[mode] else None,
            use=_USES[mode](by_mode),
        )
        for mode in modes
    ]


Parts = Mapping[Mode, Sequence[LogEntry]]


def _bytes(entries: Sequence[LogEntry]) -> int:
    return sum(entry.size for entry in entries)


def _count(entries: Sequence[LogEntry], word: str) -> str:
    return f"{len(entries):,} {word}{'' if len(entries) == 1 else 's'}"


def _values(parts: Parts) -> str:
    sent = parts["values"]
    if not sent:
        return "Nothing: no superstep ended."
    changes = _bytes(parts["updates"])
    ratio = f", {_bytes(sent) / changes:.1f}× as many bytes as `updates`" if changes else ""
    return f"{_count(sent, 'full state')}: a screen that shows the state itself needs nothing else{ratio}."


def _updates(parts: Parts) -> str:
    sent = parts["updates"]
    nodes = {node for entry in sent if isinstance(entry.event, Updates) for node in entry.event.deltas}
    if not sent:
        return "Nothing: no node ended."
    nested = any(entry.event.ns for entry in sent if isinstance(entry.event, Updates))
    once = "what happened, in a subgraph once more for each node around it" if nested else "what happened, once"
    return f"{_count(sent, 'change')} from {len(nodes)} {'node' if len(nodes) == 1 else 'nodes'}: {once}."


def _messages(parts: Parts) -> str:
    sent = [entry for entry in parts["messages"] if isinstance(entry.event, Token) and entry.event.text]
    if not sent:
        return "No text: no model was called, or its answer came whole with the state."
    first = f"the first after {sent[0].t:.2f} s"
    states = parts["updates"] or parts["values"]
    wait = next((entry.t for entry in states if entry.t > sent[0].t), None)
    later = f"; the state showed it at {wait:.2f} s" if wait is not None else ""
    return f"{_count(sent, 'piece')} of text while the model wrote them, {first}{later}."


def _custom(parts: Parts) -> str:
    sent = parts["custom"]
    if not sent:
        return "Nothing: no node of this graph reports progress."
    return f"{_count(sent, 'report')} from inside the nodes: progress that no other mode has."


def _tasks(parts: Parts) -> str:
    starts = [entry for entry in parts["tasks"] if isinstance(entry.event, TaskStarted)]
    if not starts:
        return "Nothing: no task started."
    return f"Start and end of {_count(starts, 'task')}: what runs now, and for how long."


def _checkpoints(parts: Parts) -> str:
    sent = parts["checkpoints"]
    if not sent:
        return "Nothing: the graph has no checkpointer."
    return f"{_count(sent, 'saved state')} to return to, with the nodes that come next."


def _debug(parts: Parts) -> str:
    sent = parts["debug"]
    if not sent:
        return "Nothing was traced."
    return "`checkpoints` and `tasks` once more, with the time of the wall clock: to find faults, not to show."


_USES: Mapping[Mode, Callable[[Parts], str]] = {
    "values": _values,
    "updates": _updates,
    "messages": _messages,
    "custom": _custom,
    "tasks": _tasks,
    "checkpoints": _checkpoints,
    "debug": _debug,
}
