"""A factory that makes its graph of configurable values only: it is served before anything is known of its graph."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from streaming.core.errors import InputError
from streaming.http.start_run import StartRun, request_of
from streaming.own_graphs.worker.factories import takes_config
from streaming.own_graphs.worker.troubles import NotAGraph, why_without_values
from tests.support.graphs import end_of, finish
from tests.support.services import Configure

OF_A_USER = """
from typing import TypedDict
from langgraph.graph import START, StateGraph

class State(TypedDict, total=False):
    topic: str
    out: str

def make(config):
    values = config["configurable"]
    user = values["user_id"]
    return StateGraph(State).add_node("work", lambda _: {"out": user}).add_edge(START, "work")
"""
NOTHING: Mapping[str, Any] = {"configurable": {}}


def test_it_runs_with_its_values_and_is_described_after_that(configure: Configure, tmp_path: Path) -> None:
    file = tmp_path / "theirs.py"
    file.write_text(OF_A_USER)
    services = configure(graph=f"{file}:make")
    [graph] = services.own_graphs.graphs()
    services.graphs.load_by(lambda: [graph])
    assert graph.trouble == ""
    assert graph.description.unknown.startswith("The factory needs “user_id” among the configurable values.")
    with pytest.raises(InputError, match="no field for a prompt"):
        graph.to_input("bees")

    def run(**configurable: Any) -> Any:
        start = StartRun(graph=graph.name, input={"topic": "bees"}, configurable=configurable)
        return finish(services.engine.start(request_of(start, services)))

    failed = end_of(run())
    assert "KeyError: 'user_id'" in failed.reason
    assert failed.advice == "Give 'user_id' as a configurable value: the factory reads it from its config."
    assert graph.process.load().description.unknown, "no graph was made yet"
    for user in ("ada", "ben"):
        done = run(user_id=user)
        assert end_of(done).outcome == "completed", end_of(done).reason
        assert f"'out': '{user}'" in str(done.events)
    about = graph.process.load().description
    assert (about.unknown, about.node_names, about.made_by) == ("", ["work"], "(config=CONFIG).compile()")
    assert set(about.input_schema["properties"]) == {"topic", "out"}
    assert "'user_id'" in end_of(run()).advice


def by_index(config: Any) -> Any:
    return config["configurable"]["user_id"]


def by_a_name(config: Any) -> Any:
    values = config["configurable"]
    return values["user_id"]


def in_a_helper(config: Any) -> Any:
    return _user_of(config["configurable"])


def _user_of(values: Any) -> Any:
    return values["user_id"]


@pytest.mark.parametrize("factory", [by_index, by_a_name, in_a_helper])
def test_the_value_that_a_factory_misses_is_named(factory: Callable[[Any], Any]) -> None:
    with pytest.raises(KeyError) as raised:
        factory(NOTHING)
    assert why_without_values(raised.value, []).startswith("The factory needs “user_id” among the configurable values.")


def of_another_dict(config: Any) -> Any:
    models = {"small": config["configurable"]}
    return models["large"]


def by_its_own_check(config: Any) -> Any:
    if not config["configurable"].get("user_id"):
        raise ValueError("no user")


@pytest.mark.parametrize(
    ("factory", "said"), [(of_another_dict, "KeyError: 'large'."), (by_its_own_check, "ValueError: no user.")]
)
def test_another_error_is_told_as_it_is_and_the_values_are_only_supposed(
    factory: Callable[[Any], Any], said: str
) -> None:
    with pytest.raises((KeyError, ValueError)) as raised:
        factory(NOTHING)
    why = why_without_values(raised.value, [])
    assert why.startswith(f"{said} The factory got no configurable values.")


@pytest.mark.parametrize(
    "error",
    [
        NotAGraph("make returned None: no graph."),
        ModuleNotFoundError("No module named 'prompts'", name="prompts"),
        KeyError("OPENAI_API_KEY"),
        ValueError("Did not find openai_api_key"),
    ],
)
def test_what_no_value_cures_is_no_lack_of_values(error: Exception) -> None:
    assert why_without_values(error, []) == ""


def test_only_a_factory_that_gets_the_config_may_need_its_values() -> None:
    assert takes_config(by_index)
    assert not takes_config(lambda: None)
    assert not takes_config(lambda runtime: None)
