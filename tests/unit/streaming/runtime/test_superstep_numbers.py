"""The numbers of supersteps are those of LangGraph's checkpoints, however the run started and whatever it asked for."""

from typing import Any, TypedDict

import pytest
from langgraph.func import entrypoint
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

from streaming.core.events import MODES, CheckpointSaved, LogEntry, Mode
from streaming.core.request import Fork, Resume
from streaming.core.run import Run
from streaming.live.patches import VIEWS
from streaming.live.view import patches_of
from streaming.projections.base import apply_all
from streaming.projections.state_history import StateHistory
from streaming.runtime.engine import Engine
from tests.support.graphs import events_of, finish, start


class State(TypedDict, total=False):
    a: int
    b: int


def steps(asks: bool = False, silent: bool = False, commands: bool = False) -> Any:
    """A graph of two nodes: the second may ask, the first may write nothing, and may lead to the second itself."""

    def build(model: Any, checkpointer: Any) -> Any:
        graph = StateGraph(State)
        said: Any = {} if silent else {"a": 1}
        graph.add_node("one", lambda state: Command(update=said, goto="two") if commands else said)
        graph.add_node("two", lambda state: {"b": interrupt("How many?") if asks else 2})
        graph.add_edge(START, "one")
        if not commands:
            graph.add_edge("one", "two")
        return graph.compile(checkpointer=checkpointer)

    return build


def functional(model: Any, checkpointer: Any) -> Any:
    @entrypoint(checkpointer=checkpointer)
    async def flow(number: int) -> int:
        return number + 1

    return flow


def numbers(events: list[LogEntry]) -> list[int]:
    """The numbers of the states of the outer graph, as the projection has them and as the page shows them."""
    counted = [one.step for one in apply_all(StateHistory(), events).snapshots if not one.ns]
    drawn = [patch[2] for _, batch in patches_of(events, views=VIEWS) for patch in batch if patch[0] == "state"]
    assert drawn == counted
    return counted


def saved(run: Run) -> list[int]:
    """The supersteps of the checkpoints from the first that has a state."""
    return [event.step for event in events_of(run, CheckpointSaved) if event.fields]


MODES_ASKED = [MODES, ("values",), ("values", "tasks"), ("values", "debug")]
each_way = pytest.mark.parametrize("modes", MODES_ASKED, ids=["all", "values", "tasks", "debug"])


def again(engine: Engine, build: Any, given: Any, run: Run, modes: tuple[Mode, ...], **fields: Any) -> Run:
    return finish(start(engine, build, given, modes=modes, thread_id=run.thread_id, **fields))


@each_way
@pytest.mark.parametrize(
    ("build", "given", "expected"),
    [(steps(), {"a": 0}, [0, 1, 2]), (steps(), {}, [1, 2]), (functional, 1, [0])],
    ids=["an input", "an empty input", "an entrypoint"],
)
def test_a_new_thread(engine: Engine, build: Any, given: Any, expected: list[int], modes: tuple[Mode, ...]) -> None:
    run = finish(start(engine, build, given, modes=modes))
    assert numbers(run.events) == expected
    if modes == MODES and build is not functional:
        assert saved(run) == expected


@each_way
def test_an_interrupt_is_no_superstep_and_its_answer_continues_the_numbers(
    engine: Engine, modes: tuple[Mode, ...]
) -> None:
    build = steps(asks=True)
    run = finish(start(engine, build, {"a": 0}, modes=modes))
    assert run.status == "Interrupted"
    assert numbers(run.events) == [0, 1]
    assert run.ended is not None
    [question] = run.ended.pending
    answered = again(engine, build, None, run, modes, resume=Resume(answers={question.id: 7}))
    assert numbers(answered.events) == [1, 2]
    following = again(engine, build, {"a": 5}, run, modes)
    assert numbers(following.events) == [4, 5]
    assert numbers(again(engine, steps(), {}, run, modes).events)[0] >= 6


@each_way
@pytest.mark.parametrize("edits", [{}, {"a": 9}], ids=["as it was", "edited"])
@pytest.mark.parametrize("build", [steps(), steps(commands=True)], ids=["an edge", "a command"])
def test_a_fork_goes_on_with_the_numbers_of_its_checkpoint(
    engine: Engine, modes: tuple[Mode, ...], edits: dict[str, Any], build: Any
) -> None:
    run = finish(start(engine, build, {"a": 0}))
    point = next(event for event in events_of(run, CheckpointSaved) if event.next == ("two",))
    fork = Fork(checkpoint_id=point.checkpoint_id, step=point.step, edits=edits)
    assert numbers(again(engine, build, None, run, modes, fork=fork).events) == [2, 3]


@each_way
def test_a_turn_that_begins_at_a_checkpoint(engine: Engine, modes: tuple[Mode, ...]) -> None:
    run = finish(start(engine, steps(), {"a": 0}))
    last = events_of(run, CheckpointSaved)[-1]
    turn = again(engine, steps(), {"a": 3}, run, modes, checkpoint_id=last.checkpoint_id)
    assert numbers(turn.events) == [last.step + 2, last.step + 3, last.step + 4]


@pytest.mark.parametrize("modes", [MODES, ("values", "checkpoints"), ("values", "debug")], ids=["all", "two", "debug"])
def test_a_superstep_that_writes_nothing_sends_no_state_and_counts(engine: Engine, modes: tuple[Mode, ...]) -> None:
    run = finish(start(engine, steps(silent=True), {"a": 0}, modes=modes))
    assert numbers(run.events) == [0, 2]
