"""Stream parts of LangGraph as a golden file: `python -m tests.support.stream_parts` records it again.

Record it when LangGraph changes its parts on purpose, and review the difference.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage, message_to_dict, messages_from_dict
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_stream_writer
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

from streaming.core.events import MODES
from streaming.core.model_spec import Pace
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.runtime.stream_parts import StreamPartDecoder
from tests.support.graphs import State

FILE = Path(__file__).parent / "data" / "langgraph_v2_parts.json"

Part = Mapping[str, Any]


async def stream_parts() -> list[Part]:
    """The parts of a small graph in every mode: a model's answer, a custom event and an interrupt."""
    model = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=5000, jitter=0, tokens=3))

    async def write(state: State) -> State:
        get_stream_writer()({"progress": 0.5})
        return {"text": str((await model.ainvoke("Hello")).text)}

    def approve(state: State) -> State:
        return {"parts": [interrupt({"question": "Send it?"})]}

    graph = StateGraph(State)
    graph.add_sequence([write, approve])
    graph.add_edge(START, "write")
    compiled: Any = graph.compile(checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "golden"}}
    stream = compiled.astream({}, config, stream_mode=list(MODES), subgraphs=True, version="v2")
    return [part async for part in stream]


def recorded() -> list[dict[str, Any]]:
    """Each part of the golden file, and the event that it decodes to as a dict."""
    content: list[dict[str, Any]] = json.loads(FILE.read_text())
    for one in content:
        if one["part"]["type"] == "messages":
            message, metadata = one["part"]["data"]
            one["part"]["data"] = (messages_from_dict([message])[0], metadata)
    return content


def shape(value: Any, depth: int = 3) -> Any:
    """The fields of a value and their types, without its content."""
    if isinstance(value, BaseMessage):
        return type(value).__name__
    if isinstance(value, Mapping):
        return {key: shape(item, depth - 1) for key, item in sorted(value.items())} if depth else "dict"
    if isinstance(value, list | tuple):
        return [shape(item, depth - 1) for item in value] if depth else "list"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def event_of(decoder: StreamPartDecoder, part: Part) -> dict[str, Any]:
    """The event of this part as plain JSON."""
    event, _ = decoder.decode(part)
    plain: dict[str, Any] = json.loads(json.dumps({"type": type(event).__name__, **asdict(event)}))
    return plain


def plain_part(part: Part) -> Any:
    """The part as JSON."""

    def default(value: Any) -> Any:
        if isinstance(value, BaseMessage):
            return message_to_dict(value)
        return asdict(value)

    return json.loads(json.dumps(dict(part), default=default))


if __name__ == "__main__":
    decoder, content = StreamPartDecoder(), []
    for received in asyncio.run(stream_parts()):
        content.append({"part": plain_part(received), "event": event_of(decoder, received)})
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
