"""A page whose own graphs still load says what it waits for."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.app_server import running_app

pytestmark = pytest.mark.browser

SLOW = """
import time
from pathlib import Path

from langgraph.func import entrypoint

while not Path("goes_on").exists():
    time.sleep(0.05)

@entrypoint()
def graph(text: str) -> str:
    return text
"""


def test_a_page_shows_its_title_and_what_is_waited_for_while_a_graph_loads(page: Page, tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    with running_app(tmp_path / "log.txt", graph=f"{tmp_path / 'slow.py'}:graph") as url:
        page.goto(f"{url}/your-graph")
        expect(page.get_by_text("Loading own-slow-graph…")).to_be_visible()
        expect(page.locator("html.sl-shown h1")).to_have_text("Your graph")
        expect(page.get_by_test_id("stSidebarNav")).to_be_visible()
        (tmp_path / "goes_on").touch()
        expect(page.locator(".st-key-run button")).to_be_visible()
