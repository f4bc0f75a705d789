"""RAG: three collections searched at the same time, then an answer that cites them."""

import operator
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph

from graphs.base import CompiledGraph, Graph
from graphs.collections import COLLECTIONS, Passage, asearch_collection, first_sentences
from graphs.progress import report_progress

PASSAGES_IN_PROMPT = 1
"""A small model answers from one passage, but mixes up two."""


def question_message(question: str, texts: list[str]) -> HumanMessage:
    """The question, then the numbered passages: in this order a small model uses them best."""
    passages = "\n".join(f"[{number}] {first_sentences(text)}" for number, text in enumerate(texts, 1))
    return HumanMessage(f"Question: {question}\n{passages or 'No passages.'}")


# Examples, because without them a small model invents its answers instead of quoting.
ANSWER: list[BaseMessage] = [
    SystemMessage("Answer from the passages. Copy the sentence that answers the question, and cite it like [1]."),
    question_message(
        "What is a lighthouse?", ["A lighthouse is a tower with a bright light on top. It warns ships of rocks."]
    ),
    AIMessage("A lighthouse is a tower with a bright light on top. It warns ships of rocks [1]."),
    question_message(
        "When should I water plants?", ["Water plants early in the morning, when the air is cool. At noon they dry."]
    ),
    AIMessage("Water plants early in the morning, when the air is cool [1]."),
]


@dataclass(kw_only=True)
class State:
    """`passages` are the results of all searches, `sources` the best one of each document, cited by position."""

    question: str = ""
    terms: str = ""
    passages: Annotated[list[Passage], operator.add] = field(default_factory=list)
    sources: list[Passage] = field(default_factory=list)
    answer: str = ""


def best_passages(passages: list[Passage]) -> list[Passage]:
    """The best passage of each document, best first: their positions are the numbers that the answer cites."""
    by_document: dict[str, Passage] = {}
    for passage in sorted(passages, key=lambda passage: passage["score"], reverse=True):
        by_document.setdefault(passage["source"], passage)
    return list(by_document.values())


class Search(Protocol):
    """A node that searches one collection."""

    async def __call__(self, state: State) -> dict[str, Any]:
        """The passages that were found."""


def search_node(collection: str) -> Search:
    """The node that searches this collection."""

    async def search(state: State) -> dict[str, Any]:
        found = await asearch_collection(collection, state.terms)
        report_progress(
            f"search_{collection}", done=len(found), total=len(found), status=f"{collection} searched", fraction=0.5
        )
        return {"passages": found}

    return search


async def route(state: State) -> dict[str, Any]:
    """Turn the question into search terms: a small model would not choose better ones than BM25 does."""
    report_progress("route", done=1, total=1, status="Searching all collections at once", fraction=0.2)
    return {"terms": " ".join(state.question.split())}


def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
    """route → search_streaming, search_langgraph and search_ux at once → generate."""
    writer = model.with_config(tags=["answer"])

    async def generate(state: State) -> dict[str, Any]:
        report_progress("generate", done=0, total=1, status="Writing the answer", fraction=0.6)
        sources = best_passages(state.passages)
        texts = [passage["text"] for passage in sources[:PASSAGES_IN_PROMPT]]
        answer = await writer.ainvoke([*ANSWER, question_message(state.question, texts)])
        report_progress("generate", done=1, total=1, status="Answered", fraction=1.0)
        return {"sources": sources, "answer": str(answer.text)}

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
