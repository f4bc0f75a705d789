"""The dashboard of stored runs: a selection by mouse, and figures as files."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

from tests.support.browser_checks import QUICK, check_finished_page, settled, state

pytestmark = pytest.mark.browser

FIRST_ROW, SECOND_ROW = 52, 87
"""The heights of rows in the table, in pixels."""


@pytest.fixture(scope="module")
def stored_runs(chromium: Browser, app_url: str) -> None:
    """Two runs that differ in their latency."""
    page = chromium.new_page()
    for ttft_ms, graph in ((100, "joke"), (600, "chat")):
        page.goto(f"{app_url}/messages?{QUICK.replace('ttft_ms=20', f'ttft_ms={ttft_ms}')}&graph={graph}")
        expect(state(page, "Completed")).to_be_visible()
    page.close()


def choose_row(page: Page, *, y: int, then: str) -> Locator:
    """Tick the row at this height of the table, and wait for the link that comes; the link."""
    table, link = page.locator(".st-key-run_table canvas").first, page.get_by_role("link", name=then)
    table.scroll_into_view_if_needed()
    settled(page)
    # The table is drawn on a canvas, which tells nobody when its rows take clicks.
    for _ in range(6):
        table.click(position={"x": 15, "y": y}, force=True)
        with suppress(TimeoutError):
            link.wait_for(timeout=5_000)
            break
    return link


@pytest.mark.usefixtures("stored_runs")
def test_it_is_accessible_a_brush_selects_runs_and_figures_are_downloaded(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/runs")
    chart = page.locator(".st-key-scatter canvas, .st-key-scatter svg.marks").first
    expect(chart).to_be_visible()
    expect(page.get_by_text("Percentiles").first).to_be_visible()
    check_finished_page(page)
    starts = {"Chart as PNG": b"\x89PNG", "Chart as SVG": b"<svg", "CSV": b"id,submitted_utc"}
    for button, start in starts.items():
        with page.expect_download() as waiting:
            page.get_by_role("button", name=button, exact=True).click()
        assert Path(waiting.value.path()).read_bytes().startswith(start)
    settled(page)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.15, box["y"] + box["height"] * 0.15)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6, steps=8)
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"\d+ runs? selected|No run is in this selection"))).to_be_visible()
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_text("Drag over the chart to select runs.")).to_be_visible()


@pytest.mark.usefixtures("stored_runs")
def test_back_from_a_replay_leads_to_the_same_filters(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/runs?filter_graph=chat")
    choose_row(page, y=FIRST_ROW, then="Replay this run").click()
    expect(page).to_have_url(re.compile(r"/replay\?recording="))
    expect(page.get_by_role("heading", name="Replay", level=1)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    expect(page).to_have_url(f"{app_url}/runs?filter_graph=chat")
    expect(page.locator(".st-key-filter_graph")).to_contain_text("chat")


@pytest.mark.usefixtures("stored_runs")
def test_two_chosen_runs_are_played_side_by_side(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/runs")
    choose_row(page, y=FIRST_ROW, then="Replay this run")
    choose_row(page, y=SECOND_ROW, then="Play these two side by side").click()
    expect(page).to_have_url(re.compile(r"/replay\?recording=.+&compare="))
    expect(page.get_by_role("heading", name="Replay", level=1)).to_be_visible()
