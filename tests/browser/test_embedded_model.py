"""The embedded language model behind a page: alone, in parallel branches, and across an interrupt."""

import re

import pytest
from playwright.sync_api import Page, expect

from streaming.services import get_services
from tests.support.browser_checks import state

pytestmark = [
    pytest.mark.browser,
    pytest.mark.local_model,
    pytest.mark.skipif(
        not get_services().embedded_model.installed, reason="the embedded model is not installed: make model"
    ),
]


def test_one_click_on_the_home_page_moves_all_four_panels(page: Page, app_url: str) -> None:
    """Start a run leads to /combined, where the default model fills tokens, timeline, progress and latency."""
    page.goto(app_url)
    page.locator(".st-key-start_run button").click()
    expect(page.get_by_role("heading", name="Combined")).to_be_visible()
    expect(page).to_have_url(re.compile("/combined"))
    expect(state(page, "Completed")).to_be_visible(timeout=90_000)
    assert len(page.locator(".st-key-token_pane").inner_text()) > 100
    timeline = page.locator(".st-key-timeline")
    for word in ("plan", "gather", "write", "check", "messages", "updates", "custom"):
        expect(timeline.get_by_text(re.compile(rf"\b{word}$")).first).to_be_visible()
    expect(page.locator(".st-key-progress").get_by_text(re.compile(r"100\s?%"))).to_be_visible()
    expect(page.locator(".st-key-latency canvas, .st-key-latency svg.marks").first).to_be_visible()
    expect(page.locator(".st-key-figures").get_by_text("TTFT")).to_be_visible()


@pytest.mark.parametrize(("name", "end"), [("parallel", "Completed"), ("interrupts", "Interrupted")])
def test_a_page_runs_on_the_embedded_model(page: Page, app_url: str, name: str, end: str) -> None:
    # What is said is the model's affair: a sentence takes a quarter of the time of a whole answer.
    page.goto(f"{app_url}/{name}?autorun=1&model=local&max_tokens=40")
    expect(state(page, end)).to_be_visible(timeout=90_000)
