"""Race, runs and replay, as scripts."""

import time
from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest
from streamlit.testing.v1 import AppTest

from components.features.report import html_report
from components.features.runs_dashboard import _recordings as recordings_of
from streaming.recordings.format import Recording as Kept
from streaming.recordings.format import dump_recording, header_of, load_recording
from streaming.recordings.library import recording_names
from streaming.services import get_services
from tests.support.app_test import assert_completed, opened, texts

FAST = {"model_1": "Scripted: fast GPU", "model_2": "Scripted: fast GPU"}


def saved(page: str, **query: str) -> str:
    """The id of a run of this page that stands in the store."""
    app = opened(page, autorun="1", **query)
    assert_completed(app)
    get_services().run_writer.flush()
    return str(app.session_state["session.runs"][page])


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def raced(**query: str) -> AppTest:
    return opened("race", **FAST, **query)


@pytest.mark.parametrize("page", ["race", "runs", "replay"])
def test_a_page_opens(page: str) -> None:
    assert not opened(page).exception


@pytest.mark.parametrize("lanes", [2, 4])
def test_a_race_ends_with_a_verdict_a_line_a_lane(lanes: int) -> None:
    app = raced(lane_count=str(lanes), model_3="Scripted: fast GPU", model_4="Scripted: fast GPU", autorun="1")
    assert not app.exception
    assert ":green-badge[Finished]" in texts(app)
    verdict = app.dataframe[0].value
    assert len(verdict) == lanes
    assert "blocking (invoke)" in verdict["configuration"][1]
    first = [float(value.removesuffix("×")) for value in verdict["first ×"]]
    assert first[1] > 1.5, "blocking shows its first text much later"


def test_both_ways_show_the_whole_answer() -> None:
    app = raced(autorun="1")
    assert texts(app).count("let them stop it") == 2


def test_repeats_give_medians_with_intervals_and_leave_the_warm_up_out() -> None:
    app = raced()
    app.number_input(key="repeats").set_value(2)
    app.button(key="repeat").click().run()
    assert not app.exception
    table = app.dataframe[0].value
    assert list(table["runs"]) == [2, 2]
    assert all(" to " in value for value in table["first text arrived"])
    assert list(table["confidence"]) == ["50.0%", "50.0%"], "two values enclose their median every other time"
    assert {row["flush"] for row in get_services().run_store.newest(6)} == {"blocks"}


def test_a_race_is_not_shown_under_other_settings_than_its_own() -> None:
    app = raced(autorun="1")
    assert app.dataframe
    app.selectbox(key="model_1").set_value("Scripted: typical hosted").run()
    assert not app.dataframe
    assert "have changed since" in texts(app)


def test_the_drawing_of_the_first_text_counts_in_a_race() -> None:
    app = raced(autorun="1", how_2="streaming", flush_2="every N ms", flush_1="every token")
    verdict = app.dataframe[0].value
    assert all(float(value.split()[0]) > 0 for value in verdict["first text"])
    assert list(verdict["outcome"]) == ["Completed", "Completed"]


def test_no_difference_is_a_vote_too() -> None:
    app = raced()
    app.button(key="blind").click().run()
    app.button(key="vote_none").click().run()
    assert "You chose **no difference**" in texts(app)
    assert get_services().run_store.votes()[0]["figures"]["tie"] is True


def test_the_blind_test_names_nothing_before_the_vote_and_keeps_it() -> None:
    before = len(get_services().run_store.votes())
    app = raced()
    app.button(key="blind").click().run()
    assert not app.exception
    assert "Pane A" in texts(app)
    assert "first text" not in texts(app)
    app.button(key="vote_B").click().run()
    assert "You chose **Pane B**" in texts(app)
    assert len(get_services().run_store.votes()) == before + 1
    assert len(app.get("vega_lite_chart")) == 1


def test_runs_shows_what_was_run_and_filters_it() -> None:
    saved("values", graph="joke")
    saved("values", graph="rag")
    app = opened("runs")
    assert not app.exception
    assert len(app.get("vega_lite_chart")) >= 9
    graphs = app.dataframe[-1].value["graph"]
    assert {"joke", "rag"} <= set(graphs)
    app.multiselect(key="filter_graph").set_value(["rag"]).run()
    assert set(app.dataframe[-1].value["graph"]) == {"rag"}


@pytest.mark.parametrize("group", ["graph", "modes", "flush", "api"])
def test_runs_can_be_compared_by_anything(group: str) -> None:
    saved("updates")
    app = opened("runs")
    app.button_group(key="group").set_value(group).run()
    assert not app.exception


def test_goodput_follows_the_objective() -> None:
    saved("messages")
    app = opened("runs", slo_ttft="60", slo_tpot="5")
    wide = next(metric.value for metric in app.metric if metric.label == "Goodput")
    app.number_input(key="slo_ttft").set_value(0.05)
    app.number_input(key="slo_tpot").set_value(0.001).run()
    strict = next(metric.value for metric in app.metric if metric.label == "Goodput")
    assert int(wide.removesuffix("%")) >= int(strict.removesuffix("%"))


def test_runs_of_others_are_hidden_where_the_server_can_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    saved("values")
    monkeypatch.setattr("components.features.runs_dashboard.local_only", lambda: False)
    app = opened("runs")
    assert not app.exception
    assert "No run is stored yet" in app.info[0].value


