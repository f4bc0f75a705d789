"""/replay as a script."""

import gzip
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.charts.gaps import NO_GAPS
from components.features.report import html_report
from components.player.replay_mount import CHOICES, TOKENS
from components.shell.format import escape_markdown
from streaming.core.run import Run
from streaming.core.serialization import to_plain
from streaming.live.folding import View, empty_view, fold
from streaming.live.patches import VIEWS
from streaming.live.view import patches_of
from streaming.recordings.format import dump_recording, recording_of
from streaming.recordings.library import open_recording, recording_names
from streaming.runtime.run_facts import about_run
from streaming.services import get_services
from tests.support.app_test import ROOT, in_url, opened, runs_in, texts, turned_to

SHIPPED = recording_names(ROOT / "recordings")


AGENT = "an-agent-with-its-tools-scripted.jsonl"


def mounted(app: AppTest) -> dict[str, Any]:
    """What the page has mounted of the replay."""
    assert not app.exception, app.exception
    (element,) = [item for item in app.get("bidi_component") if "recordings" in item.proto.json]
    player: dict[str, Any] = json.loads(element.proto.json)["player"]
    return player


def key_of(app: AppTest) -> str:
    (recording,) = mounted(app)["recordings"]
    return str(recording["src"]).removeprefix("api/recordings/")


def played(app: AppTest) -> View:
    """The view at the end of what the browser would load."""
    content = get_services().playable_recordings.content(key_of(app))
    assert content is not None
    entries = json.loads(gzip.decompress(content))["entries"]
    return fold(empty_view(), [patch for _, patches in entries for patch in patches])


def test_the_page_opens() -> None:
    assert not opened("replay").exception


def test_a_recording_can_be_taken_along_as_a_page_that_plays() -> None:
    labels = [button.proto.label for button in opened("replay").get("download_button")]
    assert "Download a page that plays" in labels


def test_recordings_are_shipped() -> None:
    assert SHIPPED


def test_the_upload_explains_itself_while_there_is_no_file() -> None:
    app = opened("replay", recording="upload")
    assert not app.exception
    assert "download a recording on this page" in texts(app)


def test_a_button_beside_the_list_leads_to_the_upload() -> None:
    app = opened("replay")
    assert not app.file_uploader
    app.button(key="upload_recording").click().run()
    assert not app.exception
    assert in_url(app, "recording") == "upload"
    assert len(app.file_uploader) == 1
    assert app.selectbox(key="recording").value.label == "Upload a recording"
    assert app.button(key="upload_recording").disabled


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_recording_plays_to_its_end(name: str) -> None:
    app = opened("replay", recording=f"shipped:{name}")
    view = played(app)
    assert view["over"]
    assert view["figures"]["e2e_s"]
    assert f"completed · {view['figures']['events']} events" in texts(app)


def test_every_picture_needs_views_that_exist() -> None:
    assert {view for _, _, views in CHOICES.values() for view in views} <= set(VIEWS)


@pytest.mark.parametrize("view", [*CHOICES, "unknown"])
def test_a_link_opens_its_view(view: str) -> None:
    app = opened("replay", recording=f"shipped:{AGENT}", view=view)
    assert mounted(app)["chosen"] == (view if view in CHOICES else TOKENS)


def test_a_stored_run_is_replayed_as_it_was() -> None:
    live = opened("messages", autorun="1")
    run = runs_in(live)[0]
    view = played(opened("replay", recording=run.id))
    assert "feel like snow" in " ".join(message["text"] for message in view["messages"].values())
    patches = [patch for _, part in patches_of(run.events, about=about_run(run)) for patch in part]
    expected = fold(empty_view(), to_plain(patches))
    for part in ("run", "figures", "messages", "spans", "lanes"):
        assert view[part] == expected[part], part


def test_the_page_opens_on_the_latest_run() -> None:
    for _ in range(2):
        live = opened("values", autorun="1")
    app = opened("replay")
    assert in_url(app, "recording") == runs_in(live)[0].id
    assert played(app)["run"]["prompt"] == runs_in(live)[0].request.prompt


def test_after_a_race_the_page_opens_on_a_lane_that_streamed() -> None:
    race = opened("race", autorun="1", model_1="Scripted: fast GPU", model_2="Scripted: fast GPU")
    streamed, blocked = runs_in(race)
    assert blocked.request.api == "invoke"
    assert in_url(turned_to(race, "replay"), "recording") == streamed.id
    assert in_url(opened("replay"), "recording") == streamed.id, "for another visitor of this machine, too"


def test_the_ended_run_of_a_page_links_to_its_replay() -> None:
    live = opened("updates", autorun="1")
    (link,) = [element.proto for element in live.get("page_link") if element.proto.label == "Replay"]
    assert link.query_string == f"recording={runs_in(live)[0].id}&speed=1"


def test_a_run_that_a_link_leads_to_plays_at_once_and_a_recording_that_is_chosen_opens_at_its_end() -> None:
    recording = f"shipped:{AGENT}"
    for speed, expected in (("1", 1), ("0.25", 0.25), ("7", None)):
        assert mounted(opened("replay", recording=recording, speed=speed))["speed"] == expected
    assert mounted(opened("replay", recording=recording))["speed"] is None


def test_a_link_may_name_each_speed_of_the_player() -> None:
    clock = (ROOT / "components/player/assets/playback_clock.js").read_text(encoding="utf-8")
    (speeds,) = re.findall(r"const SPEEDS = \[(.*)\];", clock)
    for speed in speeds.split(", "):
        assert mounted(opened("replay", recording=f"shipped:{AGENT}", speed=speed))["speed"] == float(speed)


