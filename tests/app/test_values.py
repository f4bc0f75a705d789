"""The page of `values` as a script."""

import pytest

from graphs import GRAPHS
from streaming.core.events import Values
from tests.support.app_test import assert_completed, events_in, in_url, mounts, opened, runs_in


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_the_states_of_every_graph_are_drawn_by_the_player(graph: str) -> None:
    app = opened("values", graph=graph, autorun="1")
    assert_completed(app)
    assert [event.state for event in events_in(app, Values) if not event.ns][-1]
    found = mounts(app)
    assert {"figures", "diagram", "states", "raw"} <= set(found)
    assert all(mount["runs"] == [run.id for run in runs_in(app)] for mount in found.values())


def test_a_field_that_is_too_long_for_the_live_view_can_be_read_as_a_whole() -> None:
    long = " ".join(["Penguins"] * 1_000)
    app = opened("values", autorun="1", prompt=long)
    whole = app.selectbox(key=f"whole.{in_url(app, 'run')}")
    assert whole.value is None, "nothing is shown until a field is chosen"
    whole.select(whole.options[0]).run()
    assert whole.options[0] == "Superstep 0: topic"
    assert long in [text.value for text in app.text]


def test_no_field_is_offered_where_the_live_view_shows_all() -> None:
    app = opened("values", autorun="1")
    assert_completed(app)
    assert "Long field" not in [widget.label for widget in app.selectbox]
