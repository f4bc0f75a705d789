"""The most that a view drawn by Python shows; beyond it, a caption says how much there is."""

from collections.abc import Sequence
from typing import TypeVar

from streamlit.delta_generator import DeltaGenerator

MOST_ROWS = 500
"""Rows of a table, entries of a list, bars of a chart."""
MOST_CHARACTERS = 200_000
"""Characters of one text; a browser stalls on more."""

T = TypeVar("T")


def at_most(parent: DeltaGenerator, items: Sequence[T], noun: str, *, most: int = MOST_ROWS) -> Sequence[T]:
    """The first of these items, with a caption if there are more; `noun` is their plural."""
    if len(items) <= most:
        return items
    parent.caption(f"The first {most:,} of {len(items):,} {noun}.")
    return items[:most]


def beginning(text: str, *, most: int = MOST_CHARACTERS) -> str:
    """The text; a long one ends with a sentence about what is missing."""
    rest = len(text) - most
    return text if rest <= 0 else f"{text[:most]}…\n\n({rest:,} more characters are not shown.)"
