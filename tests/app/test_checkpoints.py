"""The page of `checkpoints` as a script: the chain and time travel."""

import pytest

from graphs import GRAPHS
from streaming.core.events import CheckpointSaved
from streaming.services import get_services
from tests.support.app_test import assert_completed, events_in, opened, run_in, texts


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_every_checkpoint_of_every_graph_has_its_card(graph: str) -> None:
    app = opened("checkpoints", graph=graph, autorun="1")
    assert_completed(app)
    steps = [saved.step for saved in events_in(app, CheckpointSaved) if not saved.ns]
    assert len(steps) >= 3
    assert all(f":gray-badge[checkpoints] **step {step}**" in texts(app) for step in steps)


def test_time_travel_resumes_from_a_checkpoint_with_another_value() -> None:
    app = opened("checkpoints", autorun="1")
    first = app.query_params["run"]
    field = next(area for area in app.text_area if area.label == "New value")
    field.set_value("Penguins").run()
    app.button(key="resume").click().run()
    assert_completed(app)
    assert app.query_params["run"] != first
    assert "Penguins" in texts(app)
    assert "aupdate_state(saved.config, {'topic': 'Penguins'})" in app.code[0].value


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
