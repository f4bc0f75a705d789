"""The graph of the peers: one node that asks the provider, streamed by LangGraph as in Streaming Lab.

`PROVIDER_URL` in the environment is the provider's base URL.
"""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph


def _model(name: str) -> ChatOpenAI:
    return ChatOpenAI(model=name, base_url=os.environ["PROVIDER_URL"], api_key=lambda: "none", max_retries=0)


def _graph(node: Any) -> Any:
    graph = StateGraph(MessagesState)
    graph.add_node("reply", node)
    graph.add_edge(START, "reply")
    return graph.compile()


def words(name: str) -> Iterator[str]:
    """The pieces of the answer of the model with this name."""

    def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [_model(name).invoke(state["messages"])]}

    for chunk, _ in _graph(reply).stream({"messages": [("user", "Hello")]}, stream_mode="messages"):
        yield str(chunk.text)


async def awords(name: str) -> AsyncIterator[str]:
    """The same, asynchronously."""

    async def reply(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await _model(name).ainvoke(state["messages"])]}

    async for chunk, _ in _graph(reply).astream({"messages": [("user", "Hello")]}, stream_mode="messages"):
        yield str(chunk.text)
