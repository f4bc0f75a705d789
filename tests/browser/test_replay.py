"""A recorded run: played, taken along as a recording, and as a report."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser_checks import settled

pytestmark = pytest.mark.browser

AGENT = "recording=shipped%3Aan-agent-with-its-tools-scripted.jsonl"


def test_a_replay_plays_pauses_and_goes_on_to_the_end(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/replay?{AGENT}")
    play = page.locator(".st-key-play button")
    page.locator(".st-key-restart button").click()
    expect(page.get_by_text(re.compile(r"^0 ms of 2\.12 s")).first).to_be_visible(timeout=20_000)
    expect(play).to_have_text(re.compile("Play"))
    play.click()
    expect(play).to_have_text(re.compile("Pause"))
    play.click()
    expect(play).to_have_text(re.compile("Play"))
    play.click()
    expect(page.get_by_text(re.compile(r"^2\.12 s of 2\.12 s")).first).to_be_visible(timeout=20_000)
    expect(page.locator(".st-key-token_pane").get_by_text("The rest is up to you.")).to_be_visible()
    expect(play).to_have_text(re.compile("Play"), timeout=20_000)


def test_a_recording_travels_as_a_file_and_shows_the_same_picture(page: Page, app_url: str, tmp_path: Path) -> None:
    page.goto(f"{app_url}/replay?{AGENT}")
    map_of_run = page.locator(".st-key-map")
    expect(map_of_run).to_contain_text("messages", timeout=30_000)
    settled(page)
    before = map_of_run.text_content()
    assert before
    with page.expect_download() as waiting:
        page.locator(".st-key-download_recording button").click()
    file = tmp_path / "there.jsonl"
    waiting.value.save_as(file)
    assert json.loads(file.read_text().splitlines()[0])["format"] == "streaming-lab-recording"
    page.goto(f"{app_url}/replay?recording=upload")
    page.locator("input[type=file]").set_input_files(file)
    expect(map_of_run).to_have_text(before, timeout=30_000)


def test_a_report_opens_without_this_app(page: Page, app_url: str, tmp_path: Path) -> None:
    """The file is the only thing that the browser loads."""
    page.goto(f"{app_url}/replay?{AGENT}")
    with page.expect_download() as waiting:
        page.locator(".st-key-download_report button").click()
    file = tmp_path / "report.html"
    waiting.value.save_as(file)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    assert requested == [file.as_uri()]
