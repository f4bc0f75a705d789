"""The combined page as a script."""

import pytest

from graphs import GRAPHS, WITH_PROGRESS
from streaming.core.events import Custom, TaskStarted
from tests.support.app_test import assert_completed, assert_spoken, events_in, html_texts, opened, texts


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_all_four_panels_show_every_graph(graph: str) -> None:
    app = opened("combined", graph=graph, autorun="1")
    assert_completed(app)
    assert_spoken(app)
    assert all(task.node in html_texts(app) for task in events_in(app, TaskStarted))
    assert texts(app).count(":orange-badge[custom] **") == len(events_in(app, Custom))
    assert bool(events_in(app, Custom)) is (graph in WITH_PROGRESS)
    assert app.get("vega_lite_chart")


def test_the_latency_charts_show_every_run_of_the_session() -> None:
    app = opened("combined", autorun="1")
    app.button(key="run").click().run()
    assert_completed(app)
    assert [run.number for run in app.session_state["session.history"].values()] == [1, 2]
    assert len(app.get("vega_lite_chart")) == 2
