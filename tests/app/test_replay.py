"""/replay as a script."""

import pytest

from components.features.report import html_report
from components.shell.format import format_bytes, format_seconds
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.recordings.format import Recording, dump_recording, header_of
from streaming.recordings.library import recording_names
from streaming.services import get_services
from tests.support.app_test import ROOT, metrics, opened, runs_in, texts

SHIPPED = recording_names(ROOT / "recordings")


VIEWS = [
    *("State", "Updates", "Progress", "Node spans", "Checkpoints", "Branches", "Tool calls", "Namespaces", "Trace"),
    *("Kinds", "Raw parts"),
]


def test_the_page_opens() -> None:
    assert not opened("replay").exception


def test_recordings_are_shipped() -> None:
    assert SHIPPED


def test_the_upload_explains_itself_while_there_is_no_file() -> None:
    app = opened("replay", recording="upload")
    assert not app.exception
    assert "download a recording on this page" in texts(app)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", SHIPPED)
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
    figures = apply_all(MetricsCollector(), runs_in(live)[0].events).metrics()
    expected = {
        "TTFT": format_seconds(figures.ttft_s),
        "E2E": format_seconds(figures.e2e_s),
        "Events": str(figures.events),
        "Bytes": format_bytes(figures.bytes),
    }
    assert {name: metrics(app)[name] for name in expected} == expected


def test_stepping_and_scrubbing_show_the_run_so_far() -> None:
    app = opened("replay", recording=f"shipped:{SHIPPED[0]}")
    app.button(key="restart").click().run()
    counts = []
    for _ in range(3):
        app.button(key="step_1").click().run()
        counts.append(int(next(m.value for m in app.metric if m.label == "Events")))
    assert counts == sorted(set(counts)), "each step brings more"
    app.slider(key="scrub").set_value(1.0).run()
    assert not app.exception
    assert 0 < int(next(m.value for m in app.metric if m.label == "Events")) < 140


@pytest.mark.parametrize("name", SHIPPED)
def test_the_slider_reaches_the_end(name: str) -> None:
    app = opened("replay", recording=f"shipped:{name}")
    app.button(key="restart").click().run()
    app.slider(key="scrub").set_value(app.slider(key="scrub").max).run()
    assert next(m.value for m in app.metric if m.label == "E2E") != "–"


def test_the_speed_stays_with_another_recording() -> None:
    app = opened("replay", recording=f"shipped:{SHIPPED[0]}")
    app.selectbox(key="speed").set_value(0.1).run()
    app.selectbox(key="recording").set_value(app.selectbox(key="recording").options[1]).run()
    assert app.session_state["session.stored.replay.playing"].speed == 0.1


@pytest.mark.parametrize(("page", "query"), [("values", {}), ("events", {})])
def test_a_report_holds_the_text_however_it_came(page: str, query: dict[str, str]) -> None:
    app = opened(page, autorun="1", graph="chat", **query)
    get_services().run_writer.flush()
    ids = str(app.session_state["session.runs"][page]).split(".")
    assert all("let them stop it" in html_report(get_services().run_store.recording(run_id)) for run_id in ids)


def test_fast_playback_reaches_the_end_and_stops() -> None:
    app = opened("replay", recording=f"shipped:{SHIPPED[0]}")
    app.selectbox(key="speed").set_value(10.0).run()
    app.button(key="restart").click().run()
    app.button(key="play").click().run()
    assert not app.exception
    assert next(m.value for m in app.metric if m.label == "E2E") != "–"
    assert "Play" in [button.label for button in app.button]


def test_an_unknown_run_is_explained() -> None:
    app = opened("replay", recording="guess")
    assert not app.exception
    assert "dropped to save space" in app.error[0].value


def test_a_recording_of_another_machine_can_be_uploaded() -> None:
    live = opened("values", autorun="1")
    run = get_services().engine.get(str(live.session_state["session.runs"]["values"]))
    assert run is not None
    content = dump_recording(Recording(header=header_of(run.id, run.created_at, run.request), events=run.events))
    app = opened("replay", recording="upload")
    app.file_uploader[0].set_value(("there.jsonl", content, "text/plain")).run()
    assert not app.exception
    assert {metric.label: metric.value for metric in app.metric}["E2E"] != "–"
    app.file_uploader[0].set_value(("bad.jsonl", b"<html>", "text/plain")).run()
    assert "not a recording" in app.error[0].value
