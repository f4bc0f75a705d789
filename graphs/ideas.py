"""Ideas: one branch for each angle, all at the same time, then merged."""

import operator
from typing import Annotated, Any, TypedDict

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from graphs.base import CompiledGraph, Graph
from graphs.progress import report_progress

ANGLES = ("cheap", "fun", "quick")
STEPS = len(ANGLES) + 1
THINK: list[BaseMessage] = [
    SystemMessage("Give one idea in one short sentence."),
    HumanMessage("cheap: Travel with children"),
    AIMessage("Take the bus to a nearby lake and bring a picnic."),
]
MERGE: list[BaseMessage] = [
    SystemMessage("Merge the ideas into a short numbered list, best first."),
    HumanMessage("cheap: Take the bus to a lake.\nfun: Play games on the way.\nquick: Walk to the park."),
    AIMessage("1. Take the bus to a lake.\n2. Play games on the way.\n3. Walk to the park."),
]


class State(TypedDict, total=False):
    """The state of the graph."""

    goal: str
    ideas: Annotated[list[str], operator.add]
    ranked: str


class Branch(TypedDict):
    """The input of one branch."""

    goal: str
    angle: str


def fan_out(state: State) -> list[Send]:
    """One branch for each angle."""
    return [Send("think", Branch(goal=state["goal"], angle=angle)) for angle in ANGLES]


def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """think (once for each angle, in parallel) → merge."""
    thinker = model.bind(max_tokens=40).with_config(tags=["draft"])
    merger = model.bind(max_tokens=120).with_config(tags=["answer"])

    async def think(state: Branch) -> State:
        answer = await thinker.ainvoke([*THINK, HumanMessage(f"{state['angle']}: {state['goal']}")])
        # A branch does not know how far the others are, so it reports only its own step; the bar never runs backwards.
        report_progress("think", done=1, total=1, status=f"The {state['angle']} idea is there", fraction=1 / STEPS)
        return {"ideas": [f"{state['angle']}: {answer.text}"]}

    async def merge(state: State) -> State:
        report_progress("merge", done=0, total=1, status="Merging", fraction=1 - 1 / STEPS)
        answer = await merger.ainvoke([*MERGE, HumanMessage("\n".join(state["ideas"]))])
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
    examples=("Celebrate a birthday", "Learn to cook", "Make a garden"),
    writes_custom=True,
)