def test_the_archive_holds_the_events_of_the_chosen_runs() -> None:
    wanted = saved("updates")
    archive = ZipFile(BytesIO(recordings_of([wanted, "gone"])))
    (name,) = archive.namelist()
    assert load_recording(archive.read(name)).header.run_id == wanted


def test_a_failed_run_keeps_no_objective_and_counts_in_no_median() -> None:
    app = opened("messages", autorun="1", prompt=" ", graph="joke")
    assert "Failed" in texts(app)
    get_services().run_writer.flush()
    app = opened("runs", slo_ttft="60", slo_tpot="5")
    app.multiselect(key="filter_status").set_value(["Failed"]).run()
    shown = {metric.label: metric.value for metric in app.metric}
    assert (shown["Goodput"], shown["Median E2E"]) == ("0%", "–")
    assert int(shown["Failed"]) >= 1


VIEWS = [
    *("State", "Updates", "Progress", "Node spans", "Checkpoints", "Branches", "Tool calls", "Namespaces", "Trace"),
    *("Kinds", "Raw parts"),
]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", recording_names(get_services().settings.recordings))
def test_every_shipped_recording_plays_in_every_view(name: str, view: str) -> None:
    app = opened("replay", recording=f"shipped:{name}", view=view)
    assert not app.exception
    assert {metric.label: metric.value for metric in app.metric}["E2E"] != "–"


def test_a_stored_run_is_replayed_as_it_was() -> None:
    live = opened("messages", autorun="1")
    get_services().run_writer.flush()
    app = opened("replay", recording=str(live.session_state["session.runs"]["messages"]))
    assert not app.exception
    assert "let them stop it" in texts(app)
    same = {"TTFT", "E2E", "Events", "Bytes"}
    shown = {metric.label: metric.value for metric in app.metric}
    assert {metric.label: metric.value for metric in live.metric if metric.label in same} == {n: shown[n] for n in same}


def test_stepping_and_scrubbing_show_the_run_so_far() -> None:
    app = opened("replay", recording=f"shipped:{recording_names(get_services().settings.recordings)[0]}")
    app.button(key="restart").click().run()
    counts = []
    for _ in range(3):
        app.button(key="step_1").click().run()
        counts.append(int(next(m.value for m in app.metric if m.label == "Events")))
    assert counts == sorted(set(counts)), "each step brings more"
    app.slider(key="scrub").set_value(1.0).run()
    assert not app.exception
    assert 0 < int(next(m.value for m in app.metric if m.label == "Events")) < 140


@pytest.mark.parametrize("name", recording_names(get_services().settings.recordings))
def test_the_slider_reaches_the_end(name: str) -> None:
    app = opened("replay", recording=f"shipped:{name}")
    app.button(key="restart").click().run()
    app.slider(key="scrub").set_value(app.slider(key="scrub").max).run()
    assert next(m.value for m in app.metric if m.label == "E2E") != "–"


def test_the_speed_stays_with_another_recording() -> None:
    app = opened("replay", recording=f"shipped:{recording_names(get_services().settings.recordings)[0]}")
    app.selectbox(key="speed").set_value(0.1).run()
    app.selectbox(key="recording").set_value(app.selectbox(key="recording").options[1]).run()
    assert app.session_state["session.kept.replay.playing"].speed == 0.1


@pytest.mark.parametrize(("page", "query"), [("values", {}), ("events", {})])
def test_a_report_holds_the_text_however_it_came(page: str, query: dict[str, str]) -> None:
    app = opened(page, autorun="1", graph="chat", **query)
    get_services().run_writer.flush()
    ids = str(app.session_state["session.runs"][page]).split(".")
    assert all("let them stop it" in html_report(get_services().run_store.recording(run_id)) for run_id in ids)


def test_playing_fast_reaches_the_end_and_stands_still() -> None:
    app = opened("replay", recording=f"shipped:{recording_names(get_services().settings.recordings)[0]}")
    app.selectbox(key="speed").set_value(10.0).run()
    app.button(key="restart").click().run()
    app.button(key="play").click().run()
    assert not app.exception
    assert next(m.value for m in app.metric if m.label == "E2E") != "–"
    assert "Play" in [button.label for button in app.button]


def test_a_run_that_nobody_knows_gets_a_sentence() -> None:
    app = opened("replay", recording="guess")
    assert not app.exception
    assert "not kept any more" in app.error[0].value


def test_a_recording_of_another_machine_can_be_dropped() -> None:
    live = opened("values", autorun="1")

    run = get_services().engine.get(str(live.session_state["session.runs"]["values"]))
    assert run is not None
    content = dump_recording(Kept(header=header_of(run.id, run.created_at, run.request), events=run.events))
    app = opened("replay", recording="upload")
    app.file_uploader[0].set_value(("there.jsonl", content, "text/plain")).run()
    assert not app.exception
    assert {metric.label: metric.value for metric in app.metric}["E2E"] != "–"
    app.file_uploader[0].set_value(("bad.jsonl", b"<html>", "text/plain")).run()
    assert "no recording" in app.error[0].value


def test_a_race_of_a_long_prompt_is_there_after_a_reload() -> None:
    app = raced()
    app.text_input(key="race_prompt").set_value("tea " * 1_000)
    app.button(key="run").click().run()
    assert "race_prompt" not in app.query_params
    again = raced(run=str(app.session_state["session.runs"]["race"]))
    assert ":green-badge[Finished]" in texts(again)
