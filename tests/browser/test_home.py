"""Home opens with a run that moves, and leads on."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser_checks import check_finished_page

pytestmark = pytest.mark.browser

END = "4.63 s of 4.63 s"


def test_home_plays_by_itself_and_again_at_the_press_of_a_button(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(app_url)
    time = page.locator(".sl-showcase .sl-transport-time")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    box = page.locator(".sl-showcase").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 680
    expect(time).to_have_text(END, timeout=60_000)
    expect(page.locator(".sl-mode-row", has_text="messages").locator(".sl-mode-counts")).to_contain_text("KB")
    again = page.get_by_role("button", name="Play again")
    again.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(time).not_to_have_text(END)


def test_with_reduced_motion_home_shows_the_end_is_accessible_and_leads_on(page: Page, app_url: str) -> None:
    """The glossary and a dotted term open and close by keyboard; Back leads back, also from a run."""
    page.emulate_media(reduced_motion="reduce")
    page.goto(app_url)
    expect(page.locator(".sl-showcase .sl-transport-time")).to_have_text(END, timeout=60_000)
    expect(page.get_by_role("button", name="Play again")).to_be_visible()
    expect(page.locator(".st-key-start button").first).to_be_visible()
    check_finished_page(page)
    page.get_by_role("button", name="Glossary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("One round of the graph")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("One round of the graph")).to_be_hidden()
    page.get_by_role("link", name="superstep").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("note")).to_contain_text("One round of the graph")
    # As light as the page's text, or it would be dark on dark.
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    expect(page.get_by_role("note")).to_have_css("color", "rgb(230, 232, 240)")
    page.keyboard.press("Escape")
    expect(page.get_by_role("note")).to_be_hidden()
    assert "#" not in page.url
    page.get_by_role("button", name="Which mode do I need?").click()
    expect(page.get_by_role("heading", name="Lanes", level=1)).to_be_visible()
    page.go_back()
    page.locator(".stMain").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    page.get_by_role("link", name="Ask a human before continuing").click()
    expect(page.get_by_role("heading", name="Interrupts", level=1)).to_be_in_viewport()
    page.go_back()
    page.get_by_role("button", name="See it live").click()
    expect(page).to_have_url(re.compile("combined.*run="))
    page.go_back()
    expect(page.get_by_role("heading", name="Streaming Lab", level=1)).to_be_visible()


def test_home_is_in_sight_before_the_player_is_loaded(page: Page, app_url: str) -> None:
    page.route("**/player.js", lambda _: None)
    page.goto(app_url)
    expect(page.get_by_role("button", name="See it live")).to_be_visible()
