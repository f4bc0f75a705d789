"""The answer as the state holds it, for a run whose text does not arrive as tokens."""

from collections.abc import Mapping
from typing import Any, assert_never

from streaming.core.events import (
    BoundaryEvent,
    Ended,
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
from streaming.core.state_fields import WHOLE_STATE, fields_of
from streaming.core.think_tags import ThinkTags


class StateAnswer:
    """The latest answer in the states and updates of the outer graph, and when it was there.

    `prompt` does not count as an answer, nor do the fields with which the run began: the first state, unless it is the
    only one, as without a stream. `text` is empty and `at` is `None` until there is one; `node` wrote it, as far as an
    update tells. A text of an earlier node, such as search terms, is an answer only until a later node has written.
    """

    def __init__(self, *, prompt: str = "") -> None:
        self._prompt = prompt
        self._given: Any = None
        self._only: tuple[str, float] | None = None
        self.text = self.node = ""
        self.at: float | None = None

    def __repr__(self) -> str:
        return f"StateAnswer(text={self.text!r}, node={self.node!r}, at={self.at!r})"

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case Values(ns=(), state=state):
                text = answer_in(state, prompt=self._prompt, given=self._given)
                if self._given is None:
                    self._given, self._only = state, (text, entry.t)
                else:
                    self._only = None
                    self._take(text, entry.t)
            case Updates(ns=(), deltas=deltas):
                for node, delta in deltas.items():
                    self._take(answer_in(delta, prompt=self._prompt), entry.t, node)
            case Ended(outcome="completed") if self._only is not None and not self.text:
                self._take(*self._only)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event holds a state
            case _ as never:
                assert_never(never)

    def _take(self, text: str, t: float, node: str = "") -> None:
        if text and text != self.text:
            self.at = t
        if text:
            self.text, self.node = text, node


def answer_in(state: Any, *, prompt: str, given: Any = None) -> str:
    """The answer in a state or an update: the model's last message, or the last text that is not the prompt.

    What is as in the state `given`, with which the run began, is none.
    """
    first = fields_of(given)
    fields = {name: value for name, value in fields_of(state).items() if name not in first or first[name] != value}
    found = fields.get("messages") or (fields if isinstance(state, Mapping) else fields.get(WHOLE_STATE))
    messages = [
        item
        for item in (found if isinstance(found, list) else [found])
        if isinstance(item, Mapping) and "content" in item and "type" in item
    ]
    if messages:
        last = messages[-1]
        return ThinkTags().split(text_in(last["content"]), ends=True)[0] if last["type"] == "ai" else ""
    values = (found or ()) if isinstance(state, list) else fields.values()
    texts = [value for value in values if isinstance(value, str) and value not in ("", prompt)]
    return texts[-1] if texts else ""
