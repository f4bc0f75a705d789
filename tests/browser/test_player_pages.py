"""What the player draws on the pages of one run, and that they are accessible; each page is loaded once."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser_checks import check_finished_page, state

pytestmark = pytest.mark.browser

QUICK = "autorun=1&model=scripted&ttft_ms=20&tokens_per_s=2000"


def open_finished(page: Page, app_url: str, name: str, graph: str | None = None) -> None:
    """The page at the end of its run; without `graph`, as a link without one opens it."""
    page.goto(f"{app_url}/{name}?{QUICK}" + (f"&graph={graph}" if graph else ""))
    expect(state(page, "Completed")).to_be_visible()
    expect(page.locator(".st-key-raw").get_by_role("option").first).to_be_visible()
    expect(page.locator(".st-key-graph_picture svg")).to_be_visible()


def test_values_shows_each_state_with_its_changes(page: Page, app_url: str) -> None:
    open_finished(page, app_url, "values")
    check_finished_page(page)
    shown = page.locator(".st-key-state")
    expect(shown.get_by_text("Superstep 2")).to_be_visible()
    expect(shown.locator(".sl-changed code")).to_have_text("joke")
    shown.get_by_role("slider", name="Superstep").press("Home")
    expect(shown.get_by_text("Superstep 0")).to_be_visible()
    expect(shown.locator(".sl-field code")).to_have_text("topic")


def test_updates_shows_what_each_node_changed(page: Page, app_url: str) -> None:
    open_finished(page, app_url, "updates", "joke")
    check_finished_page(page)
    cards = page.locator(".st-key-updates .sl-card")
    expect(cards).to_have_count(2)
    expect(cards.first.locator("strong")).to_have_text("refine_topic")
    expect(cards.first.locator("code")).to_have_text("refined")
    expect(cards.last.locator("code")).to_have_text("joke")


def test_custom_shows_the_progress_and_its_steps(page: Page, app_url: str) -> None:
    open_finished(page, app_url, "custom")
    check_finished_page(page)
    shown = page.locator(".st-key-progress")
    expect(shown.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")
    expect(shown.get_by_role("listitem").first).to_contain_text("UTC")


def test_tasks_shows_spans_starts_and_results_and_at_the_end_a_chart(page: Page, app_url: str) -> None:
    open_finished(page, app_url, "tasks", "joke")
    check_finished_page(page)
    spans = page.locator(".st-key-timeline .sl-spans .sl-track-label")
    expect(spans).to_have_text(["refine_topic", "generate_joke"])
    expect(page.locator(".st-key-tasks .sl-card")).to_have_count(4)
    expect(page.locator(".st-key-gantt canvas, .st-key-gantt svg.marks").first).to_be_visible()


def test_debug_shows_a_trace_that_can_be_filtered(page: Page, app_url: str) -> None:
    open_finished(page, app_url, "debug")
    check_finished_page(page)
    rows = page.locator(".st-key-trace").get_by_role("option")
    expect(rows).to_have_count(8)
    page.locator(".st-key-trace_filter-kind").get_by_text("task_result", exact=True).click()
    expect(rows).to_have_count(2)
    rows.first.click()
    expect(page.locator(".st-key-trace .sl-detail")).to_contain_text('"name": "refine_topic"')


def test_checkpoints_shows_the_chain_the_answer_and_the_way_back(page: Page, app_url: str) -> None:
    open_finished(page, app_url, "checkpoints")
    check_finished_page(page)
    cards = page.locator(".st-key-checkpoints .sl-card")
    expect(cards).to_have_count(4)
    expect(cards.last).to_contain_text("nothing: the end")
    expect(page.locator(".st-key-token_pane").get_by_text("had a meltdown")).to_be_visible()
    before = page.url
    page.get_by_role("button", name="Resume from here").click()
    expect(page).not_to_have_url(before)
    expect(state(page, "Completed")).to_be_visible()
