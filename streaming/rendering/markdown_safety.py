"""Make untrusted Markdown safe to draw.

The rules that keep images and diagrams out look at characters, not at structure: no text can lead them astray. A
CommonMark parser only says where code is, which readers copy and which therefore stays as it was written.
"""

import html
import re

from streaming.rendering.commonmark import block_structure

_IMAGE, _NO_IMAGE = "![", "!\u2060["
_FENCE = re.compile(r"((?<!`)`{3,}+|(?<!~)~{3,}+)([ \t]*+)((?:(?!`{3}|~{3})[^ \t\r\n])*+)")
_NOT_COMMONMARK = re.compile(r"^[ \t]*+(?:(?:[-*+>]|\d{1,9}[.)])[ \t]*+)*+(?::::|\$\$|\[\^|<)", re.MULTILINE)
"""Lines from which on Streamlit's parser may see other blocks: directives, maths, footnotes and HTML."""


class SafeMarkdownStream:
    """`safe_markdown` without `keep_code`, for a text that is shown piece by piece.

    What may still become an image or the first line of a fence is held back, to the end of its line at most.
    """

    def __init__(self) -> None:
        self._line = ""
        self._sent = 0

    def feed(self, text: str) -> str:
        """Take more text; returns what of it is settled."""
        lines, end, self._line = (self._line + text).rpartition("\n")
        settled = ""
        if end:
            settled = safe_markdown(lines + end, keep_code=False)[self._sent :]
            self._sent = 0
        ready = safe_markdown(self._line[: _settled(self._line)], keep_code=False)
        settled += ready[self._sent :]
        self._sent = len(ready)
        return settled

    def rest(self) -> str:
        """What was held back, when nothing more will come."""
        held = safe_markdown(self._line, keep_code=False)[self._sent :]
        self._line, self._sent = "", 0
        return held


def safe_markdown(text: str, *, keep_code: bool = True) -> str:
    """Model output without what could reach out: no image is loaded, no Mermaid diagram (which may hold one) is drawn.

    An invisible word joiner keeps `![` from being an image; with `keep_code` the lines of a fence are spared. The
    language of a fence that may be a diagram becomes `text`. HTML needs no care here: Streamlit shows it as text.
    """
    text = _FENCE.sub(_without_diagram, text)
    if _IMAGE not in text:
        return text
    code = _code_lines(text) if keep_code else frozenset()
    lines = text.split("\n")
    return "\n".join(line if n in code else line.replace(_IMAGE, _NO_IMAGE) for n, line in enumerate(lines))


def _without_diagram(fence: re.Match[str]) -> str:
    """The fence; its language may be written with entities or backslashes, so what they mean is looked at."""
    mark, space, language = fence.groups()
    meaning = html.unescape(language).replace("\\", "").lower()
    return f"{mark}{space}text" if "mermaid" in meaning else fence.group()


def _code_lines(text: str) -> frozenset[int]:
    """The lines in fences, as far as Streamlit certainly sees the same ones."""
    # Streamlit takes common indentation off a text, which may end a fence earlier.
    if "\r" in text or text[:1].isspace() or not _FENCE.search(text):
        return frozenset()
    odd = _NOT_COMMONMARK.search(text)
    known = text.count("\n", 0, odd.start()) if odd else text.count("\n") + 1
    return block_structure(text).code_lines & frozenset(range(known))


def _settled(line: str) -> int:
    """How many characters of a growing line keep their meaning whatever comes next."""
    end = len(line.rstrip("`~!"))
    for fence in _FENCE.finditer(line):
        if fence.end() == len(line):
            return min(end, fence.start())
    return end
