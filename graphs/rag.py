"""RAG: three collections searched at the same time, then an answer that cites them."""

import operator
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph

from graphs.base import CompiledGraph, Graph
from graphs.progress import report_progress
from graphs.search import COLLECTIONS, Passage, asearch

ANSWER = SystemMessage("Answer from the passages in two or three short sentences. Cite them like [1].")
PASSAGES_IN_PROMPT = 2
PASSAGE_CHARS = 420


@dataclass(kw_only=True)
class State:
    question: str = ""
    terms: str = ""
    passages: Annotated[list[Passage], operator.add] = field(default_factory=list)
    answer: str = ""


def best(passages: list[Passage]) -> list[Passage]:
    """The passages by their score, best first: their places are the numbers that the answer cites."""
    return sorted(passages, key=lambda passage: passage["score"], reverse=True)


class Search(Protocol):
    """A node that searches one collection."""

    async def __call__(self, state: State) -> dict[str, Any]: ...


def search_node(collection: str) -> Search:
    """The node for this collection."""

    async def search(state: State) -> dict[str, Any]:
        found = await asearch(collection, state.terms)
        report_progress(
            f"search_{collection}", done=len(found), total=len(found), status=f"{collection} searched", fraction=0.5
        )
        return {"passages": found}

    return search


async def route(state: State) -> dict[str, Any]:
    """Clean the question for the search: a model this small chooses no better than BM25 does."""
    report_progress("route", done=1, total=1, status="Searching all collections at once", fraction=0.2)
    return {"terms": " ".join(state.question.split())}


def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """route → search_streaming, search_langgraph and search_ux at once → generate."""
    writer = model.with_config(tags=["answer"])

    async def generate(state: State) -> dict[str, Any]:
        report_progress("generate", done=0, total=1, status="Writing the answer", fraction=0.6)
        shown = best(state.passages)[:PASSAGES_IN_PROMPT]
        passages = "\n".join(f"[{place}] {passage['text'][:PASSAGE_CHARS]}" for place, passage in enumerate(shown, 1))
        question = f"Passages:\n{passages or 'none'}\n\nQuestion: {state.question}"
        answer = await writer.ainvoke([ANSWER, HumanMessage(question)])
        report_progress("generate", done=1, total=1, status="Answered", fraction=1.0)
        return {"answer": str(answer.text)}

    graph = StateGraph(State)
    graph.add_node(route)
    graph.add_node(generate)
    graph.add_edge(START, "route")
    for collection in COLLECTIONS:
        graph.add_node(f"search_{collection}", search_node(collection))
        graph.add_edge("route", f"search_{collection}")
        graph.add_edge(f"search_{collection}", "generate")
    graph.add_edge("generate", END)
    return graph.compile(checkpointer=checkpointer)


GRAPH = Graph(
    name="rag",
    title="RAG",
    summary="Three document collections searched in parallel, then an answer that cites them.",
    module=__name__,
    build=build,
    to_input=lambda prompt: {"question": prompt},
    examples=("What is time to first token?", "When should I use a typing indicator?", "What is a checkpoint?"),
    writes_custom=True,
)
