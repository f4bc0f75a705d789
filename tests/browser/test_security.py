"""What a prompt or a key must not do: `new_page` also fails each test whose page asks another host for anything."""

from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from components.shell.security_headers import HEADERS
from tests.support.browser_checks import QUICK, check_finished_page, settled, state

pytestmark = pytest.mark.browser

HOSTILE = (
    'Tea <img src="http://evil.example/a.png" onerror="window.hacked=1"> ![b](http://evil.example/b.png) '
    "![c](http://127.0.0.1:9/leak.png) <script>window.hacked=1</script> [d](javascript:window.hacked=1)"
)
PLANTED = "a-planted-key-0123456789"
WITHOUT_FIELDS = """() => {
    document.querySelectorAll("input").forEach(field => field.remove());
    return document.documentElement.outerHTML;
}"""


@pytest.mark.parametrize("name", ["messages", "combined", "values"])
def test_markup_in_model_output_loads_nothing_and_runs_nothing(page: Page, app_url: str, name: str) -> None:
    """The scripted chat repeats its prompt, so this is model output: in a chat, a token pane, and a state's field.

    The pages are accessible with it too.
    """
    page.goto(f"{app_url}/{name}?{QUICK}&graph=chat&prompt={quote(HOSTILE)}")
    expect(state(page, "Completed")).to_be_visible()
    settled(page)
    expect(page.get_by_text("leak.png").first).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src*=evil], img[src*=leak], a[href^=javascript]").count() == 0
    if name != "values":
        check_finished_page(page)


def test_a_typed_key_is_in_no_address_and_in_no_part_of_the_page_but_its_field(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?model=compatible")
    page.get_by_role("button", name="Model settings").click()
    page.get_by_label("Model name", exact=True).fill("llama3.2")
    key = page.get_by_label("API key", exact=True)
    key.fill(PLANTED)
    assert key.get_attribute("type") == "password"
    key.press("Enter")
    page.keyboard.press("Escape")
    page.locator(".st-key-run button").click()
    expect(state(page, "Failed")).to_be_visible()
    settled(page)
    assert PLANTED not in page.url
    outside = page.evaluate(WITHOUT_FIELDS)
    assert PLANTED not in outside


@pytest.mark.parametrize("path", ["/", "/messages", "/api/healthz", "/not/there", "/static/not-there.js"])
def test_every_route_has_the_security_headers(app_url: str, path: str) -> None:
    found = httpx.get(f"{app_url}{path}").headers
    assert {name: found.get(name) for name in HEADERS} == HEADERS


def test_a_text_that_no_message_of_a_page_may_have_is_refused_at_the_field_and_the_page_goes_on(
    page: Page, app_url: str
) -> None:
    """Sent, it would end the connection, and again each new one."""
    page.goto(f"{app_url}/messages?{QUICK.removeprefix('autorun=1&')}")
    expect(page.locator(".sl-player").first).to_be_attached()
    settled(page)
    prompt = page.get_by_label("Prompt", exact=True)
    before = prompt.input_value()
    prompt.focus()
    page.keyboard.insert_text("word " * 400_000)
    kept, said = prompt.evaluate("field => [field.value.slice(0, 1000), field.validationMessage]")
    assert kept == before
    assert said == "At most 1.5 MB of text fit on a page. Shorten it."
    prompt.press("Enter")
    expect(state(page, "Completed")).to_be_visible()
