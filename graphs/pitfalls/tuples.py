"""Parts of a stream as tuples whose shape depends on its options."""

from contextlib import suppress
from typing import Any

from langgraph.config import get_stream_writer
from langgraph.graph import MessagesState

from graphs.pitfalls.planted import Planted
from graphs.pitfalls.planted_graphs import one_node, reads_mappings, streams


def reads_tuples() -> Any:
    """A node that reads an inner stream with two modes, and takes each part for a message."""
    inner = streams()

    async def write(_: MessagesState) -> dict[str, Any]:
        show = get_stream_writer()
        async for part in inner.astream({}, stream_mode=["messages", "values"]):
            # A tuple has no content.
            with suppress(AttributeError):
                show(part.content)
        return {}

    return one_node(write)


TUPLES = Planted(
    name="v1-tuples",
    title="Tuples that are taken apart wrongly",
    symptom="Nothing is shown, or the program stops, as soon as a second mode or subgraphs are asked for.",
    cure='With `version="v2"` each part is a mapping with `type`, `ns` and `data`, whatever was asked for.',
    broken=reads_tuples,
    mended=reads_mappings,
)
