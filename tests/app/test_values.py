"""The page of `values` as a script."""

import pytest

from components.shell.format import escape_markdown
from graphs import GRAPHS
from streaming.core.events import Values
from tests.support.app_test import assert_completed, events_in, opened, texts


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_the_last_state_of_every_graph_is_shown(graph: str) -> None:
    app = opened("values", graph=graph, autorun="1")
    assert_completed(app)
    state = [event.state for event in events_in(app, Values) if not event.ns][-1]
    assert state
    assert all(f"**{escape_markdown(name)}** :" in texts(app) for name in state)
    assert all(value in texts(app) for value in state.values() if isinstance(value, str))


def test_the_slider_goes_back_to_an_earlier_superstep() -> None:
    app = opened("values", autorun="1")
    slider = next(widget for widget in app.select_slider if widget.label == "Superstep")
    slider.set_value(0).run()
    assert not app.exception
    assert "Superstep 0" in texts(app)
    assert ":green-badge[changed]" in texts(app)


def test_the_slider_of_the_next_run_begins_at_its_last_superstep() -> None:
    app = opened("values", autorun="1")
    next(widget for widget in app.select_slider if widget.label == "Superstep").set_value(0).run()
    app.button(key="run").click().run()
    slider = next(widget for widget in app.select_slider if widget.label == "Superstep")
    assert slider.value == int(slider.options[-1])
