"""The input of an entrypoint: a form from its annotation, and objects of its classes for what a form gives as JSON."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.run_panel.input_form.fields import field_of
from streaming.core.events import Values
from streaming.core.request import RunRequest
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.runtime.engine import Engine
from tests.support.graphs import end_of, events_of, finish
from tests.support.own_graphs.graphs_in_process import InProcess, in_process

FILE = Path(__file__).parents[3] / "support" / "own_graphs" / "entrypoints.py"


@pytest.fixture(scope="module")
def opened() -> Iterator[InProcess]:
    with in_process(FILE) as graphs:
        yield graphs


@pytest.mark.parametrize("name", ["typed", "quoted"])
def test_a_typed_dict_of_typing_has_a_form(opened: InProcess, name: str) -> None:
    schema = opened.open(name).description.input_schema
    assert {part.name: (part.kind, part.required) for part in field_of(schema).children} == {
        "name": ("text", True),
        "words": ("whole", False),
    }


def test_one_inside_of_another_has_a_form_and_one_that_holds_itself_ends_as_json(opened: InProcess) -> None:
    kinds = {part.name: part.kind for part in field_of(opened.open("nested").description.input_schema).children}
    assert kinds == {"topics": "table", "first": "object", "parts": "json"}


def test_a_class_that_no_json_describes_says_so(opened: InProcess) -> None:
    field = field_of(opened.open("boxed").description.input_schema)
    assert (field.kind, field.help) == ("json", "No form can be made of Box: it is given as JSON.")


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("typed", {"name": "bees"}, "bees"),
        ("quoted", {"name": "bees"}, "bees"),
        ("nested", {"topics": [{"name": "bees"}], "first": None, "parts": []}, "bees"),
        ("model", {"item": "honey"}, "1 honey"),
        ("models", [{"item": "honey"}, {"item": "wax"}], "honey, wax"),
        ("letter", {"to": "Ada"}, "Ada"),
        ("plain", {"name": "bees", "more": 1}, "bees"),
    ],
)
def test_values_of_a_form_become_what_the_function_expects(
    opened: InProcess, engine: Engine, name: str, given: Any, said: str
) -> None:
    run = finish(engine.start(RunRequest(graph=opened.open(name), model=OWN_MODEL, input=given, modes=("values",))))
    assert end_of(run).outcome == "completed", end_of(run).reason
    assert events_of(run, Values)[-1].state == said


@pytest.mark.parametrize("fields", [{"prompt": "bees"}, {"input": [{"type": "human", "content": "bees"}]}])
def test_a_list_of_messages_is_filled_by_the_prompt_or_a_form(
    opened: InProcess, engine: Engine, fields: dict[str, Any]
) -> None:
    run = finish(engine.start(RunRequest(graph=opened.open("messages"), model=OWN_MODEL, modes=("values",), **fields)))
    assert end_of(run).outcome == "completed", end_of(run).reason
    assert "You said: bees" in str(events_of(run, Values)[-1].state)


def test_a_value_that_does_not_fit_is_refused_with_its_field(opened: InProcess, engine: Engine) -> None:
    request = RunRequest(graph=opened.open("model"), model=OWN_MODEL, input={"count": "many"}, modes=("values",))
    ended = end_of(finish(engine.start(request)))
    assert ended.outcome == "failed"
    assert ended.reason == (
        "The input does not fit Order: item: Field required; "
        "count: Input should be a valid integer, unable to parse string as an integer."
    )
