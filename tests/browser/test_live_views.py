"""Pages while a run streams: what a reader sees before its end, and does in the middle of it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser_checks import QUICK, look_for, run_id, saw, state

pytestmark = pytest.mark.browser


def run_once_loaded(page: Page, panel: Locator) -> None:
    """Start the run when the player is there: what is only in sight for a moment would be over before."""
    expect(panel).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()


def test_branches_change_their_order_without_losing_the_run(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/parallel?autorun=1&model=scripted&ttft_ms=50&tokens_per_s=25")
    branches = page.locator(".st-key-branches")
    expect(branches.get_by_text("think · cheap")).to_be_visible()
    run = run_id(page)
    page.get_by_role("button", name="by arrival").or_(page.get_by_role("radio", name="by arrival")).first.click()
    # By arrival a branch is named again each time it comes back.
    expect(branches.get_by_text("think · cheap").nth(2)).to_be_visible()
    expect(state(page, "Completed")).to_be_visible()
    assert run_id(page) == run


def test_arguments_are_on_screen_before_the_tool_starts_also_on_a_phone(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(
        f"{app_url}/tools?model=scripted&ttft_ms=50&tokens_per_s=1&prompt=Build%20an%20index%20of%2030%20documents"
    )
    calls = page.locator(".st-key-calls")
    expect(calls.get_by_text("Press Run")).to_be_visible()
    expect(calls.get_by_role("region", name="Tool calls")).to_be_in_viewport(ratio=1)
    states = "[...document.querySelectorAll('.st-key-calls .sl-chip')].map(({ textContent }) => textContent)"
    look_for(page, f"{states}.includes('being written')", f"{states}.includes('running')")
    page.get_by_role("button", name="Run", exact=True).click()
    saw(page)
    expect(calls.get_by_text("30 documents are indexed.")).to_be_visible()
    expect(calls.get_by_role("region", name="Tool calls")).to_be_in_viewport(ratio=1)


END_SHOWN = """(([turn, field]) => turn.bottom <= field.top)(
    [".st-key-current_turn", ".st-key-follow_up"].map(part => document.querySelector(part).getBoundingClientRect())
)"""
SCROLLED = "document.querySelector('.stMain').scrollTop"


def test_the_page_follows_an_answer_that_grows_and_who_scrolls_up_stays_there(page: Page, app_url: str) -> None:
    """On a phone the answer went on behind the field for the next message, and the page stood still."""
    page.set_viewport_size({"width": 390, "height": 560})
    page.goto(f"{app_url}/messages?model=scripted&ttft_ms=50&tokens_per_s=40&tokens=2000")
    run_once_loaded(page, page.get_by_text("Ready"))
    jump = page.get_by_role("button", name="Jump to the end")
    page.wait_for_function(f"{SCROLLED} > 200 && {END_SHOWN}")
    expect(jump).to_be_hidden()

    page.locator(".st-key-current_turn").hover()
    page.mouse.wheel(0, -120)
    expect(jump).to_be_visible()
    page.wait_for_function(f"!{END_SHOWN}")
    there = page.evaluate(SCROLLED)
    grown = "document.querySelector('.st-key-current_turn').clientHeight"
    page.wait_for_function(f"{grown} > {page.evaluate(grown) + 100}")
    assert page.evaluate(SCROLLED) == there

    jump.click()
    page.wait_for_function(END_SHOWN)
    expect(jump).to_be_hidden()
    page.get_by_role("button", name="Stop", exact=True).click()
    again = page.get_by_role("button", name="Regenerate")
    expect(again).to_be_visible()
    page.wait_for_function(END_SHOWN)
    expect(again).to_be_in_viewport(ratio=1)


def test_the_answer_of_an_agent_is_followed_on_a_phone_below_its_calls(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app_url}/tools?model=scripted&ttft_ms=50")
    run_once_loaded(page, page.get_by_text("Ready"))
    expect(state(page, "Completed")).to_be_visible()
    page.wait_for_function(END_SHOWN)
    expect(page.get_by_role("button", name="Regenerate")).to_be_in_viewport(ratio=1)
    assert page.locator(".st-key-current_turn .sl-text").bounding_box()["y"] < 844 / 2


FIRST_ROW_ALONE = """(([table, panel]) =>
    table.includes("A used one, two years old") && !table.includes("A flagship") && panel.includes("Running")
)([".st-key-reader_table", ".st-key-run_panel"].map(part => document.querySelector(part)?.innerText ?? ""))"""


def test_the_table_fills_while_the_model_writes(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/conditional?model=scripted&ttft_ms=50&tokens_per_s=25")
    table = page.locator(".st-key-reader_table")
    expect(table.get_by_text("The table appears here")).to_be_visible()
    look_for(page, FIRST_ROW_ALONE)
    page.get_by_role("button", name="Run", exact=True).click()
    saw(page)
    expect(table.get_by_text("A flagship")).to_be_visible()


def test_an_answer_is_regenerated_and_the_first_one_can_be_shown_again(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?{QUICK}")
    expect(state(page, "Completed")).to_be_visible()
    page.get_by_role("button", name="Regenerate").click()
    expect(page.get_by_text("Version 2 of 2")).to_be_visible()
    page.get_by_role("button", name="Previous version").click()
    expect(page.get_by_text("Version 1 of 2")).to_be_visible()


def test_the_buttons_of_a_turn_are_out_of_sight_while_its_answer_grows(page: Page, app_url: str) -> None:
    """The growing answer pushed them down the page, word by word."""
    page.goto(f"{app_url}/messages?model=scripted&ttft_ms=50&tokens_per_s=10&tokens=80&autorun=1")
    regenerate = page.get_by_role("button", name="Regenerate")
    expect(page.get_by_role("region", name="Answer")).to_contain_text(" ")
    expect(state(page, "Running")).to_be_visible()
    expect(regenerate).to_be_hidden()
    expect(state(page, "Completed")).to_be_visible()
    expect(regenerate).to_be_visible()


def test_a_model_that_cannot_stream_shows_what_that_costs(page: Page, app_url: str) -> None:
    """While it runs the page announces a whole answer; at the end it gives the wait's share of the total time."""
    page.goto(f"{app_url}/messages?model=scripted&ttft_ms=200&tokens_per_s=8&tokens=60&streams=false")
    panel = page.locator(".st-key-run_panel")
    run_once_loaded(page, page.get_by_text("Ready"))
    expect(panel.get_by_text(re.compile("does not stream .* whole"))).to_be_visible()
    expect(panel.get_by_text(re.compile(r"\d+% of the total time"))).to_be_visible()
    link = panel.get_by_role("link", name="Why it streamed like this: 1 cause")
    link.press("Enter")
    heading = page.get_by_role("heading", name="Why it streamed like this")
    page.wait_for_function(
        """([heading, panel]) => {
            const { top, bottom } = heading.getBoundingClientRect();
            return top >= panel.getBoundingClientRect().bottom && bottom <= innerHeight;
        }""",
        arg=[heading.element_handle(), panel.element_handle()],
    )


