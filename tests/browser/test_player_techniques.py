"""What the player draws on pages about techniques, and that they are accessible; each page is loaded once."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser_checks import check_finished_page, run_id, state

pytestmark = pytest.mark.browser


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
    page.goto(f"{app_url}/{path}?model=scripted&ttft_ms=1000&tokens_per_s=40&tokens=60")
    columns = page.locator(".sl-column").filter(has=page.locator(".sl-column-label"))
    page.get_by_role("button", name="Run", exact=True).click()
    run = run_id(page)
    page.get_by_label("Prompt").fill("Another prompt")
    page.get_by_label("Prompt").press("Tab")
    page.wait_for_url(re.compile("prompt=Another"))
    expect(state(page, "Running")).to_be_visible()
    expect(page.locator(ready).first).to_be_visible()
    expect(state(page, "Completed")).to_be_visible()
    expect(page.locator(".st-key-run_panel").get_by_text(f"{runs} of {runs}")).to_be_visible()
    expect(columns.locator(".sl-chip").get_by_text("Completed")).to_have_count(runs)
    assert run_id(page) == run
    check_finished_page(page)
