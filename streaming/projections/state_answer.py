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
from streaming.core.message_content import text_in
from streaming.core.state_fields import fields_of
from streaming.core.think_tags import ThinkTags


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
                answers = (answer_in(delta, prompt=self._prompt) for delta in deltas.values())
                found = next((text for text in answers if text), "")
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                return
            case _ as never:
                assert_never(never)
        if found:
            self.text = found
            self.first_at = entry.t if self.first_at is None else self.first_at


def answer_in(state: Any, *, prompt: str) -> str:
    """The answer in a state or an update: the model's last message, or the last text that is not the prompt."""
    fields = fields_of(state)
    found = fields.get("messages") or state
    messages = [
        item
        for item in (found if isinstance(found, list) else [found])
        if isinstance(item, Mapping) and "content" in item and "type" in item
    ]
    if messages:
        last = messages[-1]
        return ThinkTags().split(text_in(last["content"]), ends=True)[0] if last["type"] == "ai" else ""
    values = state if isinstance(state, list) else fields.values()
    texts = [value for value in values if isinstance(value, str) and value not in ("", prompt)]
    return texts[-1] if texts else ""
