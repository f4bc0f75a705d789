"""Pages with several runs of which one does not complete: each run's own state is shown, and no figure hides it."""

from collections.abc import Callable
from itertools import count
from typing import Any, get_args

import pytest
from streamlit.testing.v1 import AppTest

from streaming.core.events import Status
from streaming.core.run import Run
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.services import get_services
from tests.support.app_test import metrics, opened, runs_in, texts

STATES = get_args(Status)
QUICK_WAITS = {"wait_streaming": "0", "wait_langgraph": "50", "wait_ux": "0"}
FAST = {"model_1": "Scripted: fast GPU", "model_2": "Scripted: fast GPU"}


def fail(_run: Run) -> None:
    raise RuntimeError("the model broke")


def disturb(monkeypatch: pytest.MonkeyPatch, act: Callable[[Run], None], *, call: int) -> None:
    """Act on the run that executes at this model call, which is counted from 1 over all runs of the page."""
    calls, schedule = count(1), ScriptedChatModel._schedule

    def disturbed(self: Any, *args: Any) -> Any:
        if next(calls) == call:
            runs = get_services().engine.registry.runs
            act(next(run for run in runs() if run.started and run.ended is None))
        return schedule(self, *args)

    monkeypatch.setattr(ScriptedChatModel, "_schedule", disturbed)


def badges(app: AppTest) -> str:
    """The states of the page's runs."""
    shown = [element.value for element in app.markdown if any(f"-badge[{state}]" in element.value for state in STATES)]
    return shown[0]


def test_async_compares_no_figures_with_those_of_a_run_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    disturb(monkeypatch, fail, call=2)
    app = opened("async", autorun="1", **QUICK_WAITS)
    # Both runs start at once, so either may make the second call.
    states = [run.status for run in runs_in(app)]
    assert sorted(states) == ["Completed", "Failed"]
    failed = states.index("Failed")
    assert badges(app).startswith(":red-badge[Failed] :gray-badge[1 of 2]")
    assert app.error[0].value.startswith(f"Run {failed + 1} of 2:")
    assert not {"Saved", "Ratio"} & set(metrics(app))
    assert f"{('Sequential', 'Concurrent (gather)')[failed]}: Failed" in texts(app)


def test_async_says_nothing_of_a_search_that_the_visitor_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("async", **QUICK_WAITS)

    def stop_both(*_: object) -> None:
        for run in get_services().engine.registry.runs():
            run.cancel()

    monkeypatch.setattr("graphs.retrieval.asearch_collection", stop_both)
    app.button(key="run").click().run()
    assert {run.status for run in runs_in(app)} == {"Cancelled"}
    assert not metrics(app)
    assert not app.warning, "no search gave up"
    assert "Sequential: Cancelled" in texts(app)


def test_subgraphs_name_the_state_of_each_run_beside_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    disturb(monkeypatch, fail, call=5)
    app = opened("subgraphs", autorun="1")
    table = app.dataframe[0].value.set_index("")
    assert list(table.loc["state"]) == [run.status for run in runs_in(app)]
    assert set(table.loc["state"]) == {"Completed", "Failed"}, "both run at the same time, and one of them is disturbed"
    assert "What is lost" not in texts(app) or "stay hidden" not in texts(app)
    assert badges(app).startswith(":red-badge[Failed]")


def test_subgraphs_name_a_run_that_was_stopped_after_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    disturb(monkeypatch, Run.drain, call=1)
    app = opened("subgraphs", autorun="1")
    assert [run.status for run in runs_in(app)] == ["Paused", "Completed"]
    assert list(app.dataframe[0].value.set_index("").loc["state"]) == ["Paused", "Completed"]
    assert app.info[0].value.startswith("Run 1 of 2:")


@pytest.mark.parametrize(("act", "state"), [(fail, "Failed"), (Run.cancel, "Cancelled")])
def test_events_say_why_nothing_is_compared(
    act: Callable[[Run], None], state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    disturb(monkeypatch, act, call=2)
    app = opened("events", autorun="1")
    assert not app.exception
    assert not app.dataframe
    assert f"events v2: {state}" in texts(app)
    assert f"-badge[{state}]" in badges(app)


def test_a_race_gives_no_times_of_a_lane_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    disturb(monkeypatch, fail, call=1)
    app = opened("race", autorun="1", **FAST)
    table = app.dataframe[0].value
    failed = list(table["outcome"]).index("Failed")
    assert list(table["outcome"]).count("Completed") == 1
    assert table["first text"][failed] == table["end"][failed] == "–"
    (multiples,) = [name for name in table if name.startswith("first ×")]
    assert table[multiples][failed] == "–"
    assert ":green-badge[Finished]" not in texts(app)
    assert app.error[0].value.startswith(f"Run {failed + 1} of 2:")


@pytest.mark.parametrize(("act", "state"), [(fail, "Failed"), (Run.cancel, "Cancelled")])
def test_conditional_says_that_the_answer_did_not_come(
    act: Callable[[Run], None], state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    disturb(monkeypatch, act, call=1)
    app = opened("conditional", autorun="1")
    assert not app.exception
    assert f"No answer: the run ended as {state}." in texts(app)
    assert f"-badge[{state}]" in badges(app)