def test_a_run_that_goes_on_is_not_played(monkeypatch: pytest.MonkeyPatch) -> None:
    live = opened("values", autorun="1")
    monkeypatch.setattr(Run, "ended", None)
    app = opened("replay", recording=runs_in(live)[0].id)
    assert "has not ended yet" in app.error[0].value


def test_two_runs_are_played_side_by_side_on_one_clock() -> None:
    runs = [runs_in(opened("values", autorun="1"))[0] for _ in range(2)]
    app = opened("replay", recording=runs[0].id, compare=runs[1].id)
    sources = mounted(app)["recordings"]
    assert len({source["src"] for source in sources}) == 2
    assert mounted(app.run())["recordings"] == sources
    lone = opened("replay", recording=runs[0].id, compare="guess")
    assert "no run with this id" in lone.warning[0].value
    assert len(mounted(lone)["recordings"]) == 1


def test_two_runs_that_are_played_side_by_side_are_named_by_what_differs_and_taken_along_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fast = {f"model_{n}": "Scripted: fast GPU" for n in (1, 2, 3)}
    race = opened("race", autorun="1", how_2="blocking (invoke)", lane_count="3", flush_3="every N tokens", **fast)
    direct, blocking, drawn = runs_in(race)
    get_services().run_writer.flush()
    files: dict[str, Callable[[], str]] = {}
    for module in ("share_page", "race.report"):
        offered = f"components.features.{module}.offer_download"
        monkeypatch.setattr(offered, lambda label, make, *_, **__: files.update({label: make}))
    method_differs, flush_differs = ["streaming, direct", "blocking (invoke)"], ["direct", "every 10 tokens"]
    for other, names in ((blocking, method_differs), (drawn, flush_differs)):
        app = opened("replay", recording=direct.id, compare=other.id)
        assert [one["label"] for one in mounted(app)["recordings"]] == names
        assert all(f"**{escape_markdown(name)}**" in texts(app) for name in names), (
            "and what is told of each has its name"
        )
        labels = [button.proto.label for button in app.get("download_button")]
        assert labels == [f"Download the recording: {name}" for name in names]
        report, plays = files["Download the report"](), files["Download a page that plays"]()
        assert all(f'"label":"{name}"' in page for page in (report, plays) for name in names)
        assert f"{names[0]} and {names[1]}: first text after" in report
        assert '"shown_s"' in plays, "both are compared by when their text was on screen"


def test_two_runs_with_the_same_settings_are_named_by_their_times() -> None:
    first, second = (runs_in(opened("values", autorun="1"))[0] for _ in range(2))
    names = [one["label"] for one in mounted(opened("replay", recording=first.id, compare=second.id))["recordings"]]
    assert len(set(names)) == 2
    assert all(re.fullmatch(r"[-\d]+ [:.\d]+ UTC", name) for name in names)


def test_a_recording_is_loaded_once_for_all_runs_of_the_script() -> None:
    app = opened("replay", recording=f"shipped:{AGENT}")
    first = key_of(app)
    assert key_of(app.run()) == first
    app.selectbox(key="recording").select_index(1).run()
    assert key_of(app) != first


def test_a_recording_that_the_server_has_dropped_is_offered_again() -> None:
    app = opened("replay", recording=f"shipped:{AGENT}")
    first = key_of(app)
    held = get_services().playable_recordings
    for _ in range(64):
        held.add(open_recording(ROOT / "recordings", AGENT))
    assert first not in held
    assert key_of(app.run()) in held


@pytest.mark.parametrize(("page", "query"), [("values", {}), ("events", {})])
def test_a_report_holds_the_text_however_it_came(page: str, query: dict[str, str]) -> None:
    app = opened(page, autorun="1", graph="chat", **query)
    get_services().run_writer.flush()
    ids = str(app.session_state["session.runs"][page]).split(".")
    assert all("feel like snow" in html_report(get_services().run_store.recording(run_id)) for run_id in ids)


def test_an_unknown_run_is_explained() -> None:
    app = opened("replay", recording="guess")
    assert not app.exception
    assert "no run with this id" in app.error[0].value


def test_a_recording_of_another_machine_can_be_uploaded() -> None:
    live = opened("values", autorun="1")
    run = get_services().engine.get(str(live.session_state["session.runs"]["values"]))
    assert run is not None
    content = dump_recording(recording_of(run))
    app = opened("replay", recording="upload")
    app.file_uploader[0].set_value(("there.jsonl", content, "text/plain")).run()
    assert played(app)["over"]
    first = key_of(app)
    assert key_of(app.run()) == first
    app.file_uploader[0].set_value(("bad.jsonl", b"<html>", "text/plain")).run()
    assert "not a recording" in app.error[0].value


def test_a_run_that_was_drawn_in_another_way_says_so_because_it_is_played_as_it_arrived() -> None:
    told = {}
    for flush in ("direct", "every N tokens"):
        (run,) = runs_in(opened("messages", autorun="1", flush=flush))
        get_services().run_writer.flush()
        told[flush] = texts(opened("replay", recording=run.id))
    assert "the app had drawn it by **every 10 tokens**" in told["every N tokens"]
    assert "had drawn it by" not in told["direct"]


def test_a_whole_answer_has_a_sentence_in_place_of_an_empty_chart_of_gaps() -> None:
    race = opened("race", autorun="1", model_1="Scripted: fast GPU", model_2="Scripted: fast GPU")
    streamed, blocked = runs_in(race)
    get_services().run_writer.flush()
    charts = {run.id: opened("replay", recording=run.id) for run in (streamed, blocked)}
    assert [len(charts[run.id].get("vega_lite_chart")) for run in (streamed, blocked)] == [1, 0]
    assert NO_GAPS in texts(charts[blocked.id])
