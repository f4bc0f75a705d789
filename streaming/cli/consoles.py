"""The console that draws: colours on a terminal, plain text in a pipe or a file."""

import sys
from typing import TYPE_CHECKING

from streaming.cli.safe_text import printable

if TYPE_CHECKING:
    from rich.console import Console

MODE_STYLE = {
    "messages": "green",
    "updates": "blue",
    "custom": "yellow",
    "tasks": "magenta",
    "values": "bright_yellow",
    "checkpoints": "white",
    "debug": "cyan",
    "tools": "bright_magenta",
}
"""The colour of each stream mode; its name is always printed beside it, and red is for failures alone."""


PIPE_WIDTH = 240
"""Columns of a table that no window limits."""


def open_console() -> "Console":
    """A console on stdout that never interprets markup, emoji codes or links in what it prints."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(markup=False, emoji=False, highlight=False, soft_wrap=True, width=width)


def write(console: "Console", text: str, style: str = "", *, end: str = "\n") -> None:
    """Print the text at once, with its control characters as escapes."""
    from rich.text import Text

    console.print(Text(printable(text), style=style, end=""), end=end, soft_wrap=True)
    console.file.flush()
