"""What Enter and Escape do in a prompt, in an answer and in any other field, also while an input method composes."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

OPEN = """async () => {
    document.body.innerHTML = `
      <div class="st-key-prompt"><textarea></textarea></div>
      <div class="st-key-question_1"><textarea></textarea></div>
      <div class="other"><textarea></textarea></div>
      <div class="st-key-run"><button>Run</button></div><div class="st-key-resume"><button>Resume</button></div>`;
    window.pressed = [];
    for (const button of document.querySelectorAll("button")) {
        button.addEventListener("click", () => {
            const typed = document.querySelector(".st-key-prompt textarea").dataset.applied;
            window.pressed.push([button.textContent, typed]);
        });
    }
    for (const area of document.querySelectorAll("textarea")) {
        area.addEventListener("change", () => { area.dataset.applied = area.value; });
    }
    (await import("/assets/shortcuts.js")).installShortcuts();
}"""


@pytest.fixture
def fields(harness: Page) -> Page:
    harness.evaluate(OPEN)
    return harness


def pressed(page: Page) -> list[Any]:
    """The buttons that were pressed, each with the prompt that was applied by then."""
    found: list[Any] = page.evaluate("new Promise((done) => setTimeout(() => done(window.pressed)))")
    return found


def focused(page: Page) -> bool:
    return bool(page.evaluate("document.activeElement !== document.body"))


@pytest.mark.parametrize("key", ["Enter", "Control+Enter", "Meta+Enter"])
def test_enter_in_the_prompt_applies_it_runs_and_gives_the_keys_back(fields: Page, key: str) -> None:
    prompt = fields.locator(".st-key-prompt textarea")
    prompt.press_sequentially("Bees")
    prompt.press(key)
    assert pressed(fields) == [["Run", "Bees"]]
    assert prompt.input_value() == "Bees"
    assert not focused(fields)
    fields.keyboard.press("r")
    assert len(pressed(fields)) == 2


def test_a_new_line_an_input_method_and_escape_run_nothing(fields: Page) -> None:
    prompt = fields.locator(".st-key-prompt textarea")
    prompt.press_sequentially("Bees")
    prompt.press("Shift+Enter")
    prompt.press_sequentially("wasps")
    assert prompt.input_value() == "Bees\nwasps"
    for composing in ({"isComposing": True}, {"keyCode": 229}):
        for key in ("Enter", "Escape"):
            prompt.dispatch_event("keydown", {"key": key, "bubbles": True, **composing})
    assert focused(fields)
    prompt.press("Escape")
    assert not focused(fields)
    assert pressed(fields) == []


def test_where_several_lines_are_expected_enter_makes_one_and_control_enter_sends_an_answer(fields: Page) -> None:
    answer, other = fields.locator(".st-key-question_1 textarea"), fields.locator(".other textarea")
    for field in (answer, other):
        field.press("Enter")
        assert field.input_value() == "\n"
        field.press("Control+Enter")
    assert [button for button, _ in pressed(fields)] == ["Resume"]


def test_single_keys_work_after_a_slider_or_a_switch_was_set_and_not_where_letters_are_typed(fields: Page) -> None:
    fields.evaluate("""() => document.body.insertAdjacentHTML("beforeend", `
      <div id="slider" role="slider" tabindex="0">Position</div><input id="range" type="range">
      <input id="switch" type="checkbox"><input id="text">`)""")
    for number, name in enumerate(("slider", "range", "switch"), 1):
        fields.locator(f"#{name}").click()
        fields.keyboard.press("r")
        assert [button for button, _ in pressed(fields)] == ["Run"] * number
    fields.locator("#text").press("r")
    assert fields.locator("#text").input_value() == "r"
    assert len(pressed(fields)) == 3


def test_the_line_that_says_that_the_prompt_is_empty_is_gone_with_the_first_character(fields: Page) -> None:
    fields.evaluate("""() => document.body.insertAdjacentHTML("beforeend",
      "<div class='st-key-empty_prompt'>The prompt is empty.</div>")""")
    prompt, line = fields.locator(".st-key-prompt textarea"), fields.get_by_text("The prompt is empty.")
    fields.locator(".other textarea").fill("x")
    expect(line).to_be_visible()
    prompt.press("B")
    expect(line).to_be_hidden()
    prompt.press("Backspace")
    expect(line).to_be_visible()


def test_after_enter_in_an_empty_prompt_what_is_typed_next_goes_into_it(fields: Page) -> None:
    """No run starts, and the page says to type something: "a poem" left it by the key of the replay."""
    prompt = fields.locator(".st-key-prompt textarea")
    prompt.fill("")
    prompt.press("Enter")
    expect(prompt).to_be_focused()
    fields.keyboard.type("a poem")
    expect(prompt).to_have_value("a poem")


def test_escape_applies_what_was_typed_before_the_fields_popover_closes(fields: Page) -> None:
    fields.evaluate("""() => {
        const popover = Object.assign(document.createElement("div"), { innerHTML: "<textarea></textarea>" });
        popover.setAttribute("role", "dialog");
        popover.addEventListener("change", ({ target }) => { popover.dataset.applied = target.value; });
        addEventListener("keydown", ({ key }) => {
            window.applied = popover.dataset.applied;
            if (key === "Escape") popover.remove();
        }, { capture: true });
        document.body.append(popover);
    }""")
    field = fields.locator("[role=dialog] textarea")
    field.press_sequentially("Bees")
    field.press("Escape")
    expect(field).to_have_count(0)
    assert fields.evaluate("window.applied") == "Bees"
