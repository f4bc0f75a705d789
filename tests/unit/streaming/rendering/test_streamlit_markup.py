"""Streamlit's own mark-up in a model's text is shown as it was written, in text and in code."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rendering.markdown_safety import SafeMarkdownStream, safe_markdown

MARKUP = [
    *(
        ":red[alert]",
        ":green-badge[Completed]",
        ":shimmer[soon]",
        ":color[x]{foreground=red}",
        ":foo[label]",
        "1:5[note]",
    ),
    *(":material/verified:", ":tada:", ":100:", "a:b:c", "aa:bb:cc", "::leaf[label]", ":::note"),
    *("$5/5$", "from $6 to 7$", r"\( e^x \)", r"\[ a \]"),
]
PLAIN = [
    *(
        "10:30:45",
        "http://example.org/a:b",
        "std::vector",
        "mailto:a@b.org",
        "key: value",
        "$$x^2$$",
        r"\\[2pt]",
        r"\*",
    ),
    *("a->b", "x>=1", "& and &amp;", "50% of 3:4", "fe80::1:2", "*a* `b` [c](http://d)"),
]


def seen(text: str) -> str:
    """The text as a browser shows it, where it is no code."""
    return html.unescape(text).replace("\u2060", "")


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_written_another_way_and_reads_as_before(text: str) -> None:
    safe = safe_markdown(f"see {text} there")
    assert text not in safe
    assert html.unescape(safe) == f"see {text} there"


@pytest.mark.parametrize("text", [":streamlit:", ":material_home:", "a -> b", "a <= b", "a -- b"])
def test_what_is_replaced_in_the_finished_text_is_separated_by_an_invisible_character(text: str) -> None:
    safe = safe_markdown(text)
    assert text not in html.unescape(safe)
    assert seen(safe) == text


@pytest.mark.parametrize(
    "text", [r"&#58;material_home:", r"\:material\_home:", ":m&#97;terial_home:", "&colon;streamlit:"]
)
def test_an_icon_is_none_however_it_is_written(text: str) -> None:
    decoded = html.unescape(re.sub(r"\\([:_])", r"\1", safe_markdown(text)))
    assert not re.search(r":material_\w+:|:streamlit:", decoded)


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_is_untouched(text: str) -> None:
    assert safe_markdown(text) == text


@pytest.mark.parametrize(
    "code",
    ["d[a:b[0]]", "$HOME/$X", "f() -> int", "aa:bb:cc", r"\(x\)", ":tada:", "x >= 1 -- y", "::leaf"],
)
def test_code_in_a_line_is_untouched(code: str) -> None:
    assert safe_markdown(f"`{code}`") == f"`{code}`"
    assert safe_markdown(f"so ``{code}`` is") == f"so ``{code}`` is"


@pytest.mark.parametrize(("first", "other"), [("", ""), ("- ", "  "), ("> ", "> "), ("1. ", "   ")])
def test_code_in_a_fence_is_untouched(first: str, other: str) -> None:
    text = f"{first}```python\n{other}x[a:b[0]] # $5 -> :tada: :foo[x]\n{other}```"
    assert safe_markdown(text, keep_code=False) == text
    assert safe_markdown(f"{text}\n\n:foo[x]").endswith("&#58;foo[x]"), "and the text behind it is text again"


MISLEADING = [
    *("` ", "`a\n- ` ", '<a title="`"> ', "[a](`) ", "www.example.org/` ", "\\` ", "``` ", "`a | ", "$`$ "),
    *("`a\n\n", "- `a\n- b` ", "```\n", "~~~\n", "    "),
]


@pytest.mark.parametrize("before", MISLEADING)
@pytest.mark.parametrize("badge", [":green-badge[Completed]", ":red[x]", ":material/verified:", ":material_verified:"])
def test_no_text_that_passes_for_code_draws_a_badge_or_an_icon(before: str, badge: str) -> None:
    assert badge not in safe_markdown(f"{before}{badge} `", keep_code=False)


PIECES = st.lists(
    st.sampled_from(
        [*MARKUP, *PLAIN, ":", "$", "\\", "`", "``", "\n", "\n\n", "```\n", " ", "->", "&#58;", "    ", "x"]
    )
)


@given(PIECES.map("".join), st.integers(1, 9))
def test_pieces_are_written_as_the_whole(text: str, size: int) -> None:
    safe = SafeMarkdownStream()
    fed = [safe.feed(text[start : start + size]) for start in range(0, len(text), size)]
    assert "".join(fed) + safe.rest() == safe_markdown(text, keep_code=False)


@given(PIECES.map("".join))
def test_nothing_but_invisible_characters_and_references_is_added(text: str) -> None:
    assert seen(safe_markdown(text)) == seen(text)


@pytest.mark.parametrize("unit", [":", ":a", "$", "\\", "`a", "&#58", "- ", "->", " ->", ":é", ":a[", "::a"])
def test_a_hostile_text_takes_time_in_proportion_to_its_length(unit: str) -> None:
    text = unit * 20_000
    safe = SafeMarkdownStream()
    assert seen(safe_markdown(text)) == seen(safe.feed(text) + safe.rest()) == seen(text)
