"""What no link may need; the links of each page open its tests."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.browser_checks import settled

pytestmark = pytest.mark.browser


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
