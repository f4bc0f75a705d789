"""What the player draws on two pages for the graph of the joke, and that they are accessible."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser_checks import check_finished_page, state

pytestmark = pytest.mark.browser

QUICK = "autorun=1&model=scripted&ttft_ms=20&tokens_per_s=2000"


def open_finished(page: Page, app_url: str, name: str) -> None:
    """The page at the end of a run of the joke."""
    page.goto(f"{app_url}/{name}?{QUICK}&graph=joke")
    expect(state(page, "Completed")).to_be_visible()
    expect(page.locator(".st-key-raw").get_by_role("option").first).to_be_visible()
    expect(page.locator(".st-key-graph_picture svg")).to_be_visible()


def test_updates_shows_what_each_node_changed(page: Page, app_url: str) -> None:
    open_finished(page, app_url, "updates")
    check_finished_page(page)
    cards = page.locator(".st-key-updates .sl-card")
    expect(cards).to_have_count(2)
    expect(cards.first.locator("strong")).to_have_text("refine_topic")
    expect(cards.first.locator("code")).to_have_text("refined")
    expect(cards.last.locator("code")).to_have_text("joke")


def test_tasks_shows_spans_starts_and_results_and_at_the_end_a_chart(page: Page, app_url: str) -> None:
    open_finished(page, app_url, "tasks")
    check_finished_page(page)
    spans = page.locator(".st-key-timeline .sl-spans .sl-track-label")
    expect(spans).to_have_text(["refine_topic", "generate_joke"])
    expect(page.locator(".st-key-tasks .sl-card")).to_have_count(4)
    expect(page.locator(".st-key-gantt canvas, .st-key-gantt svg.marks").first).to_be_visible()
