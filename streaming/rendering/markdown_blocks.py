"""Cut a growing Markdown text into blocks that will not change any more.

Re-sending the whole text with every token costs O(n²) bytes. A finished top-level block (paragraph, heading, list,
fence, table) is final: it can be drawn once, and only the tail behind it has to be drawn again.
"""

from streaming.rendering.commonmark import BlockStructure, block_structure

REPARSE_GROWTH = 0.25
"""The tail is parsed again when it has grown by this share: a text of n tokens is parsed five times, not n times."""

SHORT_TAIL = 1_000
"""Characters. A tail up to this length is parsed at each line that follows a blank one; that costs next to nothing."""


class MarkdownBlocks:
    """Splits text at top-level Markdown blocks as it comes in.

    `finished` holds the blocks that are final, `tail` the text after them; joined they are the text that was fed in.
    `parsed_chars` is the total number of characters that the parser has read.
    """

    def __init__(self) -> None:
        self.finished: list[str] = []
        self.parsed_chars = 0
        self._lines: list[str] = []
        self._size = self._parsed_size = self._partial_size = 0
        self._partial: list[str] = []
        self._has_definitions = False

    @property
    def tail(self) -> str:
        """The text after the finished blocks."""
        return "".join([*self._lines, *self._partial])

    @property
    def tail_size(self) -> int:
        """Characters of the tail."""
        return self._size + self._partial_size

    def feed(self, text: str) -> None:
        """Take more text; only complete lines can finish a block."""
        *ends, rest = text.split("\n")
        for end in ends:
            line = "".join([*self._partial, end])
            self._partial, self._partial_size = [], 0
            self._lines.append(line + "\n")
            self._size += len(line) + 1
            if self._may_begin_a_block(line):
                self._cut()
        self._partial.append(rest)
        self._partial_size += len(rest)

    def depends_on_the_whole(self) -> bool:
        """Whether the text so far has definitions or footnotes, so that its blocks cannot be drawn one by one."""
        if not self._has_definitions:
            self._parse(self.tail)
        return self._has_definitions

    def _may_begin_a_block(self, line: str) -> bool:
        """Whether to parse again: after a blank line in a short tail, else when the tail has grown."""
        if not line or line[0] in " \t":
            return False
        after_blank = len(self._lines) > 1 and not self._lines[-2].strip()
        grown = self._size - self._parsed_size
        return grown >= REPARSE_GROWTH * self._size or (after_blank and self._size <= SHORT_TAIL)

    def _cut(self) -> None:
        """Finish all blocks but the last, which may still grow."""
        starts = self._parse("".join(self._lines)).starts
        self._parsed_size = self._size
        # Streamlit removes the indentation of a text, so a block must not begin with any.
        cuts = [start for start in starts[1:] if not self._lines[start].startswith((" ", "\t"))]
        if not cuts:
            return
        for start, end in zip([0, *cuts], cuts, strict=False):
            self.finished.append("".join(self._lines[start:end]))
        self._lines = self._lines[cuts[-1] :]
        self._size = self._parsed_size = sum(map(len, self._lines))

    def _parse(self, text: str) -> BlockStructure:
        self.parsed_chars += len(text)
        structure = block_structure(text)
        self._has_definitions |= structure.has_definitions
        return structure
