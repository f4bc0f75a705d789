"""Cut a growing Markdown text into blocks that will not change any more, and make untrusted text safe to draw.

Re-sending the whole text with every token costs O(n²) bytes. A finished top-level block (paragraph, heading, list,
fence, table) is final: it can be drawn once, and only the tail behind it has to be drawn again.
"""

import re

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}(\s|$)")
_LIST_ITEM = re.compile(r" {0,3}([-*+]|\d{1,9}[.)])\s")


class MarkdownBlocks:
    """Splits text at top-level Markdown blocks as it comes in.

    `finished` holds the blocks that are final, `tail` the text after them; joined they are the text fed in.
    """

    def __init__(self) -> None:
        self.finished: list[str] = []
        self._lines: list[str] = []
        self._partial = ""
        self._fence: str | None = None

    @property
    def tail(self) -> str:
        return "".join(self._lines) + self._partial

    def feed(self, text: str) -> None:
        """Take more text; only complete lines can finish a block."""
        *lines, self._partial = (self._partial + text).split("\n")
        for line in lines:
            self._line(line + "\n")

    def _line(self, line: str) -> None:
        if self._fence is None and self._lines and self._begins_block(line):
            self._finish()
        self._lines.append(line)
        self._follow_fence(line)
        if self._fence is None and _HEADING.match(line):
            self._finish()

    def _begins_block(self, line: str) -> bool:
        """Whether this line, seen from the left margin after a blank line, cannot belong to the block before."""
        if _HEADING.match(line):
            return True
        after_blank = not self._lines[-1].strip()
        if not after_blank or not line.strip() or line[0] in " \t":
            return False
        # The items of one list belong together, or each would start a list of its own.
        return not (_LIST_ITEM.match(line) and _LIST_ITEM.match(self._lines[0]))

    def _follow_fence(self, line: str) -> None:
        found = _FENCE.match(line)
        if found is None:
            return
        mark = found.group(1)
        if self._fence is None:
            self._fence = mark
        elif mark[0] == self._fence[0] and len(mark) >= len(self._fence) and line.strip() == mark:
            self._fence = None
            self._finish()

    def _finish(self) -> None:
        self.finished.append("".join(self._lines))
        self._lines = []
