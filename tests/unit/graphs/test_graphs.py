"""Every graph of the lab, through the engine, on the scripted model."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage

from graphs import GRAPHS, WITH_PROGRESS
from graphs.chat import REMEMBERED_TOKENS, estimate_tokens, recent
from graphs.diagram import drawer, nodes_of
from streaming.core.events import MODES, Custom, TaskEnded, TaskStarted, Values
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.progress import Progress
from streaming.runtime.engine import Engine
from tests.support.graphs import QUICK, finish


def run_of(engine: Engine, name: str, prompt: str | None = None, **fields: Any) -> Run:
    graph = GRAPHS[name]
    return finish(
        engine.start(RunRequest(graph=graph, model=QUICK, modes=MODES, prompt=prompt or graph.examples[0], **fields))
    )


def last_state(run: Run) -> dict[str, Any]:
    return [entry.event for entry in run.events if isinstance(entry.event, Values)][-1].state


@pytest.mark.parametrize("name", list(GRAPHS))
def test_every_graph_completes_with_messages_and_a_full_state(engine: Engine, name: str) -> None:
    run = run_of(engine, name)
    assert run.status == "Completed", run.ended
    assert apply_all(Messages(), run.events).answers()
    assert not [value for value in last_state(run).values() if value in ("", [], None)], "a field stayed empty"


@pytest.mark.parametrize("name", list(WITH_PROGRESS))
def test_progress_only_grows_and_ends_at_one(engine: Engine, name: str) -> None:
    said = [entry.event.data for entry in run_of(engine, name).events if isinstance(entry.event, Custom)]
    fractions = [data["fraction"] for data in said]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", data["at"]) for data in said)


def test_progress_of_the_report_comes_from_nodes_and_from_a_tool(engine: Engine) -> None:
    steps = {step.step for step in apply_all(Progress(), run_of(engine, "report").events).steps}
    assert {"plan", "gather", "write", "check", "gather_from"} == steps


def test_the_three_collections_are_searched_at_the_same_time(engine: Engine) -> None:
    events = [entry.event for entry in run_of(engine, "rag").events]
    started = [i for i, e in enumerate(events) if isinstance(e, TaskStarted) and e.node.startswith("search_")]
    ended = [i for i, e in enumerate(events) if isinstance(e, TaskEnded) and e.node.startswith("search_")]
    assert len(started) == len(ended) == 3
    assert max(started) < min(ended)


def test_the_rag_answer_rests_on_passages_of_all_collections(engine: Engine) -> None:
    state = last_state(run_of(engine, "rag", "What is streaming progress?"))
    assert {passage["collection"] for passage in state["passages"]} == {"streaming", "langgraph", "ux"}
    assert re.search(r"\[1\]", state["answer"])


def test_ideas_think_in_parallel_and_are_merged(engine: Engine) -> None:
    state = last_state(run_of(engine, "ideas"))
    assert len(state["ideas"]) == 3
    assert state["ranked"]


def test_chat_remembers_only_within_its_thread(engine: Engine) -> None:
    first = run_of(engine, "chat", "My name is Ada")
    second = run_of(engine, "chat", "And now?", thread_id=first.thread_id, previous_run_id=first.id)
    stranger = run_of(engine, "chat", "And now?")
    assert [len(last_state(run)["messages"]) for run in (first, second, stranger)] == [2, 4, 2]
    assert [run.id for run in engine.registry.turns(second)] == [first.id, second.id]


@given(st.lists(st.text(max_size=REMEMBERED_TOKENS), min_size=1, max_size=8))
def test_what_chat_remembers_fits_and_ends_with_the_newest(texts: list[str]) -> None:
    messages = [HumanMessage(text) if place % 2 else AIMessage(text) for place, text in enumerate(texts)]
    kept = recent(messages)
    assert kept == messages[-len(kept) :]
    assert len(kept) == 1 or sum(map(estimate_tokens, kept)) <= REMEMBERED_TOKENS
    assert len(kept) == 1 or kept[0].type == "human"


@pytest.mark.parametrize("name", list(GRAPHS))
def test_the_diagram_names_every_node_and_highlights_the_running_one(name: str) -> None:
    nodes = nodes_of(GRAPHS[name])
    dark, lit = drawer(GRAPHS[name])(()), drawer(GRAPHS[name])((nodes[0],))
    assert all(node in dark for node in nodes)
    assert "style" not in dark
    assert f"style {nodes[0]} " in lit


@pytest.mark.parametrize("text", ["大海今天非常宽阔蔚蓝。", "🦑🌈", "9071"])
def test_texts_that_cost_a_token_a_character_are_forgotten_sooner(text: str) -> None:
    turns = [HumanMessage((text * 100)[:300]) if place % 2 == 0 else AIMessage("ok") for place in range(41)]
    assert sum(len(str(message.text).encode()) for message in recent(turns)) <= REMEMBERED_TOKENS
