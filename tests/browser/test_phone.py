"""On a phone nothing that one chooses or compares is cut."""

import pytest
from playwright.sync_api import Browser, Page, expect

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


ROOM = "[class*=st-key-latency]"
CUT_CHARTS = f"""[...document.querySelectorAll('{ROOM} .stVegaLiteChart')].filter(chart => {{
    for (let parent = chart.parentElement; ; parent = parent.parentElement) {{
        const scrolls = getComputedStyle(parent).overflowY !== 'visible';
        if (scrolls && parent.scrollHeight > parent.clientHeight + 1) return true;
        if (parent.matches('{ROOM}')) return false;
    }}
}}).length"""
HEIGHTS = f"""(room => [room.getBoundingClientRect().height, parseFloat(getComputedStyle(room).minHeight)])(
    document.querySelector('{ROOM}'))"""


def test_the_latency_of_two_runs_is_whole_where_charts_stack_in_the_room_that_is_kept(page: Page, app_url: str) -> None:
    opened(page, f"{app_url}/combined?model=scripted&ttft_ms=50&tokens_per_s=400&tokens=200", PHONE)
    charts = page.locator(f"{ROOM} .stVegaLiteChart")
    for number in (1, 2):
        page.locator(".st-key-run button").click()
        expect(charts).to_have_count(number)
        expect(charts.last.locator("canvas, svg").first).to_be_visible()
        height, kept = page.evaluate(HEIGHTS)
        assert height == kept, "what is below moves at the end of the run"
    assert page.evaluate(CUT_CHARTS) == 0
    page.reload()
    expect(charts).to_have_count(2)
    check_width(page)


@pytest.mark.parametrize("name", ["messages", "interrupts"])
def test_what_the_graph_does_is_told_in_whole(page: Page, app_url: str, name: str) -> None:
    opened(page, f"{app_url}/{name}?{WHOLE_RUN}", PHONE)
    told = page.locator(".st-key-hint p")
    assert told.evaluate("p => p.scrollWidth <= p.clientWidth && p.scrollHeight <= p.clientHeight"), told.inner_text()


def test_a_touch_screen_is_told_of_no_keys_where_a_draft_is_edited(chromium: Browser, app_url: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{app_url}/interrupts?{WHOLE_RUN}&autorun=1")
    page.get_by_text("edit", exact=True).click()
    page.get_by_label("Your text").press("End")
    hint = page.locator(".st-key-questions [data-testid=InputInstructions]")
    expect(hint).to_have_count(1)
    expect(hint).to_be_hidden()
    context.close()
