"""A question is answered once, however many tabs and servers answer it, and the second one is told what was decided."""

import operator
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

from streaming.core.request import Resume, RunRequest
from streaming.core.run import Run
from streaming.runtime import thread_claims
from streaming.runtime.engine import Engine
from tests.support.graphs import QUICK, Source, finish
from tests.support.postgres import postgres_server

published: list[str] = []


class State(TypedDict, total=False):
    done: Annotated[list[str], operator.add]


def ask_and_publish(model: Any, checkpointer: Any) -> Any:
    def ask(state: State) -> State:
        return {"done": [interrupt("Publish?")]}

    def publish(state: State) -> State:
        published.append(state["done"][-1])
        return {}

    graph = StateGraph(State)
    graph.add_sequence([ask, publish])
    graph.add_edge(START, "ask")
    return graph.compile(checkpointer=checkpointer)


def request(**fields: Any) -> RunRequest:
    source = Source(builder=ask_and_publish, given={"done": []})
    return RunRequest(graph=source, model=QUICK, modes=("updates",), **{"prompt": "x", **fields})


def answer(run: Run, text: str) -> RunRequest:
    assert run.ended is not None
    [question] = run.ended.pending
    return request(prompt="", thread_id=run.thread_id, resume=Resume(answers={question.id: text}))


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def engines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Engine]]:
    """Two servers on one database; in memory there is one server."""
    published.clear()
    kind = request.param
    url = request.getfixturevalue("postgres") if kind == "postgres" else f"sqlite:///{tmp_path / 'threads.sqlite'}"
    with ExitStack() as stack:
        first = stack.enter_context(closing(Engine(checkpointer_url=None if kind == "memory" else url)))
        second = first if kind == "memory" else stack.enter_context(closing(Engine(checkpointer_url=url)))
        yield [first, second]


def test_of_many_answers_at_once_one_is_taken(engines: list[Engine]) -> None:
    run = finish(engines[0].start(request()))
    started = [engines[number % 2].start(answer(run, f"yes-{number}")) for number in range(6)]
    ended = [finish(tab) for tab in started]
    assert len(published) == 1
    assert [tab.status for tab in ended].count("Completed") == 1
    for tab in ended:
        assert tab.ended is not None
        if tab.status != "Completed":
            assert tab.ended.error == "AnsweredAlready"
            assert f"answered with “{published[0]}” at " in tab.ended.reason, tab.ended.reason
            assert "UTC" in tab.ended.reason


def test_a_later_answer_is_told_too(engines: list[Engine]) -> None:
    run = finish(engines[0].start(request()))
    assert finish(engines[0].start(answer(run, "yes"))).status == "Completed"
    late = finish(engines[1].start(answer(run, "no")))
    assert published == ["yes"]
    assert late.ended is not None
    assert "“yes”" in late.ended.reason


def test_a_claim_of_a_server_that_was_killed_ends_by_its_age(
    engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finish(engines[0].start(request()))
    with monkeypatch.context() as patched:
        patched.setattr("streaming.runtime.executor._release", _never)
        patched.setattr("streaming.runtime.executor._stream_modes", _dies)
        assert finish(engines[0].start(answer(run, "yes"))).status == "Failed"
    refused = finish(engines[1].start(answer(run, "no")))
    assert refused.ended is not None
    assert refused.ended.error == "AnsweredAlready"
    monkeypatch.setattr(thread_claims, "STALE_AFTER_S", -1.0)
    assert finish(engines[1].start(answer(run, "no"))).status == "Completed"
    assert published == ["no"]


def test_a_run_that_fails_before_its_answer_is_used_leaves_the_question_open(
    engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finish(engines[0].start(request()))
    with monkeypatch.context() as patched:
        patched.setattr("streaming.runtime.executor._stream_modes", _dies)
        assert finish(engines[0].start(answer(run, "yes"))).status == "Failed"
    assert finish(engines[1].start(answer(run, "later"))).status == "Completed"


async def _never(*_: Any) -> None:
    return


async def _dies(*_: Any) -> None:
    raise RuntimeError("killed")
