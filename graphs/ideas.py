"""Ideas: one branch for each angle, all at the same time, then merged."""

import operator
from typing import Annotated, Any, TypedDict

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from graphs.base import CompiledGraph, Graph
from graphs.progress import report_progress

ANGLES = ("cheap", "fun", "quick")
THINK = SystemMessage("Give one idea in one short sentence.")
MERGE = SystemMessage("Merge the ideas into a short numbered list. Use plain words.")


class State(TypedDict, total=False):
    goal: str
    ideas: Annotated[list[str], operator.add]
    ranked: str


class Branch(TypedDict):
    goal: str
    angle: str
    place: int


def fan_out(state: State) -> list[Send]:
    """One branch an angle."""
    return [
        Send("think", Branch(goal=state["goal"], angle=angle, place=place)) for place, angle in enumerate(ANGLES, 1)
    ]


def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """think (once an angle, in parallel) → merge."""
    thinker = model.bind(max_tokens=40).with_config(tags=["draft"])
    merger = model.bind(max_tokens=120).with_config(tags=["answer"])
    steps = len(ANGLES) + 1

    async def think(state: Branch) -> State:
        answer = await thinker.ainvoke([THINK, HumanMessage(f"A {state['angle']} way: {state['goal']}")])
        report_progress(
            "think",
            done=state["place"],
            total=len(ANGLES),
            status=f"The {state['angle']} idea is there",
            fraction=state["place"] / steps,
        )
        return {"ideas": [f"{state['angle']}: {answer.text}"]}

    async def merge(state: State) -> State:
        answer = await merger.ainvoke([MERGE, HumanMessage("\n".join(state["ideas"]))])
        report_progress("merge", done=1, total=1, status="Merged", fraction=1.0)
        return {"ranked": str(answer.text)}

    graph = StateGraph(State)
    graph.add_node("think", think)
    graph.add_node(merge)
    graph.add_conditional_edges(START, fan_out, ["think"])
    graph.add_edge("think", "merge")
    graph.add_edge("merge", END)
    return graph.compile(checkpointer=checkpointer)


GRAPH = Graph(
    name="ideas",
    title="Ideas",
    summary="Three branches think at the same time, one node merges what they found.",
    module=__name__,
    build=build,
    to_input=lambda prompt: {"goal": prompt, "ideas": []},
    examples=("Celebrate a birthday", "Learn to cook", "Spend a rainy day"),
    writes_custom=True,
)
