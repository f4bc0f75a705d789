"""Blocks are final once finished, nothing is lost, and model output cannot reach out."""

import html
import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streaming.rendering.markdown_blocks import MarkdownBlocks
from streaming.rendering.markdown_safety import SafeMarkdownStream, safe_markdown

MARKDOWN = st.lists(
    st.sampled_from(
        ["# Head\n", "text", "\n", "\n\n", "- item\n", "```py\n", "```\n", "1. one\n", "| a |\n", "  x", "~~~"]
    )
).map("".join)


def fed(text: str, size: int) -> MarkdownBlocks:
    blocks = MarkdownBlocks()
    for place in range(0, len(text), size):
        blocks.feed(text[place : place + size])
    return blocks


@given(MARKDOWN, st.integers(1, 7))
def test_nothing_is_lost_however_the_text_is_cut(text: str, size: int) -> None:
    blocks = fed(text, size)
    assert "".join(blocks.finished) + blocks.tail == text


@given(MARKDOWN, st.integers(1, 7))
def test_a_finished_block_never_changes(text: str, size: int) -> None:
    blocks, before = MarkdownBlocks(), []
    for place in range(0, len(text), size):
        blocks.feed(text[place : place + size])
        assert blocks.finished[: len(before)] == before
        before = list(blocks.finished)


@given(MARKDOWN)
def test_the_cut_does_not_depend_on_the_chunks(text: str) -> None:
    assert fed(text, 1).finished == fed(text, 5).finished


def test_a_paragraph_is_finished_when_the_next_one_begins() -> None:
    blocks = fed("one\n\ntwo\n", 3)
    assert blocks.finished == ["one\n\n"]
    assert blocks.tail == "two\n"


def test_a_fence_with_blank_lines_stays_one_block() -> None:
    code = "```python\na = 1\n\nb = 2\n```\n"
    assert fed(code + "after\n", 4).finished == [code]


def test_the_items_of_a_loose_list_stay_together() -> None:
    assert fed("- a\n\n- b\n\nafter\n", 2).finished == ["- a\n\n- b\n\n"]


def test_most_of_a_long_answer_is_finished_so_the_tail_stays_small() -> None:
    blocks = fed("A paragraph of some length.\n\n" * 100, 10)
    assert len(blocks.tail) < 60


@pytest.mark.parametrize("image", ["![x](http://host/a.png)", "![x][ref]", "text ![](http://host)"])
def test_no_image_is_left(image: str) -> None:
    assert "![" not in safe_markdown(image)


def test_a_mermaid_fence_is_shown_as_text() -> None:
    assert "mermaid" not in safe_markdown("```mermaid\ngraph TD\n```").splitlines()[0]


def test_ordinary_text_is_untouched() -> None:
    text = "Wait! **bold** [link](http://x) `code`"
    assert safe_markdown(text) == text


MARKS = ("> ", ">", "- ", "* ", "+\t", "1. ", "12) ", "  ", "    ", "\t", "[^a b]: ", "[^~~~]:", "[^```]: ")
NESTING = st.lists(st.sampled_from(MARKS), max_size=5).map("".join)
NAME = st.sampled_from(
    (
        *("mermaid", "Mermaid", "&#109;ermaid", "&#x6D;ermaid", "&#0109;ermaid", "mer\\maid", "\\mermaid"),
        *("mermaid\u00a0", "mermaid&nbsp;", "+language-mermaid", "&language-mermaid", "{mermaid}", "python", "c++"),
    )
)
OPENING = st.builds(
    "{}{}{}{}{}".format,
    NESTING,
    st.sampled_from(["```", "````", "~~~", "~~~~~"]),
    st.sampled_from(["", " ", "\t", "   "]),
    NAME,
    st.sampled_from(["", " x", "\tmermaid", ' title="a`b"', "\rA@{ img: 1 }"]),
)
TEXT = st.lists(st.one_of(OPENING, st.sampled_from(["", "text", "```", "A@{ img: 1 }", "- a"])), max_size=5).map(
    "\n".join
)
CONTAINER = re.compile(r"[ \t]*(?:>|[-*+][ \t]+|\d{1,9}[.)][ \t]+|\[\^(?:[^\[\]\\]|\\.)+\]:)?[ \t]*")
FENCE = re.compile(r"(?:`{3,}(?!.*`)|~{3,})[ \t]*([^ \t]*)")


def language(line: str) -> str:
    """The class by which Streamlit would know the language of a fence that this line begins in any container."""
    rest = line.lstrip("\ufeff")
    while (found := CONTAINER.match(rest)) and found.group():
        rest = rest[found.end() :]
    fence = FENCE.match(rest)
    name = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", html.unescape(fence.group(1))) if fence else ""
    known = re.search(r"language-([A-Za-z0-9_]+)", f"language-{name}")
    return known.group(1).lower() if known else ""


@given(TEXT)
@example("- ```mermaid\n  graph TD")
@example("> ```mermaid")
@example("```&#109;ermaid")
def test_no_fence_is_a_diagram_however_it_is_nested_and_written(text: str) -> None:
    for line in re.split(r"[\r\n]", safe_markdown(text)):
        assert language(line) != "mermaid"


@given(TEXT | MARKDOWN, st.integers(1, 7))
def test_pieces_are_as_safe_as_the_whole(text: str, size: int) -> None:
    text = text.replace("text", "see ![x](http://host) and `code`!")
    safe = SafeMarkdownStream()
    said = [safe.feed(text[place : place + size]) for place in range(0, len(text), size)]
    assert "".join(said) + safe.rest() == safe_markdown(text)


@pytest.mark.parametrize(
    "text", ["```python\nx\n```", "- ~~~c++\n  x", "see ``` ```a``` ``` there", "ask ~~~ übung", "> ```\n> x"]
)
def test_fences_with_plain_names_and_code_in_a_line_are_untouched(text: str) -> None:
    assert safe_markdown(text) == text


@pytest.mark.parametrize("unit", ["~~~:", "``` ", "~~~ ", "> ", "[^", "~~~é ", "!"])
def test_a_hostile_text_takes_no_longer_than_its_length(unit: str) -> None:
    begun = time.perf_counter()
    safe_markdown(unit * 100_000)
    assert time.perf_counter() - begun < 2
