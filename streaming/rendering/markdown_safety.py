"""Make untrusted Markdown safe to draw."""

import re

_IMAGE = re.compile(r"!(?=\[)")


_LINE = re.compile(r"[^\r\n]+")


_MARK = re.compile(r"(?:`{3,}|~{3,})[ \t]*")


_WORD = re.compile(r"[^ \t]+")


_LANGUAGE = re.compile(r"[\w+#.-]{1,20}(?![^ \t])", re.ASCII)


_LETTER = re.compile(r"[^\W\d_]")


_BEFORE_FENCE = " \t>:\ufeff"


_UNSETTLED = re.compile(r"`{3,}|~{3,}|[`~!]+\Z")


class SafeMarkdownStream:
    """`safe_markdown` for a text that is shown piece by piece, where a piece alone does not tell what it will become.

    What may still become an image or the first line of a fence is held back, to the end of its line at most.
    """

    def __init__(self) -> None:
        self._line = ""
        self._said = 0

    def feed(self, text: str) -> str:
        """Take more text; what of it is settled."""
        whole, end, self._line = (self._line + text).rpartition("\n")
        settled = safe_markdown(whole + end)[self._said :] if end else ""
        self._said = 0 if end else self._said
        unsettled = _UNSETTLED.search(self._line)
        ready = safe_markdown(self._line[: unsettled.start()] if unsettled else self._line)
        settled += ready[self._said :]
        self._said = len(ready)
        return settled

    def rest(self) -> str:
        """What was held back, when nothing more will come."""
        held = safe_markdown(self._line)[self._said :]
        self._line, self._said = "", 0
        return held


def safe_markdown(text: str) -> str:
    """Model output without what could reach out: no image is loaded, no Mermaid diagram (which may hold one) is drawn.

    An invisible word joiner keeps `![` from being an image, so that its text stands there as it was written. Fences
    whose language is no plain name become `text`. HTML needs no care here: Streamlit shows it as text unless told
    otherwise.
    """
    return _LINE.sub(_without_odd_fence, _IMAGE.sub("!\u2060", text))


def _without_odd_fence(found: re.Match[str]) -> str:
    """The line; where it may begin a fence, in whatever quotes and lists, the fence's language is a plain name.

    The name may be written in entities or with backslashes, so what is kept is told and not what is taken out.
    """
    line = found.group()
    if "```" not in line and "~~~" not in line:
        return line
    letter = _LETTER.search(line)
    # Before a fence stand marks of quotes and lists, without a letter, or the label of a footnote.
    last = len(line) if letter is None or "[^" in line else letter.start()
    last_backtick = line.rfind("`")
    parts, done = [], 0
    for mark in _MARK.finditer(line, 0, last):
        start, end = mark.span()
        # With another backtick behind it, it is code within a line.
        inline = line[start] == "`" and end <= last_backtick
        begins = start == 0 or line[start - 1] in _BEFORE_FENCE
        if start < done or inline or not begins or end == len(line) or _is_language(line, end):
            continue
        word = _WORD.match(line, end)
        assert word is not None
        parts += [line[done:end], "text"]
        done = word.end()
    return "".join([*parts, line[done:]])


def _is_language(line: str, start: int) -> bool:
    name = _LANGUAGE.match(line, start)
    return name is not None and "mermaid" not in name.group().lower()
