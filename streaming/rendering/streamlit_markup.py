"""What Streamlit's Markdown adds to CommonMark means nothing in a model's text, which is shown as it was written.

These are coloured text, badges, icons, emoji, its logo, directives that it does not know (it drops their labels),
formulas between single dollar signs (prices, mostly) and signs such as `->` that it replaces.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_JOINER = "\u2060"
"""Invisible; it separates characters which together have a meaning."""

_NAME = r"(?:[\w-]|[^\x00-\x7f\s])"
_MARKUP = re.compile(
    rf"""
      (?P<ticks>\\?`+)
    | (?P<escape>\\[!-/:-@\[-_{{-~])
    | (?P<image>!(?=\[))
    | (?P<dollars>\$+)
    | (?P<entity>&(?:\#[0-9]{{1,7}}|\#[xX][0-9a-fA-F]{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,31}});)
    | (?P<icon>:(?=material_|streamlit:))
    | (?P<source_icon>:(?=material/))
    | (?P<known>:(?=(?:(?:red|orange|yellow|green|blue|violet|purple|gr[ae]y|primary|rainbow)(?:-background|-badge)?
                    |small|shimmer|color|help)[\[{{]))
    | (?P<directive>:(?=(?![_-]){_NAME}{{1,100}}[\[{{]))
    | (?P<block>(?<![\w:]):(?=:{{1,100}}[^\W_]))
    | (?P<emoji>:(?=(?![0-9]+:)[A-Za-z0-9_+-]{{1,100}}:|100:|1234:))
    | (?P<sign>(?<!\S)(?:<->|->|<-|--|>=|<=|~=)(?!\S))
    """,
    re.VERBOSE,
)
_FENCE = re.compile(r"[ \t]*+(?:(?:[-*+>]|\d{1,9}[.)])[ \t]*+)*+(`{3,}+|~{3,}+)(.*)")
_INDENTED = re.compile(r"(?: {4}| {0,3}\t)")
_UNDECIDED = re.compile(r"(?::[^\s\[{]{0,101}|\\|&[#\w]{0,32}|(?<!\S)[-<>=~]{1,3})\Z")
_LONGEST = 160
"""Characters; longer than everything that `_UNDECIDED` finds."""


@dataclass(slots=True)
class StreamlitMarkup:
    """Takes the lines of one text in order, and knows roughly which of their characters are code.

    In text, a character reference replaces the first character of mark-up, so that the screen shows what was written.
    In code it would be seen, so there an invisible word joiner separates what Streamlit might still draw if it sees no
    code. So a text that misleads this reader still draws nothing.
    """

    _fence: str = ""
    _span: int = 0

    def line(self, line: str, end: int | None = None) -> str:
        """The next line, without its line feed; of a line that still grows, the result for the text before `end`."""
        fence = _FENCE.match(line)
        code = True
        if self._fence:
            if fence and fence[1].startswith(self._fence) and not fence[2].strip():
                self._fence = ""
        elif fence and not (fence[1][0] == "`" and "`" in fence[2]):
            self._fence, self._span = fence[1], 0
        else:
            code = _INDENTED.match(line) is not None
            self._span = self._span if line.strip() else 0
        return "".join(self._inert(line, len(line) if end is None else end, code=code))

    def beginning(self, line: str, end: int) -> str:
        """The result for the text before `end` in the next line, which stays untaken."""
        return StreamlitMarkup(self._fence, self._span).line(line, end)

    def _inert(self, line: str, end: int, *, code: bool) -> Iterator[str]:
        at = 0
        for found in _MARKUP.finditer(line):
            if found.start() >= end:
                break
            yield line[at : found.start()]
            yield self._replaced(found, code=code)
            at = found.end()
        yield line[at:end]

    def _replaced(self, found: re.Match[str], *, code: bool) -> str:
        kind, text = found.lastgroup, found.group()
        in_code = code or self._span > 0
        match kind:
            case "ticks":
                if not code:
                    self._see(text)
                return text
            case "image" | "icon":
                return text + _JOINER
            case "entity":
                return text + _JOINER if re.fullmatch(r"[\w:]", html.unescape(text), re.ASCII) else text
            case "source_icon" | "known":
                return text + _JOINER if in_code else _reference(text)
            case _ if in_code:
                return text
            case "escape":
                return _without_escape(text)
            case "sign":
                return f"{text[0]}{_JOINER}{text[1:]}"
            case "dollars":
                return _reference(text) if len(text) == 1 else text
            case _:
                return _reference(text)

    def _see(self, ticks: str) -> None:
        """Begin a span, or end the one that began with as many backticks; in it a backslash escapes nothing."""
        size = ticks.count("`")
        if self._span:
            self._span = 0 if size == self._span else self._span
        else:
            self._span = size - ticks.startswith("\\")


def undecided_from(line: str) -> int:
    """Where the end of a growing line begins that may still become mark-up; its length if there is none."""
    end = len(line.rstrip("`~!$"))
    end -= line[:end].endswith("\\")
    start = max(end - _LONGEST, 0)
    found = _UNDECIDED.search(line[start:end])
    return start + found.start() if found else end


def _without_escape(pair: str) -> str:
    r"""`\(`, `\)`, `\[` and `\]` are formulas, and Markdown would drop their backslashes."""
    if pair[1] in "()[]":
        return "".join(map(_reference, pair))
    return pair + _JOINER if pair[1] in ":_" else pair


def _reference(character: str) -> str:
    return f"&#{ord(character)};"
