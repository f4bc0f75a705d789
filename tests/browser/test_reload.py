"""What is still there after a reload, a switch of the page, a second session and a killed server."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.app_server import free_port, running_app
from tests.support.browser_checks import QUICK, chat_text, run_id, settled, state, wait_for_answer

pytestmark = pytest.mark.browser

STREAMING = "autorun=1&model=scripted&graph=chat&ttft_ms=50&tokens_per_s=50&tokens=200"


def test_a_reload_in_mid_run_keeps_every_token(page: Page, app_url: str) -> None:
    # Long enough that the run goes on after the reload on a busy machine too.
    page.goto(f"{app_url}/messages?{STREAMING}".replace("tokens=200", "tokens=400"))
    before = wait_for_answer(page, 300)
    run = run_id(page)
    page.reload()
    expect(state(page, "Completed")).to_be_visible()
    assert run_id(page) == run
    assert wait_for_answer(page, len(before) + 1).startswith(before[:200])


def test_a_run_goes_on_while_another_page_is_open(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?{STREAMING}")
    run = run_id(page)
    wait_for_answer(page, 100)
    page.get_by_role("link", name="Updates").click()
    expect(page.get_by_role("heading", name="Updates")).to_be_visible()
    page.get_by_role("link", name="Messages").click()
    expect(state(page, "Completed")).to_be_visible()
    wait_for_answer(page, 400)
    assert run_id(page) == run


def test_a_prompt_too_long_for_the_url_survives_a_reload(page: Page, app_url: str) -> None:
    """In the URL it would make the server refuse the page; it comes back from the run instead."""
    page.goto(f"{app_url}/messages?{QUICK.removeprefix('autorun=1&')}")
    prompt = page.get_by_label("Prompt", exact=True)
    prompt.fill("字" * 9_000)
    prompt.press("Control+Enter")
    page.locator(".st-key-run button").click()
    expect(state(page, "Completed")).to_be_visible()
    answered = page.reload()
    assert answered
    assert answered.status == 200
    expect(state(page, "Completed")).to_be_visible()
    expect(prompt).to_have_value("字" * 9_000)


def test_a_preset_is_still_there_after_a_reload(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/values?model=scripted")
    page.get_by_role("button", name="Model settings").click()
    page.get_by_role("combobox", name="Preset").click()
    page.get_by_role("option", name="slow reasoning").click()
    expect(page).to_have_url(re.compile("ttft_ms=4000"))
    expect(page).to_have_url(re.compile("preset=slow"))
    settled(page)
    page.reload()
    page.get_by_role("button", name="Model settings").click()
    expect(page.get_by_label("TTFT (ms)")).to_have_value("4000")
    expect(page.get_by_label("Tokens per second")).to_have_value("45")


def test_two_sessions_at_once_do_not_mix(new_page: Callable[[], Page], app_url: str) -> None:
    pages = [new_page(), new_page()]
    for page, subject in zip(pages, ("Apples", "Violins"), strict=True):
        page.goto(f"{app_url}/messages?autorun=1&model=scripted&ttft_ms=500&tokens_per_s=200&prompt={subject}")
    for page in pages:
        expect(state(page, "Completed")).to_be_visible()
    first, second = (chat_text(page) for page in pages)
    assert "Apples" in first
    assert "Violins" not in first
    assert "Violins" in second
    assert "Apples" not in second


def test_a_killed_server_leaves_its_threads_and_its_runs(context: BrowserContext, tmp_path: Path) -> None:
    """An open tab is not touched: its connections come back, and its run from the history, with what became of it.

    A question and its draft come from the database, and the answer goes on with the same thread.
    And the first visitor of a fresh server gets the page of the link: Streamlit would run the file in `pages/` alone,
    without navigation and title, had it not run the app before.
    """
    port = free_port()
    asked, streaming = context.new_page(), context.new_page()
    with running_app(tmp_path / "first.txt", killed=True, port=port) as url:
        asked.goto(f"{url}/interrupts?{QUICK}&prompt=The%20bridge%20is%20open")
        expect(asked.locator(".st-key-resume button")).to_be_visible()
        expect(asked.get_by_role("button", name="Stop")).to_have_count(0)
        expect(asked.get_by_role("link", name="Checkpoints")).to_be_visible()
        expect(asked).to_have_title(re.compile("^Interrupts · "))
        thread = re.search(r"thread=([\w-]+)", asked.url)
        assert thread
        asked.goto("about:blank")
        streaming.goto(f"{url}/messages?{STREAMING}".replace("tokens=200", "tokens=1500"))
        wait_for_answer(streaming, 300)
        run = run_id(streaming)
    with running_app(tmp_path / "second.txt", port=port) as url:
        asked.goto(f"{url}/interrupts?{QUICK.removeprefix('autorun=1&')}&thread={thread.group(1)}")
        expect(asked.locator(".st-key-story").get_by_text("The bridge is open").first).to_be_visible()
        asked.locator(".st-key-resume button").click()
        expect(state(asked, "Completed")).to_be_visible()
        expect(asked.locator(".st-key-published")).not_to_be_empty()
        asked.close()
        expect(state(streaming, "Failed")).to_be_visible(timeout=60_000)
        expect(streaming.get_by_text("The server ended while the run went on.").first).to_be_visible()
        assert run_id(streaming) == run
        expect(streaming.locator(".st-key-chat")).to_contain_text("Vanilla is the seed pod of an orchid")
        streaming.get_by_role("button", name="Keep").click()
        expect(state(streaming, "Kept, incomplete")).to_be_visible()
        expect(streaming.locator(".st-key-chat")).to_contain_text("Vanilla is the seed pod of an orchid")
        streaming.close()
