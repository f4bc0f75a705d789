"""Texts and choices in the page's URL, where a widget's own binding is not enough.

The binding writes a text of any length, and servers refuse long URLs, so the page could not be loaded again. For a
choice it writes the label, which may change.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Literal, TypeVar
from urllib.parse import quote_plus

import streamlit as st
from streamlit.errors import StreamlitAPIException

from components.shell.session import arrived

_Option = TypeVar("_Option", bound=str)

MAX_TEXT_BYTES = 2_000
"""The longest text in a URL, as encoded: servers and proxies refuse URLs of about 8 KB."""
MAX_NUMBER = 1e9
"""The largest number that is read from a URL; each field has narrower limits of its own."""

LINE_BREAKS = "\r\n"
"""At the end of a text they are not meant: no prompt and no URL has them there."""


def initial_text(key: str, default: str) -> str:
    """The initial value of the text field with this key: the text in the URL, or the default."""
    return st.query_params.get(key, "").rstrip(LINE_BREAKS) or default


def initial_option(key: str, labels: Mapping[_Option, str], default: _Option) -> _Option:
    """The initial option of a choice: the one that the URL names, by itself or by its label, or the default."""
    in_url = st.query_params.get(key)
    return next((option for option, label in labels.items() if in_url in (option, label)), default)


def begin_with_link(key: str, value: str) -> None:
    """Let a field begin with this value, which a link names under the field's key; without one it stays as it is.

    As the default of the field, Streamlit would forget it where one leaves before the script has run again.
    """
    if key in st.query_params and (arrived() or key not in st.session_state):
        st.session_state[key] = value


def pick_in_url(label: str, options: Sequence[_Option], *, key: str) -> _Option:
    """A choice of one of the options, which the URL holds under this key; the first where a link names nothing."""
    chosen: _Option | None = st.segmented_control(
        label,
        options,
        default=options[0],
        required=True,
        key=key,
        bind="query-params",
        label_visibility="collapsed",
    )
    return chosen or options[0]


def sync_text(key: str, text: str, *, default: str) -> None:
    """Put the text into the URL, unless it is the default, empty, or too long."""
    if text == default or not text.strip() or too_long(text):
        if key in st.query_params:
            del st.query_params[key]
    elif st.query_params.get(key) != text:
        st.query_params[key] = text


def too_long(text: str) -> bool:
    """Whether the text is too long for a URL."""
    return bytes_in_url(text) > MAX_TEXT_BYTES


def bytes_in_url(text: str) -> int:
    """The length of the text as a URL has it."""
    return len(quote_plus(text, errors="replace"))


def number_binding(key: str) -> Literal["query-params"] | None:
    """The `bind` of a number field or slider with this key: none while the URL has no number for it.

    Streamlit converts the text in the URL before it looks at the field's limits, and fails at an infinite one. What is
    no number is removed from the URL, and the field has its own value.
    """
    values = st.query_params.get_all(key)
    if not values or (len(values) == 1 and _is_number(values[0])):
        return "query-params"
    # A field that an earlier script run has bound removes the value itself.
    with suppress(StreamlitAPIException, KeyError):
        del st.query_params[key]
    return None


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) <= MAX_NUMBER
    except ValueError:
        return False
