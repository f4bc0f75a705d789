"""The page of `custom` as a script."""

import pytest

from graphs import WITH_PROGRESS
from streaming.core.events import Custom
from tests.support.app_test import assert_completed, events_in, mounts, opened, runs_in


@pytest.mark.parametrize("graph", list(WITH_PROGRESS))
def test_the_progress_of_every_graph_is_drawn_by_the_player(graph: str) -> None:
    app = opened("custom", graph=graph, autorun="1")
    assert_completed(app)
    assert events_in(app, Custom)
    found = mounts(app)
    assert {"figures", "diagram", "progress", "raw"} <= set(found)
    assert all(mount["runs"] == [run.id for run in runs_in(app)] for mount in found.values())