BUTTON_OVER_PANEL = """async code => {
    const middle = element => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return [left + width / 2, top + height / 2];
    };
    const [panel, button] = [document.querySelector(".st-key-run_panel"), code.querySelector("button")];
    document.querySelector(".stMainBlockContainer").style.paddingBottom = "100vh";
    // The panel moves too, until it is held at the window's edge.
    for (let turn = 0; turn < 3; turn++) {
        document.querySelector(".stMain").scrollTop += middle(button)[1] - middle(panel)[1];
        await new Promise(requestAnimationFrame);
    }
    const [left, top] = middle(button);
    return [Math.abs(top - middle(panel)[1]) < 2, panel.contains(document.elementFromPoint(left, top))];
}"""


def test_the_copy_button_of_a_code_block_passes_below_the_run_panel(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/values")
    code = page.locator(".stCode").first
    code.scroll_into_view_if_needed()
    code.hover()
    expect(code.get_by_role("button", name="Copy to clipboard")).to_be_visible()
    arrived, below = code.evaluate(BUTTON_OVER_PANEL)
    assert arrived, "the button is where the panel is"
    assert below


def test_an_empty_prompt_is_told_in_a_line_before_a_run_and_after_one_that_was_stopped(
    page: Page, app_url: str
) -> None:
    """It was a column of letters before the first run, and hidden by how the run had ended after one."""
    page.goto(f"{app_url}/values?model=scripted&ttft_ms=5000")
    prompt, sentence = page.locator(".st-key-prompt textarea"), page.locator(".st-key-obstacle p")
    expect(state(page, "Ready")).to_be_visible()
    prompt.fill("")
    prompt.press("Enter")
    expect(sentence).to_contain_text("The prompt is empty.")
    assert sentence.evaluate("p => p.clientWidth > innerWidth / 3")
    prompt.fill("A poem")
    prompt.press("Enter")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(state(page, "Cancelled")).to_be_visible()
    prompt.fill("")
    prompt.press("Enter")
    expect(sentence).to_be_visible()
    assert sentence.evaluate("p => p.clientWidth > innerWidth / 3")
