"""Graphs of strangers in many shapes: each loads unchanged, and its run has what it was given and what it made."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streaming.core.events import MODES, Token, Values
from streaming.core.limits import Limits
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.own_graphs.worker.troubles import NotAGraph
from streaming.runtime import thread_moves
from streaming.runtime.engine import Engine
from tests.support.graphs import end_of, finish, notes_of
from tests.support.own_graphs.graphs_in_process import InProcess, in_process
from tests.support.own_graphs.odd_messages import TEXT

SHAPES = Path(__file__).parents[3] / "support" / "own_graphs" / "shapes.py"
Play = Callable[..., Run]


@pytest.fixture(scope="module")
def shapes() -> Iterator[InProcess]:
    with in_process(SHAPES) as opened:
        yield opened


@pytest.fixture
def play(shapes: InProcess, engine: Engine) -> Play:
    """Run one of the shapes to its end."""

    def run(shape: str, *, supersteps: int = Limits().supersteps, **fields: Any) -> Run:
        limits = Limits(runs_per_minute=None, supersteps=supersteps)
        graph = shapes.open(shape)
        request = RunRequest(graph=graph, model=OWN_MODEL, prompt="bees", modes=MODES, limits=limits, **fields)
        return finish(engine.start(request))

    return run


@pytest.mark.parametrize(
    ("graph", "role", "text"),
    [
        ("cached", "ai", TEXT),
        ("uncounted", "ai", TEXT),
        ("counts_in_words", "ai", TEXT),
        ("arguments_in_words", "ai", TEXT),
        ("calls_in_words", "ai", TEXT),
        ("metadata_in_words", "ai", TEXT),
        ("empty", "ai", ""),
        ("own_class", "remark", TEXT),
    ],
)
def test_a_message_that_langchain_refuses_to_make_again_ends_no_run(
    engine: Engine, graph: str, role: str, text: str
) -> None:
    with in_process(SHAPES.with_name("odd_messages.py")) as opened:
        request = RunRequest(graph=opened.open(graph), model=OWN_MODEL, prompt="bees", modes=MODES)
        run = finish(engine.start(request))
    assert end_of(run).outcome == "completed", end_of(run).reason
    [said] = [entry.event for entry in run.events if isinstance(entry.event, Token) and entry.event.role != "human"]
    assert (said.role, said.text) == (role, text)
    states = [entry.event.state for entry in run.events if isinstance(entry.event, Values)]
    assert states[-1]["messages"][-1]["type"] == role


@pytest.mark.parametrize("shape", ["builder", "tagged", "bound", "make_sync", "make_context", "nested", "long"])
def test_a_shape_runs_unchanged(play: Play, shape: str) -> None:
    assert end_of(play(shape)).outcome == "completed"


@pytest.mark.parametrize(
    ("shape", "left_out"),
    [
        ("compiled", ""),
        ("tagged", ""),
        ("bound_to_wait", ""),
        ("with_retries", "its retries"),
        ("with_fallbacks", "its fallbacks"),
        ("with_listeners", "its listeners"),
        ("with_steps", "the other steps of its chain"),
        ("with_all", "the other steps of its chain and its retries"),
    ],
)
def test_what_is_around_a_graph_and_not_done_here_is_told(
    shapes: InProcess, play: Play, shape: str, left_out: str
) -> None:
    assert shapes.open(shape).notice == (f"The graph runs here without {left_out}." if left_out else "")
    assert end_of(play(shape)).outcome == ("interrupted" if shape == "bound_to_wait" else "completed")


@pytest.mark.parametrize("api", ["events v2", "events v3"])
def test_the_options_that_a_graph_is_bound_to_hold_in_the_event_apis_too(play: Play, api: str) -> None:
    assert notes_of(play("bound_to_wait", api=api)) == []


def test_a_factory_gets_the_config(play: Play) -> None:
    assert notes_of(play("make_async", configurable={"tone": "dry"})) == ["dry"]


def test_raw_input_and_context_reach_the_graph(play: Play) -> None:
    assert notes_of(play("compiled", input={"topic": "wasps"})) == ["about wasps"]
    assert notes_of(play("with_context", context={"language": "de"})) == ["de"]


@pytest.mark.parametrize(
    ("shape", "value", "state"),
    [
        ("pydantic_state", {"item": "honey", "count": 2}, {"item": "honey", "count": 3}),
        ("dataclass_state", {"goal": "honey"}, {"goal": "honey", "done": True}),
        ("functional", "bees", "bees 42"),
    ],
)
def test_states_of_other_types_and_the_functional_api_end_in_the_same_values(
    play: Play, shape: str, value: Any, state: Any
) -> None:
    run = play(shape, input=value)
    assert end_of(run).outcome == "completed", end_of(run).reason
    values = [entry.event.state for entry in run.events if isinstance(entry.event, Values)]
    assert values[-1] == state


def test_an_agent_calls_its_tool(play: Play) -> None:
    run = play("make_agent")
    assert end_of(run).outcome == "completed", end_of(run).reason
    tokens = [entry.event for entry in run.events if isinstance(entry.event, Token)]
    assert {call["name"] for token in tokens for call in token.tool_calls if call.get("name")} == {"look_up"}
    assert [token.text for token in tokens if token.tool_call_id == "call-1"] == ["bee: an insect"]
    assert tokens[-1].text == "An insect"


def test_an_endless_loop_ends_at_the_limit(play: Play) -> None:
    assert end_of(play("looping", supersteps=20)).error == "LimitReached"


@pytest.mark.parametrize(
    ("shape", "lead", "code"),
    [
        ("found_twice", "Merging what “find” (2 times) returned for “found” raised InvalidUpdateError", ""),
        ("found_by_two", "Merging what “other”, “work” returned for “found” raised InvalidUpdateError", "find_one"),
        ("found_inside", "Merging what “other”, “work” returned for “found” raised InvalidUpdateError", "find_one"),
        ("not_a_list", "Merging what “work” returned for “total” raised TypeError", "add_a_number"),
        ("not_a_state", "LangGraph raised InvalidUpdateError: Expected dict, got 5", "return_a_number"),
        ("raising", "A node raised InvalidUpdateError: by the node itself (node “work”, ", "raise_at_once"),
        ("lost", "The code around the nodes raised KeyError: 'nowhere' (", "nowhere"),
        ("make_nothing", "The code around the nodes raised ValueError: no second graph (", ""),
    ],
)
def test_an_error_is_said_of_who_raised_it_with_the_place_of_the_code(
    play: Play, shape: str, lead: str, code: str
) -> None:
    reason = end_of(play(shape)).reason
    assert reason.startswith(lead), reason
    if code:
        first = next(number for number, line in enumerate(SHAPES.read_text().splitlines(), 1) if f"def {code}(" in line)
        assert any(f"{SHAPES}, line {number}" in reason for number in (first, first + 1)), reason


def test_a_run_that_failed_with_its_answer_asks_again(shapes: InProcess, engine: Engine) -> None:
    request = RunRequest(graph=shapes.open("reviewing"), model=OWN_MODEL, prompt="bees", modes=MODES)
    first = finish(engine.start(request))
    asked = end_of(first).pending[0].id
    failed = finish(engine.start(thread_moves.resume(first, request, answers={asked: "approve"})))
    assert end_of(failed).outcome == "failed"
    again = finish(engine.start(thread_moves.ask_again(failed, request)))
    (question,) = end_of(again).pending
    assert question.value["question"] == "Send it?"
    done = finish(engine.start(thread_moves.resume(again, request, answers={question.id: {"type": "approve"}})))
    assert end_of(done).outcome == "completed", end_of(done).reason
    assert notes_of(done) == ["approve"]


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("not_a_graph", "an object of type int"),
        ("missing", "has no “missing”"),
        ("forgets_to_return", "forgets_to_return returned None: no graph."),
    ],
)
def test_what_cannot_be_loaded_is_explained(shapes: InProcess, shape: str, said: str) -> None:
    with pytest.raises(NotAGraph, match=said):
        shapes.open(shape)


def test_the_description_has_what_its_code_says(shapes: InProcess) -> None:
    assert shapes.open("blocking").description.code["nodes"]["work"]["async"] is False
