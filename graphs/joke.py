"""Joke: two nodes in a row, each one call of the model."""

from typing import Any, TypedDict

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph

from graphs.base import CompiledGraph, Graph

# A small model copies examples far better than it follows instructions, so each prompt has two of them.
REFINE: list[BaseMessage] = [
    SystemMessage("Refine the topic: make it a short, funny scene."),
    HumanMessage("Topic: fish"),
    AIMessage("A shy fish at its first swimming lesson"),
    HumanMessage("Topic: bread"),
    AIMessage("A loaf of bread that is afraid of toast"),
]
TELL: list[BaseMessage] = [
    SystemMessage("Tell a joke in two short sentences."),
    HumanMessage("Topic: fish"),
    AIMessage("Why did the fish get bad grades? Because they were below sea level!"),
    HumanMessage("Topic: bread"),
    AIMessage("Why did the bread go to the doctor? Because it felt crumby!"),
]


class State(TypedDict, total=False):
    """The state of the graph."""

    topic: str
    refined: str
    joke: str


def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """refine_topic → generate_joke."""
    short = model.bind(max_tokens=32)

    async def refine_topic(state: State) -> State:
        answer = await short.ainvoke([*REFINE, HumanMessage(f"Topic: {state['topic']}")])
        return {"refined": str(answer.text)}

    async def generate_joke(state: State) -> State:
        answer = await model.ainvoke([*TELL, HumanMessage(f"Topic: {state['refined']}")])
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
