"""The input of a graph that is known by its JSON schemas: the prompt fills one field, a form asks for the rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.further_values import ask_for_further
from components.run_panel.input_form.form import ask_for, empty_texts
from components.run_panel.last_inputs import Values
from components.shell.format import escape_markdown
from streaming.core.graph_description import GraphDescription
from streaming.core.graph_prompt import named_prompt, takes_prompt, without_prompt
from streaming.core.graph_values import has_fields, shares_fields, with_context
from streaming.core.request import GraphSource, RunRequest
from streaming.core.secret_fields import apart, hidden
from streaming.core.serialization import to_plain
from streaming.core.typed_secrets import with_secrets_apart
from streaming.runtime.graph_descriptions import describe

_TITLE_CHARS = 200
_DOTS = "••••••"
_FORM_WIDTH = 420
"""Pixels; narrower on a phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledForm:
    """What a form holds: a `title` for lists of runs, whether a run can start, and the request with its values.

    With `takes_prompt` the prompt belongs to the input, and is written beside Run; `use_of_prompt` says where it goes,
    if that is not clear. `troubles` say what is wrong; `values` are those of its parts, without the prompt, and `told`
    the same with dots for what is secret.
    """

    title: str
    ready: bool
    fill: Callable[[RunRequest], RunRequest]
    takes_prompt: bool = False
    use_of_prompt: str = ""
    troubles: Sequence[str] = ()
    values: Values = field(default_factory=dict)
    told: Values = field(default_factory=dict)


def ask_for_input(
    graph: GraphSource, *, key: str, parent: DeltaGenerator | None = None, start: Values = MappingProxyType({})
) -> FilledForm:
    """What this graph needs beside a prompt, in a popover: the rest of its input, context and configurable values.

    It begins with the values `start`. With a `parent` it is drawn there. A graph that needs a prompt alone has none.
    """
    about = describe(graph)
    has_prompt = takes_prompt(about.input_schema)
    use = f"The prompt is its “{name}”." if (name := named_prompt(about.input_schema)) else ""
    asked = {
        "Input": without_prompt(about.input_schema),
        "Context": about.context_schema,
        "Configurable": {} if (shared := shares_fields(about)) else about.configurable_schema,
    }
    asked = {
        title: schema for title, schema in asked.items() if has_fields(schema) or (title == "Input" and not has_prompt)
    }
    found: dict[str, Any] = {}
    troubles: list[str] = []
    if asked:
        with parent or input_popover(key):
            if use:
                st.caption(escape_markdown(use))
            for title, schema in asked.items():
                st.markdown(f"**{title}**")
                found[title], wrong = ask_for(
                    schema, key=f"{key}.{title.lower()}", start=start.get(title) or None, drops_empty=title != "Input"
                )
                troubles += [f"{title}: {trouble}" for trouble in wrong]
            if shared:
                found["Configurable"], wrong = ask_for_further(
                    about, start.get("Configurable"), context=start.get("Context"), key=f"{key}.configurable"
                )
                troubles += wrong
            if empty := empty_texts(asked.get("Input", {}), found.get("Input")):
                st.caption(
                    f":orange[:material/edit: Required, but empty in *Input*: {escape_markdown(', '.join(empty))}]"
                )
    value, context = found.get("Input"), found.get("Context") or None
    configurable = with_context(about, found.get("Configurable"), context)

    def fill(request: RunRequest) -> RunRequest:
        given = value
        if has_prompt:
            given = {**value, **to_plain(graph.to_input(request.prompt))} if value else None
        return with_secrets_apart(replace(request, input=given, context=context, configurable=configurable), about)

    return FilledForm(
        title=title_of(apart(value, about.input_schema)[0]) or graph.name,
        ready=not troubles,
        fill=fill,
        takes_prompt=has_prompt,
        use_of_prompt=use,
        troubles=tuple(troubles),
        values=found,
        told=with_dots(about, found),
    )


def with_dots(about: GraphDescription, values: Values) -> Values:
    """The parts of a form as they are told: with dots for each secret."""
    return {title: hidden(value, about.schemas[title.lower()], by=_DOTS) for title, value in values.items()}


def input_popover(key: str) -> DeltaGenerator:
    """The place for a form behind the button *Input*, which a long sentence in it does not make wider."""
    popover = st.popover("Input", icon=":material/data_object:", key=f"{key}.inputs")
    return popover.container(width=_FORM_WIDTH)


def title_of(value: Any) -> str:
    """The first text in an input, for lists of runs; of a list of texts all, and of a list of messages the newest."""
    if isinstance(value, str):
        return value.strip()[:_TITLE_CHARS]
    if isinstance(value, list):
        if texts := [part.strip() for part in value if isinstance(part, str) and part.strip()]:
            return " · ".join(texts)[:_TITLE_CHARS]
        return next(filter(None, map(title_of, reversed(value))), "")
    if isinstance(value, dict):
        parts = [part for name, part in value.items() if name not in ("type", "role")]
        return next(filter(None, map(title_of, parts)), "")
    return ""
