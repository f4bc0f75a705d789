"""The race and the blind test."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SLOW = "model_1=Scripted%3A+edge+CPU&model_2=Scripted%3A+edge+CPU"
FAST = "model_1=Scripted%3A+fast+GPU&model_2=Scripted%3A+fast+GPU"


def test_a_race_shows_first_tokens_as_they_happen_and_stops(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/race?autorun=1&{SLOW}")
    expect(page.get_by_text(re.compile(r"first text \d.* · end –")).first).to_be_visible(timeout=20_000)
    expect(page.get_by_role("main").get_by_text("Running", exact=True)).to_be_visible()
    page.locator(".st-key-stop button").click()
    expect(page.get_by_text("Verdict")).to_be_visible(timeout=5_000)
    expect(page.locator(".st-key-stop button")).to_have_count(0)


def test_a_blind_test_hides_its_figures_until_the_vote(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/race?{FAST}")
    page.get_by_role("tab", name="Blind test").click()
    page.locator(".st-key-blind button").click()
    expect(page.locator(".st-key-vote_A button")).to_be_visible(timeout=20_000)
    panel = page.get_by_role("tabpanel", name="Blind test")
    assert "first text" not in panel.inner_text()
    page.locator(".st-key-vote_A button").click()
    expect(panel.get_by_text("You chose")).to_be_visible(timeout=20_000)
    expect(panel.locator(".stVegaLiteChart").first).to_be_visible(timeout=20_000)
