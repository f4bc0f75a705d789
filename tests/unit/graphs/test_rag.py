"""The retrieval-augmented graph: its sources and its citations."""

import re

import pytest

from graphs import GRAPHS
from graphs.collections import Passage, first_sentences
from graphs.rag import PASSAGES_IN_PROMPT, State, best_passages
from streaming.core.events import TaskEnded, TaskStarted
from streaming.runtime.engine import Engine
from tests.support.graph_runs import WholeModel, final, last_state, parts_of, run_graph


def test_the_three_collections_are_searched_at_the_same_time(engine: Engine) -> None:
    events = [entry.event for entry in run_graph(engine, "rag").events]
    started = [i for i, e in enumerate(events) if isinstance(e, TaskStarted) and e.node.startswith("search_")]
    ended = [i for i, e in enumerate(events) if isinstance(e, TaskEnded) and e.node.startswith("search_")]
    assert len(started) == len(ended) == 3
    assert max(started) < min(ended)


def test_the_rag_answer_rests_on_passages_of_all_collections(engine: Engine) -> None:
    state = last_state(run_graph(engine, "rag", "What is streaming progress?"))
    assert {passage["collection"] for passage in state["passages"]} == {"streaming", "langgraph", "ux"}
    assert re.search(r"\[1\]", state["answer"])


@pytest.mark.parametrize("question", GRAPHS["rag"].examples)
async def test_every_citation_names_a_source_that_was_found(question: str) -> None:
    state = final(await parts_of("rag", WholeModel(), question))
    cited = [int(number) for number in re.findall(r"\[(\d+)]", state["answer"])]
    assert cited
    assert all(1 <= number <= len(state["sources"]) for number in cited)
    assert all(source in state["passages"] for source in state["sources"])


async def test_the_model_reads_the_sources_that_the_numbers_name() -> None:
    model = WholeModel()
    state = final(await parts_of("rag", model, "What is back-pressure?"))
    for place, source in enumerate(state["sources"][:PASSAGES_IN_PROMPT], 1):
        assert f"[{place}] {first_sentences(source['text'])}" in model.asked[-1][-1].text


async def test_a_question_that_nothing_answers_still_ends_with_a_state() -> None:
    state = final(await parts_of("rag", WholeModel(), "?!"))
    assert state["sources"] == [] == state["passages"]
    assert state["answer"]


def test_sources_are_the_best_passage_of_each_document_best_first() -> None:
    found = [
        Passage(collection="ux", title=text, text=text, source=source, score=score)
        for text, source, score in [("weak", "a.md", 1.0), ("strong", "a.md", 3.0), ("other", "b.md", 2.0)]
    ]
    assert [passage["text"] for passage in best_passages(found)] == ["strong", "other"]
    assert State().sources == []
