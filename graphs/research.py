"""Research: a graph in a graph in a graph."""

import operator
from typing import Annotated, Any, TypedDict

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph

from graphs.base import CompiledGraph, Graph
from graphs.collections import COLLECTIONS, asearch_collection, first_sentences
from graphs.progress import report_progress
from graphs.rag import ANSWER, question_message
from graphs.report import CHECK, PLAN


class State(TypedDict, total=False):
    """The state of the outer graph."""

    subject: str
    plan: str
    notes: Annotated[list[str], operator.add]
    summary: str
    verdict: str
    answer: str


class Reading(TypedDict, total=False):
    """The part of the state that the inner graphs share with the outer one."""

    subject: str
    notes: Annotated[list[str], operator.add]
    summary: str
    verdict: str


def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """plan → read (a graph: search → digest (a graph: summarise → review)) → write."""
    short = model.bind(max_tokens=40).with_config(tags=["draft"])
    writer = model.bind(max_tokens=80).with_config(tags=["answer"])

    async def plan(state: State) -> State:
        answer = await short.ainvoke([*PLAN, HumanMessage(f"Subject: {state['subject']}")])
        return {"plan": str(answer.text)}

    async def write(state: State) -> State:
        answer = await writer.ainvoke([*ANSWER, question_message(state["subject"], [state["summary"]])])
        report_progress("write", done=1, total=1, status="Written", fraction=1.0)
        return {"answer": str(answer.text)}

    graph = StateGraph(State)
    graph.add_node(plan)
    graph.add_node("read", _reader(short))
    graph.add_node(write)
    graph.add_edge(START, "plan")
    graph.add_edge("plan", "read")
    graph.add_edge("read", "write")
    graph.add_edge("write", END)
    return graph.compile(checkpointer=checkpointer)


def _reader(short: Any) -> CompiledGraph:
    async def search(state: Reading) -> Reading:
        notes = []
        for done, collection in enumerate(COLLECTIONS, 1):
            found = await asearch_collection(collection, state["subject"], limit=1)
            notes += [first_sentences(hit["text"]) for hit in found]
            report_progress(
                "search",
                done=done,
                total=len(COLLECTIONS),
                status=f"“{collection}” searched",
                fraction=0.2 + done * 0.1,
            )
        return {"notes": notes}

    graph = StateGraph(Reading)
    graph.add_node(search)
    graph.add_node("digest", _digester(short))
    graph.add_edge(START, "search")
    graph.add_edge("search", "digest")
    graph.add_edge("digest", END)
    return graph.compile()


def _digester(short: Any) -> CompiledGraph:
    async def summarise(state: Reading) -> Reading:
        answer = await short.ainvoke([*ANSWER, question_message(state["subject"], state["notes"][:1])])
        report_progress("summarise", done=1, total=1, status="Summarised", fraction=0.7)
        return {"summary": str(answer.text)}

    async def review(state: Reading) -> Reading:
        answer = await short.ainvoke([*CHECK, HumanMessage(f"Report: {state['summary']}")])
        return {"verdict": str(answer.text)}

    graph = StateGraph(Reading)
    graph.add_node(summarise)
    graph.add_node(review)
    graph.add_edge(START, "summarise")
    graph.add_edge("summarise", "review")
    graph.add_edge("review", END)
    return graph.compile()


GRAPH = Graph(
    name="research",
    title="Research",
    summary="Three graphs, one inside the other, with a model at every level.",
    module=__name__,
    build=build,
    to_input=lambda prompt: {"subject": prompt, "notes": []},
    examples=("Progress bars", "Skeletons", "Back-pressure"),
    writes_custom=True,
)
