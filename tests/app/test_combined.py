"""The combined page as a script."""

from contextlib import nullcontext

import pytest
from streamlit.testing.v1 import AppTest

from components.charts import latency
from components.shell.session import PastRun
from graphs import GRAPHS, WITH_PROGRESS
from streaming.core.events import Custom
from streaming.services import Services, installed
from tests.support.app_test import (
    assert_completed,
    assert_spoken,
    events_in,
    in_url,
    mounts,
    opened,
    run_in,
    runs_in,
    shared_links,
    texts,
)


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


def links(app: AppTest) -> dict[str, str]:
    return {link.proto.label: link.proto.page for link in app.get("page_link")}


def test_the_charts_compare_models_and_graphs_and_lead_to_what_compares_flush_strategies() -> None:
    app = opened("combined", autorun="1")
    assert "Run again with another model or graph" in texts(app)
    assert links(app)["Flush strategies: compare on Messages"] == "messages"


def compared(app: AppTest) -> list[tuple[str, int, str, str, float | None]]:
    past: list[PastRun] = list(app.session_state["session.history"].values())
    return [(run.run_id, run.number, run.model, run.flush, run.ttft_s) for run in past]


@pytest.mark.parametrize("restarted", [False, True])
def test_a_reload_keeps_the_runs_that_are_compared(restarted: bool, services: Services) -> None:
    app = opened("combined", autorun="1", flush="every N ms")
    app.selectbox(key="flush").set_value("direct")
    app.button(key="run").click().run()
    before = compared(app)
    assert [flush for _, _, _, flush, _ in before] == ["every 50 ms", "direct"]
    named = in_url(app, "compared")
    assert named == ".".join(run_id for run_id, *_ in before)
    assert all("compared" not in link for link in shared_links(app)), "a link to one run names no other"
    services.run_writer.close()
    with installed(Services(services.settings)) if restarted else nullcontext():
        again = opened("combined", run=run_in(app), compared=named)
        assert compared(again) == before
        assert len(again.get("vega_lite_chart")) == 2


def test_a_link_that_names_what_is_no_run_of_this_server_compares_nothing() -> None:
    app = opened("combined", compared="gone..%27.gone")
    assert not app.exception
    assert not app.get("vega_lite_chart")


def test_a_script_run_draws_the_charts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []
    monkeypatch.setattr(latency, "latency_charts", lambda _parent, runs: drawn.append(runs))
    app = opened("combined")
    drawn.clear()
    app.run()
    assert len(drawn) == 1
