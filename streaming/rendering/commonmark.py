"""The block structure of Markdown by a CommonMark parser, with what Streamlit adds: tables, maths and footnotes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

_MATHS = "math_block"
_FOOTNOTES = "footnotes"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockStructure:
    """Where a text's blocks begin (numbers of lines, from 0), and which of its lines are code in a fence.

    `has_definitions` is true for a text with link reference definitions or footnotes, which apply to the whole text.
    """

    starts: tuple[int, ...]
    code_lines: frozenset[int]
    has_definitions: bool


def block_structure(text: str) -> BlockStructure:
    """Parse the blocks of this text, without what is inside a line."""
    env: dict[str, Any] = {}
    tokens = _PARSER.parse(text, env)
    return BlockStructure(
        starts=tuple(token.map[0] for token in tokens if token.map and token.level == 0 and token.nesting >= 0),
        code_lines=frozenset(line for token in tokens if token.type == "fence" for line in _content_lines(token)),
        has_definitions=bool(env.get("references") or env.get(_FOOTNOTES)),
    )


def _content_lines(fence: Token) -> range:
    assert fence.map is not None
    start = fence.map[0] + 1
    content = fence.content.rstrip("\n")
    return range(start, start + content.count("\n") + 1) if content else range(0)


def _math_block(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """`$$` on a line of its own, up to the next one, like a fence (micromark-extension-math)."""
    size = _dollars(state, first)
    if size < 2 or "$" in _line(state, first)[size:]:
        return False
    if silent:
        return True
    closing = first + 1
    while closing < end and not (state.sCount[closing] < state.blkIndent and not state.isEmpty(closing)):
        if _dollars(state, closing) >= size and not _line(state, closing).strip("$ \t"):
            closing += 1
            break
        closing += 1
    state.line = closing
    token = state.push(_MATHS, "math", 0)
    token.map = [first, closing]
    token.content = state.getLines(first, closing, state.sCount[first], True)
    return True


def _dollars(state: StateBlock, line: int) -> int:
    """The number of dollar signs at the start of the line; 0 for indented code."""
    if state.is_code_block(line):
        return 0
    text = _line(state, line)
    return len(text) - len(text.lstrip("$"))


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _note_footnote(state: StateBlock, first: int, _end: int, _silent: bool) -> bool:
    """Note that the text has footnotes; other rules take the line."""
    text = _line(state, first)
    if text.startswith("[^") and "]:" in text:
        state.env[_FOOTNOTES] = True
    return False


def add_streamlit_blocks(parser: MarkdownIt) -> MarkdownIt:
    """The parser with tables, display maths (`math_block` tokens) and a note in its environment of any footnotes."""
    parser.enable("table")
    interrupting: Any = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    rules: dict[str, Callable[[StateBlock, int, int, bool], bool]] = {_MATHS: _math_block, _FOOTNOTES: _note_footnote}
    for name, rule in rules.items():
        parser.block.ruler.before("fence", name, rule, interrupting)
    return parser


_PARSER = add_streamlit_blocks(MarkdownIt("commonmark"))
_PARSER.core.ruler.enableOnly(["normalize", "block"])
