"""The answer as the state holds it, for a run whose text does not arrive as tokens."""

from collections.abc import Mapping
from typing import Any, assert_never

from streaming.core.events import (
    BoundaryEvent,
    LogEntry,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEvent,
    TraceEvent,
    Updates,
    Values,
)


class StateAnswer:
    """The latest answer in the states and updates of the outer graph, and when the first one was there.

    `prompt` does not count as an answer. `text` is empty and `first_at` is `None` until there is one.
    """

    def __init__(self, *, prompt: str = "") -> None:
        self._prompt = prompt
        self.text = ""
        self.first_at: float | None = None

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case Values(ns=(), state=state):
                found = answer_in(state, prompt=self._prompt)
            case Updates(ns=(), deltas=deltas):
                answers = (
                    answer_in(delta, prompt=self._prompt) for delta in deltas.values() if isinstance(delta, dict)
                )
                found = next((text for text in answers if text), "")
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                return
            case _ as never:
                assert_never(never)
        if found:
            self.text = found
            self.first_at = entry.t if self.first_at is None else self.first_at


def answer_in(state: Mapping[str, Any], *, prompt: str) -> str:
    """The answer in a state or an update: the model's last message, or the last text that is not the prompt."""
    messages = [message for message in state.get("messages") or () if isinstance(message, Mapping)]
    if messages:
        last = messages[-1]
        return str(last.get("content", "")) if last.get("type") == "ai" else ""
    texts = [value for value in state.values() if isinstance(value, str) and value not in ("", prompt)]
    return texts[-1] if texts else ""
