"""The controls of a graph of one's own: its input, context and configurable values, and how it is run."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast, get_args

import streamlit as st

from components.run_panel.graph_input import FilledForm, title_of
from components.run_panel.input_form.form import ask_for, empty_texts
from components.run_panel.last_inputs import note_input, note_prompt, shown
from components.run_panel.lost_threads import why_lost
from components.run_panel.offered_graph import FIRST_PROMPT, OfferedGraph
from components.shell.format import code, escape_markdown
from components.shell.session import linked_run, runs_of
from streaming.core.errors import LabError
from streaming.core.events import MODES, Mode
from streaming.core.graph_description import GraphDescription
from streaming.core.graph_prompt import beside_prompt, prompt_field, prompt_in, sure_prompt_field
from streaming.core.graph_values import has_fields, shares_fields
from streaming.core.request import HasDescription, RunRequest
from streaming.core.serialization import to_plain
from streaming.services import get_services

PAGE = "your_graph"
_STEPS = 1_000
_STEPS_HELP = "After this many supersteps LangGraph ends the run with an error: a loop that does not end costs money."
_ANY_OBJECT: Mapping[str, Any] = {"type": "object"}


def ask_for_run(graph: OfferedGraph) -> FilledForm:
    """Draw the form of this graph behind a button, so that what streams is in sight; what it holds."""
    about = cast(HasDescription, graph).description
    before, key = _linked(graph)
    row = st.container(horizontal=True, vertical_alignment="center", key="own_form")
    with row:
        with st.popover("Input", icon=":material/data_object:", key=f"{key}.inputs"):
            value, wrong = ask_for(
                about.input_schema, key=f"{key}.input", start=_input_of(before), optional=False, example=FIRST_PROMPT
            )
            context, wrong_context = _part(
                "Context", about.context_schema, before and before.context, key=f"{key}.context"
            )
            configurable, wrong_config = _configurable(
                about, context, before and before.configurable, key=f"{key}.configurable"
            )
        with st.popover("How it is run", icon=":material/tune:", key=f"{key}.how"):
            modes = st.multiselect("Stream modes", get_args(Mode), MODES, key=f"{key}.modes", persist_state="session")
            subgraphs = st.toggle("Stream subgraphs too", True, key=f"{key}.subgraphs", persist_state="session")
            pauses = st.multiselect("Pause before", about.node_names, key=f"{key}.pauses", persist_state="session")
            steps = st.number_input(
                "Recursion limit",
                1,
                _STEPS,
                _STEPS,
                key=f"{key}.steps",
                persist_state="session",
                help=_STEPS_HELP,
            )
            goes_on = st.toggle("Go on with the last thread", key=f"{key}.goes_on", persist_state="session")
    parts = {"Input": beside_prompt(about.input_schema, value), "Context": context, "Configurable": configurable}
    note_input(graph.name, parts, form=key, begun=before is not None)
    note_prompt(prompt_in(about.input_schema, value), form=key)
    troubles = [*wrong, *wrong_context, *wrong_config, *([] if modes else ["Choose at least one stream mode."])]
    with row.container(key="input_shown"):
        # As code, in which an address is no link.
        st.caption(code(shown(value)))
    named = {trouble.partition(":")[0] for trouble in troubles}
    if trouble := _unwritten(about.input_schema, value, named):
        st.caption(f":orange[:material/edit: {trouble}]")

    def fill(request: RunRequest) -> RunRequest:
        last = next(iter(runs_of(PAGE)), None)
        goes = goes_on and last is not None and last.request.graph.name == graph.name and not why_lost(last)
        thread = last.thread_id if goes and last is not None else None
        return replace(
            request,
            input=value,
            context=context or None,
            configurable=configurable or None,
            limits=replace(request.limits, supersteps=min(steps, request.limits.supersteps or steps)),
            modes=tuple(modes),
            subgraphs=subgraphs,
            interrupt_before=tuple(pauses),
            thread_id=thread,
            previous_run_id=last.id if thread and last is not None else None,
        )

    return FilledForm(title=title_of(value) or graph.name, ready=not troubles, fill=fill, troubles=tuple(troubles))


def _linked(graph: OfferedGraph) -> tuple[RunRequest | None, str]:
    """The request of this graph's run that the last link to the page named, and the key of the form it begins."""
    key, run_id = f"own.{graph.name}", linked_run(PAGE)
    with suppress(LabError):
        run = get_services().run_finder.find(run_id) if run_id else None
        if run is not None and run.request.graph.name == graph.name:
            return run.request, f"{key}.{run_id}"
    return None, key


def _input_of(request: RunRequest | None) -> Any:
    """The input of this request as plain values."""
    if request is None:
        return None
    with suppress(LabError):
        given = request.graph.to_input(request.prompt) if request.input is None else request.input
        return to_plain(given)
    return None


def _unwritten(schema: Mapping[str, Any], value: Any, named: set[str]) -> str:
    """What a node may miss in this input, as a sentence, beside the fields whose troubles are `named`; may be empty."""
    if not isinstance(value, Mapping):
        return ""
    if empty := [name for name in empty_texts(schema, value) if name not in named]:
        return f"Required, but empty in *Input*: {escape_markdown(', '.join(empty))}"
    # A state of LangGraph requires no field, so that only an input of nothing is one that lacks something.
    prompt = prompt_field(schema)
    if prompt is None or prompt in named or any(value.values()) or "default" in schema["properties"][prompt]:
        return ""
    sure = sure_prompt_field(schema)
    return "Nothing is written in *Input*" + (f": {escape_markdown(sure)}" if sure else ".")


def _configurable(about: GraphDescription, context: Any, start: Any, *, key: str) -> tuple[Any, list[str]]:
    """The configurable values: those of the context where the graph declares the same, else a form or raw JSON.

    A node may read any value from its config, so there is a field for them without a schema too.
    """
    schema = about.configurable_schema
    if shares_fields(about):
        return context, []
    return _part("Configurable", schema if schema.get("properties") else _ANY_OBJECT, start, key=key)


def _part(title: str, schema: Any, start: Any, *, key: str) -> tuple[Any, list[str]]:
    if not (has_fields(schema) or schema is _ANY_OBJECT):
        return None, []
    with st.expander(title):
        value, wrong = ask_for(schema, key=key, start=start, drops_empty=True)
    return value, [f"{title}: {sentence}" for sentence in wrong]
