"""Model output loads nothing, draws no diagram, and is otherwise shown as it was written."""

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streaming.rendering.markdown_safety import SafeMarkdownStream, safe_markdown


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


@given(TEXT, st.integers(1, 7))
def test_pieces_are_as_safe_as_the_whole(text: str, size: int) -> None:
    text = text.replace("text", "see ![x](http://host) and `code`!")
    safe = SafeMarkdownStream()
    fed = [safe.feed(text[start : start + size]) for start in range(0, len(text), size)]
    assert "".join(fed) + safe.rest() == safe_markdown(text, keep_code=False)


@pytest.mark.parametrize(
    "text", ["```python\nx\n```", "- ~~~c++\n  x", "see ``` ```a``` ``` there", "ask ~~~ übung", "> ```\n> x"]
)
def test_fences_with_plain_names_and_code_in_a_line_are_untouched(text: str) -> None:
    assert safe_markdown(text) == text


@pytest.mark.parametrize("unit", ["~~~:", "``` ", "~~~ ", "> ", "[^", "~~~é ", "!"])
def test_a_long_hostile_text_is_no_reason_to_hang(unit: str) -> None:
    """In a time that grows with the square of the length it would reach the time limit of a test."""
    assert safe_markdown(unit * 300_000)


@pytest.mark.parametrize(
    "text", ["```rust\nvec![1, 2]\n```", "- ~~~\n  vec![1]\n  ~~~\n- x", "```\nnot closed: ![x](u)"]
)
def test_code_in_a_fence_can_be_copied_as_it_was_written(text: str) -> None:
    assert safe_markdown(text) == text


@pytest.mark.parametrize(
    "before",
    [
        "[^a]: x\n\n    ```\n",
        "[^a]: ```\n",
        ":::note\n```\n:::\n",
        "> :::note\n> ```\n> :::\n",
        "$$\n```\n$$\n",
        "<!--\n```\n-->\n",
        "- <div>\n  ```\n",
        "   ```\n     ```\n   ",
        "\n   ```\n     ```\n   ",
        "```\r```\r",
        "    ```\n",
        "`` ` ``\n",
        "- ```\n",
        "```\na\n```\n",
        "text ```\n",
    ],
)
def test_an_image_is_none_where_streamlit_may_see_no_fence(before: str) -> None:
    assert "![" not in safe_markdown(f"{before}![x](https://evil.example/p.png)")


def test_only_invisible_characters_tell_a_stream_from_the_whole() -> None:
    text = "```rust\nvec![1]\n```\n![x](u)"
    safe = SafeMarkdownStream()
    assert (safe.feed(text) + safe.rest()).replace("\u2060", "") == safe_markdown(text).replace("\u2060", "") == text


@pytest.mark.parametrize("unit", ["~~~:", "``` ", "~~~ ", "> ", "!", "``", "- "])
def test_a_long_hostile_stream_is_no_reason_to_hang(unit: str) -> None:
    """In a time that grows with the square of the length it would reach the time limit of a test."""
    stream = SafeMarkdownStream()
    assert stream.feed(unit * 300_000) + stream.rest()
