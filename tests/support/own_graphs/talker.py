"""A developer's graph that does a bit of everything: progress, a subgraph, a question that can be asked, and text."""

from itertools import repeat
from typing import Annotated, Any, TypedDict

from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import interrupt

TEXT = "The quick brown fox jumps over the lazy dog."


class State(TypedDict):
    messages: Annotated[list, add_messages]
    topic: str


class Count(TypedDict):
    number: int


model = GenericFakeChatModel(messages=repeat(AIMessage(TEXT)))


async def search(state: State) -> dict[str, Any]:
    get_stream_writer()({"kind": "progress", "fraction": 0.5, "status": "Reading"})
    return {"topic": state.get("topic") or "foxes"}


async def answer(state: State) -> dict[str, Any]:
    return {"messages": [await model.ainvoke(state["messages"])]}


async def ask(state: State) -> dict[str, Any]:
    return {"topic": str(interrupt({"question": "Which one?", "options": ["a", "b"]}))}


inner = StateGraph(State).add_node("search", search).add_edge(START, "search").add_edge("search", END).compile()
graph = (
    StateGraph(State)
    .add_node("research", inner)
    .add_node("answer", answer)
    .add_edge(START, "research")
    .add_edge("research", "answer")
    .add_edge("answer", END)
    .compile()
)
counting = (
    StateGraph(Count)
    .add_node("double", lambda state: {"number": 2 * state["number"]})
    .add_edge(START, "double")
    .add_edge("double", END)
    .compile()
)
asking = StateGraph(State).add_sequence([ask, answer]).add_edge(START, "ask").add_edge("answer", END).compile()
