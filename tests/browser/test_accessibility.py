"""Keyboard and narrow screens; each page's axe checks are beside its deep link."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser_checks import QUICK, check_accessible, settled, state

pytestmark = pytest.mark.browser


# An address, and what the page shows in the state; runs that have ended or ask are checked where each page is tested.
STATES = {
    "empty": ("your-graph", "Ready"),
    "waiting": ("messages?autorun=1&model=scripted&ttft_ms=60000", "Waiting for the first token"),
    "streaming": ("combined?autorun=1&model=scripted&graph=chat&ttft_ms=50&tokens_per_s=2&tokens=400", "Running"),
}


@pytest.mark.parametrize("name", STATES)
def test_every_state_is_accessible_in_both_themes(page: Page, app_url: str, name: str) -> None:
    address, shown = STATES[name]
    page.goto(f"{app_url}/{address}")
    expect(page.get_by_text(re.compile(f"^{shown}")).first).to_be_visible()
    check_accessible(page)
    if name in ("waiting", "streaming"):
        page.locator(".st-key-stop button").click()
        expect(state(page, "Cancelled")).to_be_visible()
    if name == "waiting":
        check_accessible(page)


def test_the_first_tab_leads_to_run_past_the_navigation(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/updates?model=scripted&ttft_ms=20000")
    run = page.locator(".st-key-run button")
    expect(run).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.get_by_role("button", name="Skip to Run")
    expect(skip).to_be_focused()
    expect(page.locator("#sl-skip")).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(run).to_be_focused()
    expect(page.locator("#sl-skip")).to_have_css("opacity", "0")
    check_accessible(page)


def test_keys_run_stop_and_open_the_replay_but_not_while_one_types(page: Page, app_url: str) -> None:
    """The focused buttons by Enter, and the single keys; Enter in the prompt runs, and leaves it."""
    page.goto(f"{app_url}/updates?model=scripted&ttft_ms=20000")
    expect(page.locator(".st-key-run button")).to_be_visible()
    prompt = page.locator(".st-key-prompt textarea")
    prompt.press("r")
    hint = prompt.locator("xpath=ancestor::*[@data-testid='stTextArea']").get_by_test_id("InputInstructions")
    assert "Enter runs" in hint.evaluate("element => getComputedStyle(element, '::after').content")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    overview = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(overview.get_by_text("Run", exact=True)).to_be_visible()
    expect(overview.get_by_text("Stop", exact=True)).to_be_visible()
    expect(state(page, "Ready")).to_be_visible()
    page.keyboard.press("Escape")
    expect(overview).to_have_count(0)
    page.locator(".st-key-run button").focus()
    page.keyboard.press("Enter")
    expect(state(page, "Running")).to_be_visible()
    page.keyboard.press("?")
    expect(overview.get_by_text("Run", exact=True)).to_be_visible()
    # The players of a run draw themselves anew ten times a second, which took the overview away.
    page.wait_for_function("at => performance.now() > at", arg=page.evaluate("performance.now() + 500"))
    page.keyboard.press("Escape")
    expect(overview).to_have_count(0)
    expect(page.locator(".st-key-stop button")).to_be_visible()
    page.locator(".st-key-run button").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".st-key-stop button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(state(page, "Cancelled")).to_be_visible()
    expect(page.locator(".st-key-replay_link a").first).to_be_visible()
    page.locator(".st-key-examples button").first.click()
    page.locator(".st-key-example_1 button").click()
    expect(page.locator(".st-key-example_1")).to_be_hidden()
    expect(page.locator(".st-key-run button")).to_be_focused()
    expect(prompt).to_have_value(re.compile("typing indicator"))
    prompt.fill("Bees")
    prompt.press("Enter")
    expect(state(page, "Running")).to_be_visible()
    expect(page).to_have_url(re.compile("prompt=Bees(&|$)"))
    page.keyboard.press("s")
    expect(state(page, "Cancelled")).to_be_visible()
    expect(page.locator(".st-key-replay_link a").first).to_be_visible()
    page.keyboard.press("p")
    expect(page).to_have_url(re.compile("/replay"))
    main = page.locator("[data-testid=stMain]")
    main.click(position={"x": 14, "y": 300})
    page.keyboard.press("x")
    expect(main).to_be_focused()
    ring = "main => [main.matches(':focus-visible'), getComputedStyle(main, '::before').content]"
    assert main.evaluate(ring) == [True, "none"], "a ring around the whole page"
    page.evaluate("document.documentElement.classList.remove('sl-pointed')")
    assert main.evaluate(ring) == [True, '""'], "who comes by the keyboard sees where the focus is"


def test_a_phone_shows_the_page_and_its_tree_without_sideways_scrolling(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app_url}/subgraphs?{QUICK}")
    expect(page.locator(".st-key-run_panel").get_by_text("2 of 2")).to_be_visible()
    expect(state(page, "Completed")).to_be_visible()
    settled(page)
    assert page.locator("#stMain, [data-testid=stMain]").first.evaluate("main => main.scrollWidth <= main.clientWidth")
    assert page.locator(".sl-tree").first.evaluate("tree => tree.scrollWidth <= tree.clientWidth")
    third = page.locator(".sl-tree").first.locator(".sl-card").nth(2)
    expect(third).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 1280, "height": 720})
    expect(third).to_be_in_viewport(ratio=1)
    page.keyboard.press("f")
    expect(page.locator(".stSidebar")).to_be_hidden()
    expect(third).to_be_in_viewport(ratio=1)
