"""The text of a run: from tokens, from an event API, or from the state."""

from collections.abc import Iterable
from typing import NamedTuple, assert_never

from streaming.core.events import (
    ApiEvent,
    Attempt,
    BoundaryEvent,
    LogEntry,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEvent,
    Token,
    TraceEvent,
)
from streaming.projections.base import append_field
from streaming.projections.messages import Messages
from streaming.projections.state_answer import StateAnswer


class TextPiece(NamedTuple):
    """A piece of a model's text: when it came (seconds since submission), of which message and node."""

    t: float
    message_id: str
    node: str
    text: str


def text_pieces(events: Iterable[LogEntry]) -> list[TextPiece]:
    """The pieces of text of the models in order of arrival, without those of dropped messages."""
    pieces: list[TextPiece] = []
    for entry in events:
        match entry.event:
            case Token(role="ai") | ApiEvent() as event if event.text:
                pieces.append(TextPiece(entry.t, event.message_id, event.node, event.text))
            case Attempt(dropped=dropped) if dropped:
                pieces = [piece for piece in pieces if piece.message_id not in dropped]
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event has text of a model
            case _ as never:
                assert_never(never)
    return pieces


def final_answers(events: Iterable[LogEntry], *, prompt: str) -> list[tuple[str, str]]:
    """Node and text of each message of the models; where none was streamed, the last answer in the state."""
    messages, in_state = Messages(), StateAnswer(prompt=prompt)
    from_api: dict[str, str] = {}
    nodes: dict[str, str] = {}
    for entry in events:
        messages.apply(entry)
        in_state.apply(entry)
        match entry.event:
            case ApiEvent(text=text, message_id=message_id, node=node) if text:
                append_field(from_api, message_id, text)
                nodes[message_id] = node
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event has text of a model
            case _ as never:
                assert_never(never)
    whole = [(in_state.node, in_state.text)] if in_state.text else []
    streamed = [(message.node, message.text) for message in messages.answers()]
    return streamed or [(nodes[message_id], text) for message_id, text in from_api.items()] or whole
