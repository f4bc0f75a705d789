"""The page of `checkpoints` as a script: the chain and time travel."""

import pytest

from graphs import GRAPHS
from streaming.core.events import CheckpointSaved
from streaming.services import get_services
from tests.support.app_test import assert_completed, events_in, mounts, opened, programs, reveals, run_in, runs_in


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_the_checkpoints_of_every_graph_are_drawn_by_the_player(graph: str) -> None:
    app = opened("checkpoints", graph=graph, autorun="1")
    assert_completed(app)
    assert len([saved for saved in events_in(app, CheckpointSaved) if not saved.ns]) >= 3
    found = mounts(app)
    assert {"figures", "diagram", "checkpoints", "tokens", "raw"} <= set(found)
    assert all(mount["runs"] == [run.id for run in runs_in(app)] for mount in found.values())


def test_time_travel_waits_for_the_end_of_the_run() -> None:
    app = opened("checkpoints")
    assert app.button(key="resume").disabled
    app.button(key="run").click().run()
    assert_completed(app)
    assert not app.button(key="resume").disabled


def test_time_travel_resumes_from_a_checkpoint_with_another_value() -> None:
    app = opened("checkpoints", autorun="1")
    first = app.query_params["run"]
    field = next(area for area in app.text_area if area.label == "New value")
    field.set_value("Penguins").run()
    app.button(key="resume").click().run()
    assert_completed(app)
    assert app.query_params["run"] != first
    chain = mounts(app)["checkpoints"]["settings"]["earlier"]
    assert [saved["step"] for saved in chain] == [-1, 0, 1, 2], "the old branch stays in the tree"
    assert {"target": "checkpoints", "once": run_in(app)}.items() <= reveals(app)[0].items()
    resumed = [saved.values for saved in events_in(app, CheckpointSaved)]
    assert {values["topic"] for values in resumed if "topic" in values} == {"Penguins"}
    assert "aupdate_state(saved.config, {'topic': 'Penguins'})" in programs(app)[1]


def test_a_node_without_an_answer_of_its_own_also_counts_as_one_that_ran_before_the_fork() -> None:
    app = opened("checkpoints", graph="report", autorun="1")
    app.button(key="resume").click().run()
    assert_completed(app)
    assert mounts(app)["diagram"]["settings"]["earlier"] == ["check", "gather", "plan", "write"]


def test_time_travel_changes_the_last_message_of_a_chat() -> None:
    app = opened("checkpoints", graph="chat", prompt="Ice cream", autorun="1")
    field = next(area for area in app.text_area if area.label == "New value")
    assert field.value == "Ice cream"
    field.set_value("Penguins").run()
    app.button(key="resume").click().run()
    assert_completed(app)
    run = get_services().engine.get(run_in(app))
    assert run is not None
    thread = get_services().engine.thread(GRAPHS["chat"], run.thread_id)
    assert thread is not None
    assert [message["type"] for message in thread.values["messages"]] == ["human", "ai"]
    assert thread.values["messages"][0]["content"] == "Penguins"
