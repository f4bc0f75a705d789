"""On a phone nothing that one chooses or compares is cut."""

import pytest
from playwright.sync_api import Page

from tests.browser.test_stage import MAX_SHIFT_ON_LOAD, PHONE, WHOLE_RUN, check_width, opened, what_moved

pytestmark = pytest.mark.browser

CHOSEN = """[...document.querySelectorAll('.st-key-flush_controls input')]
    .map(input => input.value + (input.scrollWidth > input.clientWidth ? ' (cut)' : ''))"""


@pytest.mark.parametrize("name", ["messages", "combined"])
@pytest.mark.parametrize(("flush", "n"), [("every N tokens", "10"), ("every N ms", "50")])
def test_tokens_and_milliseconds_can_be_told_apart(page: Page, app_url: str, name: str, flush: str, n: str) -> None:
    moved = opened(page, f"{app_url}/{name}?{WHOLE_RUN}&flush={flush.replace(' ', '+')}", PHONE)
    assert page.evaluate(CHOSEN) == [flush, n]
    assert moved <= MAX_SHIFT_ON_LOAD, what_moved(page)
    check_width(page)
