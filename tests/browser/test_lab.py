"""Race, dashboard and replay in a browser: what moves, what is brushed, what is downloaded."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser_checks import serious_violations, settled, state

pytestmark = pytest.mark.browser

SLOW = "model_1=Scripted%3A+edge+CPU&model_2=Scripted%3A+edge+CPU"
AGENT = "recording=shipped%3Aan-agent-with-its-tools-scripted.jsonl"


@pytest.fixture(scope="module")
def some_runs(chromium: Browser, app_url: str) -> None:
    """A history of three runs."""
    page = chromium.new_page()
    for graph in ("joke", "chat", "ideas"):
        page.goto(f"{app_url}/combined?autorun=1&model=scripted&ttft_ms=100&tokens_per_s=500&graph={graph}")
        expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    page.close()


def test_a_race_shows_first_tokens_as_they_happen_and_stops(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/race?autorun=1&{SLOW}")
    expect(page.get_by_text(re.compile(r"first text \d.* · end –")).first).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Running")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Verdict")).to_be_visible(timeout=5_000)
    expect(page.get_by_text("Finished")).to_be_visible()


def test_a_blind_test_from_start_to_vote(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/race?model_1=Scripted%3A+fast+GPU&model_2=Scripted%3A+fast+GPU")
    page.get_by_role("tab", name="Blind test").click()
    page.get_by_role("button", name="Start the blind test").click()
    expect(page.get_by_text("Which felt faster?")).to_be_visible(timeout=20_000)
    assert "first text" not in page.get_by_role("tabpanel", name="Blind test").inner_text()
    page.get_by_role("button", name="Pane A").click()
    expect(page.get_by_text("You chose")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("What felt faster, against what was faster")).to_be_visible(timeout=20_000)


@pytest.mark.usefixtures("some_runs")
def test_a_brush_over_the_chart_chooses_runs_for_everything_below(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/runs")
    expect(page.get_by_text("Drag over the chart to choose runs.")).to_be_visible(timeout=30_000)
    chart = page.locator(".st-key-scatter canvas, .st-key-scatter svg.marks").first
    expect(chart).to_be_visible(timeout=30_000)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.15, box["y"] + box["height"] * 0.15)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6, steps=8)
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"\d+ runs? selected"))).to_be_visible(timeout=20_000)


@pytest.mark.usefixtures("some_runs")
@pytest.mark.parametrize(
    ("button", "start"), [("Chart as PNG", b"\x89PNG"), ("Chart as SVG", b"<svg"), ("CSV", b"id,at")]
)
def test_figures_can_be_taken_along(page: Page, app_url: str, button: str, start: bytes) -> None:
    page.goto(f"{app_url}/runs")
    with page.expect_download(timeout=30_000) as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    assert Path(waiting.value.path()).read_bytes().startswith(start)


def test_a_replay_plays_pauses_and_goes_on(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/replay?{AGENT}")
    page.get_by_role("button", name="To the start").click()
    expect(page.get_by_text(re.compile(r"^0 ms of 2\.12 s")).first).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_text(re.compile(r"^2\.12 s of 2\.12 s")).first).to_be_visible(timeout=20_000)
    expect(page.locator(".st-key-token_pane").get_by_text("The rest is up to you.")).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible(timeout=20_000)


def test_a_recording_travels_as_a_file_and_shows_the_same_picture(page: Page, app_url: str, tmp_path: Path) -> None:
    page.goto(f"{app_url}/replay?{AGENT}")
    map_of_run = page.locator(".st-key-map")
    expect(map_of_run).to_contain_text("messages", timeout=30_000)
    settled(page)
    before = map_of_run.text_content()
    assert before
    with page.expect_download(timeout=30_000) as waiting:
        page.get_by_role("button", name="Download the recording").click()
    file = tmp_path / "there.jsonl"
    waiting.value.save_as(file)
    assert json.loads(file.read_text().splitlines()[0])["format"] == "streaming-lab-recording"
    page.goto(f"{app_url}/replay?recording=upload")
    page.locator("input[type=file]").set_input_files(file)
    expect(map_of_run).to_have_text(before, timeout=30_000)


def test_a_report_opens_without_this_app(page: Page, app_url: str, tmp_path: Path) -> None:
    page.goto(f"{app_url}/replay?{AGENT}")
    with page.expect_download(timeout=30_000) as waiting:
        page.get_by_role("button", name="Download a report").click()
    file = tmp_path / "report.html"
    waiting.value.save_as(file)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    assert asked == [file.as_uri()]


@pytest.mark.usefixtures("some_runs")
@pytest.mark.parametrize("name", ["race?autorun=1", "runs", f"replay?{AGENT}"])
def test_axe_finds_no_serious_violation(page: Page, app_url: str, name: str) -> None:
    page.goto(f"{app_url}/{name}")
    expect(page.get_by_role("heading").first).to_be_visible()
    ready = {"race?autorun=1": "Verdict", "runs": "Percentiles"}.get(name, "Position (s)")
    expect(page.get_by_text(ready).first).to_be_visible(timeout=30_000)
    assert serious_violations(page) == {}


def test_an_answer_is_cut_marked_and_continued(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/faults?autorun=1&fault=Cut&tokens_per_s=200&ttft_ms=50")
    pane = page.locator(".st-key-token_pane")
    expect(pane.get_by_text("Broke off here")).to_be_visible(timeout=30_000)
    assert serious_violations(page) == {}
    partial = pane.locator("p").last.inner_text()
    page.get_by_role("button", name="Continue").click()
    expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    expect(pane.get_by_text("buffered")).to_be_visible()
    assert partial
    expect(page.get_by_role("button", name="Continue")).to_have_count(0)


def test_a_run_stops_after_its_step_and_goes_on(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?graph=joke&autorun=1&model=scripted&tokens_per_s=7&ttft_ms=500")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Stop after this step").click()
    expect(page.get_by_text("Stopping after this step…")).to_be_visible()
    expect(page.get_by_role("button", name="Stop after this step")).to_be_hidden()
    expect(state(page, "Interrupted")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("before generate_joke")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(state(page, "Completed")).to_be_visible(timeout=30_000)


def test_the_eleventh_run_of_a_minute_counts_down(page: Page, app_url: str) -> None:
    # Without a model's name each run fails before it calls anybody, and counts all the same.
    page.goto(f"{app_url}/updates?model=compatible&graph=joke")
    run = page.get_by_role("button", name="Run", exact=True)
    for _ in range(11):
        before = page.url
        run.click()
        expect(page).not_to_have_url(before)
    panel = page.locator(".st-key-desk")
    expect(panel.get_by_text(re.compile(r"10 runs a minute are the limit .* in \d+\.\d s"))).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(state(page, "Cancelled")).to_be_visible()
