"""The page of `debug` as a script."""

import pytest

from graphs import GRAPHS
from streaming.core.events import Debug
from tests.support.app_test import assert_completed, events_in, opened


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_every_entry_of_the_trace_of_every_graph_is_shown(graph: str) -> None:
    app = opened("debug", graph=graph, autorun="1")
    assert_completed(app)
    shown = [expander.label for expander in app.expander if expander.label.startswith("**")]
    kinds = [label.split("**")[1].replace("\\", "") for label in shown]
    assert kinds == [event.type for event in events_in(app, Debug)]
    assert {"checkpoint", "task", "task_result"} == {event.type for event in events_in(app, Debug)}


def test_the_trace_can_be_filtered() -> None:
    app = opened("debug", autorun="1")
    everything = len(app.expander)
    app.button_group(key="trace_filter.kind").set_value(["task"]).run()
    assert 0 < len(app.expander) < everything
