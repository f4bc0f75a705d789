"""Retrieval: three collections searched one after the other or at the same time, with an optional fault."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime, get_runtime

from graphs.base import CompiledGraph, Graph
from graphs.collections import COLLECTIONS, Passage, asearch_collection, search_collection
from graphs.rag import ANSWER, PASSAGES_IN_PROMPT, best_passages, question_message

TIMEOUT_S = 3.0
"""Timeout of one collection, so that one that hangs does not block the answer."""


class CollectionDown(Exception):
    """A collection that fails on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPlan:
    """LangGraph's run-time context: the order of the searches, the latency added to each, and the fault to inject."""

    order: Literal["sequential", "gather"] = "gather"
    extra_ms: Mapping[str, int] = field(default_factory=dict)
    broken: str | None = None
    fault: Literal["fail", "hang"] = "fail"


@dataclass(kw_only=True)
class State:
    """The state of the graph."""

    question: str = ""
    passages: list[Passage] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    answer: str = ""
    note: str = ""


async def fetch(collection: str, question: str, plan: SearchPlan) -> list[Passage]:
    """Search one collection with the latency and the fault of the plan; reports its own span, and raises any error."""
    _report_span(collection, "started")
    try:
        async with asyncio.timeout(TIMEOUT_S):
            await asyncio.sleep(plan.extra_ms.get(collection, 0) / 1000)
            if plan.broken == collection:
                await _break(plan)
            found = await asearch_collection(collection, question)
    except TimeoutError:
        _report_span(collection, "gave up", error=f"no answer within {TIMEOUT_S:g} s")
        raise
    except Exception as error:
        _report_span(collection, "failed", error=str(error))
        raise
    _report_span(collection, "done", found=len(found))
    return found


async def retrieve(state: State) -> dict[str, Any]:
    """Search all collections; if one fails, the results of the others are used."""
    plan = _plan()
    if plan.order == "gather":
        found = await asyncio.gather(
            *(fetch(name, state.question, plan) for name in COLLECTIONS), return_exceptions=True
        )
    else:
        found = [await _caught(name, state.question, plan) for name in COLLECTIONS]
    return _gathered(found)


def retrieve_blocking(state: State) -> dict[str, Any]:
    """The same with blocking calls, for `graph.stream`: the thread does nothing else meanwhile."""
    plan = _plan()
    found: list[Any] = []
    for name in COLLECTIONS:
        time.sleep(plan.extra_ms.get(name, 0) / 1000)
        found.append(search_collection(name, state.question))
    return _gathered(found)


def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """retrieve (one node, three searches) → answer."""
    writer = model.with_config(tags=["answer"])

    async def answer(state: State) -> dict[str, Any]:
        return _answered(await writer.ainvoke(_messages(state)), state)

    def answer_blocking(state: State) -> dict[str, Any]:
        return _answered(writer.invoke(_messages(state)), state)

    graph = StateGraph(State, context_schema=SearchPlan)
    # With both functions a node can run sync and async.
    graph.add_node("retrieve", RunnableLambda(retrieve_blocking, afunc=retrieve))
    graph.add_node("answer", RunnableLambda(answer_blocking, afunc=answer))
    graph.add_edge(START, "retrieve")
    graph.add_edge("retrieve", "answer")
    graph.add_edge("answer", END)
    return graph.compile(checkpointer=checkpointer)


def _plan() -> SearchPlan:
    # The node is a runnable, not a function, so LangGraph does not pass the runtime to it.
    runtime: Runtime[SearchPlan] = get_runtime(SearchPlan)
    return runtime.context or SearchPlan()


async def _caught(collection: str, question: str, plan: SearchPlan) -> list[Passage] | Exception:
    try:
        return await fetch(collection, question, plan)
    except Exception as error:  # noqa: BLE001 - the failure is the result
        return error


async def _break(plan: SearchPlan) -> None:
    if plan.fault == "hang":
        await asyncio.sleep(3600)
    raise CollectionDown("the collection is down, as chosen on the page")


def _gathered(found: list[Any]) -> dict[str, Any]:
    named = list(zip(COLLECTIONS, found, strict=True))
    return {
        "passages": [passage for _, hits in named if not isinstance(hits, BaseException) for passage in hits],
        "missing": [name for name, hits in named if isinstance(hits, BaseException)],
    }


def _messages(state: State) -> list[BaseMessage]:
    texts = [passage["text"] for passage in best_passages(state.passages)[:PASSAGES_IN_PROMPT]]
    return [*ANSWER, question_message(state.question, texts)]


def _answered(message: BaseMessage, state: State) -> dict[str, Any]:
    note = f"Without the collection {', '.join(state.missing)}: it did not answer." if state.missing else ""
    return {"answer": f"{message.text}\n\n{note}".strip(), "note": note}


def _report_span(name: str, state: str, **details: Any) -> None:
    get_stream_writer()({"kind": "span", "name": name, "state": state, **details})


GRAPH = Graph(
    name="retrieval",
    title="Retrieval",
    summary="One node that asks three collections, one after the other or with asyncio.gather.",
    module=__name__,
    build=build,
    to_input=lambda prompt: {"question": prompt},
    examples=("What is time to first token?", "When should I use a typing indicator?", "What is a checkpoint?"),
    writes_custom=True,
)
