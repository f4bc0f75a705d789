"""The page of `updates` as a script."""

import pytest

from components.shell.format import escape_markdown
from graphs import GRAPHS
from streaming.core.events import Updates
from tests.support.app_test import assert_completed, events_in, opened


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_every_update_of_every_graph_has_its_card(graph: str) -> None:
    app = opened("updates", graph=graph, autorun="1")
    assert_completed(app)
    nodes = [node for event in events_in(app, Updates) for node in event.deltas]
    cards = [element.value for element in app.markdown if " changed " in element.value]
    assert len(nodes) >= 1
    assert [f"**{escape_markdown(node)}** changed" in card for node, card in zip(nodes, cards, strict=True)] == [
        True
    ] * len(nodes)
