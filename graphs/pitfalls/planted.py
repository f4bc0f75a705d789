"""Causes for which a graph does not stream: a graph that has each, and the same graph without it."""

import inspect
import textwrap
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from graphs.pitfalls import planted_graphs as graphs
from streaming.core.pitfall import Pitfall

Build = Callable[[], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A cause as two graphs; `asked` are the options of the stream, broken and mended, where they are the cause."""

    name: str
    title: str
    symptom: str
    cure: str
    broken: Build
    mended: Build
    asked_broken: Mapping[str, Any] = field(default_factory=lambda: {"modes": ("messages", "updates", "custom")})
    asked_mended: Mapping[str, Any] | None = None

    def asked(self, fixed: bool) -> dict[str, Any]:
        """The options of the stream: `modes` and `subgraphs`."""
        asked = (self.asked_mended or self.asked_broken) if fixed else self.asked_broken
        return {"subgraphs": True, **asked}

    @property
    def pitfall(self) -> Pitfall:
        """The same for the page: with its code, which is what runs."""
        return Pitfall(
            name=self.name,
            title=self.title,
            symptom=self.symptom,
            cure=self.cure,
            wrong=self._code(False),
            right=self._code(True),
            measure=partial(_measure, self),
        )

    def _code(self, fixed: bool) -> str:
        code = textwrap.dedent(inspect.getsource(self.mended if fixed else self.broken))
        asked = self.asked(fixed)
        if self.asked_mended is None:
            return code
        options = f'stream_mode={list(asked["modes"])}, subgraphs={asked["subgraphs"]}, version="v2"'
        return f"{code}\ngraph.astream({{}}, {options})"


async def _measure(planted: Planted, fixed: bool) -> str:
    """Run one way, and say what a reader would have seen."""
    graph, asked = (planted.mended if fixed else planted.broken)(), planted.asked(fixed)
    start, pieces, writes, texts = time.monotonic(), 0, 0, ""
    signs = [start]
    with suppress(RuntimeError):
        async for part in graph.astream(
            {}, stream_mode=list(asked["modes"]), subgraphs=asked["subgraphs"], version="v2"
        ):
            signs.append(time.monotonic())
            if part["type"] == "messages" and part["data"][0].type in ("ai", "AIMessageChunk") and part["data"][0].text:
                pieces, texts = pieces + 1, texts + part["data"][0].text
            writes += part["type"] == "custom"
    longest = max(later - earlier for earlier, later in pairwise([*signs, time.monotonic()]))
    said = f"{pieces} {'piece' if pieces == 1 else 'pieces'} of text and {writes} written by the node"
    return f"{said}; the answer came {texts.count('Vanilla')}×; the longest silence was {longest * 1000:.0f} ms."


_SEEN = ("messages", "updates", "custom")

PLANTED = (
    Planted(
        name="no-messages",
        title="`messages` was not asked for",
        symptom="Steps arrive one by one, but no token does.",
        cure="Only the mode `messages` carries tokens. With it, a node's `.ainvoke()` streams without a change.",
        broken=graphs.streams,
        mended=graphs.streams,
        asked_broken={"modes": ("updates",)},
        asked_mended={"modes": ("updates", "messages")},
    ),
    Planted(
        name="no-custom",
        title="`custom` was not asked for",
        symptom="A node reports its progress, and nothing of it comes.",
        cure="Only the mode `custom` carries what a node or a tool writes.",
        broken=graphs.writes_progress,
        mended=graphs.writes_progress,
        asked_broken={"modes": ("updates", "messages")},
        asked_mended={"modes": ("updates", "messages", "custom")},
    ),
    Planted(
        name="subgraphs",
        title="Subgraphs were not asked for",
        symptom="The outer graph streams; a node that is a graph is silent until it has ended.",
        cure="With `subgraphs=True` each part of an inner graph comes too, and names its path in `ns`.",
        broken=graphs.inner_graph,
        mended=graphs.inner_graph,
        asked_broken={"modes": _SEEN, "subgraphs": False},
        asked_mended={"modes": _SEEN, "subgraphs": True},
    ),
    Planted(
        name="not-streaming",
        title="The model is built so that it does not stream",
        symptom="The answer comes whole, although `messages` was asked for.",
        cure="Build the model without `disable_streaming=True` or `streaming=False`.",
        broken=graphs.disabled,
        mended=graphs.streams,
    ),
    Planted(
        name="cached",
        title="The answer comes from a cache",
        symptom="The first run streams; the second gets the whole answer at once.",
        cure="`cache=False` on the model whose tokens a reader should see; or write the cached text in pieces.",
        broken=graphs.cached,
        mended=graphs.streams,
    ),
    Planted(
        name="held-back",
        title="The pieces are held back on the way",
        symptom="Nothing comes for seconds; then the whole answer is there at once, although it came in many pieces.",
        cure="A proxy or compression collects what the model sends. In nginx switch `proxy_buffering` off, and do not "
        "compress `text/event-stream`; a model class of your own must yield each piece when it comes.",
        broken=graphs.held_back,
        mended=graphs.handed_on,
    ),
    Planted(
        name="nostream",
        title="The tag `nostream`",
        symptom="One model of several never shows its tokens.",
        cure="The tag is for answers that only the program needs. Remove it where a person reads.",
        broken=graphs.tagged,
        mended=graphs.streams,
    ),
    Planted(
        name="raw-client",
        title="The provider's own client in a node",
        symptom="The node takes seconds, and its answer is in the state, but never in the stream.",
        cure="LangGraph hears tokens by LangChain's callbacks. Use a LangChain model, or write each piece yourself.",
        broken=graphs.raw_client,
        mended=graphs.streams,
    ),
    Planted(
        name="no-model",
        title="A text of which LangGraph knows nothing",
        symptom="The node asks a service and waits. Its text is in the state at the end, and no token ever came.",
        cure="Tokens come from LangChain chat models, or from `get_stream_writer()`. Use one of them in the node.",
        broken=graphs.asks_a_service,
        mended=graphs.asks_a_model,
    ),
    Planted(
        name="other-thread",
        title="The model is called in a thread without the context",
        symptom="The answer is right, but no token streams, on any Python.",
        cure="`run_in_executor` and `Thread` do not copy the context. `asyncio.to_thread` does.",
        broken=graphs.other_thread,
        mended=graphs.copied_context,
    ),
    Planted(
        name="nested-graph",
        title="A graph that is called in a node",
        symptom="The inner graph streams when it runs alone, and is silent inside.",
        cure="Add it as a node, and ask for subgraphs: the outer stream then carries what the inner one sends.",
        broken=graphs.called_graph,
        mended=graphs.inner_graph,
        asked_broken={"modes": _SEEN, "subgraphs": False},
        asked_mended={"modes": _SEEN, "subgraphs": True},
    ),
    Planted(
        name="structured-output",
        title="Structured output that arrives whole",
        symptom="No text comes; the object is there at the end.",
        cure="The object is parsed when its JSON is complete. Stream text, and parse what is there so far.",
        broken=graphs.structured,
        mended=graphs.streams,
    ),
    Planted(
        name="silent-tool",
        title="A tool that is silent",
        symptom="The model calls a tool, and for seconds nothing tells that it works.",
        cure="Report progress with `get_stream_writer()`, and ask for `custom`.",
        broken=graphs.silent_tool,
        mended=graphs.telling_tool,
    ),
    Planted(
        name="thread-writer",
        title="The stream writer in a thread",
        symptom="What a thread writes never arrives, or the thread ends with an error.",
        cure="The writer belongs to the node's context. `asyncio.to_thread` copies it; a raw thread has none.",
        broken=graphs.writes_in_thread,
        mended=graphs.writes_in_copy,
    ),
    Planted(
        name="dispatched-event",
        title="Progress by `adispatch_custom_event`",
        symptom="The mode `custom` was asked for, and what the node sends does not come.",
        cure="These events go to LangChain's callbacks, which `astream_events` reads. The mode `custom` has what "
        "`get_stream_writer()` writes.",
        broken=graphs.dispatches_progress,
        mended=graphs.writes_progress,
    ),
    Planted(
        name="said-twice",
        title="A message that is built again",
        symptom="The answer streams, and then comes a second time as a whole.",
        cure="LangGraph tells messages apart by their ids. Return the model's own message, or keep its `id`.",
        broken=graphs.rebuilt,
        mended=graphs.streams,
    ),
)
"""The names are those of the diagnosis; `other-thread` is a second way to lose the context."""
