"""The page of `debug` as a script."""

import json

import pytest

from components.run_panel.panel import RunPanel
from graphs import GRAPHS
from streaming.core.events import Debug
from tests.support.app_test import assert_completed, events_in, in_url, mounts, opened, runs_in
from tests.support.graphs import finish


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_the_trace_of_every_graph_is_drawn_by_the_player_and_each_payload_can_be_read(graph: str) -> None:
    app = opened("debug", graph=graph, autorun="1")
    assert_completed(app)
    assert {"checkpoint", "task", "task_result"} == {event.type for event in events_in(app, Debug)}
    found = mounts(app)
    assert {"figures", "diagram", "trace", "raw"} <= set(found)
    assert all(mount["runs"] == [run.id for run in runs_in(app)] for mount in found.values())
    assert len(app.selectbox(key=f"payload.{in_url(app, 'run')}").options) == len(events_in(app, Debug))


def test_the_trace_can_be_filtered_by_kind_and_step() -> None:
    app = opened("debug", autorun="1")
    settings = mounts(app)["trace"]["settings"]
    assert (settings["types"], settings["steps"]) == (None, None)
    app.button_group(key="trace_filter.kind").set_value(["task"]).run()
    app.button_group(key="trace_filter.step").set_value([1]).run()
    settings = mounts(app)["trace"]["settings"]
    assert (settings["types"], settings["steps"]) == (["task"], [1])
    (entry,) = [event for event in events_in(app, Debug) if event.type == "task" and event.step == 1]
    payload = app.selectbox(key=f"payload.{in_url(app, 'run')}")
    assert len(payload.options) == 1
    payload.select(payload.options[0]).run()
    assert json.loads(app.json[0].value) == json.loads(json.dumps(entry.payload))


def test_the_kinds_can_be_chosen_before_the_first_run() -> None:
    app = opened("debug")
    app.button_group(key="trace_filter.kind").set_value(["task"]).run()
    assert mounts(app)["trace"]["settings"]["types"] == ["task"]
    assert app.selectbox(key="payload.").disabled


def test_a_run_that_ends_while_its_page_is_drawn_is_shown_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the script draws goes by one answer: a page that saw the run going leaves the end to the player."""
    draw_end = RunPanel.draw_end

    def draw_late(panel: RunPanel) -> None:
        for run in panel.runs:
            finish(run)
        draw_end(panel)

    monkeypatch.setattr(RunPanel, "draw_end", draw_late)
    app = opened("debug", autorun="1", ttft_ms="600")
    assert_completed(app)
    (run,) = runs_in(app)
    assert app.selectbox(key=f"payload.{run.id}").options
