"""The most that a view holds: beyond it, entries are shortened or left out, and a sentence says so.

A log may come from any graph and any file. Figures and lanes count all of it; what lists things takes it from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar, assert_never

from streaming.core.call_fragments import argument_text
from streaming.core.events import (
    ApiEvent,
    BoundaryEvent,
    CheckpointSaved,
    Custom,
    Debug,
    Ended,
    GraphEvent,
    LogEntry,
    ReportEvent,
    TaskEnded,
    TaskStarted,
    Token,
    ToolCalled,
    Updates,
    Values,
)
from streaming.projections.short_strings import MOST_LINE, ShortStrings

MOST_FIELDS = 2_000
"""Fields of one state or change, and items of one list."""
MOST_NAMESPACES = 500
MOST_DEPTH = 20
"""Graphs inside graphs."""
MOST_NODES = 500
"""Names of nodes."""
MOST_EXECUTIONS = 2_000
"""Executions of nodes, messages and tool calls, each."""
MOST_KINDS = 500
"""Names of events of an event API, and of spans that nodes report."""
MOST_TEXT = 2_000_000
"""Characters of all messages, with their reasoning and the arguments of their tool calls."""

_T = TypeVar("_T")

_THINGS = ("namespaces", "nodes", "executions of nodes", "messages", "tool calls", "kinds of events")
_TEXT, _LINE = "characters of text", "characters of one line"
_WORDS = ("fields", "items", *_THINGS, _TEXT, _LINE)
_MOST: dict[str, int] = {
    **dict.fromkeys(("fields", "items"), MOST_FIELDS),
    **{"namespaces": MOST_NAMESPACES, "nodes": MOST_NODES, "kinds of events": MOST_KINDS},
    **dict.fromkeys(("executions of nodes", "messages", "tool calls"), MOST_EXECUTIONS),
    **{_TEXT: MOST_TEXT, _LINE: MOST_LINE},
}


class Bounds:
    """Takes the entries of one log in order, and gives what the views may hold of each."""

    def __init__(self) -> None:
        self._known: dict[str, set[Any]] = {word: set() for word in _THINGS}
        self._left: dict[str, set[Any]] = {}
        self._largest: dict[str, int] = {}
        self._strings = ShortStrings()
        self._characters = 0

    @property
    def exceeded(self) -> int:
        """How many of the limits have been exceeded."""
        return len(self._left) + len(self._largest) + bool(self._strings.longest) + (self._characters > MOST_TEXT)

    @property
    def sentence(self) -> str:
        """What the views do not show; empty while they show everything."""
        totals = {word: len(left) + _MOST[word] for word, left in self._left.items()} | self._largest
        totals |= {_TEXT: self._characters} if self._characters > MOST_TEXT else {}
        totals |= {_LINE: self._strings.longest} if self._strings.longest else {}
        if not totals:
            return ""
        parts = [f"the first {_MOST[word]:,} of {totals[word]:,} {word}" for word in _WORDS if word in totals]
        return f"The views show {', '.join(parts)}; the downloaded recording has all."

    def shortened(self, entry: LogEntry) -> LogEntry:
        """The entry with names, errors and states that a screen can hold; what counts everything takes this one."""
        return self._strings.shortened(entry)

    def bounded(self, entry: LogEntry) -> LogEntry | None:
        """The shortened entry without what is too much; `None` if it belongs to something that the views leave out."""
        event = entry.event
        if isinstance(event, GraphEvent):
            shown = self._shown(event) if self._has_room(event) else None
            return entry if shown is event else None if shown is None else replace(entry, event=shown)
        match event:
            case Ended(pending=pending, next=names) if len(pending) > MOST_FIELDS or len(names) > MOST_FIELDS:
                return replace(entry, event=replace(event, pending=self._some(pending), next=self._some(names)))
            case BoundaryEvent() | ReportEvent():
                return entry
            case _ as never:
                assert_never(never)

    def _has_room(self, event: GraphEvent) -> bool:
        """Whether the views have room for what this event is about."""
        if event.ns and not self._admits("namespaces", event.ns, fits=len(event.ns) <= MOST_DEPTH):
            return False
        match event:
            case Token(message_id=message_id, node=node):
                return self._admits("nodes", node) and self._admits("messages", message_id)
            case TaskStarted(task_id=task_id, node=node) | TaskEnded(task_id=task_id, node=node):
                return self._admits("nodes", node) and self._admits("executions of nodes", task_id)
            case Debug(payload={"id": str(task_id), "name": str(node)}):
                return self._admits("nodes", node) and self._admits("executions of nodes", task_id)
            case ToolCalled(call_id=call_id):
                return self._admits("tool calls", call_id)
            case ApiEvent(name=name, message_id=message_id):
                return self._admits("kinds of events", name) and self._admits("messages", message_id)
            case Custom(data={"kind": "span", "name": str(name)}):
                return self._admits("kinds of events", name)
            case Values() | Updates() | CheckpointSaved() | Debug() | Custom():
                return True
            case _ as never:
                assert_never(never)

    def _shown(self, event: GraphEvent) -> GraphEvent:
        match event:
            case Values(state=state, interrupts=interrupts):
                return _changed(event, state=self._some(state), interrupts=self._some(interrupts))
            case Updates(deltas=deltas):
                named = self._strings.with_short_names(deltas)
                shown = {node: self._some(delta) for node, delta in named.items() if self._admits("nodes", node)}
                same = len(shown) == len(deltas) and all(shown[node] is deltas.get(node) for node in shown)
                return event if same else replace(event, deltas=shown)
            case Token(tool_calls=calls, content=content, tags=tags):
                kept = tuple(call for call in calls if self._has_call(event.message_id, call)) if calls else calls
                calls = calls if len(kept) == len(calls) else kept
                texts = {name: self._room_for(getattr(event, name)) for name in ("text", "reasoning")}
                called = self._calls(calls) if calls else calls
                return _changed(event, tool_calls=called, content=self._some(content), tags=self._some(tags), **texts)
            case CheckpointSaved(values=values, next=names):
                return _changed(event, values=self._some(values), next=self._some(names))
            case TaskStarted(input=task_input, triggers=triggers):
                return _changed(event, input=self._some(task_input), triggers=self._some(triggers))
            case TaskEnded(result=result, interrupts=interrupts):
                return _changed(event, result=self._some(result), interrupts=self._some(interrupts))
            case ApiEvent(text=text):
                return _changed(event, text=self._room_for(text)) if text else event
            case Debug() | Custom() | ToolCalled():
                return event
            case _ as never:
                assert_never(never)

    def _room_for(self, text: str) -> str:
        """The text, or as much of it as there is room for."""
        if not text:
            return text
        room, self._characters = max(0, MOST_TEXT - self._characters), self._characters + len(text)
        return text if len(text) <= room else text[:room]

    def _calls(self, calls: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        """These fragments of tool calls, with as much of their arguments as there is room for."""
        texts = [argument_text(call.get("args")) for call in calls]
        cut = [self._room_for(text) for text in texts]
        if all(short is text for short, text in zip(cut, texts, strict=True)):
            return calls
        return tuple({**call, "args": text} for call, text in zip(calls, cut, strict=True))

    def _has_call(self, message_id: str, fragment: Mapping[str, Any]) -> bool:
        call_id = fragment.get("id")
        # A fragment without an id belongs to the call of its position in the message.
        place = message_id, str(fragment.get("index"))
        return self._admits("tool calls", call_id if isinstance(call_id, str) else place)

    def _admits(self, word: str, key: Any, *, fits: bool = True) -> bool:
        known = self._known[word]
        if key in known or not key:
            return True
        if fits and len(known) < _MOST[word]:
            known.add(key)
            return True
        self._left.setdefault(word, set()).add(key)
        return False

    def _some(self, value: _T) -> _T:
        """The value itself, or its first fields or items."""
        if isinstance(value, dict):
            value = self._strings.with_short_names(value)  # type: ignore[assignment]
        if not isinstance(value, dict | list | tuple) or len(value) <= MOST_FIELDS:
            return value
        word = "fields" if isinstance(value, dict) else "items"
        self._largest[word] = max(self._largest.get(word, 0), len(value))
        cut: Any = dict(list(value.items())[:MOST_FIELDS]) if isinstance(value, dict) else value[:MOST_FIELDS]
        return cut  # type: ignore[no-any-return]


def bounded_log(events: Iterable[LogEntry]) -> tuple[list[LogEntry], str]:
    """What the views may hold of a whole log, and the sentence about what they do not show (empty: they show all)."""
    bounds = Bounds()
    shown = [found for entry in events if (found := bounds.bounded(bounds.shortened(entry))) is not None]
    return shown, bounds.sentence


def _changed(event: GraphEvent, **fields: Any) -> GraphEvent:
    """The event with these fields; the same object if none of them differs."""
    different = {name: value for name, value in fields.items() if value is not getattr(event, name)}
    return replace(event, **different) if different else event
