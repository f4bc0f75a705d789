"""The success criteria that only a browser shows."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_a_long_answer_is_announced_keeps_up_and_stays_in_view(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/combined?graph=chat&model=scripted&ttft_ms=5000&tokens_per_s=400&tokens=800")
    pane = page.locator(".st-key-token_pane")
    page.locator(".st-key-run button").click()
    expect(pane.get_by_text("Waiting for the first token")).to_be_visible()
    text = pane.get_by_role("region", name="Answer").first
    expect(pane.get_by_text("Waiting for the first token")).to_be_hidden()
    assert text.inner_text(), "the indicator goes when there is text"
    expect(page.get_by_text("Completed", exact=True).first).to_be_visible()
    # The end of the answer comes into sight, although it is longer than its pane.
    end_in_sight = "([e]) => e.scrollHeight - e.clientHeight - e.scrollTop < 8"
    page.wait_for_function(end_in_sight, arg=[text.element_handle()])
    assert text.evaluate("e => e.scrollHeight / e.clientHeight") > 1.5
    box = text.bounding_box()
    assert box
    assert box["y"] + box["height"] <= 720
