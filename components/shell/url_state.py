"""Texts and choices that are kept in the page's URL where a widget's own binding would not do.

The binding writes the whole text, and servers refuse long URLs: the page could not be loaded again. Of a choice it
writes the label, which may change.
"""

from collections.abc import Sequence
from urllib.parse import quote_plus

import streamlit as st

MAX_TEXT_BYTES = 2_000
"""The longest text in a URL, as encoded: servers and proxies refuse URLs of about 8 KB."""


def initial_text(key: str, default: str) -> str:
    """The first value of the text field of this key: the URL's text, or the default."""
    return st.query_params.get(key) or default


def initial_index(key: str, options: Sequence[str], default: str) -> int:
    """The index of the first choice of a select box: the URL's option, or the default if it names none of these."""
    named = st.query_params.get(key)
    return options.index(named if named in options else default)


def sync_text(key: str, text: str, *, default: str) -> None:
    """Put the text into the URL, unless it is the default, empty, or too long."""
    if text == default or not text.strip() or too_long(text):
        if key in st.query_params:
            del st.query_params[key]
    elif st.query_params.get(key) != text:
        st.query_params[key] = text


def too_long(text: str) -> bool:
    """Whether the text is too long for a URL."""
    return len(quote_plus(text, errors="replace")) > MAX_TEXT_BYTES
