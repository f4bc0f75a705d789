"""The form of a developer's graph beside the prompt: one form for all pages, which a link may have begun."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components.run_panel.form_link import CONFIGURABLE, CONTEXT, INPUT, VALUES, Held, held_by_url, put_into_url
from components.run_panel.graph_input import FilledForm, ask_for_input
from components.run_panel.last_inputs import digest_of, form_of, last_input, note_form, note_input, note_prompt
from components.run_panel.offered_graph import OfferedGraph
from components.shell.keys import PROMPT
from components.shell.session import arrived, recall
from components.shell.session_commands import store_value
from streaming.core.graph_prompt import beside_prompt, prompt_in
from streaming.core.request import secrets_of
from streaming.runtime.graph_descriptions import describe

_TITLES = {INPUT: "Input", CONTEXT: "Context", CONFIGURABLE: "Configurable"}


def ask_for_shared_input(graph: OfferedGraph) -> FilledForm:
    """Draw the form, which begins with what the page's link or another page has given the graph; what it holds.

    The URL has what the form holds too, once anybody has filled it in.
    """
    about = describe(graph)
    schema = about.input_schema
    if arrived():
        _begin_with_link(graph.name, schema)
    key, began = form_of(graph.name)
    start = {title: began.get(name) for name, title in _TITLES.items()}
    start["Input"] = beside_prompt(schema, start["Input"])
    form = ask_for_input(graph, key=key, start=start)
    note_input(graph.name, form.values, form=f"own.{graph.name}.beside_prompt", begun=bool(began))
    held = {name: form.values.get(title) for name, title in _TITLES.items()}
    put_into_url(held, usual={} if last_input(graph.name) else held, about=about, secrets=secrets_of(graph))
    store_value(_in_url(graph.name), _linked())
    return form


def _begin_with_link(graph: str, schema: Mapping[str, Any]) -> None:
    """Begin the graph's form with the values in the URL, if it has any, and the prompt with that in its input.

    Those that its form has put there say less than the form, where it holds a key.
    """
    linked = _linked()
    if not linked or linked == recall(_in_url(graph)):
        return
    key = f"own.{graph}.{digest_of(linked)}"
    note_form(graph, key, linked)
    if PROMPT not in st.query_params:
        note_prompt(prompt_in(schema, linked.get(INPUT)), form=key, begun=True)


def _linked() -> Held:
    held = held_by_url()
    return {name: held[name] for name in VALUES if name in held}


def _in_url(graph: str) -> str:
    return f"own.{graph}.in_url"
