"""/runs as a script: its figures against known runs, filters, downloads and empty states."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from components.features.report import html_report
from components.features.runs.table import csv_of, parquet_of, recordings_archive
from components.player.replay_mount import CHOICES, TOKENS
from components.shell.format import format_seconds
from streaming.analysis.gap_histogram import histogram_of
from streaming.core.events import Ended, Event, LogEntry, Outcome, Started, Token, status_of
from streaming.live.folding import empty_view, fold
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.recordings.format import Header, load_recording
from streaming.recordings.playable import patches_as_json
from streaming.services import Services, get_services
from streaming.storage.schema import runs
from tests.support.app_test import assert_completed, html_texts, opened, players, texts


def saved(page: str, **query: str) -> str:
    """The id of a stored run of this page."""
    app = opened(page, autorun="1", **query)
    assert_completed(app)
    get_services().run_writer.flush()
    return str(app.session_state["session.runs"][page])


def store_run(
    run_id: str,
    *,
    chunks: Sequence[float] = (),
    end: float,
    outcome: Outcome = "completed",
    created_at: float = 1000.0,
    model: str = "m",
    prompt: str = "",
    max_tokens: int = 512,
    resumes: str = "",
    api: str = "stream modes",
    **settings: str,
) -> None:
    """Store a run whose text chunks came at these seconds, and which ended at `end`."""
    token = Token(ns=(), message_id="m", node="n", role="ai", text="x")
    timed: list[tuple[float, Event]] = [(0.0, Started(thread_id="t")), *((t, token) for t in chunks)]
    timed.append((end, Ended(outcome=outcome)))
    events = [LogEntry(seq=seq, t=t, event=event) for seq, (t, event) in enumerate(timed)]
    collector = apply_all(MetricsCollector(), events)
    store = get_services().run_store
    header = Header(
        run_id=run_id,
        created_at="",
        graph="joke",
        provider="p",
        model=model,
        modes=("messages",),
        prompt=prompt,
        api=api,
        settings={"max_tokens": max_tokens, **settings},
    )
    request = {"resume": {"answers": {}}, "previous_run_id": resumes} if resumes else {}
    store.begin(run_id, header, owner="", created_at=created_at, request=request)
    store.append(run_id, 0, events, collector.metrics())
    ended, histogram = Ended(outcome=outcome), histogram_of(collector.gaps)
    store.end(run_id, status_of(ended), ended, ended_at=created_at + end, gap_histogram=histogram)


def metrics_of(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def figures_in(app: AppTest) -> list[list[str]]:
    """The names of the figures that each player shows."""
    panels = [panel for player in players(app) for panel in player["panels"]]
    return [panel["names"] for panel in panels if isinstance(panel, dict) and panel["panel"] == "figures"]


def frame(app: AppTest, column: str) -> pd.DataFrame:
    """The one table with this column."""
    (found,) = [element.value for element in app.dataframe if column in element.value]
    return found


def charted(app: AppTest, column: str) -> list[set[Any]]:
    """The values of this column in each chart that has it."""
    tables = [
        pa.ipc.open_stream(dataset.data.data).read_pandas()
        for chart in app.get("vega_lite_chart")
        for dataset in chart.proto.datasets
    ]
    return [set(table[column]) for table in tables if column in table]


def test_latency_figures_are_those_of_completed_runs() -> None:
    for number in range(5):
        store_run(f"completed-{number}", chunks=(4.0, 4.1), end=10.0)
        store_run(f"cancelled-{number}", chunks=(1.0, 1.1), end=1.5, outcome="cancelled")
    store_run("failed", chunks=(1.0, 1.1), end=1.5, outcome="failed")
    app = opened("runs")
    assert "the events of the newest 2,000 too, for *Replay*" in texts(app)
    assert "the events of the newest 50 of them" in texts(app), "less than the CSV has"
    (cause, *_) = frame(app, "cause").to_dict("records")
    assert (cause["what happened"], cause["cause"]) == ("somebody stopped it", "Cancelled")
    assert not app.exception
    shown = metrics_of(app)
    assert (shown["Runs"], shown["Failed"], shown["Cancelled"]) == ("11", "1", "5")
    assert (shown["Median TTFT"], shown["Median E2E"]) == ("4.00 s", "10.0 s")
    (row,) = frame(app, "gaps").to_dict("records")
    assert row["runs"] == 5
    assert (row["E2E latency (s) p50"], row["TTFT (s) p50"]) == (10.0, 4.0)
    scatter, *others = charted(app, "ttft_s")
    assert scatter == {1.0, 4.0}, "the scatter shows every run, with its status"
    assert len(others) >= 4
    assert all(values == {4.0} for values in others)
    (counts,) = frame(app, "Completed").to_dict("records")
    assert (counts["Completed"], counts["Cancelled"], counts["Failed"]) == (5, 5, 1)


def test_itl_percentiles_pool_the_gaps_of_all_runs() -> None:
    store_run("steady", chunks=[1 + n / 100 for n in range(100)], end=3.0)
    store_run("stuttering", chunks=(1.0, 2.0), end=3.0)
    store_run("stored before gaps were", chunks=(1.0, 6.0), end=7.0)
    with get_services().run_store.connect().begin() as connection:
        old = sa.update(runs).where(runs.c.id.like("stored%"))
        connection.execute(old.values(gap_histogram=sa.null(), wait_s=None))
    app = opened("runs")
    (row,) = frame(app, "gaps").to_dict("records")
    assert row["gaps"] == 100
    assert row["ITL p50 (ms)"] == pytest.approx(10, rel=0.01)
    assert row["ITL p95 (ms)"] == pytest.approx(10, rel=0.01)
    assert row["ITL p99 (ms)"] == pytest.approx(10 + 0.01 * 990, rel=0.02)
    assert "1 older run is left out of ITL" in texts(app)
    assert "TTFT and E2E of 1 older run count from the graph's input" in texts(app)


def test_percentiles_that_too_few_runs_have_measured_are_not_shown() -> None:
    for number in range(20):
        store_run(f"many-{number}", chunks=(1.0, 1.1), end=2.0, model="many")
    store_run("few", chunks=(1.0, 1.1), end=2.0, model="few")
    table = frame(opened("runs"), "gaps").set_index("model")
    assert dict(table.loc["many", ["TTFT (s) p50", "TTFT (s) p95"]]) == {"TTFT (s) p50": 1.0, "TTFT (s) p95": 1.0}
    assert "TTFT (s) p99" not in table, "a percentile that no group has measured takes no room"
    assert table.loc["few", "TTFT (s) p50"] == 1.0
    assert pd.isna(table.loc["few", "TTFT (s) p95"])
    assert pd.isna(table.loc["few", "ITL p95 (ms)"])


def test_the_latency_of_a_continuation_is_marked_and_not_counted() -> None:
    store_run("whole-run", chunks=(1.0, 1.1), end=2.0)
    store_run("continuation", chunks=(0.1, 0.2), end=0.5, resumes="whole-run")
    app = opened("runs")
    assert not app.exception
    shown = metrics_of(app)
    assert (shown["Runs"], shown["Median TTFT"], shown["Median E2E"]) == ("2", "1.00 s", "2.00 s")
    assert "1 continuation of other runs not counted" in texts(app)
    assert sorted(frame(app, "wait_s")["continues"]) == ["", "whole-ru"]
    assert all(0.1 not in values for values in charted(app, "ttft_s"))


def test_warm_ups_can_be_left_out() -> None:
    store_run("warm", chunks=(3.0, 3.1), end=4.0, part_of="warm-up")
    store_run("counted", chunks=(1.0, 1.1), end=2.0, part_of="repeat")
    store_run("alone", chunks=(1.0, 1.1), end=2.0)
    app = opened("runs")
    assert set(frame(app, "wait_s")["part_of"]) == {"warm-up", "repeat", "a run of its own"}
    app.multiselect(key="filter_part_of").set_value(["repeat"]).run()
    assert metrics_of(app)["Median E2E"] == "2.00 s"
    assert metrics_of(app)["Runs"] == "1"


def test_the_outcomes_say_that_they_count_runs_that_the_percentiles_leave_out() -> None:
    store_run("counted", chunks=(1.0, 1.1), end=2.0, part_of="repeat")
    told = "Warm-ups and continuations, 1 here, count in no percentile."
    assert told not in texts(opened("runs"))
    store_run("warm", chunks=(3.0, 3.1), end=4.0, part_of="warm-up")
    assert told in texts(opened("runs"))


def test_flush_strategies_are_compared_by_when_the_first_text_was_drawn() -> None:
    store_run("direct", chunks=(1.0, 1.1), end=2.0, flush="direct")
    store_run("rare", chunks=(1.0, 1.1), end=2.0, flush="every N tokens", every_tokens="10")
    store_run("blocks", chunks=(1.0, 1.1), end=2.0, flush="blocks")
    get_services().run_store.note_first_text("rare", 1.75)
    get_services().run_store.note_first_text("blocks", 1.5)
    for group in ("flush", "flush strategy"):
        app = opened("runs", group=group)
        assert not app.exception
        rows = frame(app, "wait_s").set_index("flush")["first_text_s"]
        assert dict(rows) == {"direct": 1.0, "every 10 tokens": 1.75, "last block only": 1.5}
        scatter, *_ = charted(app, "first_text_s")
        assert scatter == {1.0, 1.75, 1.5}
        assert set(frame(app, "Completed")["flush strategy"]) == set(rows.index), "a link has the key or the label"
        assert "half had the first word within **1.00 s**, on screen within **1.50 s**;" in texts(app)


def test_the_first_word_on_screen_is_told_of_the_runs_that_were_drawn() -> None:
    store_run("rare", chunks=(1.0, 1.1), end=5.0, flush="every N tokens", every_tokens="10")
    store_run("undrawn", chunks=(1.0, 1.1), end=5.0, flush="every N tokens", every_tokens="10", part_of="repeat")
    get_services().run_store.note_first_text("rare", 1.75)
    app = opened("runs")
    assert "had the first word within **1.00 s**, on screen within **1.75 s** (of 1 that was drawn)" in texts(app)
    replayed = texts(opened("replay", recording="rare"))
    assert "took 20% of the total time, and the first word was on screen after 35% of it." in replayed


def test_streaming_and_blocking_are_compared_by_their_names_and_an_empty_value_has_one_name() -> None:
    store_run("streamed", chunks=(1.0, 1.1), end=2.0, flush="direct")
    store_run("whole", end=9.0, flush="direct", api="invoke")
    store_run("undrawn", chunks=(1.0, 1.1), end=2.0)
    app = opened("runs", group="api")
    assert {"streaming", "blocking (invoke)"} == set(frame(app, "gaps")["streaming or blocking"])
    app.segmented_control(key="group").set_value("flush").run()
    assert {"direct", "none chosen", "none: whole answer"} == set(frame(app, "gaps")["flush strategy"])
    assert "none chosen" in html_texts(app)


def test_a_whole_answer_counts_for_no_flush_strategy() -> None:
    store_run("direct", chunks=(1.0, 1.1), end=2.0, flush="direct")
    store_run("blocking", end=9.0, flush="direct", api="invoke")
    app = opened("runs", group="flush")
    assert not app.exception
    rows = frame(app, "wait_s").set_index("flush")["e2e_s"]
    assert dict(rows) == {"direct": 2.0, "none: whole answer": 9.0}


def test_the_first_text_of_a_whole_answer_is_when_it_was_there_as_in_a_race() -> None:
    fast = {f"model_{n}": "Scripted: fast GPU" for n in (1, 2, 3)}
    app = opened("race", autorun="1", how_3="values only", lane_count="3", flush_2="every N tokens", **fast)
    assert not app.exception
    ids = str(app.session_state["session.runs"]["race"]).split(".")
    verdict = app.dataframe[0].value["first text"]
    assert ["first_text_s" in names for names in figures_in(app)] == [True] * 3, "on the card of each lane"
    get_services().run_writer.flush()
    rows = {row["id"]: row for row in get_services().run_store.newest(3)}
    table = frame(opened("runs", filter_part_of="race"), "wait_s").set_index("api")
    shown = table.loc[["invoke"]].to_dict("records")[0]
    assert shown["ttft_s"] == shown["first_text_s"] == rows[ids[1]]["first_text_s"] < shown["e2e_s"]
    assert format_seconds(shown["first_text_s"]) == verdict[1]
    assert format_seconds(rows[ids[2]]["first_text_s"]) == verdict[2]
    blocking = get_services().run_store.recording(ids[1])
    assert f"<td>{verdict[1]}</td>" in html_report(blocking)
    entries = json.loads(patches_as_json(blocking))["entries"]
    view = fold(empty_view(), [patch for _, patches in entries for patch in patches])
    assert format_seconds(view["figures"]["answer_after_s"]) == verdict[1], "in the replay and in the page that plays"
    assert "answer" in CHOICES[TOKENS][2]
    assert view["answer"], "its text has a view"


def test_a_whole_answer_stored_without_its_first_text_has_its_end_and_of_repeats_none_was_drawn() -> None:
    store_run("streamed", chunks=(1.0, 1.1), end=4.0, flush="direct", part_of="race")
    store_run("whole", end=5.0, flush="direct", api="invoke", part_of="race")
    for number in range(3):
        store_run(f"streamed-{number}", chunks=(1.0, 1.1), end=4.0, flush="direct", part_of="repeat")
        store_run(f"whole-{number}", end=5.0, flush="direct", api="invoke", part_of="repeat")
    app = opened("runs")
    (row,) = frame(app, "gaps").to_dict("records")
    assert (row["runs"], row["drawn"]) == (8, 2)
    assert (row["TTFT (s) p50"], row["First text drawn (s) p50"]) == (3.0, 3.0), "halfway between 1 s and 5 s"
    rows = frame(app, "wait_s")
    assert rows["ttft_s"].median() == 3.0
    assert rows["first_text_s"].dropna().tolist() == [5.0, 1.0]


def test_a_warm_up_counts_in_no_latency_figure_unless_it_is_chosen() -> None:
    store_run("warm", chunks=(8.0, 8.02), end=9.0, part_of="warm-up")
    store_run("counted", chunks=(1.0, 1.02), end=2.0, part_of="repeat")
    store_run("stopped", chunks=(1.0, 1.02), end=1.5, outcome="cancelled", part_of="repeat")
    app = opened("runs")
    shown = metrics_of(app)
    assert (shown["Runs"], shown["Median E2E"], shown["SLO attainment"]) == ("3", "2.00 s", "100%")
    assert "1 warm-up of repeats not counted" in texts(app)
    assert all(8.0 not in values for values in charted(app, "ttft_s"))
    rows = frame(app, "wait_s").set_index("e2e_s")
    assert dict(rows["counted"]) == {9.0: False, 2.0: True, 1.5: False}
    app.multiselect(key="filter_part_of").set_value(["warm-up"]).run()
    assert metrics_of(app)["Median E2E"] == "9.00 s"
    assert "not counted" not in texts(app)
    linked = opened("runs", filter_part_of=["warm-up", "repeat"])
    app.multiselect(key="filter_part_of").set_value(["warm-up", "repeat"]).run()
    for page in (app, linked):
        assert metrics_of(page)["Median E2E"] == "5.50 s", "the same filter in a link counts the same runs"
        assert "not counted" not in texts(page)


def test_runs_can_be_filtered_by_the_way_of_drawing_and_by_their_modes() -> None:
    store_run("direct", chunks=(1.0, 1.1), end=2.0, flush="direct")
    store_run("rare", chunks=(1.0, 1.1), end=3.0, flush="every N tokens", every_tokens="10")
    app = opened("runs")
    assert app.multiselect(key="filter_modes").options == ["messages"]
    app.multiselect(key="filter_flush").set_value(["every 10 tokens"]).run()
    assert metrics_of(app)["Median E2E"] == "3.00 s"


def test_times_in_the_csv_say_that_they_are_utc() -> None:
    table = pd.DataFrame({"at": pd.to_datetime([0.5], unit="s", utc=True)})
    assert csv_of(table).splitlines() == ["submitted_utc", "1970-01-01 00:00:00.500000"]
    assert list(pd.read_parquet(BytesIO(parquet_of(table))).columns) == ["submitted_utc"]


def test_slo_attainment_and_goodput_follow_the_objectives() -> None:
    store_run("fast", chunks=(0.5, 0.52), end=1.0, created_at=1000.0)
    store_run("slow start", chunks=(3.0, 3.02), end=4.0, created_at=1002.0)
    store_run("slow stream", chunks=(0.5, 1.5), end=4.0, created_at=1004.0)
    store_run("failed", chunks=(0.5, 0.52), end=1.0, outcome="failed", created_at=1019.0)
    store_run("stopped", chunks=(0.5, 0.52), end=1.0, outcome="cancelled", created_at=5000.0)
    app = opened("runs")
    assert not app.exception
    shown = metrics_of(app)
    assert (shown["SLO attainment"], shown["Goodput"]) == ("25%", "0.05/s"), "1 of 4, in the 20 s from 1000 to 1020"
    app.number_input(key="slo_ttft").set_value(60.0)
    app.number_input(key="slo_tpot_ms").set_value(5000.0).run()
    shown = metrics_of(app)
    assert (shown["SLO attainment"], shown["Goodput"]) == ("75%", "0.15/s")
    assert "per second of observed time" in texts(app)
    assert "DistServe" in texts(app)
    assert "request_goodput" in texts(app)


def test_goodput_is_defined_by_the_time_in_which_it_is_shown() -> None:
    store_run("once", chunks=(0.5, 0.52), end=1.0, created_at=1000.0)
    store_run("later", chunks=(0.5, 0.52), end=1.0, created_at=1799.0)
    app = opened("runs")
    assert metrics_of(app)["Goodput"] == "9/h"
    assert "per hour of observed time" in texts(app)
    assert "per second of observed time" not in texts(app)


def test_a_link_with_the_former_tpot_objective_in_seconds_still_works() -> None:
    store_run("a", chunks=(0.5, 0.7), end=1.0)
    app = opened("runs", slo_tpot="0.25")
    assert app.number_input(key="slo_tpot_ms").value == 250.0
    assert metrics_of(app)["SLO attainment"] == "100%"
    assert opened("runs", slo_tpot="x").number_input(key="slo_tpot_ms").value == 50.0


def test_an_answer_that_came_whole_is_judged_by_its_end() -> None:
    store_run("whole", end=0.9)
    app = opened("runs")
    assert metrics_of(app)["SLO attainment"] == "100%"
    assert "None of these runs streamed text" in texts(app)
    assert "No completed run has TPOT" not in texts(app)
    assert "No completed run has TTFT (s)" in texts(app)


def test_without_completed_runs_the_page_says_why_there_is_no_latency() -> None:
    store_run("stopped", chunks=(0.5,), end=1.0, outcome="cancelled")
    app = opened("runs")
    assert not app.exception
    shown = metrics_of(app)
    assert (shown["Median TTFT"], shown["Median E2E"], shown["SLO attainment"], shown["Goodput"]) == ("–",) * 4
    assert "No completed run is selected" in texts(app)


def test_filters_that_match_nothing_can_be_cleared() -> None:
    store_run("a", chunks=(0.5,), end=1.0, model="one")
    store_run("b", chunks=(0.5,), end=1.0, model="two", outcome="cancelled")
    app = opened("runs")
    app.multiselect(key="filter_model").set_value(["one"])
    app.multiselect(key="filter_status").set_value(["Cancelled"]).run()
    assert not app.exception
    assert "No run matches these filters" in texts(app)
    app.button(key="clear_filters").click().run()
    assert metrics_of(app)["Runs"] == "2"


def test_real_runs_are_shown_and_filtered() -> None:
    saved("messages", graph="joke")
    saved("messages", graph="rag")
    app = opened("runs")
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 7
    assert {"joke", "rag"} <= set(frame(app, "wait_s")["graph"])
    app.multiselect(key="filter_graph").set_value(["rag"]).run()
    assert set(frame(app, "wait_s")["graph"]) == {"rag"}


def test_groups_that_mix_other_things_say_so_until_one_is_chosen() -> None:
    saved("messages", graph="joke")
    saved("messages", graph="rag")
    app = opened("runs")
    assert "These runs are on 2 graphs: filter by one before you compare them by model." in texts(app)
    app.multiselect(key="filter_graph").set_value(["rag"]).run()
    assert "filter by one before you compare them" not in texts(app)


def test_runs_can_be_filtered_by_their_prompt_which_the_table_names() -> None:
    store_run("a", chunks=(0.5,), end=1.0, prompt="Tell me\nabout tea")
    store_run("b", chunks=(2.5,), end=3.0, prompt="And coffee?")
    app = opened("runs")
    assert set(frame(app, "wait_s")["prompt"]) == {"Tell me about tea", "And coffee?"}
    assert "They answer 2 different prompts" in texts(app)
    app.multiselect(key="filter_prompt").set_value(["And coffee?"]).run()
    assert not app.exception
    assert list(frame(app, "wait_s")["prompt"]) == ["And coffee?"]
    assert "half had the first word within **2.50 s**;" in texts(app)
    assert "They answer" not in texts(app)


def test_the_csv_has_no_text_that_a_spreadsheet_executes() -> None:
    table = pd.DataFrame({"prompt": ["=HYPERLINK(1)", "tea"], "ttft_s": [-1.0, 2.0]})
    assert csv_of(table).splitlines() == ["prompt,ttft_s", "'=HYPERLINK(1),-1.0", "tea,2.0"]


def test_twenty_models_share_one_legend_outside_of_the_charts_and_no_colour() -> None:
    for number in range(20):
        store_run(f"run-{number}", chunks=(0.5, 0.6), end=1.0, model=f"model-{number:02}")
    app = opened("runs")
    assert not app.exception
    charts = [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]
    colours = [found for chart in charts for found in group_scales(chart)]
    assert len(colours) >= 5
    for colour in colours:
        assert colour["legend"] is None
        ranges = colour["scale"]["range"]
        assert len(ranges) == 20
        assert len(set(ranges)) == 11, "ten colours of their own, and one for the others"
    assert html_texts(app).count("10 more") == 2


def group_scales(chart: Any) -> list[Any]:
    """The encodings of the colours by model, at any depth of the chart."""
    if isinstance(chart, list):
        return [found for part in chart for found in group_scales(part)]
    if not isinstance(chart, dict):
        return []
    own = [chart["color"]] if isinstance(chart.get("color"), dict) and chart["color"].get("field") == "model" else []
    return own + [found for part in chart.values() for found in group_scales(part)]


def test_a_setting_that_was_never_changed_has_no_chart() -> None:
    store_run("a", chunks=(0.5, 0.6), end=1.0, max_tokens=100)
    assert "by max tokens" not in alts(opened("runs"))
    store_run("b", chunks=(0.5, 0.6), end=1.0, max_tokens=200)
    assert "by max tokens" in alts(opened("runs"))


def alts(app: AppTest) -> str:
    return "\n".join(chart.proto.alt for chart in app.get("vega_lite_chart"))


def test_the_page_names_the_addresses_of_metrics_and_logs() -> None:
    store_run("a", end=1.0)
    shown = texts(opened("runs"))
    assert "/api/metrics" in shown
    assert "standard error" in shown


@pytest.mark.parametrize("group", ["graph", "modes", "flush", "api", "prompt"])
def test_runs_can_be_compared_by_every_group(group: str) -> None:
    store_run("a", chunks=(0.5, 0.6), end=1.0)
    app = opened("runs")
    app.button_group(key="group").set_value(group).run()
    assert not app.exception


def test_runs_of_other_sessions_are_hidden_where_the_server_can_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    store_run("a", end=1.0)
    monkeypatch.setattr("components.shell.session.local_only", lambda: False)
    app = opened("runs")
    assert not app.exception
    assert "No run is stored yet" in app.info[0].value


def test_the_archive_holds_the_events_of_the_chosen_runs_with_short_ids() -> None:
    wanted = saved("updates")
    archive = ZipFile(BytesIO(recordings_archive([wanted, "gone"])))
    (name,) = archive.namelist()
    content = archive.read(name)
    assert load_recording(content).header.run_id == wanted[:8]
    assert wanted.encode() not in content
    versions = load_recording(content).header.environment
    assert {"python", "streamlit", "langgraph"} <= set(versions)


def test_a_failed_run_misses_the_objectives_and_has_no_latency() -> None:
    app = opened("messages", model="compatible", graph="joke")  # whose model has no name
    app.button(key="run").click().run()
    assert "Failed" in texts(app)
    get_services().run_writer.flush()
    app = opened("runs", slo_ttft="60", slo_tpot_ms="5000")
    app.multiselect(key="filter_status").set_value(["Failed"]).run()
    shown = metrics_of(app)
    assert (shown["SLO attainment"], shown["Median E2E"]) == ("0%", "–")
    assert int(shown["Failed"]) >= 1


def test_a_damaged_row_of_the_history_is_shown_as_damaged(services: Services) -> None:
    opened("values", autorun="1")
    services.run_writer.flush()
    with closing(sqlite3.connect(services.settings.data_dir / "runs.sqlite")) as database, database:
        database.execute("UPDATE runs SET created_at = 'x', ttft_s = 'y', bytes_by_mode = '{', modes = x'ff'")
    app = opened("runs")
    assert not app.exception
    assert "Damaged" in set(app.dataframe[-1].value["status"])
