"""What a failed browser test leaves behind, and what fails one."""

import subprocess

import pytest
from playwright.sync_api import Browser, Page

from tests.support.app_server import ROOT
from tests.support.browser_checks import (
    COLOURS_OF_LIBRARIES,
    FAILURES,
    serious_violations,
    take_screenshot,
    watch_errors,
)

pytestmark = pytest.mark.browser


def test_a_failed_tests_screenshot_is_stored_where_git_ignores_it(page: Page) -> None:
    page.set_content("<h1>Failed</h1>")
    path = take_screenshot(page, "test_name[a/b?c=d]")
    try:
        assert path.parent == FAILURES
        assert path.read_bytes().startswith(b"\x89PNG")
        if (ROOT / ".git").exists():
            assert subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False).returncode == 0
    finally:
        path.unlink()


def test_errors_and_requests_to_other_hosts_are_noticed(chromium: Browser, app_url: str) -> None:
    page = chromium.new_page()
    errors = watch_errors(page)
    page.goto(f"{app_url}/healthz")
    assert errors == []
    page.evaluate("console.error('ours'); setTimeout(() => { throw Error('uncaught') })")
    page.evaluate("fetch('http://127.0.0.1:9/other').catch(() => 0)")
    page.close()
    for part in ("ours", "uncaught", "request to another host: http://127.0.0.1:9/other"):
        assert [error for error in errors if part in error], part


def test_violations_are_found_except_in_what_libraries_colour(page: Page) -> None:
    pale = "<p style='color: #ddd; background: #fff'>pale</p>"
    page.set_content(
        f"<html lang=en><title>t</title><main data-test-script-state=notRunning><img src='data:,'>{pale}"
        f"<b class=brush_brush>{pale}</b></main>"
    )
    found = serious_violations(page)
    assert set(found) == {"image-alt", "color-contrast"}
    assert len(found["color-contrast"]) == 1
    assert ".brush_brush" in COLOURS_OF_LIBRARIES
    assert set(serious_violations(page, rules=("color-contrast",))) == {"color-contrast"}
