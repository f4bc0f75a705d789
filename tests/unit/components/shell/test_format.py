"""Untrusted strings in Markdown stay what they are."""

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from components.shell.format import code

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
