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
"""What a window of 2,048 tokens holds beside the system message and an answer of 256."""

_MESSAGE_FRAME = 8
_PLAIN = re.compile(r"[A-Za-z ]")


class State(BaseModel):
    messages: Annotated[list[AnyMessage], add_messages] = []


def most_tokens(message: BaseMessage) -> int:
    """An estimate on the safe side: a digit, or a byte of a letter beyond ASCII, can be a token of its own."""
    text = str(message.text)
    plain = len(_PLAIN.findall(text))
    return _MESSAGE_FRAME + len(text.encode(errors="replace")) - plain + plain // 2


def recent(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The last messages that fit into a small context window, from a question on; the newest is always among them."""
    left = REMEMBERED_TOKENS
    kept: list[BaseMessage] = []
    for message in reversed(messages):
        left -= most_tokens(message)
        if kept and left < 0:
            break
        kept.insert(0, message)
    while len(kept) > 1 and kept[0].type != "human":
        kept.pop(0)
    return kept


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
    summary="One node that answers, with memory per thread: ask again and it remembers.",
    module=__name__,
    build=build,
    to_input=lambda prompt: {"messages": [HumanMessage(prompt)]},
    examples=("Tell me about vanilla ice cream", "What is a rainbow?", "Write three sentences about the sea"),
    multi_turn=True,
)
