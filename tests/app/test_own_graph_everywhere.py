"""A graph that the developer brought, on every page: chosen, run to its end, and shown like those that come with it."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from streaming.config.settings import load_settings
from streaming.live.view import patches_of
from streaming.own_graphs.own_graphs import OwnGraphs
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.services import Services, installed
from tests.support.app_test import assert_completed, mounts, opened, runs_in, texts
from tests.support.own_graphs.talker import TEXT

FILE = Path(__file__).parents[1] / "support" / "own_graphs" / "talker.py"
TALKER, ASKING = "own-talker-graph", "own-asking"

PAGES = (
    *("messages", "values", "updates", "custom", "tasks", "checkpoints", "debug", "combined", "lanes", "wires"),
    *("events", "interrupts", "tools", "subgraphs", "parallel", "conditional"),
)
WITHOUT_TOKENS = ("values", "updates", "custom", "tasks", "debug")
WITH_DIAGRAM = (
    *("values", "updates", "custom", "tasks", "checkpoints", "debug", "combined", "interrupts", "tools", "subgraphs"),
    "parallel",
)


class SharedGraphs(OwnGraphs):
    """One process for each graph of all tests of this module: a start takes a second or two."""

    def close(self) -> None:
        """Stay: the next test uses them too."""


@pytest.fixture(scope="module")
def theirs() -> Iterator[SharedGraphs]:
    graphs = SharedGraphs(f"{FILE}:graph {FILE}:asking")
    yield graphs
    OwnGraphs.close(graphs)


@pytest.fixture(autouse=True)
def brought(services: Services, theirs: SharedGraphs) -> Iterator[Services]:
    with installed(Services(load_settings(), own_graphs=theirs)) as built:
        built.graphs.load_by(lambda: (*import_module("graphs").ALL, *theirs.known()))
        yield built


@pytest.mark.parametrize("page", PAGES)
def test_it_is_chosen_and_runs_to_its_end(page: str) -> None:
    app = opened(page, graph=TALKER, prompt="Hello fox", autorun="1")
    assert not app.exception
    assert "run" not in app.query_params, "no link starts a graph that may cost money"
    assert "it may cost money, so no link starts it" in texts(app)
    assert "Model" not in [box.label for box in app.selectbox]
    app.button(key="run").click().run()
    assert_completed(app)
    runs = runs_in(app)
    assert {run.request.graph.name for run in runs} == {TALKER}
    assert {run.request.model.provider for run in runs} == {"own"}
    run = runs[0]
    assert set(run.request.modes) - {"tools"} <= {entry.event.kind for entry in run.events}
    if page not in WITHOUT_TOKENS:
        assert TEXT in [message.text for message in apply_all(Messages(), run.events).answers()]
    drawn = [patch for _, patches in patches_of(run.events) for patch in patches]
    assert len(drawn) > len(runs)
    assert all(set(mount["runs"]) <= {run.id for run in runs} for mount in mounts(app).values())
    if page in WITH_DIAGRAM:
        assert mounts(app)["diagram"]["settings"]["nodes"] == ["__start__", "research", "answer", "__end__"]
