"""The downloaded page, opened from disk: it plays, and asks nothing of any host."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from components.player.page_that_plays import FirstText, render_page_that_plays
from streaming.core.events import Token
from streaming.recordings.library import open_recording
from tests.support.app_test import ROOT

pytestmark = pytest.mark.browser

MODES = "report-in-all-seven-modes-scripted.jsonl"
AGENT = "an-agent-with-its-tools-scripted.jsonl"
REPORT = "report-on-the-embedded-model.jsonl"


@pytest.fixture
def opened(player_context: BrowserContext, tmp_path: Path) -> Iterator[Page]:
    """A blank tab; it fails its test when a page asks for more than itself, or has an error."""
    page = player_context.new_page()
    troubles: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    page.close()
    assert troubles == []
    assert asked == [(tmp_path / "page.html").as_uri()]


def open_page(page: Page, folder: Path, *names: str) -> None:
    recordings = [(open_recording(ROOT / "recordings", name), f"Run {n}") for n, name in enumerate(names, 1)]
    (folder / "page.html").write_text(render_page_that_plays(recordings), encoding="utf-8")
    page.goto((folder / "page.html").as_uri())
    expect(time(page)).to_be_visible()


def time(page: Page) -> Locator:
    return page.locator(".sl-transport-time")


def test_it_plays_to_the_picture_that_it_opens_with(opened: Page, tmp_path: Path) -> None:
    open_page(opened, tmp_path, AGENT)
    text = opened.locator(".sl-replay-picture .sl-text")
    expect(text).to_contain_text("The rest is up to you.")
    whole, shown = text.inner_text(), opened.locator(".sl-replay-figures").inner_text()
    opened.get_by_label("Speed").select_option("10")
    opened.keyboard.press("Home")
    expect(text).not_to_contain_text("The rest is up to you.")
    opened.get_by_role("button", name="Play", exact=True).click()
    expect(text).to_contain_text("The rest is up to you.")
    expect(time(opened)).to_have_text("2.12 s of 2.12 s")
    assert text.inner_text() == whole
    assert opened.locator(".sl-replay-figures").inner_text() == shown


def test_a_long_text_opens_at_its_first_words_and_is_followed_from_the_first_move_on(
    opened: Page, tmp_path: Path
) -> None:
    opened.set_viewport_size({"width": 320, "height": 700})
    open_page(opened, tmp_path, REPORT)
    text = opened.locator(".sl-replay-picture .sl-text").element_handle()
    opened.wait_for_function("text => text.scrollHeight > text.clientHeight && text.scrollTop === 0", arg=text)
    opened.keyboard.press("ArrowLeft")
    expect(opened.locator(".sl-chip").first).to_have_text("Running")
    at_end = "text => text.scrollTop + text.clientHeight > text.scrollHeight - 8"
    opened.wait_for_function(at_end, arg=text)
    opened.keyboard.press("ArrowRight")
    expect(opened.locator(".sl-chip").first).to_have_text("Completed")
    opened.wait_for_function("text => text.scrollTop === 0", arg=text)


def test_on_a_phone_the_texts_of_three_runs_are_in_sight_where_they_are_played(opened: Page, tmp_path: Path) -> None:
    opened.set_viewport_size({"width": 390, "height": 844})
    open_page(opened, tmp_path, AGENT, MODES, REPORT)
    opened.evaluate("document.querySelector('.sl-replay-bar').scrollIntoView()")
    texts = opened.locator(".sl-replay-picture .sl-text")
    expect(texts).to_have_count(3)
    for text in texts.all()[:2]:
        expect(text).to_be_in_viewport(ratio=1)
    opened.mouse.wheel(0, 400)
    expect(texts.nth(2)).to_be_in_viewport(ratio=1)
    expect(opened.get_by_role("button", name="Play", exact=True)).to_be_in_viewport(ratio=1)


def test_a_run_without_tokens_shows_its_answer_beside_one_that_streams(opened: Page, tmp_path: Path) -> None:
    streaming = open_recording(ROOT / "recordings", MODES)
    whole = replace(streaming, events=[entry for entry in streaming.events if not isinstance(entry.event, Token)])
    page = render_page_that_plays([(whole, "Blocking"), (streaming, "Streaming")], above="<p>The verdict</p>")
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    opened.goto((tmp_path / "page.html").as_uri())
    expect(opened.get_by_text("The verdict")).to_be_visible()
    for pane in opened.locator(".sl-replay-picture .sl-text").all():
        expect(pane).not_to_be_empty()
        expect(pane.locator("p").first).to_be_visible()


def test_what_is_compared_has_one_scale_and_the_first_text_that_was_measured(opened: Page, tmp_path: Path) -> None:
    runs = [(open_recording(ROOT / "recordings", name), name) for name in (AGENT, REPORT)]
    firsts = [FirstText(0.501, 0.342), FirstText(None, None)]
    (tmp_path / "page.html").write_text(render_page_that_plays(runs, firsts=firsts), encoding="utf-8")
    opened.goto((tmp_path / "page.html").as_uri())
    opened.get_by_role("button", name="Gaps between tokens").click()
    tops = opened.locator(".sl-gaps-top")
    expect(tops).to_have_count(2)
    assert len(set(tops.all_inner_texts())) == 1, "equal heights are equal gaps"
    first = opened.locator(".sl-figure", has_text="First text").locator("dd")
    expect(first).to_have_text(["501 ms", "–"])
    opened.keyboard.press("Home")
    expect(first).to_have_text(["–", "–"])


def test_keys_and_the_map_move_it(opened: Page, tmp_path: Path) -> None:
    open_page(opened, tmp_path, AGENT)
    opened.keyboard.press("Home")
    expect(time(opened)).to_contain_text("0")
    start = time(opened).inner_text()
    opened.locator(".sl-map-track").click()
    expect(time(opened)).not_to_have_text(start)
    middle = time(opened).inner_text()
    opened.keyboard.press("ArrowLeft")
    expect(time(opened)).not_to_have_text(middle)
    opened.keyboard.press("End")
    expect(time(opened)).to_have_text("2.12 s of 2.12 s")


def test_every_picture_opens(opened: Page, tmp_path: Path) -> None:
    open_page(opened, tmp_path, REPORT)
    views = opened.locator(".sl-view")
    assert {"Tokens", "Progress", "Node spans"} <= set(views.all_inner_texts())
    for view in views.all():
        view.click()
        expect(view).to_have_attribute("aria-pressed", "true")
        expect(opened.locator(".sl-replay-picture .sl-panel").first).to_be_visible()


COUNTED = """async () => {
    const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    await painted();
    await painted();
    const number = (text) => Number(text.split(" · ")[0].replace(/[^0-9]/g, ""));
    const tile = [...document.querySelectorAll(".sl-figure")].find((box) => box.textContent.startsWith("Events"));
    const lanes = [...document.querySelectorAll(".sl-mode-counts")].map(({ textContent }) => number(textContent));
    return [number(tile.querySelector("dd").textContent), lanes.reduce((sum, one) => sum + one, 0)];
}"""


def test_step_by_step_the_lanes_have_as_many_events_as_the_figures_say(opened: Page, tmp_path: Path) -> None:
    open_page(opened, tmp_path, MODES)
    opened.get_by_role("button", name="Lanes", exact=True).click()
    expect(opened.locator(".sl-mode-counts").first).to_be_visible()
    tile, lanes = opened.evaluate(COUNTED)
    assert tile == lanes > 100
    for _ in range(6):
        opened.keyboard.press("ArrowLeft")
        fewer, lanes = opened.evaluate(COUNTED)
        assert fewer == lanes
    assert fewer < tile


PICTURE_AT_THE_END = """() => new Promise((resolve) => {
    const time = document.querySelector(".sl-transport-time");
    new MutationObserver(() => {
        const [at, end] = time.textContent.split(" of ");
        // After all that this frame draws, as it is painted.
        if (at === end) setTimeout(() => resolve(document.querySelector(".sl-replay").innerText));
    }).observe(time, { childList: true, characterData: true, subtree: true });
    document.querySelector(".sl-play").click();
})"""


def test_two_runs_share_one_clock_and_the_time_is_that_of_the_picture(opened: Page, tmp_path: Path) -> None:
    open_page(opened, tmp_path, AGENT, REPORT)
    whole = opened.locator(".sl-replay").inner_text()
    opened.get_by_label("Speed").select_option("10")
    opened.keyboard.press("Home")
    assert opened.evaluate(PICTURE_AT_THE_END) == whole
    assert opened.locator(".sl-map-track").count() == 2
    opened.keyboard.press("Home")
    for track in opened.locator(".sl-map-track").all():
        expect(track).to_have_attribute("aria-valuenow", "0.000")


def test_a_picture_of_the_whole_page_and_paper_show_all_of_a_text(opened: Page, tmp_path: Path) -> None:
    opened.set_viewport_size({"width": 390, "height": 300})
    open_page(opened, tmp_path, AGENT, REPORT)
    laid_out = "parts => parts.every(part => part.checkVisibility({ contentVisibilityAuto: true }))"
    parts = opened.locator(".sl-markdown > * > *, .sl-track-row > *")
    expect(parts.first).to_be_attached()
    assert parts.evaluate_all(laid_out), "also below the window, where a picture of the whole page begins"
    opened.emulate_media(media="print")
    hidden = opened.locator(".sl-text").evaluate_all(
        "texts => texts.map(text => text.scrollHeight - text.clientHeight)"
    )
    assert hidden == [0, 0]
    opened.emulate_media(media="screen")
