"""Blocks are final once finished, nothing is lost, and model output cannot reach out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.markdown import Blocks, safe_markdown

MARKDOWN = st.lists(
    st.sampled_from(
        ["# Head\n", "text", "\n", "\n\n", "- item\n", "```py\n", "```\n", "1. one\n", "| a |\n", "  x", "~~~"]
    )
).map("".join)


def fed(text: str, size: int) -> Blocks:
    blocks = Blocks()
    for place in range(0, len(text), size):
        blocks.feed(text[place : place + size])
    return blocks


@given(MARKDOWN, st.integers(1, 7))
def test_nothing_is_lost_however_the_text_is_cut(text: str, size: int) -> None:
    blocks = fed(text, size)
    assert "".join(blocks.finished) + blocks.tail == text


@given(MARKDOWN, st.integers(1, 7))
def test_a_finished_block_never_changes(text: str, size: int) -> None:
    blocks, before = Blocks(), []
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
