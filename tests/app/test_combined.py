"""The combined page as a script."""

import pytest

from components.charts import latency
from graphs import GRAPHS, WITH_PROGRESS
from streaming.core.events import Custom
from tests.support.app_test import assert_completed, assert_spoken, events_in, mounts, opened, runs_in


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_all_four_panels_follow_the_run_of_every_graph(graph: str) -> None:
    app = opened("combined", graph=graph, autorun="1")
    assert_completed(app)
    (run,) = runs_in(app)
    found = mounts(app)
    assert {"figures", "tokens", "timeline", "progress", "raw"} <= set(found)
    assert all(mount["runs"] == [run.id] for mount in found.values())
    assert bool(events_in(app, Custom)) is (graph in WITH_PROGRESS)
    assert app.get("vega_lite_chart")


def test_a_strategy_of_streamlits_own_draws_the_text_from_the_script() -> None:
    app = opened("combined", flush="blocks", autorun="1")
    assert_completed(app)
    assert_spoken(app)
    assert "tokens" not in mounts(app)


def test_the_latency_charts_show_every_run_of_the_session() -> None:
    app = opened("combined", autorun="1")
    assert len(app.get("vega_lite_chart")) == 1, "where its time went; it has nothing to be compared with"
    app.button(key="run").click().run()
    assert_completed(app)
    assert [run.number for run in app.session_state["session.history"].values()] == [1, 2]
    assert len(app.get("vega_lite_chart")) == 2


def test_a_script_run_draws_the_charts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []
    monkeypatch.setattr(latency, "latency_charts", lambda _parent, runs: drawn.append(runs))
    app = opened("combined")
    drawn.clear()
    app.run()
    assert len(drawn) == 1
