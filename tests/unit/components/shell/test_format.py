"""Figures are short and have units; untrusted strings stay what they are."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from components.shell.format import (
    code,
    escape_html,
    escape_markdown,
    format_bytes,
    format_rate,
    format_seconds,
    truncate,
)

MARKDOWN = MarkdownIt("commonmark")


@given(st.text(alphabet="`![x](u) \n\r\ta<\\"))
@example("")
@example("`")
@example("``` ```")
def test_a_string_as_code_is_one_code_span_with_the_same_characters(text: str) -> None:
    paragraph, inline, end = MARKDOWN.parse(f"a {code(text)} b")
    assert (paragraph.type, end.type) == ("paragraph_open", "paragraph_close")
    before, span, after = inline.children or ()
    assert (before.content, span.type, after.content) == ("a ", "code_inline", " b")
    one_line = text.replace("\n", " ").replace("\r", " ")
    assert span.content.strip() == one_line.strip()


def test_a_string_as_code_at_the_start_of_a_line_opens_no_fence() -> None:
    [paragraph, *_] = MARKDOWN.parse(code("`` ``"))
    assert paragraph.type == "paragraph_open"


@pytest.mark.parametrize("mark", ["*", "_", "`", "[", "](http://x)", "<b>", ":red[", "$x$", "~"])
def test_plain_leaves_no_mark_up(mark: str) -> None:
    assert all(
        before == "\\"
        for before, char in zip(" " + escape_markdown(mark), escape_markdown(mark), strict=False)
        if char in "*_`[<:$~"
    )


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (format_seconds(None), "–"),
        (format_seconds(0.0421), "42 ms"),
        (format_seconds(1.234), "1.23 s"),
        (format_bytes(999), "999 B"),
        (format_bytes(12_345), "12.3 KB"),
        (format_bytes(2_500_000), "2.50 MB"),
        (format_rate(None), "–"),
        (format_rate(3.14), "3.1/s"),
        (format_rate(60.4, "tok"), "60 tok/s"),
        (format_rate(99.6), "100/s"),
        (truncate("abcdef", 4), "abc…"),
        (escape_html('<&">'), "&lt;&amp;&quot;&gt;"),
    ],
)
def test_figures_are_short_and_have_units(shown: str, expected: str) -> None:
    assert shown == expected
