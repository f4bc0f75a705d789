"""Chat: a conversation that a thread remembers."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AnyMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from pydantic import BaseModel

from graphs.base import CompiledGraph, Graph

SYSTEM = SystemMessage("You chat with a friendly person. Answer in two or three short, plain sentences.")
REMEMBERED_TOKENS = 1700
"""The tokens for messages in a window of 2,048, beside the system message and an answer of 256."""

_MESSAGE_FRAME = 8
_PLAIN = re.compile(r"[A-Za-z ]")


class State(BaseModel):
    """The state of the graph."""

    messages: Annotated[list[AnyMessage], add_messages] = []


def estimate_tokens(message: BaseMessage) -> int:
    """An upper estimate: a digit, or a byte of a letter beyond ASCII, can be a token of its own."""
    text = str(message.text)
    plain = len(_PLAIN.findall(text))
    return _MESSAGE_FRAME + len(text.encode(errors="replace")) - plain + plain // 2


def recent(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The newest messages that fit into a small context window, starting with a question; at least the newest one."""
    tokens_left = REMEMBERED_TOKENS
    window: list[BaseMessage] = []
    for message in reversed(messages):
        tokens_left -= estimate_tokens(message)
        if window and tokens_left < 0:
            break
        window.insert(0, message)
    while len(window) > 1 and window[0].type != "human":
        window.pop(0)
    return window


def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """One node, `reply`; memory comes from the checkpointer."""
    speaker = model.with_config(tags=["answer"])

    async def reply(state: State) -> dict[str, Any]:
        return {"messages": [await speaker.ainvoke([SYSTEM, *recent(state.messages)])]}

    graph = StateGraph(State)
    graph.add_node(reply)
    graph.add_edge(START, "reply")
    graph.add_edge("reply", END)
    return graph.compile(checkpointer=checkpointer)


GRAPH = Graph(
    name="chat",
    title="Chat",
    summary="One node that answers, with memory per thread: a follow-up remembers, Run starts a new thread.",
    module=__name__,
    build=build,
    to_input=lambda prompt: {"messages": [HumanMessage(prompt)]},
    examples=("Tell me about vanilla ice cream", "What is a rainbow?", "My name is Mia, and I like bees"),
    multi_turn=True,
)
