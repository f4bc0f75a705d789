"""Make untrusted Markdown safe to draw.

The rules against images, diagrams and Streamlit's own mark-up look at characters, so no text can trick them. A
CommonMark parser only finds the code, which readers copy and which therefore stays as it was written.
"""

import html
import re

from streaming.rendering.commonmark import block_structure
from streaming.rendering.streamlit_markup import StreamlitMarkup, undecided_from

_FENCE = re.compile(r"((?<!`)`{3,}+|(?<!~)~{3,}+)([ \t]*+)((?:(?!`{3}|~{3})[^ \t\r\n])*+)")
_NOT_COMMONMARK = re.compile(r"^[ \t]*+(?:(?:[-*+>]|\d{1,9}[.)])[ \t]*+)*+(?::::|\$\$|\[\^|<)", re.MULTILINE)
"""Beginnings of lines after which Streamlit's parser may find other blocks: directives, maths, footnotes and HTML."""


class SafeMarkdownStream:
    """`safe_markdown` without `keep_code`, for a text that is shown piece by piece.

    Text that may still become an image or the first line of a fence is held back, at most until the end of its line.
    """

    def __init__(self) -> None:
        self._line = ""
        self._sent = 0
        self._markup = StreamlitMarkup()

    def feed(self, text: str) -> str:
        """Take more text; returns the text that can be shown now."""
        *complete, self._line = (self._line + text).split("\n")
        settled = ""
        for line in complete:
            settled += (_without_diagrams(self._markup.line(line)) + "\n")[self._sent :]
            self._sent = 0
        ready = _without_diagrams(self._markup.beginning(self._line, _settled(self._line)))
        settled += ready[self._sent :]
        self._sent = len(ready)
        return settled

    def rest(self) -> str:
        """The text that was held back; call it when nothing more will come."""
        held = _without_diagrams(self._markup.line(self._line))[self._sent :]
        self._line, self._sent, self._markup = "", 0, StreamlitMarkup()
        return held


def safe_markdown(text: str, *, keep_code: bool = True) -> str:
    """Model output that loads nothing from elsewhere and draws nothing of Streamlit's own.

    There is no image in it, and no Mermaid diagram, which may contain one: an invisible word joiner keeps `![` from
    being an image, and the language of a fence that may be a diagram becomes `text`. With `keep_code` the lines of
    fences do not change. HTML needs no change: Streamlit shows it as text.
    """
    code = _code_lines(text) if keep_code else frozenset()
    markup = StreamlitMarkup()
    lines = (line if n in code else markup.line(line) for n, line in enumerate(text.split("\n")))
    return _without_diagrams("\n".join(lines))


def _without_diagrams(text: str) -> str:
    return _FENCE.sub(_without_diagram, text)


def _without_diagram(fence: re.Match[str]) -> str:
    """The fence, whose language may be written with entities or backslashes; they are decoded before the check."""
    mark, space, language = fence.groups()
    meaning = html.unescape(language).replace("\\", "").lower()
    return f"{mark}{space}text" if "mermaid" in meaning else fence.group()


def _code_lines(text: str) -> frozenset[int]:
    """The lines in fences, up to where Streamlit's parser may differ from CommonMark."""
    # Streamlit removes common indentation, which may end a fence earlier.
    if "\r" in text or text[:1].isspace() or not _FENCE.search(text):
        return frozenset()
    different = _NOT_COMMONMARK.search(text)
    reliable = text.count("\n", 0, different.start()) if different else text.count("\n") + 1
    return block_structure(text).code_lines & frozenset(range(reliable))


def _settled(line: str) -> int:
    """The number of characters of a growing line whose meaning cannot change any more."""
    end = undecided_from(line)
    for fence in _FENCE.finditer(line):
        if fence.end() == len(line):
            return min(end, fence.start())
    return end
