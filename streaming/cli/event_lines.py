"""What one event of a stream mode says, in a line; text of models and progress are drawn elsewhere."""

from typing import assert_never

from streaming.analysis.questions import sentence_of
from streaming.core.events import (
    ApiEvent,
    CheckpointSaved,
    Custom,
    Debug,
    GraphEvent,
    TaskEnded,
    TaskStarted,
    Token,
    ToolCalled,
    Updates,
    Values,
)
from streaming.live.previews import json_text


def line_of(event: GraphEvent) -> str:
    """The line of this event, without its mode and its namespace; empty for a token and for progress."""
    match event:
        case Updates() | Values() | CheckpointSaved():
            return _state_line(event)
        case TaskStarted(node=node):
            return f"▶ {node}"
        case TaskEnded(node=node, error=error):
            return f"■ {node}{f': {error}' if error else ''}"
        case Debug(step=step, type=kind, payload=payload):
            return f"step {step} {kind} {json_text(payload)}"
        case ToolCalled(step=called, tool=tool, data=data):
            return f"{tool} {called} {json_text(data)}"
        case ApiEvent(name=name, node=node, text=text):
            return f"{name} {node} {text}"
        case Token() | Custom():
            return ""
        case _ as never:
            assert_never(never)


def _state_line(event: Updates | Values | CheckpointSaved) -> str:
    match event:
        case Updates(interrupts=tuple() as asked):
            said = ", ".join(sentence_of(one.get("value") if isinstance(one, dict) else one) for one in asked)
            return f"asks: {said}" if asked else "stops at a breakpoint"
        case Updates(deltas=deltas, cached=cached):
            said = ", ".join(f"{node} {json_text(delta)}" for node, delta in deltas.items())
            return f"{said}{' (cached)' if cached else ''}"
        case Values(state=state):
            return json_text(state)
        case CheckpointSaved(step=step, next=names):
            return f"step {step}, next: {', '.join(names) or 'none'}"
        case _ as never:
            assert_never(never)
