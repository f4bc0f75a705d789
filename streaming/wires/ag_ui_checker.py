"""Checks the order of AG-UI events: what has begun ends, nothing goes on after its end, and the run's end is last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_PAIRS: dict[str, tuple[str, str, str]] = {
    "TEXT_MESSAGE_START": ("opens", "text message", "messageId"),
    "TEXT_MESSAGE_CONTENT": ("continues", "text message", "messageId"),
    "TEXT_MESSAGE_END": ("closes", "text message", "messageId"),
    "TOOL_CALL_START": ("opens", "tool call", "toolCallId"),
    "TOOL_CALL_ARGS": ("continues", "tool call", "toolCallId"),
    "TOOL_CALL_END": ("closes", "tool call", "toolCallId"),
    "STEP_STARTED": ("opens", "step", "stepName"),
    "STEP_FINISHED": ("closes", "step", "stepName"),
    "REASONING_START": ("opens", "reasoning", "messageId"),
    "REASONING_END": ("closes", "reasoning", "messageId"),
    "REASONING_MESSAGE_START": ("opens", "reasoning message", "messageId"),
    "REASONING_MESSAGE_CONTENT": ("continues", "reasoning message", "messageId"),
    "REASONING_MESSAGE_END": ("closes", "reasoning message", "messageId"),
    "SUBAGENT_STARTED": ("opens", "subagent", "subagentRunId"),
    "SUBAGENT_FINISHED": ("closes", "subagent", "subagentRunId"),
    "SUBAGENT_ERROR": ("closes", "subagent", "subagentRunId"),
}
"""What an event does, to what, and the field that names it."""

_REPEATABLE = frozenset({"step"})
"""What may begin again after its end: a node that runs in a loop. An id is used once."""

_LAST = ("RUN_FINISHED", "RUN_ERROR")


def ag_ui_violations(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """A sentence for each event that breaks the order of one run; empty if the stream is in order and complete."""
    checker = AgUiChecker()
    found = [sentence for event in events for sentence in checker.check(event)]
    return [*found, *checker.finish()]


@dataclass(slots=True)
class AgUiChecker:
    """Checks the events of one run as they come."""

    _position: int = 0
    _ended_by: str = ""
    _open: dict[tuple[str, str], int] = field(default_factory=dict)
    _closed: set[tuple[str, str]] = field(default_factory=set)

    def check(self, event: Mapping[str, Any]) -> list[str]:
        """What is wrong with this event, after those before it."""
        kind, first = str(event.get("type")), self._position == 0
        self._position += 1
        if self._ended_by:
            return [self._say(f"{kind} comes after {self._ended_by}, which is the end")]
        if first and kind not in ("RUN_STARTED", "RUN_ERROR"):
            return [self._say(f"the first event is {kind} instead of RUN_STARTED"), *self._act(event, kind)]
        if not first and kind == "RUN_STARTED":
            return [self._say("RUN_STARTED comes while the run is active")]
        return self._act(event, kind)

    def finish(self) -> list[str]:
        """What is missing at the end of the stream."""
        if self._ended_by:
            return []
        return ["The stream has no RUN_FINISHED and no RUN_ERROR."]

    def _act(self, event: Mapping[str, Any], kind: str) -> list[str]:
        if kind in _LAST:
            self._ended_by = kind
            still = ", ".join(f"{what} {name}" for what, name in self._open)
            # An error may come at any time.
            return (
                [self._say(f"RUN_FINISHED comes while there is an open {still}")] if still and kind == _LAST[0] else []
            )
        if kind not in _PAIRS:
            return []
        action, what, key = _PAIRS[kind]
        name = (what, str(event.get(key)))
        match action:
            case "opens":
                return self._begin(name, kind)
            case "continues":
                return [] if name in self._open else [self._say(f"{kind} has no open {what} {name[1]}")]
            case _:
                return self._close(name, kind)

    def _begin(self, name: tuple[str, str], kind: str) -> list[str]:
        what, said = name
        if name in self._open:
            return [self._say(f"{kind} begins {what} {said} again, which is open")]
        self._open[name] = self._position
        if name in self._closed and what not in _REPEATABLE:
            return [self._say(f"{kind} uses the id of {what} {said} again")]
        return []

    def _close(self, name: tuple[str, str], kind: str) -> list[str]:
        if self._open.pop(name, None) is None:
            return [self._say(f"{kind} has no open {name[0]} {name[1]}")]
        self._closed.add(name)
        return []

    def _say(self, text: str) -> str:
        return f"Event {self._position}: {text}."
