"""Joke: two nodes in a row, each one call of the model."""

from typing import Any, TypedDict

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph

from graphs.base import CompiledGraph, Graph

REFINE = SystemMessage("Refine the topic: answer with one short, concrete phrase about it.")
TELL = SystemMessage("Tell a joke: two short sentences, friendly and silly.")


class State(TypedDict, total=False):
    topic: str
    refined: str
    joke: str


def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """refine_topic → generate_joke."""
    short = model.bind(max_tokens=32)

    async def refine_topic(state: State) -> State:
        answer = await short.ainvoke([REFINE, HumanMessage(state["topic"])])
        return {"refined": str(answer.text)}

    async def generate_joke(state: State) -> State:
        answer = await model.ainvoke([TELL, HumanMessage(f"Topic: {state['refined']}")])
        return {"joke": str(answer.text)}

    graph = StateGraph(State)
    graph.add_node(refine_topic)
    graph.add_node(generate_joke)
    graph.add_edge(START, "refine_topic")
    graph.add_edge("refine_topic", "generate_joke")
    graph.add_edge("generate_joke", END)
    return graph.compile(checkpointer=checkpointer)


GRAPH = Graph(
    name="joke",
    title="Joke",
    summary="Two nodes in a row: one sharpens the topic, one tells the joke.",
    module=__name__,
    build=build,
    to_input=lambda prompt: {"topic": prompt},
    examples=("Ice cream", "A cat that learns to code", "Rain on a holiday"),
)
