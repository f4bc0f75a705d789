"""The page of `tasks` as a script."""

import pytest

from graphs import GRAPHS
from streaming.core.events import TaskStarted
from tests.support.app_test import assert_completed, events_in, html_texts, opened


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_every_node_of_every_graph_has_its_span(graph: str) -> None:
    app = opened("tasks", graph=graph, autorun="1")
    assert_completed(app)
    started = events_in(app, TaskStarted)
    assert started
    assert f"Timeline of {len(started)} node runs" in html_texts(app)
    assert all(task.node in html_texts(app) for task in started)
