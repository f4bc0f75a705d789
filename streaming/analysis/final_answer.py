"""What there is to read in a run, however it came: as tokens, by an event API, or in the state."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from streaming.core.events import ApiEvent, LogEntry, Token, Updates, Values
from streaming.projections.messages import Messages


class TextPiece(NamedTuple):
    """A piece of a model's text: when it came (seconds since submission), of which message and node."""

    t: float
    message_id: str
    node: str
    text: str


def text_pieces(events: Iterable[LogEntry]) -> Iterator[TextPiece]:
    """The pieces of text of the models, in order of arrival."""
    for entry in events:
        match entry.event:
            case Token(role="ai") | ApiEvent() as event if event.text:
                yield TextPiece(entry.t, event.message_id, event.node, event.text)


def final_answers(events: Iterable[LogEntry], *, prompt: str) -> list[tuple[str, str]]:
    """Node and text of each message of the models; where none was streamed, the answer that the state ends with."""
    spoken = Messages()
    told: dict[str, tuple[str, str]] = {}
    last = ("", "")
    for entry in events:
        spoken.apply(entry)
        match entry.event:
            case ApiEvent(text=text, message_id=message_id, node=node) if text:
                told[message_id] = (node, told.get(message_id, ("", ""))[1] + text)
            case Values(ns=(), state=state) if text := answer_in(state, prompt=prompt):
                last = ("", text)
            case Updates(ns=(), deltas=deltas):
                for node, delta in deltas.items():
                    if isinstance(delta, Mapping) and (text := answer_in(delta, prompt=prompt)):
                        last = (node, text)
    streamed = [(message.node, message.text) for message in spoken.spoken()] or list(told.values())
    return streamed or [last] * bool(last[1])


def answer_in(state: Mapping[str, Any], *, prompt: str) -> str:
    """The answer in a state or an update: the model's last message, or the last text that is not the prompt."""
    messages = [message for message in state.get("messages") or () if isinstance(message, Mapping)]
    if messages:
        said = messages[-1]
        return str(said.get("content", "")) if said.get("type") == "ai" else ""
    texts = [value for value in state.values() if isinstance(value, str) and value not in ("", prompt)]
    return texts[-1] if texts else ""
