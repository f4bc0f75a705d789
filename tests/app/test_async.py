"""The page about async nodes as a script."""

import pytest

from tests.support.app_test import assert_completed, metrics, mounts, opened, runs_in, texts


def seconds(text: str) -> float:
    """The value of a time as it is shown: `750 ms`, `1.2 s`."""
    value, unit = text.split()
    return float(value) / {"ms": 1000, "s": 1}[unit]


def test_runs_both_orders_and_shows_what_was_saved() -> None:
    # Long waits: what a busy machine adds to the concurrent ones must stay below the two that they save.
    app = opened("async", autorun="1", wait_streaming="400", wait_langgraph="500", wait_ux="500")
    assert_completed(app)
    shown = metrics(app)
    assert shown["Saved"].endswith("ms")
    assert float(shown["Ratio"].removesuffix("×")) > 1
    sequential, concurrent = (seconds(shown[name]) for name in ("Sequential", "Concurrent (gather)"))
    assert seconds(shown["Saved"]) == pytest.approx(sequential - concurrent, abs=0.02)
    assert float(shown["Ratio"].removesuffix("×")) == pytest.approx(sequential / concurrent, abs=0.1)
    assert len(app.get("vega_lite_chart")) == 1


def test_both_orders_run_at_the_same_time() -> None:
    app = opened("async", autorun="1", wait_streaming="300", wait_langgraph="300", wait_ux="300")
    assert_completed(app)
    first, second = ({entry.event.kind: entry.t for entry in run.events} for run in runs_in(app))
    assert second["started"] < first["ended"]


def test_both_runs_are_drawn_side_by_side_by_one_player_which_has_one_time_axis() -> None:
    app = opened("async", autorun="1", wait_streaming="100", wait_langgraph="150", wait_ux="200")
    lanes = mounts(app)["timeline"]
    assert lanes["runs"] == [run.id for run in runs_in(app)]
    assert lanes["labels"] == ["Sequential", "Concurrent (gather)"]
    assert "tokens" in [panel["panel"] for panel in lanes["panels"] if isinstance(panel, dict)]


def test_times_that_are_too_short_give_no_ratio() -> None:
    app = opened("async", autorun="1", wait_streaming="0", wait_langgraph="0", wait_ux="0")
    assert_completed(app)
    assert metrics(app)["Ratio"] == "–"


@pytest.mark.parametrize("fault", ["fail", "hang"])
def test_shows_the_broken_collection_and_answers_without_it(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if fault == "hang":
        monkeypatch.setattr("graphs.retrieval.TIMEOUT_S", 2.0)  # the others may take a second on a busy machine
    app = opened("async", autorun="1", broken="ux", fault=fault, wait_streaming="0", wait_langgraph="0", wait_ux="50")
    assert_completed(app)
    assert [("ux" in warning.value) for warning in app.warning] == [True, True]
    assert texts(app).count("Without the collection ux") == 2
    assert ("timeout for “ux”" in texts(app)) == (fault == "hang")


def test_measures_what_blocks_what() -> None:
    app = opened("async")
    app.button(key="measure_blocking").click().run()
    assert not app.exception
    table = app.dataframe[-1].value
    assert list(table["way"]) == ["stream, on the event loop", "stream, in a thread", "astream"]


def test_the_first_countdown_counts_the_waits_before_the_model_too() -> None:
    app = opened("async", autorun="1", ttft_ms="500", wait_streaming="100", wait_langgraph="200", wait_ux="300")
    expected = [one["seconds"] for one in mounts(app)["tokens"]["expected"]]
    assert expected == pytest.approx([1.1, 0.8])
