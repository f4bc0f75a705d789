"""The line that shows the input of a graph of one's own."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.app_server import running_app

pytestmark = pytest.mark.browser

GREETER = Path(__file__).parents[1] / "support" / "own_graphs" / "greeter.py"


def test_a_long_input_stays_in_one_line_and_an_address_in_it_is_no_link(page: Page, tmp_path: Path) -> None:
    with running_app(tmp_path / "log.txt", graph=f"{GREETER}:graph") as url:
        page.goto(f"{url}/your-graph")
        page.locator(".st-key-own_form").get_by_role("button", name="Input").click()
        topic = page.get_by_label("Topic", exact=True)
        topic.fill(f"ada@example.org {'x' * 2000}")
        topic.press("Control+Enter")
        shown = page.locator(".st-key-input_shown p")
        expect(shown).to_contain_text("ada@example.org")
        expect(shown.locator("a")).to_have_count(0)
        expect(shown).to_have_js_property(
            "clientHeight", page.locator(".st-key-own_model p").first.evaluate("e => e.clientHeight")
        )
