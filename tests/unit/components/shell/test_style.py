"""What the stylesheets cost while text streams: `:has()` may restyle all of a page for each element that is added."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

COMPONENTS = Path(__file__).parents[4] / "components"
SHEETS = ("shell/style.css", "player/assets/player.css", "player/assets/transport.css", "features/race/blind_test.py")

WITHOUT_STREAMS = ("st-key-run_line", "st-key-hint", "st-key-stops", "st-key-prompt_row", "st-key-recovery")
"""Elements in which no text grows: only what is below one of them may depend on what it has."""


def selectors() -> Iterator[str]:
    """Each selector with `:has()`, those of a list one by one."""
    for sheet in SHEETS:
        css = re.sub(r"/\*.*?\*/", "", (COMPONENTS / sheet).read_text(), flags=re.DOTALL)
        for selector_list in re.findall(r"([^{};]*:has\([^{};]*)\{", css):
            yield from (part.strip() for part in split(selector_list, ","))


def split(selector: str, marks: str) -> list[str]:
    """The parts of a selector between these marks, except those in parentheses and brackets."""
    parts, depth = [""], 0
    for mark in selector:
        depth += (mark in "([") - (mark in ")]")
        if mark in marks and not depth:
            parts.append("")
        else:
            parts[-1] += mark
    return [part.strip() for part in parts if part.strip()]


FOUND = list(selectors())


def test_selectors_are_found() -> None:
    assert len(FOUND) > 20
    assert split("a > :is(b, c):has(d e) f", " >") == ["a", ":is(b, c):has(d e)", "f"]


@pytest.mark.parametrize("selector", FOUND)
def test_what_has_something_is_named_so_that_not_every_element_of_the_page_is_asked(selector: str) -> None:
    """A browser looks at the last part first: without a name it would search below every element, and again later."""
    assert not re.search(r"(?:^|[\s>,]|:is\()(?::not\()?:has\(", selector)


@pytest.mark.parametrize("selector", FOUND)
def test_nothing_below_an_element_with_streams_depends_on_what_it_has(selector: str) -> None:
    """Each element that is added to such an ancestor would make the browser restyle all that is below it."""
    *ancestors, _ = split(selector, " >+~")
    for ancestor in ancestors:
        assert ":has(" not in ancestor or any(name in ancestor for name in WITHOUT_STREAMS), ancestor


def test_a_badge_of_this_sheet_has_the_size_of_streamlits_also_in_a_label_of_smaller_type() -> None:
    (badge,) = re.findall(r"\{([^{}]*--sl-mode\) 60%[^{}]*)\}", (COMPONENTS / SHEETS[0]).read_text())
    assert "font-size: 0.875rem;" in badge
