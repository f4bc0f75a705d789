"""Briefing: one run that several readers follow, each with a different filter."""

from typing import Any, TypedDict

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.constants import TAG_NOSTREAM
from langgraph.graph import END, START, StateGraph

from graphs.base import CompiledGraph, Graph
from graphs.progress import report_progress

THINK: list[BaseMessage] = [
    SystemMessage("Think about the question: one short sentence on what matters."),
    HumanMessage("Buy a bicycle"),
    AIMessage("It has to fit the rider and the road."),
]
ROWS: list[BaseMessage] = [
    SystemMessage("List three options as JSON."),
    HumanMessage("Buy a bicycle"),
    AIMessage(
        '{"options": [{"name": "City bike", "price": "low", "good_for": "short rides"}, '
        '{"name": "Touring bike", "price": "middle", "good_for": "long rides"}, '
        '{"name": "Cargo bike", "price": "high", "good_for": "heavy loads"}]}'
    ),
]
ADVISE: list[BaseMessage] = [
    SystemMessage("Give the advice in two short sentences."),
    HumanMessage("Buy a bicycle"),
    AIMessage("For short rides a city bike is enough. Take a cargo bike only if you carry heavy loads."),
]

_TEXT = {"type": "string", "maxLength": 40}
_ROW = {"name": _TEXT, "price": {"type": "string", "enum": ["low", "middle", "high"]}, "good_for": _TEXT}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "options": {
            "type": "array",
            "minItems": 3,
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": _ROW,
                "required": list(_ROW),
                "additionalProperties": False,
            },
        }
    },
    "required": ["options"],
    "additionalProperties": False,
}
"""The schema that the provider enforces (`response_format`), so that any model writes valid JSON."""


class State(TypedDict, total=False):
    """The state of the graph."""

    question: str
    thought: str
    options: str
    advice: str


def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """think (hidden from the stream) → compare (JSON) → advise (text)."""
    response = {"type": "json_schema", "json_schema": {"name": "options", "schema": SCHEMA, "strict": True}}
    thinker = model.bind(max_tokens=40).with_config(tags=[TAG_NOSTREAM, "draft"])
    comparer = model.bind(max_tokens=200, response_format=response).with_config(tags=["data"])
    adviser = model.bind(max_tokens=80).with_config(tags=["answer"])

    async def think(state: State) -> State:
        report_progress("think", done=0, total=3, status="Thinking", fraction=0.05)
        answer = await thinker.ainvoke([*THINK, HumanMessage(state["question"])])
        return {"thought": str(answer.text)}

    async def compare(state: State) -> State:
        report_progress("compare", done=1, total=3, status="Comparing three options", fraction=0.3)
        answer = await comparer.ainvoke([*ROWS, HumanMessage(state["question"])])
        return {"options": str(answer.text)}

    async def advise(state: State) -> State:
        report_progress("advise", done=2, total=3, status="Writing the advice", fraction=0.7)
        answer = await adviser.ainvoke([*ADVISE, HumanMessage(state["question"])])
        report_progress("advise", done=3, total=3, status="Done", fraction=1.0)
        return {"advice": str(answer.text)}

    graph = StateGraph(State)
    for node in (think, compare, advise):
        graph.add_node(node)
    graph.add_edge(START, "think")
    graph.add_edge("think", "compare")
    graph.add_edge("compare", "advise")
    graph.add_edge("advise", END)
    return graph.compile(checkpointer=checkpointer)


GRAPH = Graph(
    name="briefing",
    title="Briefing",
    summary="A hidden thought, a table written as JSON, and an advice: one run for several readers.",
    module=__name__,
    build=build,
    to_input=lambda prompt: {"question": prompt},
    examples=("Buy a phone", "Choose a pet", "Spend a holiday"),
    writes_custom=True,
)
