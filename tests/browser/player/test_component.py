"""The player as a Streamlit component, with a socket that plays a made-up run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.app_server import running_app
from tests.support.browser_checks import look_for, saw, watch_errors

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("player") / "log.txt"
    with running_app(log, script="tests/browser/player/app/server.py") as url:
        yield url


@pytest.fixture
def live_page(player_context: BrowserContext, page_url: str) -> Iterator[Page]:
    page = player_context.new_page()
    errors = watch_errors(page)
    page.goto(page_url)
    expect(page.get_by_text("Press Run to start.")).to_be_visible()
    yield page
    page.close()
    assert errors == []


def test_a_mount_before_the_run_follows_it_and_tells_streamlit_of_its_end_once(live_page: Page) -> None:
    live_page.evaluate("document.querySelector('.sl-mount').dataset.mark = 'kept'")

    live_page.get_by_role("button", name="Run whole").click()

    expect(live_page.locator(".st-key-token_pane").get_by_role("heading", name="Streaming")).to_be_visible()
    expect(live_page.get_by_text("told of the end: {'whole': 'Completed'}")).to_be_visible()
    expect(live_page.locator(".sl-status .sl-chip")).to_have_text("Completed")
    expect(live_page.get_by_text("scripts 3")).to_be_visible()
    assert live_page.locator(".sl-mount").get_attribute("data-mark") == "kept"
    assert live_page.locator("[class*='st-key-token_pane'] .sl-text").count() == 1


def test_a_run_goes_on_after_its_connection_was_lost(live_page: Page) -> None:
    # The connection is back within a quarter of a second, in which a busy test may not look.
    look_for(live_page, "document.body.innerText.includes('Connection lost. Reconnecting…')")
    live_page.get_by_role("button", name="Run cut").click()

    saw(live_page)
    expect(live_page.locator(".sl-status .sl-chip")).to_have_text("Completed")
    expect(live_page.get_by_text("Connection lost. Reconnecting…")).to_be_hidden()
    expect(live_page.get_by_role("heading", name="Streaming")).to_have_count(1)


def test_a_second_run_takes_the_place_of_the_first_in_the_same_mount(live_page: Page) -> None:
    for run in ("whole", "cut"):
        live_page.get_by_role("button", name=f"Run {run}").click()
        expect(live_page.get_by_text(f"told of the end: {{'{run}': 'Completed'}}")).to_be_visible()

    expect(live_page.get_by_role("heading", name="Streaming")).to_have_count(1)


def test_the_player_is_found_where_streamlit_lives_below_a_path(
    player_context: BrowserContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", "lab")
    with running_app(tmp_path / "log.txt", script="tests/browser/player/app/server.py") as url:
        page = player_context.new_page()
        page.goto(f"{url}/lab/")
        expect(page.get_by_text("Press Run to start.")).to_be_visible()

        page.get_by_role("button", name="Run whole").click()

        expect(page.get_by_role("heading", name="Streaming")).to_be_visible()
        page.close()


def test_a_cold_browser_asks_for_one_script_and_one_style(player_context: BrowserContext, page_url: str) -> None:
    page = player_context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(page_url)
    page.get_by_role("button", name="Run whole").click()
    expect(page.get_by_role("heading", name="Streaming")).to_be_visible()

    names = [url.rpartition("/")[2] for url in asked if "/api/player/" in url]
    assert sorted(names) == ["player.css", "player.js"]
    page.close()
