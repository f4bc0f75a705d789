"""Graphs that are not like ours: a state without fields, the functional API, values that cannot be saved, no end."""

import operator
import threading
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage
from langgraph.func import entrypoint, task
from langgraph.graph import START, MessagesState, StateGraph

from streaming.analysis.final_answer import final_answers
from streaming.core.events import MODES, Mode
from streaming.core.limits import Limits
from streaming.core.run import Run
from streaming.live.patches import VIEWS
from streaming.live.view import patches_of
from streaming.projections.base import apply_all
from streaming.projections.state_history import StateHistory
from streaming.recordings.format import dump_recording, load_recording, recording_of
from streaming.runtime.engine import Engine
from tests.support.graphs import Builder, finish, start


def run_of(build: Builder, given: Any, *, modes: tuple[Mode, ...] = MODES, **fields: Any) -> Run:
    with closing(Engine()) as engine:
        return finish(start(engine, build, given, modes=modes, **fields))


def text_to_text(model: Any, checkpointer: Any) -> Any:
    @task
    async def write(subject: str) -> str:
        return str((await model.ainvoke(subject)).text)

    @entrypoint(checkpointer=checkpointer)
    async def flow(subject: str) -> str:
        return await write(subject)

    return flow


def number_to_number(model: Any, checkpointer: Any) -> Any:
    @entrypoint(checkpointer=checkpointer)
    async def flow(number: int) -> int:
        return number + 1

    return flow


def list_state(model: Any, checkpointer: Any) -> Any:
    graph = StateGraph(Annotated[list, operator.add])
    graph.add_node("n", lambda state: ["out"])
    graph.add_edge(START, "n")
    return graph.compile(checkpointer=checkpointer)


@pytest.mark.parametrize(
    ("build", "given", "answer"),
    [(text_to_text, "Hello", None), (number_to_number, 1, []), (list_state, ["Hello"], [("", "out")])],
    ids=["text", "number", "list"],
)
def test_a_state_without_fields_is_shown_stored_and_loaded(build: Builder, given: Any, answer: Any) -> None:
    run = run_of(build, given)
    recording = recording_of(run)

    assert run.status == "Completed"
    assert load_recording(dump_recording(recording)).events == run.events
    snapshots = apply_all(StateHistory(), run.events).snapshots
    assert {name for snapshot in snapshots for name in snapshot.state} == {"state"}
    patches = [patch for _, batch in patches_of(run.events, views=VIEWS) for patch in batch]
    assert not [patch for patch in patches if patch[0] == "run" and patch[1].get("trouble")]
    assert answer is None or final_answers(run.events, prompt="Hello") == answer


@pytest.mark.parametrize("modes", [("values",), ("updates",)])
def test_the_text_of_content_blocks_is_the_answer(modes: tuple[Mode, ...]) -> None:
    blocks: list[Any] = [{"type": "thinking", "thinking": "ebb"}, {"type": "text", "text": "The tide is out."}]

    def build(model: Any, checkpointer: Any) -> Any:
        graph = StateGraph(MessagesState)
        graph.add_node("n", lambda state: {"messages": [AIMessage(content=blocks)]})
        graph.add_edge(START, "n")
        return graph.compile(checkpointer=checkpointer)

    run = run_of(build, {"messages": [("human", "Hello")]}, modes=modes)
    assert [text for _, text in final_answers(run.events, prompt="Hello")] == ["The tide is out."]


class State(TypedDict, total=False):
    out: Any


class Own:
    pass


@pytest.mark.parametrize("database", [False, True], ids=["memory", "SQLite"])
@pytest.mark.parametrize(
    ("value", "where", "kind"),
    [
        (threading.Lock(), "“out”", "lock"),
        ({"deep": [1, Own()]}, "“out.deep.1”", "Own"),
        (2**70, "“out”", "int"),
    ],
)
def test_a_value_that_cannot_be_saved_is_named_with_its_field_and_type(
    value: Any, where: str, kind: str, database: bool, tmp_path: Path
) -> None:
    def build(model: Any, checkpointer: Any) -> Any:
        graph = StateGraph(State)
        graph.add_node("n", lambda state: {"out": value})
        graph.add_edge(START, "n")
        return graph.compile(checkpointer=checkpointer)

    url = f"sqlite:///{tmp_path / 'threads.sqlite'}" if database else None
    with closing(Engine(checkpointer_url=url)) as engine:
        run = finish(start(engine, build, {"out": None}, modes=("updates",)))
    assert run.ended is not None
    assert run.ended.error == "GraphFailed"
    assert where in run.ended.reason
    assert kind in run.ended.reason


def test_a_graph_without_an_end_stops_at_the_limit_of_supersteps_and_says_so() -> None:
    def build(model: Any, checkpointer: Any) -> Any:
        graph = StateGraph(State)
        graph.add_node("n", lambda state: {"out": 1})
        graph.add_edge(START, "n")
        graph.add_edge("n", "n")
        return graph.compile(checkpointer=checkpointer)

    run = run_of(build, {"out": 0}, modes=("updates",), limits=Limits(supersteps=7))
    assert run.ended is not None
    assert (run.status, run.ended.error) == ("Failed", "LimitReached")
    assert "7 supersteps" in run.ended.reason
    assert "recursion_limit" in run.ended.advice


@pytest.mark.parametrize("synchronous", [True, False])
@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
def test_a_node_that_ends_the_program_ends_only_its_run(error: type[BaseException], synchronous: bool) -> None:
    def leave(state: State) -> State:
        raise error

    async def leave_later(state: State) -> State:
        raise error

    def build(model: Any, checkpointer: Any) -> Any:
        graph = StateGraph(State)
        graph.add_node("n", leave if synchronous else leave_later)
        graph.add_edge(START, "n")
        return graph.compile(checkpointer=checkpointer)

    with closing(Engine()) as engine:
        run = finish(start(engine, build, {"out": 0}, modes=("updates",)))
        assert run.ended is not None
        assert (run.ended.outcome, run.ended.error) == ("failed", "GraphFailed"), run.ended
        assert error.__name__ in run.ended.reason
        assert finish(start(engine, list_state, ["in"], modes=("updates",))).status == "Completed"
