"""Texts and choices in the page's URL, where a widget's own binding is not enough.

The binding writes a text of any length, and servers refuse long URLs, so the page could not be loaded again. For a
choice it writes the label, which may change.
"""

from collections.abc import Sequence
from urllib.parse import quote_plus

import streamlit as st

MAX_TEXT_BYTES = 2_000
"""The longest text in a URL, as encoded: servers and proxies refuse URLs of about 8 KB."""


def initial_text(key: str, default: str) -> str:
    """The initial value of the text field with this key: the text in the URL, or the default."""
    return st.query_params.get(key) or default


def initial_index(key: str, options: Sequence[str], default: str) -> int:
    """The initial index of a select box: the option in the URL, or the default if the URL names no option."""
    in_url = st.query_params.get(key)
    return options.index(in_url if in_url in options else default)


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
