"""The first run of a page that is drawn ahead: Run draws its buttons, and nothing else of the page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser_checks import run_id, state, wait_for_answer

pytestmark = pytest.mark.browser

SLOW = "model=scripted&ttft_ms=50&tokens_per_s=20&tokens=100"
PAGES = {"combined": "graph=chat"}
OTHER_PAGES = ("values", "updates", "custom", "tasks", "debug", "lanes")


def frames_of_streamlit(page: Page) -> list[int]:
    """The list that the size of each frame will be put on that Streamlit's server sends."""
    frames: list[int] = []

    def on_socket(socket) -> None:  # type: ignore[no-untyped-def]  # Playwright names this class in its async API only
        if "_stcore" in socket.url:
            socket.on("framereceived", lambda frame: frames.append(len(frame)))

    page.on("websocket", on_socket)
    return frames


def start(page: Page) -> None:
    expect(page.get_by_text("Ready", exact=True)).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(state(page, "Running")).to_be_visible()


@pytest.mark.parametrize("path", [*PAGES, *OTHER_PAGES])
def test_run_draws_its_buttons_and_no_other_part_of_the_page(page: Page, app_url: str, path: str) -> None:
    """To draw the whole page took a browser a third of a second in which no text moved, and 127 frames of 73 KB."""
    frames = frames_of_streamlit(page)
    page.goto(f"{app_url}/{path}?{SLOW}&{PAGES.get(path, '')}")
    expect(page.get_by_text("Ready", exact=True)).to_be_visible()
    page.wait_for_function("!document.querySelector('[data-test-script-state=\"running\"]')")
    whole, drawn = sum(frames), len(frames)
    start(page)
    expect(page.locator(".st-key-figures_row")).to_contain_text(re.compile(r"Events\s*[1-9]"))
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    assert 0 < sum(frames[drawn:]) < whole / 5
    run = run_id(page)
    expect(state(page, "Completed")).to_be_visible()
    assert run_id(page) == run
    expect(page.locator(".st-key-replay_link a").first).to_be_visible()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()


@pytest.mark.parametrize("path", PAGES)
def test_a_reload_in_the_first_run_shows_that_run(page: Page, app_url: str, path: str) -> None:
    page.goto(f"{app_url}/{path}?{SLOW}&{PAGES[path]}")
    start(page)
    run = run_id(page)
    page.reload()
    expect(state(page, "Completed")).to_be_visible()
    assert run_id(page) == run


@pytest.mark.parametrize("path", PAGES)
def test_run_in_the_first_run_starts_another(page: Page, app_url: str, path: str) -> None:
    page.goto(f"{app_url}/{path}?{SLOW}&{PAGES[path]}")
    start(page)
    run = run_id(page)
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function("run => new URLSearchParams(location.search).get('run') !== run", arg=run)
    expect(state(page, "Completed")).to_be_visible()
    assert run_id(page) != run


def test_stop_ends_the_first_run(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/combined?{SLOW}&{PAGES['combined']}")
    start(page)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(state(page, "Cancelled")).to_be_visible()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()


def test_a_prompt_that_was_just_typed_is_that_of_the_first_run(page: Page, app_url: str) -> None:
    """The click on Run comes with the text, before the page has been drawn for it."""
    page.goto(f"{app_url}/messages?{SLOW}&graph=chat")
    expect(page.get_by_text("Ready", exact=True)).to_be_visible()
    page.get_by_label("Prompt", exact=True).fill("How do bees find their way home?")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".st-key-question")).to_contain_text("How do bees find their way home?")
    expect(state(page, "Completed")).to_be_visible()
    expect(page.locator(".st-key-question")).to_have_count(1)
    expect(page.locator(".st-key-question")).to_contain_text("How do bees find their way home?")


def test_a_follow_up_in_the_first_answer_goes_to_the_next_turn(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?{SLOW}&graph=chat")
    start(page)
    wait_for_answer(page, 120)
    field = page.get_by_test_id("stChatInputTextArea")
    field.fill("And at night?")
    field.press("Enter")
    expect(page.locator(".st-key-question")).to_contain_text("And at night?")
    expect(page.get_by_text("Cancelled.")).to_be_visible()
    expect(state(page, "Completed")).to_be_visible()


def test_a_control_that_is_changed_in_the_first_run_keeps_the_run(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?{SLOW}&graph=chat")
    start(page)
    run = run_id(page)
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("button", name="answer", exact=True).or_(page.get_by_role("radio", name="answer")).first.click()
    expect(state(page, "Completed")).to_be_visible()
    assert run_id(page) == run
