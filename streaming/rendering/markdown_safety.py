"""Make untrusted Markdown safe to draw.

The rules against images and diagrams look at characters, not at structure, so no text can trick them. A CommonMark
parser only finds the code, which readers copy and which therefore stays as it was written.
"""

import html
import re

from streaming.rendering.commonmark import block_structure

_IMAGE, _NO_IMAGE = "![", "!\u2060["
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

    def feed(self, text: str) -> str:
        """Take more text; returns the text that can be shown now."""
        complete_lines, end, self._line = (self._line + text).rpartition("\n")
        settled = ""
        if end:
            settled = safe_markdown(complete_lines + end, keep_code=False)[self._sent :]
            self._sent = 0
        ready = safe_markdown(self._line[: _settled(self._line)], keep_code=False)
        settled += ready[self._sent :]
        self._sent = len(ready)
        return settled

    def rest(self) -> str:
        """The text that was held back; call it when nothing more will come."""
        held = safe_markdown(self._line, keep_code=False)[self._sent :]
        self._line, self._sent = "", 0
        return held


def safe_markdown(text: str, *, keep_code: bool = True) -> str:
    """Model output that loads nothing from elsewhere: no image, and no Mermaid diagram, which may contain one.

    An invisible word joiner keeps `![` from being an image; with `keep_code` the lines of fences do not change. The
    language of a fence that may be a diagram becomes `text`. HTML needs no change: Streamlit shows it as text.
    """
    text = _FENCE.sub(_without_diagram, text)
    if _IMAGE not in text:
        return text
    code = _code_lines(text) if keep_code else frozenset()
    lines = text.split("\n")
    return "\n".join(line if n in code else line.replace(_IMAGE, _NO_IMAGE) for n, line in enumerate(lines))


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
    end = len(line.rstrip("`~!"))
    for fence in _FENCE.finditer(line):
        if fence.end() == len(line):
            return min(end, fence.start())
    return end
