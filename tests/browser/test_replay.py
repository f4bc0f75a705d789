"""A recorded run: played in the browser, taken along as a recording, and as a report."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser_checks import check_finished_page, settled

pytestmark = pytest.mark.browser

AGENT = "recording=shipped%3Aan-agent-with-its-tools-scripted.jsonl"
END = re.compile(r"^2\.12 s of 2\.12 s$")


def test_a_replay_is_above_the_fold_of_a_projector_accessible_plays_pauses_and_goes_on_to_the_end(
    page: Page, app_url: str
) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/replay?{AGENT}")
    time = page.locator(".sl-transport-time")
    expect(time).to_have_text(END)
    box = page.locator(".sl-replay").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 720
    check_finished_page(page)
    page.get_by_role("button", name="To the start").click()
    expect(time).to_have_text("0.00 s of 2.12 s")
    page.get_by_label("Speed").select_option("0.1")
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.get_by_label("Speed").select_option("10")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(time).to_have_text(END)
    expect(page.locator(".st-key-token_pane").get_by_text("The rest is up to you.")).to_be_visible()


def test_a_paused_replay_is_where_it_was_when_the_page_is_loaded_again(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/replay?{AGENT}")
    time = page.locator(".sl-transport-time")
    expect(time).to_have_text(END)
    page.get_by_label("Speed").select_option("0.25")
    page.get_by_role("button", name="To the start").click()
    expect(time).to_have_text("0.00 s of 2.12 s")
    for _ in range(12):
        page.get_by_role("button", name="Next event").click()
    where = time.inner_text()
    assert not re.match(r"^(0\.00|2\.12) s", where)
    page.reload()
    expect(time).to_have_text(where)
    expect(page.get_by_label("Speed")).to_have_value("0.25")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.goto(f"{app_url}/replay?{AGENT}&view=State")
    expect(time).to_have_text(END)


def test_the_address_names_the_speed_that_was_chosen(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/replay?{AGENT}&speed=1")
    speed = page.get_by_label("Speed")
    expect(speed).to_have_value("1")
    speed.select_option("0.1")
    expect(page).to_have_url(re.compile("speed=0.1$"))
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_label("Speed")).to_have_value("0.1")
    expect(other.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def test_a_loaded_recording_needs_no_server(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/replay?{AGENT}&view=Raw+parts")
    expect(page.get_by_role("button", name="Raw parts")).to_have_attribute("aria-pressed", "true")
    settled(page)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.locator(".sl-transport-time").click()
    page.keyboard.press("Home")
    for view in ("State", "Tool calls", "Debug trace", "Tokens"):
        page.get_by_role("button", name=view, exact=True).click()
        page.get_by_role("button", name="To the end").click()
        page.get_by_role("button", name="Previous event").click()
    expect(page.locator(".st-key-token_pane")).to_contain_text("Here is what the tools found.")
    assert requested == []
    expect(page).to_have_url(re.compile("view=Tokens.and.timeline"))


def figures(parent: Locator) -> dict[str, str]:
    return dict(parent.locator(".sl-figure").evaluate_all("all => all.map((one) => one.innerText.split('\\n'))"))


def rows(parent: Locator) -> list[str]:
    return parent.locator(".sl-spans .sl-track-row").all_inner_texts()


def test_the_replay_and_the_exported_file_end_with_the_live_picture(page: Page, app_url: str, tmp_path: Path) -> None:
    """The file is opened from disk, scrubbed in both directions, and asks no host for anything."""
    page.goto(f"{app_url}/combined?autorun=1&model=scripted&ttft_ms=0&tokens_per_s=500")
    link = page.locator(".st-key-run_panel a[href*='recording=']:visible")
    expect(link).to_be_visible()
    live = page.locator(".sl-text .sl-markdown").last.inner_text()
    live_figures, live_rows = figures(page.locator(".sl-player")), rows(page.locator(".sl-player"))
    assert live
    assert live_figures["TTFT"]
    assert len(live_rows) > 1
    link.click()
    expect(page.get_by_role("heading", name="Replay", level=1)).to_be_visible()
    expect(page.locator(".sl-replay .sl-status .sl-chip")).to_have_text("Completed")
    expect(page.locator(".sl-replay .sl-markdown").last).to_have_text(live, use_inner_text=True)
    assert re.search(r"recording=([^&]+)", page.url)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download a page that plays").click()
    file = tmp_path / "page.html"
    waiting.value.save_as(file)

    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.context.set_offline(True)
    page.goto(file.as_uri())
    text = page.locator(".sl-replay .sl-markdown").last
    for _ in range(2):
        expect(text).to_have_text(live, use_inner_text=True)
        shown = figures(page.locator(".sl-replay-figures"))
        assert shown.items() <= live_figures.items()
        assert {"TTFT", "E2E"} <= shown.keys()
        assert rows(page.locator(".sl-map")) == live_rows
        page.get_by_role("button", name="Previous event").click()
        page.keyboard.press("Home")
        expect(page.locator(".sl-replay-picture .sl-markdown")).to_have_count(0)
        page.keyboard.press("End")
    page.get_by_role("button", name="Gaps between tokens").click()
    note = page.locator(".sl-gaps-note")
    expect(note).to_have_text(re.compile(r"^[\d,]+ gaps, the longest .+, at .+"))
    whole = note.inner_text()
    page.keyboard.press("Home")
    expect(note).to_have_text("Nothing yet at this time of the run.")
    page.keyboard.press("End")
    expect(note).to_have_text(whole)
    page.context.set_offline(False)
    assert requested == [file.as_uri()]


def test_a_recording_travels_as_a_file_and_shows_the_same_picture_and_a_report_opens_without_this_app(
    page: Page, app_url: str, tmp_path: Path
) -> None:
    """The report is the only thing that the browser loads."""
    page.goto(f"{app_url}/replay?{AGENT}")
    map_of_run = page.locator(".sl-map")
    expect(map_of_run).to_contain_text("messages")
    before = map_of_run.text_content()
    assert before
    recording, report = tmp_path / "there.jsonl", tmp_path / "report.html"
    for key, file in (("download_recording", recording), ("download_report", report)):
        with page.expect_download() as waiting:
            page.locator(f".st-key-{key} button").click()
        waiting.value.save_as(file)
    assert json.loads(recording.read_text().splitlines()[0])["format"] == "streaming-lab-recording"
    page.goto(f"{app_url}/replay?recording=upload")
    page.locator("input[type=file]").set_input_files(recording)
    expect(map_of_run).to_have_text(before)

    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(report.as_uri())
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    assert requested == [report.as_uri()]
