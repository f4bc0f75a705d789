"""Report: a long job that reports its progress, from its nodes and from a tool."""

import operator
from typing import Annotated, Any, TypedDict

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.tools import tool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph

from graphs.base import CompiledGraph, Graph
from graphs.collections import COLLECTIONS, asearch_collection, first_sentences
from graphs.progress import report_progress

PLAN: list[BaseMessage] = [
    SystemMessage("Plan the report: write three short headings."),
    HumanMessage("Subject: Bread"),
    AIMessage("1. What bread is\n2. Why bread matters\n3. How to make good bread"),
    HumanMessage("Subject: Gardens"),
    AIMessage("1. What a garden is\n2. Why gardens matter\n3. How to plan a good garden"),
]
WRITE: list[BaseMessage] = [
    SystemMessage("Write the report: put the notes into plain sentences."),
    HumanMessage("Subject: Bread\n[1] Bread is made of flour and water. It is baked.\n[2] Good bread needs time."),
    AIMessage("Bread is made of flour and water, and it is baked [1]. Good bread needs time [2]."),
    HumanMessage("Subject: Gardens\n[1] Water plants early in the morning.\n[2] Young plants need water each day."),
    AIMessage("Water plants early in the morning [1]. Young plants need water each day [2]."),
]
CHECK: list[BaseMessage] = [
    SystemMessage("Check the report: answer with one short sentence."),
    HumanMessage("Report: Purple runs quickly the of seven."),
    AIMessage("The report is hard to follow and should be written again."),
    HumanMessage("Report: Bread is made of flour and water. Good bread needs time."),
    AIMessage("The report is short and clear, and it can be sent."),
]
PLANNED, GATHERED, WRITTEN, CHECKED = 0.15, 0.45, 0.85, 1.0
"""Fraction of the whole job that is done after each node."""

CHECKED_CHARS = 300


class State(TypedDict, total=False):
    """The state of the graph."""

    subject: str
    plan: str
    notes: Annotated[list[str], operator.add]
    report: str
    verdict: str


@tool
async def gather_from(collection: str, subject: str, position: int) -> str:
    """Search one collection for a subject and return the best passage, if any; reports progress meanwhile."""
    span = (GATHERED - PLANNED) / len(COLLECTIONS)
    report_progress(
        "gather_from",
        done=position,
        total=len(COLLECTIONS),
        status=f"Searching “{collection}”",
        fraction=PLANNED + span * position,
    )
    found = await asearch_collection(collection, subject, limit=1)
    return first_sentences(found[0]["text"]) if found else ""


def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """plan → gather (calls a tool for each collection) → write → check."""
    planner = model.bind(max_tokens=60).with_config(tags=["draft"])
    writer = model.with_config(tags=["answer"])
    checker = model.bind(max_tokens=32).with_config(tags=["draft"])

    async def plan(state: State) -> State:
        report_progress("plan", done=0, total=1, status="Planning", fraction=0.02)
        answer = await planner.ainvoke([*PLAN, HumanMessage(f"Subject: {state['subject']}")])
        report_progress("plan", done=1, total=1, status="Planned", fraction=PLANNED)
        return {"plan": str(answer.text)}

    async def gather(state: State) -> State:
        calls = [{"collection": name, "subject": state["subject"], "position": n} for n, name in enumerate(COLLECTIONS)]
        found = [await gather_from.ainvoke(call) for call in calls]
        notes = [note for note in found if note]
        report_progress(
            "gather", done=len(calls), total=len(calls), status=f"{len(notes)} notes gathered", fraction=GATHERED
        )
        return {"notes": notes}

    async def write(state: State) -> State:
        report_progress("write", done=0, total=1, status="Writing", fraction=GATHERED + 0.02)
        notes = "\n".join(f"[{number}] {note}" for number, note in enumerate(state["notes"], 1))
        answer = await writer.ainvoke([*WRITE, HumanMessage(f"Subject: {state['subject']}\n{notes}")])
        report_progress("write", done=1, total=1, status="Written", fraction=WRITTEN)
        return {"report": str(answer.text)}

    async def check(state: State) -> State:
        report_progress("check", done=0, total=1, status="Checking", fraction=WRITTEN + 0.02)
        answer = await checker.ainvoke([*CHECK, HumanMessage(f"Report: {state['report'][:CHECKED_CHARS]}")])
        report_progress("check", done=1, total=1, status="Done", fraction=CHECKED)
        return {"verdict": str(answer.text)}

    graph = StateGraph(State)
    steps = {"plan": plan, "gather": gather, "write": write, "check": check}
    for name, node in steps.items():
        graph.add_node(name, node)
    for before, after in zip([START, *steps], [*steps, END], strict=True):
        graph.add_edge(before, after)
    return graph.compile(checkpointer=checkpointer)


GRAPH = Graph(
    name="report",
    title="Report",
    summary="A long job in four steps that reports its progress from nodes and from a tool.",
    module=__name__,
    build=build,
    to_input=lambda prompt: {"subject": prompt, "notes": []},
    examples=("Progress bars", "Skeletons", "Back-pressure"),
    writes_custom=True,
)
