"""The page of `custom` as a script."""

import pytest

from graphs import WITH_PROGRESS
from streaming.core.events import Custom
from tests.support.app_test import assert_completed, events_in, opened, texts


@pytest.mark.parametrize("graph", list(WITH_PROGRESS))
def test_every_report_of_every_graph_is_shown(graph: str) -> None:
    app = opened("custom", graph=graph, autorun="1")
    assert_completed(app)
    reports = events_in(app, Custom)
    assert reports
    assert texts(app).count(":orange-badge[custom] **") == len(reports)
