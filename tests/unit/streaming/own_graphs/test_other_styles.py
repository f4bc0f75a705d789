"""Graphs in other people's styles: each loads unchanged, runs by every API, and is shown, stored and sent."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from streaming.cli.live_view import LiveView
from streaming.core.events import MODES, Custom, Token, Updates, Values
from streaming.core.limits import Limits
from streaming.core.request import APIS, Api, RunRequest
from streaming.core.run import Run
from streaming.live.patches import VIEWS
from streaming.live.view import patches_of
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.recordings.format import dump_recording, load_recording, recording_of
from streaming.runtime.engine import Engine
from streaming.runtime.run_diagnosis import diagnose_run
from streaming.runtime.thread_moves import resume
from streaming.wires.catalogue import WIRES
from tests.support.graphs import end_of, events_of, finish
from tests.support.own_graphs.graphs_in_process import InProcess, in_process
from tests.support.wire_logs import streamed

STYLES = Path(__file__).parents[3] / "support" / "own_graphs" / "other_styles.py"
BEES = {"messages": [{"type": "human", "content": "bees"}]}
GIVEN: dict[str, Any] = {
    "cached": {"number": 1},
    "retrying": {"topic": "bees"},
    "deferred": {"topic": "bees", "parts": []},
    "supervisor": BEES,
    "planning": {"objective": "a cake"},
    "rag": BEES,
    "workflow": {"topics": ["a", "b"]},
    "asking": {"topic": "bees"},
    "managed": BEES,
    "agent": BEES,
    "schemas": {"query": "bees"},
}
ASKS = ("workflow", "asking")
Play = Callable[..., Run]


@pytest.fixture(scope="module")
def styles() -> Iterator[InProcess]:
    with in_process(STYLES) as opened:
        yield opened


@pytest.fixture
def play(styles: InProcess, engine: Engine) -> Play:
    def run(style: str, given: Any = None, **fields: Any) -> Run:
        request = RunRequest(
            graph=styles.open(style),
            model=OWN_MODEL,
            input=given or GIVEN[style],
            modes=MODES,
            limits=Limits(runs_per_minute=None),
            **fields,
        )
        return finish(engine.start(request))

    return run


def state_of(run: Run) -> Any:
    return [event.state for event in events_of(run, Values) if not event.ns][-1]


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("style", GIVEN)
def test_a_style_runs_by_every_api_and_is_drawn_stored_and_sent(play: Play, style: str, api: Api) -> None:
    run = play(style, api=api)
    assert end_of(run).outcome == ("interrupted" if style in ASKS else "completed"), end_of(run).reason
    assert load_recording(dump_recording(recording_of(run))).events == run.events
    assert list(patches_of(run.events, views=VIEWS))
    assert all(streamed(wire, run.events) for wire in WIRES)
    view = LiveView(Console(file=io.StringIO()))
    for entry in run.events:
        view.apply(entry)
    if style != "agent":  # its structured output comes whole, as is said
        assert diagnose_run(run) == []


def test_what_they_make_is_in_the_log(play: Play) -> None:
    assert state_of(play("deferred"))["parts"][-1] == "joined 3"
    assert state_of(play("retrying"))["tries"] % 3 == 0
    assert state_of(play("planning"))["past"] == [["search", "done"], ["write", "done"]]
    assert state_of(play("rag"))["docs"][0]["page_content"] in ("Bees dance", "Ants dig")
    assert [one["content"] for one in state_of(play("managed"))["messages"]] == ["Only this is left"]
    assert state_of(play("agent"))["structured_response"] == {"city": "Bern", "degrees": 21.0}
    assert "A poem about bees" in "".join(event.text for event in events_of(play("supervisor"), Token))
    looked = [event.data for event in events_of(play("agent"), Custom)]
    assert looked == [{"looking": "Bern", "for": "ada"}]


def test_a_cached_node_is_said_to_be_cached_the_second_time(styles: InProcess, engine: Engine) -> None:
    request = RunRequest(graph=styles.open("cached"), model=OWN_MODEL, input={"number": 21}, modes=MODES)
    first, second = (events_of(finish(engine.start(request)), Updates) for _ in range(2))
    assert [event.cached for event in (*first, *second)] == [False, True]


def test_the_context_has_its_defaults_where_nothing_is_given(play: Play) -> None:
    for context, tone in ((None, "dry"), ({"tone": "warm"}, "warm")):
        updates = events_of(play("schemas", context=context), Updates)
        assert updates[-1].deltas["say"]["answer"] == f"{tone}3"


@pytest.mark.parametrize(
    ("style", "asked"),
    [
        ("workflow", [["Publish ['A', 'B']?"]]),
        ("asking", [["First?"], ["Second?"], ["Price of a?", "Price of b?"], []]),
    ],
)
def test_every_question_is_answered_in_its_turn(play: Play, engine: Engine, style: str, asked: list[Any]) -> None:
    run, found = play(style), []
    while end_of(run).outcome == "interrupted":
        values = [question.value for question in end_of(run).pending]
        found.append([one if isinstance(one, str) else one.get("question") or one["message"] for one in values])
        answers = {question.id: "yes" for question in end_of(run).pending}
        run = finish(engine.start(resume(run, run.request, answers=answers)))
    assert end_of(run).outcome == "completed", end_of(run).reason
    assert found == asked


def test_a_state_that_its_class_refuses_is_told_with_the_node_before_which(play: Play) -> None:
    end = end_of(play("planning", {"objective": "a cake that is so long that nobody could ever eat it"}))
    told = "Before “plan”, the class of its state raised ValidationError: objective: an objective has at most 40 chara"
    assert end.reason.startswith(told)
    assert end.advice == "Correct that field in the input, or in what an earlier node returns."


def test_a_field_that_may_be_left_out_has_its_choices(styles: InProcess) -> None:
    mode = styles.open("schemas").description.input_schema["properties"]["mode"]
    assert mode["enum"] == ["fast", "deep"]
