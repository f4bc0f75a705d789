"""How much text the fields of a page take in together."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

OPEN = """async () => {
    document.body.innerHTML = "<textarea></textarea><input type=text><input type=number>";
    (await import("/assets/field_limit.js")).installFieldLimit();
}"""
SAID = "field => field.validationMessage"
TOO_LONG = "At most 1.5 MB of text fit on a page. Shorten it."


@pytest.fixture
def fields(harness: Page) -> Page:
    harness.evaluate(OPEN)
    return harness


def test_text_beyond_the_limit_is_refused_where_it_is_put_until_something_fits(fields: Page) -> None:
    area, line = fields.locator("textarea"), fields.locator("[type=text]")
    area.focus()
    # 1.2 MB in UTF-8.
    fields.keyboard.insert_text("字" * 400_000)
    assert area.evaluate(SAID) == ""
    line.focus()
    fields.keyboard.insert_text("a" * 300_001)
    expect(line).to_have_value("")
    assert line.evaluate(SAID) == TOO_LONG
    fields.keyboard.insert_text("a" * 300_000)
    assert len(line.input_value()) == 300_000
    assert line.evaluate(SAID) == ""

    fields.locator("[type=number]").press("1")
    expect(fields.locator("[type=number]")).to_have_value("")
    line.press("End")
    line.press("Backspace")
    fields.locator("[type=number]").press("1")
    expect(fields.locator("[type=number]")).to_have_value("1")


def test_what_replaces_the_selected_text_counts_in_its_place_and_a_paste_counts_too(fields: Page) -> None:
    area = fields.locator("textarea")
    area.focus()
    fields.keyboard.insert_text("a" * 1_000_000)
    area.press("Control+A")
    area.press("Control+C")
    area.press("Control+V")
    assert len(area.input_value()) == 1_000_000
    assert area.evaluate(SAID) == ""
    area.press("Control+V")
    assert len(area.input_value()) == 1_000_000
    assert area.evaluate(SAID) == TOO_LONG


PUT = """(field, text) => {
    field.addEventListener("input", () => (window.heard = (window.heard ?? 0) + 1), { once: true });
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}"""


@pytest.mark.parametrize("kind", ["textarea", "[type=text]"])
def test_what_a_script_puts_into_a_field_is_taken_back_before_the_page_hears_of_it(fields: Page, kind: str) -> None:
    field = fields.locator(kind)
    field.evaluate(PUT, "a" * 2_000_000)
    expect(field).to_have_value("")
    assert field.evaluate(SAID) == TOO_LONG
    assert fields.evaluate("window.heard") is None
    field.focus()
    fields.keyboard.insert_text("kept")
    field.evaluate(PUT, "b" * 2_000_000)
    expect(field).to_have_value("kept")
    heard = fields.evaluate("window.heard")
    field.evaluate(PUT, "short")
    expect(field).to_have_value("short")
    assert field.evaluate(SAID) == ""
    assert fields.evaluate("window.heard") > heard
