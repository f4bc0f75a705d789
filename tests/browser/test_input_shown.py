"""A graph of one's own: the line that shows its input, and the links to other pages."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.support.app_server import running_app

pytestmark = pytest.mark.browser

GREETER = Path(__file__).parents[1] / "support" / "own_graphs" / "greeter.py"
GIVEN = '{"topic": "bees", "tone": "dry"}'


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


def test_a_link_to_another_page_leads_to_the_graph_although_the_script_has_run_only_once(
    page: Page, tmp_path: Path
) -> None:
    with running_app(tmp_path / "log.txt", graph=f"{GREETER}:graph") as url:
        page.goto(f"{url}/your-graph?graph=own-greeter-graph")
        page.locator(".st-key-other_pages").get_by_role("link", name="Values").click()
        expect(page.get_by_role("heading", name="Values", exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile(r"/values\?.*graph=own-greeter-graph"))
        expect(page.get_by_role("group", name="Graph of 1 node: greet")).to_be_visible()


def test_the_form_and_its_json_take_over_from_each_other_and_the_cursor_stays(page: Page, tmp_path: Path) -> None:
    with running_app(tmp_path / "log.txt", graph=f"{GREETER}:graph") as url:
        page.goto(f"{url}/your-graph")
        page.locator(".st-key-own_form").get_by_role("button", name="Input").click()
        form = page.get_by_test_id("stPopoverBody")
        topic = form.get_by_label("Topic", exact=True)
        # The folded values beside the form are JSON too.
        box = form.locator("textarea[aria-label=JSON]:not([data-testid=stExpander] *)")
        shown = page.locator(".st-key-input_shown p")
        topic.fill("My own topic")
        form.get_by_role("radio", name="JSON").first.click()
        expect(box).to_have_value(re.compile('"topic": "My own topic"'))
        expect(topic).to_have_count(0)
        wide = form.evaluate("e => e.offsetWidth")
        box.fill('{"topic": "Bees", "tone": "dry", "colour": 1}')
        form.get_by_role("radio", name="Form").first.click()
        expect(form.get_by_text("The form has no field for")).to_be_visible()
        expect(form.get_by_role("radio", name="JSON").first).to_be_checked()
        expect(topic).to_have_count(0)
        expect(form).to_have_js_property("offsetWidth", wide)
        box.fill('{"topic": "Bees", "tone": "dry"}')
        form.get_by_role("radio", name="Form").first.click()
        expect(topic).to_have_value("Bees")
        expect(box).to_have_count(0)
        topic.fill("Wasps")
        topic.press("Control+Enter")
        expect(shown).to_contain_text("Wasps")
        expect(topic).to_be_focused()
        form.get_by_role("radio", name="JSON").first.click()
        box.fill('{"topic": "Ants", "tone": "dry"}')
        box.press("Control+Enter")
        expect(shown).to_contain_text("Ants")
        expect(box).to_be_focused()


def test_the_input_of_a_link_goes_along_to_another_page_whose_address_names_the_graph_once(
    page: Page, tmp_path: Path
) -> None:
    graphs = f"{GREETER.with_name('shapes.py')}:compiled {GREETER}:graph"
    with running_app(tmp_path / "log.txt", graph=graphs) as url:
        page.goto(f"{url}/your-graph?{urlencode({'graph': 'own-greeter-graph', 'input': GIVEN})}")
        page.locator(".st-key-other_pages").get_by_role("link", name="Lanes").click()
        expect(page.get_by_role("heading", name="Lanes", exact=True)).to_be_visible()
        expect(page.get_by_label("Prompt", exact=True)).to_have_value("bees")
        expect(page).to_have_url(re.compile(r"/lanes\?(?!.*\bgraph=.*\bgraph=).*\bgraph=own-greeter-graph"))
        page.locator(".st-key-choices").get_by_role("button", name="Input").click()
        expect(page.get_by_label("Tone", exact=True)).to_have_value("dry")
