"""Cut a growing Markdown text into blocks that will not change any more.

Re-sending the whole text with every token costs O(n²) bytes. A finished top-level block (paragraph, heading, list,
fence, table) is final: it can be drawn once, and only the tail behind it has to be drawn again.
"""

from streaming.rendering.commonmark import BlockStructure, block_structure

REPARSE_GROWTH = 0.25
"""The tail is parsed again when it has grown by this part, so that a text is parsed five times over in all, not n."""

SHORT_TAIL = 1_000
"""Characters; so short a tail costs nothing to parse at each line that follows a blank one."""


class MarkdownBlocks:
    """Splits text at top-level Markdown blocks as it comes in.

    `finished` holds the blocks that are final, `tail` the text after them; joined they are the text fed in.
    `parsed_chars` counts what the parser has read in all.
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
        """Whether the text fed so far has definitions or footnotes: then its blocks alone do not show what it means."""
        if not self._has_definitions:
            self._parse(self.tail)
        return self._has_definitions

    def _may_begin_a_block(self, line: str) -> bool:
        """Whether it is worth while to parse again: after a blank line in a short tail, else when it has grown."""
        if not line or line[0] in " \t":
            return False
        after_blank = len(self._lines) > 1 and not self._lines[-2].strip()
        grown = self._size - self._parsed_size
        return grown >= REPARSE_GROWTH * self._size or (after_blank and self._size <= SHORT_TAIL)

    def _cut(self) -> None:
        """Finish all blocks but the last, which may still grow."""
        starts = self._parse("".join(self._lines)).starts
        self._parsed_size = self._size
        # Streamlit takes indentation off the front of a text, so none of its pieces may begin with any.
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
