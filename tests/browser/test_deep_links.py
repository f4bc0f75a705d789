"""Links on a server that was started just now, and what no link may need; the links of each page open its tests."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.app_server import running_app
from tests.support.browser_checks import QUICK, settled, state

pytestmark = pytest.mark.browser


def test_the_first_visitor_of_a_fresh_server_gets_the_page_of_the_link(page: Page, tmp_path: Path) -> None:
    """Streamlit would run the file in `pages/` alone, without navigation and title, had it not run the app before."""
    with running_app(tmp_path / "log.txt") as url:
        page.goto(f"{url}/updates?{QUICK}")
        expect(state(page, "Completed")).to_be_visible()
        expect(page.get_by_role("button", name="Stop")).to_have_count(0)
        expect(page.get_by_role("link", name="Checkpoints")).to_be_visible()
        expect(page).to_have_title(re.compile("^Updates · "))
        # The server ends below, and a page that notices would report lost connections.
        page.goto("about:blank")


def test_the_page_needs_no_other_host_and_keeps_the_apps_icon(page: Page, app_url: str) -> None:
    """A page's own icon in the tab would come from Google's font server; `new_page` fails on any such request."""
    for name in ("", "updates"):
        page.goto(f"{app_url}/{name}")
        settled(page)
        assert page.locator("link[rel='shortcut icon']").evaluate("link => link.href").startswith("data:image/svg")
    page.get_by_role("link", name="Tasks").click()
    expect(page).to_have_title(re.compile("^Tasks"))
    settled(page)
    assert page.locator("link[rel='shortcut icon']").evaluate("link => link.href").startswith("data:image/svg")


def test_the_health_route_answers(app_url: str) -> None:
    answered = httpx.get(f"{app_url}/healthz")
    assert answered.status_code == 200
    assert answered.json()["status"] == "ok"
