"""The technique pages in a browser: what moves, what survives, what a person does."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from streaming.services import get_services
from tests.support.app_server import running_app
from tests.support.browser_checks import serious_violations, settled, state

pytestmark = pytest.mark.browser

QUICK = "autorun=1&model=scripted&ttft_ms=20&tokens_per_s=2000"
ENDS = {"async": "Completed", "parallel": "Completed", "interrupts": "Interrupted", "tools": "Completed"} | {
    "subgraphs": "Completed",
    "conditional": "Completed",
    "events": "Completed",
}
PARTS = {"async": 2, "subgraphs": 2, "events": 4}


def ended(page: Page, name: str, *, timeout: float = 30_000) -> None:
    """Wait for the end of the page's last run."""
    if parts := PARTS.get(name):
        expect(page.locator(".st-key-desk").get_by_text(f"{parts} of {parts}")).to_be_visible(timeout=timeout)
    expect(state(page, ENDS[name])).to_be_visible(timeout=timeout)


@pytest.mark.parametrize("name", list(ENDS))
def test_every_page_runs_from_a_deep_link_and_is_accessible(page: Page, app_url: str, name: str) -> None:
    page.goto(f"{app_url}/{name}?{QUICK}")
    ended(page, name)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    assert serious_violations(page) == {}


@pytest.mark.local_model
@pytest.mark.skipif(
    not get_services().embedded_model.installed, reason="the embedded model is not installed: make model"
)
@pytest.mark.parametrize("name", [name for name in ENDS if name != "tools"])
def test_the_embedded_model_drives_every_page_but_the_agents(page: Page, app_url: str, name: str) -> None:
    page.goto(f"{app_url}/{name}?autorun=1&model=local")
    ended(page, name, timeout=90_000)


def test_stop_ends_all_runs_that_are_still_to_come(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/subgraphs?autorun=1&model=scripted&ttft_ms=50&tokens_per_s=20")
    expect(page.locator(".st-key-tokens_0").get_by_text("What").first).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(state(page, "Cancelled")).to_be_visible(timeout=3_000)
    expect(page.locator(".st-key-desk").get_by_text("2 of 2")).to_be_visible(timeout=3_000)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)


def test_branches_change_their_order_without_losing_the_run(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/parallel?autorun=1&model=scripted&ttft_ms=50&tokens_per_s=15")
    branches = page.locator(".st-key-branches")
    expect(branches.get_by_text("think · cheap")).to_be_visible()
    run = re.search(r"[?&]run=([\w-]+)", page.url)
    assert run
    page.get_by_role("button", name="by arrival").or_(page.get_by_role("radio", name="by arrival")).first.click()
    # By arrival a branch is named again each time it comes back.
    expect(branches.get_by_text("think · cheap").nth(2)).to_be_visible()
    expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    assert f"run={run.group(1)}" in page.url


def test_a_thread_waits_through_a_killed_server(chromium: Browser, tmp_path: Path) -> None:
    with running_app(tmp_path / "first.txt", killed=True) as url:
        page = chromium.new_page()
        page.goto(f"{url}/interrupts?{QUICK}&prompt=The%20bridge%20is%20open")
        expect(page.get_by_text("Is this draft good?", exact=True)).to_be_visible(timeout=30_000)
        thread = re.search(r"thread=([\w-]+)", page.url)
        assert thread
        page.close()
    with running_app(tmp_path / "second.txt") as url:
        page = chromium.new_page()
        page.goto(f"{url}/interrupts?model=scripted&ttft_ms=50&tokens_per_s=500&thread={thread.group(1)}")
        expect(page.get_by_text("the database has kept it")).to_be_visible(timeout=30_000)
        expect(page.locator(".st-key-story").get_by_text("The bridge is open").first).to_be_visible()
        page.get_by_role("button", name="Resume").click()
        expect(state(page, "Completed")).to_be_visible(timeout=30_000)
        expect(page.locator(".st-key-token_pane").get_by_text("News for everybody")).to_be_visible()
        page.close()


def test_a_person_edits_the_draft_and_sends_it_at_once(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/interrupts?{QUICK}")
    expect(page.get_by_text("Is this draft good?", exact=True)).to_be_visible(timeout=30_000)
    page.get_by_role("radio", name="edit").or_(page.get_by_role("button", name="edit", exact=True)).first.focus()
    page.keyboard.press("Enter")
    text = page.get_by_label("The text as it should be")
    text.fill("Our own words.")
    page.get_by_role("button", name="Resume").click()
    expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    expect(page.locator(".st-key-published").get_by_text("Our own words.")).to_be_visible()


def test_arguments_stand_on_the_screen_before_the_tool_starts(page: Page, app_url: str) -> None:
    page.goto(
        f"{app_url}/tools?autorun=1&model=scripted&ttft_ms=50&tokens_per_s=6&prompt=Build%20an%20index%20of%2030%20documents"
    )
    calls = page.locator(".st-key-calls")
    expect(calls.get_by_text("the model writes it")).to_be_visible()
    expect(calls.get_by_text("at work")).to_be_visible()
    expect(calls.get_by_text("30 documents are indexed.")).to_be_visible(timeout=30_000)


def test_the_table_fills_while_the_model_writes(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/conditional?autorun=1&model=scripted&ttft_ms=50&tokens_per_s=25")
    table = page.locator(".st-key-reader_table")
    expect(table.get_by_text("The simple one")).to_be_visible()
    expect(table.get_by_text("The thorough one")).to_have_count(0)
    expect(state(page, "Running")).to_be_visible()
    expect(table.get_by_text("The thorough one")).to_be_visible(timeout=30_000)


def test_an_answer_is_regenerated_and_the_first_one_stays_within_reach(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?{QUICK}")
    expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Regenerate").click()
    expect(page.get_by_text("Version 2 of 2")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Previous version").click()
    expect(page.get_by_text("Version 1 of 2")).to_be_visible(timeout=30_000)


def test_a_model_that_cannot_stream_shows_its_price(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?autorun=1&model=scripted&ttft_ms=200&tokens_per_s=100&streams=false")
    expect(page.get_by_text("its answer will come whole")).to_be_visible()
    expect(page.get_by_text("of the whole time")).to_be_visible(timeout=30_000)


def test_the_tree_of_graphs_fits_on_a_phone(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app_url}/subgraphs?{QUICK}")
    ended(page, "subgraphs")
    settled(page)
    table = page.locator(".st-key-tree_0").get_by_role("group", name="Namespaces of the run")
    assert table.evaluate("table => table.scrollWidth <= table.clientWidth")
