"""The ways to end a run, or to keep one from starting."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser_checks import chat_text, state, wait_for_answer

pytestmark = pytest.mark.browser


def test_stop_ends_the_run_and_keeps_the_text(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?autorun=1&model=scripted&graph=chat&ttft_ms=50&tokens_per_s=50&tokens=1500")
    before = wait_for_answer(page, 200)
    page.locator(".st-key-stop button").click()
    expect(state(page, "Cancelled")).to_be_visible()
    assert len(chat_text(page)) >= len(before)
    expect(page.locator(".st-key-run button")).to_be_enabled()


HELD = """() => {
    const sheet = new CSSStyleSheet();
    sheet.insertRule(".stApp * { animation-duration: 3600s !important; }");
    document.adoptedStyleSheets.push(sheet);
}"""
PRESSED_AT = """buttons => buttons.filter(button => button.checkVisibility()).map(button => {
    const { x, y, width, height } = button.getBoundingClientRect();
    return button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
})"""
IN_ITS_PLACE = ".st-key-stops :is(button, a)"


@pytest.mark.parametrize("presenter", [0, 1])
def test_a_second_click_on_stop_presses_nothing_that_comes_in_its_place(
    page: Page, app_url: str, presenter: int
) -> None:
    page.goto(f"{app_url}/combined?autorun=1&model=scripted&tokens_per_s=20&tokens=400&presenter={presenter}")
    expect(page.locator(".st-key-token_pane .sl-text")).to_contain_text("A progress bar")
    page.evaluate(HELD)
    page.locator(".st-key-stop button").click()
    retry = page.get_by_role("button", name="Retry")
    expect(retry).to_be_visible()
    expect(page.locator(".st-key-stop")).to_have_count(0)
    assert not any(page.eval_on_selector_all(IN_ITS_PLACE, PRESSED_AT))
    page.evaluate("document.adoptedStyleSheets = []")
    retry.click()
    expect(state(page, "Running")).to_be_visible()
    page.locator(".st-key-stop button").click()


def test_stop_also_ends_the_runs_that_wait_for_their_turn(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/subgraphs?autorun=1&model=scripted&ttft_ms=50&tokens_per_s=20")
    expect(page.locator(".st-key-token_pane").get_by_text("What").first).to_be_visible()
    page.locator(".st-key-stop button").click()
    expect(state(page, "Cancelled")).to_be_visible()
    expect(page.locator(".st-key-run_panel").get_by_text("2 of 2").first).to_be_visible()
    expect(page.locator(".st-key-stop button")).to_have_count(0)


def test_a_run_stops_after_its_step_and_goes_on(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?graph=joke&model=scripted&tokens_per_s=500&ttft_ms=5000")
    page.locator(".st-key-run button").click()
    expect(page.get_by_text("Waiting for the first token").first).to_be_visible()
    page.get_by_role("button", name="More").click()
    page.locator(".st-key-drain button").click()
    expect(page.locator(".st-key-drain button")).to_be_hidden()
    expect(state(page, "Paused")).to_be_visible()
    expect(page.get_by_text(re.compile("Stopped after the step, before generate_joke")).first).to_be_visible()
    page.locator(".st-key-go_on button").click()
    expect(state(page, "Completed")).to_be_visible()


def test_a_run_above_the_limit_of_a_minute_counts_down_and_can_be_stopped(page: Page, app_url: str) -> None:
    """Ten runs a minute are allowed; a click on this page asks for four, which fail for want of a model's name."""
    page.goto(f"{app_url}/events?model=compatible&graph=joke")
    for _ in range(3):
        before = page.url
        page.locator(".st-key-run button").click()
        expect(page).not_to_have_url(before)
    panel = page.locator(".st-key-run_panel")
    expect(panel.get_by_text(re.compile(r"10 runs a minute .* in \d+\.\d s"))).to_be_visible()
    expect(state(page, "Waiting")).to_be_visible()
    page.locator(".st-key-stop button").click()
    expect(state(page, "Cancelled")).to_be_visible()
