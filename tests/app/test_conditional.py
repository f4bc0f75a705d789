"""The page about conditional streaming as a script."""

from typing import Any

import pytest

from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.rendering.markdown_safety import safe_markdown
from tests.support.app_test import assert_completed, mounts, opened, runs_in


@pytest.mark.parametrize("graph", ["briefing", "research"])
def test_the_phone_gets_a_fraction(graph: str) -> None:
    app = opened("conditional", autorun="1", graph=graph)
    assert_completed(app)
    sent = [caption.value for caption in app.caption if caption.value.startswith("Sent: **")]
    shares = [int(line.split("(")[1].split("%")[0]) for line in sent]
    assert shares[0] < 10
    assert shares[2] == 100
    (run,) = runs_in(app)
    last = apply_all(Messages(), run.events).answers()[-1]
    assert [element.value for element in app.markdown].count(safe_markdown(last.text)) == 1, "the whole answer"


def test_the_player_draws_for_reader_and_developer() -> None:
    app = opened("conditional", autorun="1")
    assert_completed(app)
    (run,) = runs_in(app)
    found = mounts(app)
    assert {"figures", "progress", "tables", "tokens", "timeline", "kinds", "raw"} <= set(found)
    assert all(mount["runs"] == [run.id] for mount in found.values())
    assert found["tables"]["settings"]["tag"] == "data"
    assert found["tokens"]["settings"]["without"] == ["data"], "the table shows it"
    assert found["tokens"]["expected"] == [], "the run's first text is the table's: no countdown to this one"


@pytest.mark.parametrize(
    ("chosen", "settings"),
    [
        ({}, {"nodes": None, "tags": ["answer", "data", "draft"], "graphs": None}),
        ({"nodes": ["read"]}, {"nodes": ["read"], "graphs": None}),
        ({"namespaces": ["(graph)"]}, {"nodes": None, "graphs": [""]}),
        ({"namespaces": ["read › digest"]}, {"nodes": None, "graphs": ["read › digest"]}),
    ],
)
def test_the_filter_of_the_reader_reaches_the_player(chosen: dict[str, list[str]], settings: dict[str, Any]) -> None:
    app = opened("conditional", graph="research", **chosen)
    found = mounts(app)
    for panel in ("tables", "tokens"):
        assert settings.items() <= found[panel]["settings"].items()
    assert found["progress"]["settings"]["graphs"] == settings["graphs"]


def test_without_tags_the_reader_gets_no_token() -> None:
    app = opened("conditional", graph="research")
    app.button_group(key="tags").set_value([]).run()
    assert mounts(app)["tokens"]["settings"]["tags"] == []
