"""The protocols by name: how each is called, what it sends beside its events, and what it cannot carry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from streaming.wires.ag_ui import AgUiWire
from streaming.wires.base import RunFacts, Wire
from streaming.wires.langgraph import LangGraphWholeWire, LangGraphWire
from streaming.wires.openai_chunks import OpenAIWire
from streaming.wires.own import OwnWire
from streaming.wires.vercel import VercelWire

WireName = Literal["own", "ag-ui", "langgraph", "langgraph-messages", "vercel", "openai"]
WIRE_NAMES: tuple[WireName, ...] = get_args(WireName)

_UNHEARD = (
    "To a browser's `EventSource`: the events of subgraphs, whose names hold ids that it cannot know. `langgraph-sdk` "
    "reads them."
)
_NO_REPLACEMENT = "An answer that is begun again: the text of the first attempt stays"


@dataclass(frozen=True, slots=True, kw_only=True)
class WireKind:
    """A protocol: its `label` on screen, the factory of its wire, its `reader` and its HTTP headers.

    `lost` are sentences on what it cannot carry.
    """

    label: str
    make: Callable[[RunFacts], Wire]
    reader: str
    lost: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)


WIRES: dict[WireName, WireKind] = {
    "own": WireKind(
        label="This app's own events",
        make=OwnWire,
        reader="`EventSource`, the player of this app, any client of server-sent events",
        lost=("Nothing is missing, but only programs that are written for this app know these events.",),
    ),
    "ag-ui": WireKind(
        label="AG-UI 1.0",
        make=AgUiWire,
        reader="CopilotKit and other clients of AG-UI",
        lost=(
            "The changes of each node (`updates`), checkpoints and the trace of `debug`: the state comes whole, as a "
            "snapshot after each step.",
            "The state of subgraphs: there is one state for a run.",
            f"{_NO_REPLACEMENT}, and a custom event names its message.",
            "The wait before a run, retries and fallbacks, and the times of events.",
            "Images, audio and files that a model sends.",
        ),
    ),
    "langgraph": WireKind(
        label="LangGraph Server, messages as chunks",
        make=LangGraphWire,
        reader="`langgraph-sdk`, `useStream`, `RemoteGraph` (mode `messages-tuple`)",
        lost=(
            "The wait before a run, retries and fallbacks, and the times of events.",
            f"{_NO_REPLACEMENT}, under another id.",
            "Which answers were cut off when a run was stopped.",
            _UNHEARD,
        ),
    ),
    "langgraph-messages": WireKind(
        label="LangGraph Server, messages so far",
        make=LangGraphWholeWire,
        reader="`langgraph-sdk` with the mode `messages`",
        lost=(
            "The wait before a run, retries and fallbacks, and the times of events.",
            "The graph's namespace of a message.",
            "A long text cheaply: each event repeats the text so far, so its bytes grow with the square of the length.",
            _UNHEARD,
        ),
    ),
    "vercel": WireKind(
        label="Vercel UI message stream",
        make=VercelWire,
        reader="`useChat` of the AI SDK, version 5 or later",
        lost=(
            "Who wrote a text: all messages of a run are parts of one message.",
            "The changes of each node (`updates`), checkpoints, the trace of `debug`, and the state of subgraphs.",
            f"{_NO_REPLACEMENT}, and a `data-dropped` part names it.",
            "A question to a person as more than data: the client has to draw a form for `data-interrupt` itself.",
            "The wait before a run, retries and fallbacks, the times of events, and the usage of tokens.",
        ),
        headers={"x-vercel-ai-ui-message-stream": "v1"},
    ),
    "openai": WireKind(
        label="OpenAI chat completion chunks",
        make=OpenAIWire,
        reader="any client of OpenAI's API that reads a stream",
        lost=(
            "Everything but text: nodes, state, custom events, checkpoints, and a question to a person.",
            "Tool calls: the client would take them for an order to run the tools, which the server has done already.",
            "Reasoning: OpenAI's chunks have no field for it.",
            "Parallel branches in one text: each is a choice, and most clients read the first one only.",
            f"{_NO_REPLACEMENT}.",
        ),
    ),
}
