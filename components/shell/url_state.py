"""Texts and choices that stand in the page's address where a widget's own binding would not do.

That writes all of a text, and no server takes an address without a limit: the page could not be loaded again. Of a
choice it writes the label, which may be another one tomorrow.
"""

from collections.abc import Sequence
from urllib.parse import quote_plus

import streamlit as st

PROMPT = "prompt"
RACE_PROMPT = "race_prompt"
MAX_TEXT_BYTES = 2_000
"""What one text may take of the address: servers and proxies refuse one of some 8 KB."""


def initial_text(key: str, usual: str) -> str:
    """What a text field of this key shows at first: the address's text, and without one the usual."""
    return st.query_params.get(key) or usual


def initial_index(key: str, options: Sequence[str], usual: str) -> int:
    """The place of the option that is chosen at first: the address's, and without one of these the usual."""
    named = st.query_params.get(key)
    return options.index(named if named in options else usual)


def sync_text(key: str, text: str, *, usual: str) -> None:
    """Put the text into the address, unless it is the usual one, empty, or too long."""
    if text == usual or not text.strip() or too_long(text):
        if key in st.query_params:
            del st.query_params[key]
    elif st.query_params.get(key) != text:
        st.query_params[key] = text


def too_long(text: str) -> bool:
    """Whether an address cannot hold this text."""
    return len(quote_plus(text, errors="replace")) > MAX_TEXT_BYTES
