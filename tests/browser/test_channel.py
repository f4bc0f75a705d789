"""Where the browser does not reach the app's own routes, the same player is fed through Streamlit, and says so."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browser_checks import chat_text, state, wait_for_answer, watch_errors

pytestmark = pytest.mark.browser

QUICK = "autorun=1&model=scripted&ttft_ms=20&tokens_per_s=400"
SCRIPT, SOCKET, RECORDINGS = "**/api/player/**", "**/api/live", "**/api/recordings/**"
FED = "this view is fed through Streamlit"


@pytest.fixture
def cut_off(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page with an empty cache that does not reach some routes; no error but theirs may show."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    errors: list[list[str]] = []

    def open_page(*routes: str) -> Page:
        page = context.new_page()
        for pattern in routes:
            if pattern == SOCKET:
                page.route_web_socket(pattern, lambda socket: socket.close(code=1001))
            else:
                page.route(pattern, _abort)
        errors.append(watch_errors(page))
        return page

    yield open_page
    context.close()
    found = [error for page_errors in errors for error in page_errors]
    assert [error for error in found if "net::ERR_FAILED" not in error] == []


def _abort(route: Route) -> None:
    route.abort()


def assert_whole_run(page: Page) -> None:
    expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    assert len(wait_for_answer(page, 400)) >= 400
    first_token = page.locator(".st-key-figures_row .sl-figure").filter(has_text="TTFT").locator("dd")
    expect(first_token).to_have_text(re.compile(r"\d m?s"))
    expect(page.locator(".st-key-raw").get_by_role("option").first).to_be_visible()


def test_without_the_socket_frames_come_through_streamlit_until_it_works_again(
    cut_off: Callable[..., Page], app_url: str
) -> None:
    page = cut_off(SOCKET)
    page.goto(f"{app_url}/messages?autorun=1&model=scripted&ttft_ms=20&tokens_per_s=4&tokens=400&graph=chat")
    expect(page.get_by_text(FED)).to_be_visible()
    wait_for_answer(page, 40)
    before = len(chat_text(page))
    wait_for_answer(page, before + 20)
    page.unroute_all()
    page.route_web_socket(SOCKET, lambda socket: socket.connect_to_server() and None)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text(FED)).to_have_count(0)
    at_change = len(chat_text(page))
    wait_for_answer(page, at_change + 10)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(state(page, "Cancelled")).to_be_visible()
    expect(page.locator(".st-key-chat")).to_contain_text("Broke off here")
    drawn = chat_text(page)
    page.reload()
    assert wait_for_answer(page, len(drawn)) == drawn


def test_without_any_route_the_script_comes_through_streamlit_too(cut_off: Callable[..., Page], app_url: str) -> None:
    page = cut_off(SCRIPT, SOCKET)
    page.goto(f"{app_url}/messages?{QUICK}&graph=chat")
    assert_whole_run(page)
    expect(page.get_by_text(FED)).to_be_visible()


def test_a_replay_gets_its_recording_through_streamlit(cut_off: Callable[..., Page], app_url: str) -> None:
    page = cut_off(RECORDINGS)
    page.goto(f"{app_url}/replay?recording=shipped:an-agent-with-its-tools-scripted.jsonl")
    expect(page.get_by_role("button", name="Play").first).to_be_visible()
    expect(page.get_by_text("they come through Streamlit")).to_be_visible()
