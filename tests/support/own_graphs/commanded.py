"""A graph whose first node says by a `Command` where to go on: to a node, and to another with a value of its own."""

from typing import Any, TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import Command, Send


class State(TypedDict, total=False):
    topic: str
    draft: str


def ask(state: State) -> Command[Any]:
    return Command(goto=["write", Send("note", {"topic": "birds"})], update={"draft": ""})


builder = StateGraph(State)
builder.add_node("ask", ask, destinations=("write", "note"))
builder.add_node("write", lambda state: {"draft": f"about {state['topic']}"})
builder.add_node("note", lambda state: {})
graph = builder.add_edge(START, "ask").compile()
