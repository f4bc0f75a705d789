"""Graphs in the shapes of public templates and examples: each loads unchanged, runs, and answers in pieces."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streaming.analysis.questions import review_of
from streaming.core.events import MODES, ApiEvent, Token, Values
from streaming.core.limits import Limits
from streaming.core.request import APIS, Api, RunRequest
from streaming.core.run import Run
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.own_graphs.worker.troubles import NotAGraph
from streaming.runtime.engine import Engine
from streaming.runtime.run_diagnosis import diagnose_run
from streaming.runtime.thread_moves import resume
from tests.support.graphs import end_of, finish
from tests.support.own_graphs.graphs_in_process import InProcess, in_process

SHAPES = Path(__file__).parents[3] / "support" / "own_graphs" / "public_shapes.py"
BEES = {"messages": [{"type": "human", "content": "bees"}]}
Play = Callable[..., Run]


@pytest.fixture(scope="module")
def shapes() -> Iterator[InProcess]:
    with in_process(SHAPES) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


@pytest.fixture
def play(shapes: InProcess, shared_engine: Engine) -> Play:
    def run(shape: str, given: Any = BEES, **fields: Any) -> Run:
        limits = Limits(runs_per_minute=None)
        graph = shapes.open(shape)
        return finish(
            shared_engine.start(
                RunRequest(graph=graph, model=OWN_MODEL, input=given, modes=MODES, limits=limits, **fields)
            )
        )

    return run


def said(run: Run) -> str:
    tokens = [entry.event for entry in run.events if isinstance(entry.event, Token)]
    return "".join(token.text for token in tokens if token.role == "ai").strip()


def state_of(run: Run) -> Any:
    return [entry.event.state for entry in run.events if isinstance(entry.event, Values) and not entry.event.ns][-1]


@pytest.mark.parametrize(
    ("shape", "given", "answer"),
    [
        ("template", BEES, "Bees are insects"),
        ("map_reduce", {"topic": "bees"}, "why"),
        ("make_with_both", BEES, "both"),
        ("make_with_tools", BEES, "done"),
        ("make_with_options", BEES, "optional"),
        ("earlier", BEES, "in the old style"),
        ("deep", BEES, "deep work done"),
        ("chained", BEES, "the answer of a chain"),
        ("assistant", BEES, "the answer of a method"),
        ("assistant.graph", BEES, "the answer of a method"),
        ("Assistant", BEES, "the answer of a method"),
        ("swarm", BEES, "bob is here"),
        ("research", BEES, "The whole report"),
    ],
)
def test_a_public_shape_runs_unchanged_and_streams(play: Play, shape: str, given: Any, answer: str) -> None:
    context = {"system_prompt": "Be kind."} if shape == "template" else None
    run = play(shape, given, context=context)
    assert end_of(run).outcome == "completed", end_of(run).reason
    assert answer in said(run)
    assert diagnose_run(run) == []


def test_the_context_reaches_a_node(play: Play) -> None:
    assert said(play("with_memory", context={"user_id": "ada"})) == "I know 1 thing"


@pytest.mark.parametrize("api", APIS)
def test_a_factory_that_takes_the_runtime_executes_with_the_context_by_every_api(play: Play, api: Api) -> None:
    run = play("make_with_runtime", context={"system_prompt": "by context"}, api=api)
    texts = [entry.event.text for entry in run.events if isinstance(entry.event, (Token, ApiEvent))]
    assert "".join(filter(None, texts)).strip() == "by context"


def test_a_state_that_no_checkpoint_can_hold_runs_as_without_one(play: Play) -> None:
    run = play("tables", {"question": "how many"})
    assert end_of(run).outcome == "completed", end_of(run).reason
    assert state_of(run)["answer"] == "3 rows"


def test_a_state_with_a_class_has_private_fields_and_subgraphs_of_another_state(play: Play) -> None:
    run = play("ticket", {"subject": "bees"})
    assert end_of(run).outcome == "completed", end_of(run).reason
    assert state_of(run)["answer"] == "BEES"
    assert any(isinstance(entry.event, Values) and entry.event.ns for entry in run.events)


def test_a_value_that_a_node_reads_from_its_config_is_asked_for(play: Play) -> None:
    failed = end_of(play("configured"))
    assert "KeyError: 'user_id'" in failed.reason
    assert "Give 'user_id' as a configurable value" in failed.advice
    assert end_of(play("configured", configurable={"user_id": "ada"})).outcome == "completed"


def test_a_field_that_a_node_misses_in_the_state_is_asked_for(play: Play) -> None:
    assert "Fill in 'topic' in the input" in end_of(play("map_reduce", {})).advice


def test_a_state_of_a_typed_dict_has_no_part_that_must_be_given(shapes: InProcess) -> None:
    assert shapes.open("map_reduce").description.input_schema["required"] == []
    assert shapes.open("with_memory").description.context_schema["required"] == ["user_id"]


def test_what_is_no_graph_and_a_factory_with_other_arguments_are_told(shapes: InProcess) -> None:
    with pytest.raises(NotAGraph, match="tools, prompt") as told:
        shapes.open("make_of_parts")
    assert "only the config" in str(told.value)


@pytest.mark.parametrize(
    ("shape", "chosen", "given"),
    [
        ("reviewed", "approve", {}),
        ("reviewed", "edit", {"arguments": {"to": "b@example.org", "subject": "no"}}),
        ("reviewed", "reject", {"text": "not now"}),
        ("answered_for", "respond", {"text": "I did it"}),
        ("reviewed_each", "approve", {}),
        ("reviewed_each", "edit", {"arguments": {"to": "b@example.org", "subject": "no"}}),
    ],
)
def test_langchains_review_of_tool_calls_takes_each_decision(
    play: Play, shared_engine: Engine, shape: str, chosen: str, given: Any
) -> None:
    asked = play(shape)
    (question,) = end_of(asked).pending
    review = review_of(question.value, question.schema)
    assert review is not None
    (action,) = review.actions
    assert chosen in action.allowed
    answers = {question.id: review.answer([review.decision(action, chosen, **given)])}
    run = finish(shared_engine.start(resume(asked, asked.request, answers=answers)))
    assert end_of(run).outcome == "completed", end_of(run).reason
    assert said(run) == "mail done"
    if chosen == "edit":
        assert "sent to b@example.org: no" in str(state_of(run))


def test_a_typed_question_is_answered(play: Play, shared_engine: Engine) -> None:
    asked = play("typed")
    (question,) = end_of(asked).pending
    run = finish(shared_engine.start(resume(asked, asked.request, answers={question.id: {"approved": True}})))
    assert "approved: True" in str(state_of(run))


def test_a_question_has_the_schema_of_its_answer(play: Play) -> None:
    (question,) = end_of(play("typed")).pending
    assert question.schema is not None
    assert question.schema["properties"].keys() == {"approved", "note"}
    (review,) = end_of(play("reviewed_each")).pending
    assert review.schema is not None


def test_the_functional_api_asks_and_ends(play: Play, shared_engine: Engine) -> None:
    asked = play("essay", {"topic": "bees"})
    (question,) = end_of(asked).pending
    run = finish(shared_engine.start(resume(asked, asked.request, answers={question.id: True})))
    assert state_of(run)["approved"] is True
