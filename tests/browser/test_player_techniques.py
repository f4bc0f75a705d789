"""What the player draws on the pages about techniques, and that they are accessible; each page is loaded once."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser_checks import check_finished_page, run_id, state

pytestmark = pytest.mark.browser

QUICK = "autorun=1&model=scripted&ttft_ms=20&tokens_per_s=500"


def test_tools_draws_arguments_as_they_are_written_and_the_result(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/tools?{QUICK}")
    calls = page.locator(".st-key-calls")
    expect(calls.get_by_text('{"expression": "12 * (3 + 4)"}', exact=True)).to_be_visible()
    expect(calls.get_by_text("→ 84", exact=True)).to_be_visible()
    expect(page.locator(".st-key-chat").get_by_text("84").first).to_be_visible()
    expect(state(page, "Completed")).to_be_visible()
    expect(calls.get_by_text("finished", exact=True)).to_have_count(2)
    check_finished_page(page)


def test_interrupts_asks_when_the_run_has_paused_and_a_draft_is_edited_by_keyboard_and_sent_as_it_is_typed(
    page: Page, app_url: str
) -> None:
    """The answer follows the typing at once: the text counts although the page was not drawn since.

    Ctrl+Enter, which is Run elsewhere, sends the answer.
    """
    page.goto(f"{app_url}/interrupts?{QUICK}")
    expect(page.locator(".st-key-token_pane .sl-message").first).to_be_visible()
    expect(page.get_by_text("Is this draft good?", exact=True)).to_be_visible()
    expect(state(page, "Interrupted")).to_be_visible()
    check_finished_page(page)
    page.get_by_role("radio", name="edit").or_(page.get_by_role("button", name="edit", exact=True)).first.focus()
    page.keyboard.press("Enter")
    run = run_id(page)
    page.locator("[class*=st-key-text_] textarea").fill("Our own words.")
    page.locator("[class*=st-key-text_] textarea").press("Control+Enter")
    expect(state(page, "Completed")).to_be_visible()
    expect(page.locator(".st-key-published").get_by_text("Our own words.")).to_be_visible()
    assert run_id(page) != run, "the thread goes on in another run"


def test_faults_draws_the_steps_of_server_and_policy_and_a_cut_answer_is_marked_and_continued(
    page: Page, app_url: str
) -> None:
    page.goto(f"{app_url}/faults?autorun=1&fault=Cut&tokens_per_s=500&ttft_ms=20")
    steps, pane = page.locator(".st-key-steps"), page.locator(".st-key-token_pane")
    expect(steps.get_by_text("server", exact=True).first).to_be_visible()
    expect(steps.get_by_text("the graph starts")).to_be_visible()
    expect(steps.get_by_text("first token of generate_joke")).to_be_visible()
    expect(pane.get_by_text("Broke off here")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    expect(state(page, "Failed")).to_be_visible()
    check_finished_page(page)
    assert pane.locator("p").last.inner_text()
    page.get_by_role("button", name="Continue").click()
    expect(state(page, "Completed")).to_be_visible()
    expect(pane.get_by_text("had a meltdown")).to_be_visible()
    expect(page.get_by_role("button", name="Continue")).to_have_count(0)


COMPARED = (("async", ".sl-bar", 2), ("subgraphs", ".sl-tree .sl-card", 2), ("events", ".sl-kinds td", 4))


@pytest.mark.parametrize(("path", "ready", "runs"), COMPARED)
def test_a_page_that_compares_runs_stays_usable_until_all_have_ended(
    page: Page, app_url: str, path: str, ready: str, runs: int
) -> None:
    page.goto(f"{app_url}/{path}?autorun=1&model=scripted&ttft_ms=600&tokens_per_s=40&tokens=40")
    columns = page.locator(".sl-column").filter(has=page.locator(".sl-column-label"))
    expect(page.locator(ready).first).to_be_visible()
    run = run_id(page)
    page.get_by_label("Prompt").fill("Another prompt")
    page.get_by_label("Prompt").press("Tab")
    page.wait_for_url(re.compile("prompt=Another"))
    expect(state(page, "Running")).to_be_visible()
    expect(state(page, "Completed")).to_be_visible()
    expect(page.locator(".st-key-run_panel").get_by_text(f"{runs} of {runs}")).to_be_visible()
    expect(columns.locator(".sl-chip").get_by_text("Completed")).to_have_count(runs)
    assert run_id(page) == run
    check_finished_page(page)
