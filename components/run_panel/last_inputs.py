"""What this visitor gave a graph last: forms of the same graph on another page, and its prompt there, begin with it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from components.shell.format import truncate
from components.shell.keys import PROMPT, RACE_PROMPT
from components.shell.session import recall
from components.shell.session_commands import store_value

_SHOWN_CHARS = 300
Values = Mapping[str, Any]
"""What the parts of a graph's form hold, by their titles."""


def note_input(graph: str, values: Values, *, form: str, begun: bool = False) -> None:
    """Keep what this form of the graph holds, unless nobody has filled it in.

    `begun` says that it began with the values of a run.
    """
    first, last = f"{form}.first", _name(graph)
    if recall(first) is None:
        store_value(first, values)
    if begun or recall(last) is not None or values != recall(first):
        store_value(last, values)


def note_prompt(prompt: str, *, form: str, begun: bool = False) -> None:
    """Make what was written as the prompt in this form the prompt of the pages with a field of its own for it.

    `begun` says that the form began with the values of a run or a link, and so with that prompt.
    """
    before = recall(f"{form}.prompt")
    store_value(f"{form}.prompt", prompt)
    if prompt.strip() and prompt != before and (begun or before is not None):
        for key in (PROMPT, RACE_PROMPT):
            st.session_state[key] = prompt


def last_input(graph: str) -> Values:
    """What was kept; empty without anything."""
    return recall(_name(graph)) or {}


def note_form(graph: str, key: str, start: Values) -> None:
    """Let the forms of the graph on other pages be this one: with its key, and what it began with.

    Streamlit carries what is typed in a field along by its key, but forgets what a field began with.
    """
    store_value(_form(graph), (key, start))


def form_of(graph: str) -> tuple[str, Values]:
    """The key of the graph's form, and what it begins with; `start` is a whole input, in which a prompt may be."""
    noted: tuple[str, Values] | None = recall(_form(graph))
    return noted or (f"own.{graph}", {})


def digest_of(values: Values) -> str:
    """A short name of these values, for the key of a form that begins with them."""
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()[:8]


def in_one_line(values: Values) -> str:
    """The values as JSON, for a line on the page."""
    told = {title: value for title, value in values.items() if value or title == "Input"}
    return " · ".join(f"{title}: {shown(value)}" for title, value in told.items())


def shown(value: Any) -> str:
    """A value as JSON, cut."""
    return truncate(json.dumps(value, ensure_ascii=False, default=str), _SHOWN_CHARS)


def _name(graph: str) -> str:
    return f"own.{graph}.last"


def _form(graph: str) -> str:
    return f"own.{graph}.form"
