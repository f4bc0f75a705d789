"""Blocks are final once finished, nothing is lost, and what is drawn last is what the whole text means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from streaming.rendering.commonmark import add_streamlit_blocks
from streaming.rendering.markdown_blocks import REPARSE_GROWTH, MarkdownBlocks

MARKDOWN = st.lists(
    st.sampled_from(
        ["# Head\n", "text", "\n", "\n\n", "- item\n", "```py\n", "```\n", "1. one\n", "| a |\n", "  x", "~~~"]
    )
).map("".join)


def fed(text: str, size: int) -> MarkdownBlocks:
    blocks = MarkdownBlocks()
    for start in range(0, len(text), size):
        blocks.feed(text[start : start + size])
    return blocks


@given(MARKDOWN, st.integers(1, 7))
def test_nothing_is_lost_however_the_text_is_cut(text: str, size: int) -> None:
    blocks = fed(text, size)
    assert "".join(blocks.finished) + blocks.tail == text


@given(MARKDOWN, st.integers(1, 7))
def test_a_finished_block_never_changes(text: str, size: int) -> None:
    blocks, before = MarkdownBlocks(), []
    for start in range(0, len(text), size):
        blocks.feed(text[start : start + size])
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


PIECES = (
    "# Head\n",
    "A paragraph of `code` and **words**\n",
    "soft line\n",
    "\n",
    "- item\n",
    "- item\n\n  more of it\n",
    "  - nested\n    - deeper\n",
    "1. ```bash\n   # install it\n   pip install x\n   ```\n2. then\n",
    "- ~~~\n  not closed\n",
    "```py\na = 1\n\nb = 2\n```\n",
    "$$\na = b\n\nc = d\n$$\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n",
    "See the [guide][1], and so.[^1]\n",
    "[1]: http://example.org/guide\n",
    "[^1]: Says the almanac.\n",
    "> quoted\n> - list\n",
    "lazy\n",
    "    indented code\n",
    "Title\n===\n",
    "---\n",
    "word " * 60 + "\n",
    "مرحبا بالعالم 123 (test)!\n",
    "שלום עולם\n",
    "👩‍🚀 emoji 🎉 :tada:\n",
    "<div>\nhtml\n</div>\n",
    "no line end",
)
ANSWER = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
ONE_SHOT = add_streamlit_blocks(MarkdownIt("commonmark").enable("strikethrough"))
ONE_SHOT.add_render_rule("math_block", lambda renderer, tokens, index, options, env: f"<math>{tokens[index].content}")


def drawn_last(text: str, cuts: list[int]) -> list[str]:
    """What stands on the screen at the end of a text that came in these pieces."""
    blocks = MarkdownBlocks()
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        blocks.feed(text[start:end])
    return [text] if blocks.depends_on_the_whole() else [*blocks.finished, blocks.tail]


@given(ANSWER, st.data())
def test_the_final_drawing_equals_the_rendered_text_however_it_was_split(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=20)))
    assert "".join(map(ONE_SHOT.render, drawn_last(text, cuts))) == ONE_SHOT.render(text)


def blocks_of(text: str) -> list[str]:
    blocks = fed(text, 7)
    return [block for block in (*blocks.finished, blocks.tail) if block.strip()]


@pytest.mark.parametrize(
    ("code", "item"),
    [
        ("- ```bash\n  # install it\n  pip install x\n  ```\n", "- then run it\n\n"),
        ("1. ~~~\n   # x\n   ~~~\n", "2. y\n\n"),
    ],
)
def test_a_fence_on_the_line_of_a_list_item_does_not_split_the_list(code: str, item: str) -> None:
    assert blocks_of(f"Steps:\n\n{code}{item}That is all.\n") == ["Steps:\n\n", code + item, "That is all.\n"]


def test_a_fence_inside_a_list_item_does_not_split_the_list() -> None:
    items = "1. Run this:\n\n   ```bash\n   pip install x\n   ```\n\n   It takes a minute.\n\n2. Then this.\n\n"
    assert blocks_of(f"{items}End.\n") == [items, "End.\n"]


@pytest.mark.parametrize(
    "maths", ["$$\na = b\n\nc = d\n$$\n", "$$$\na\n\n$$\n\nb\n$$$\n", "> $$\n> a\n> \n> b\n> $$\n"]
)
def test_display_maths_stays_one_block(maths: str) -> None:
    assert blocks_of(f"text\n\n{maths}\nafter\n") == ["text\n\n", f"{maths}\n", "after\n"]


def test_maths_that_is_not_closed_takes_the_rest() -> None:
    assert blocks_of("text\n\n$$\na\n\nb\n\nc\n")[1:] == ["$$\na\n\nb\n\nc\n"]


def test_prices_are_no_display_maths() -> None:
    assert blocks_of("$$ 5 $$ a\n\n$7\n\n    $$\n\nb\n")[-1] == "b\n"


@pytest.mark.parametrize(
    "text",
    [
        "See the [guide][1] for more.\n\nAnother paragraph.\n\n[1]: http://example.org/guide\n",
        "[1]: http://example.org/guide\n\nSee the [guide][1].\n",
        "It is so.[^1]\n\nMore.\n\n[^1]: Says the almanac.\n",
        "- It is so.[^1]\n\n  [^1]: Says the almanac.",
        "text\n[^1]: Says the almanac.",
    ],
)
def test_a_text_with_definitions_is_drawn_whole_at_the_end(text: str) -> None:
    assert drawn_last(text, [9]) == [text]


@pytest.mark.parametrize("text", ["An [link](http://x).\n\nMore.\n", "```\n[1]: http://x\n```\n\nMore.\n"])
def test_a_text_without_definitions_is_not_drawn_again(text: str) -> None:
    assert len(drawn_last(text, [3])) == 2


@pytest.mark.parametrize(
    "unit", ["A paragraph of some words.\n\n", "- an item\n", "- an item\n\n", "x = 1\n", "words and words\n", "word "]
)
@pytest.mark.parametrize("start", ["", "```python\n", "> ", "$$\n"])
def test_a_long_answer_is_parsed_a_few_times_over_and_not_once_a_line(unit: str, start: str) -> None:
    text = start + unit * (40_000 // len(unit))
    blocks = fed(text, 5)
    assert blocks.parsed_chars <= len(text) * (1 / REPARSE_GROWTH + 2) + 60_000
