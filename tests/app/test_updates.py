"""The page of `updates` as a script."""

import json

import pytest

from graphs import GRAPHS
from streaming.core.events import Updates
from streaming.live.previews import FIELD
from tests.support.app_test import assert_completed, events_in, in_url, mounts, opened, runs_in


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_the_updates_of_every_graph_are_drawn_by_the_player(graph: str) -> None:
    app = opened("updates", graph=graph, autorun="1")
    assert_completed(app)
    assert [node for event in events_in(app, Updates) for node in event.deltas]
    found = mounts(app)
    assert {"figures", "diagram", "updates", "raw"} <= set(found)
    assert all(mount["runs"] == [run.id for run in runs_in(app)] for mount in found.values())


def test_a_field_that_is_too_long_for_the_live_view_can_be_read_as_a_whole() -> None:
    app = opened("updates", graph="chat", autorun="1", tokens="1500")
    whole = app.selectbox(key=f"whole.{in_url(app, 'run')}")
    (name,) = whole.options
    assert name.endswith(": messages")
    whole.select(name).run()
    (answer,) = json.loads(app.json[0].value)
    assert len(answer["content"]) > FIELD
