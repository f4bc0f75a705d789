"""The page of `tasks` as a script."""

import json

import pytest

from graphs import GRAPHS
from streaming.core.events import TaskStarted
from tests.support.app_test import assert_completed, events_in, mounts, opened, runs_in


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_the_spans_of_every_graph_are_drawn_by_the_player_and_after_the_end_as_a_chart(graph: str) -> None:
    app = opened("tasks", graph=graph, autorun="1")
    assert_completed(app)
    started = events_in(app, TaskStarted)
    assert started
    found = mounts(app)
    assert {"figures", "diagram", "timeline", "tasks", "raw"} <= set(found)
    assert all(mount["runs"] == [run.id for run in runs_in(app)] for mount in found.values())
    assert found["timeline"]["settings"]["lanes"] == [], "spans only"
    (chart,) = app.get("vega_lite_chart")
    assert json.loads(chart.proto.spec)["height"] == 36 * len(started) + 110
