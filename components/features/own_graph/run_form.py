"""The controls of a graph of one's own: its input, context and configurable values, and how it is run."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast, get_args

import streamlit as st

from components.features.own_graph.told_of_input import held_in_short, may_be_missed, was_missed
from components.run_panel.form_link import (
    CONFIGURABLE,
    CONTEXT,
    GOES_ON,
    INPUT,
    LIMIT,
    MAX_LIMIT,
    PAUSES,
    STREAM_MODES,
    SUBGRAPHS,
    VALUES,
    Held,
    held_by,
    held_by_url,
    put_into_url,
)
from components.run_panel.further_values import ask_for_further
from components.run_panel.graph_input import FilledForm, input_popover, title_of, with_dots
from components.run_panel.input_form.form import ask_for
from components.run_panel.last_inputs import form_of, note_form, note_input, note_prompt
from components.run_panel.lost_threads import why_lost
from components.run_panel.offered_graph import FIRST_PROMPT, OfferedGraph
from components.shell.format import code
from components.shell.session import linked_run, owner, recall, runs_of
from components.shell.session_commands import store_value
from streaming.core.errors import LabError
from streaming.core.events import MODES, Mode
from streaming.core.graph_description import GraphDescription
from streaming.core.graph_prompt import beside_prompt, prompt_in
from streaming.core.graph_values import has_fields, shares_fields, with_context
from streaming.core.request import HasDescription, RunRequest, secrets_of
from streaming.core.secret_fields import apart
from streaming.core.serialization import to_plain
from streaming.core.typed_secrets import carried, missing_secrets, of_the_thread, with_secrets_apart, without_secrets
from streaming.services import get_services

PAGE = "your_graph"
_LINK = "own_graph.link"
_BEFORE_KNOWN = "input_before_known"
_LIMIT_HELP = "After this many supersteps LangGraph ends the run with an error: a loop that does not end costs money."


def ask_for_run(graph: OfferedGraph) -> FilledForm:
    """Draw the form of this graph behind a button, so that what streams is in sight; what it holds."""
    about = cast(HasDescription, graph).description
    start, key = _start(graph)
    if not about.unknown and (typed := recall(f"{key}.{_BEFORE_KNOWN}")):
        start = {**start, INPUT: typed}
    row = st.container(horizontal=True, vertical_alignment="center", key="own_form")
    with row:
        with input_popover(key):
            value, wrong = ask_for(
                about.input_schema, key=f"{key}.input", start=start.get(INPUT), optional=False, example=FIRST_PROMPT
            )
            if about.unknown:
                # The form that takes the place of raw JSON after the first run begins with what was run.
                store_value(f"{key}.{_BEFORE_KNOWN}", value)
            context, wrong_context = _part("Context", about.context_schema, start.get(CONTEXT), key=f"{key}.context")
            configurable, wrong_config = _configurable(about, start, key=f"{key}.configurable")
        with st.popover("How it is run", icon=":material/tune:", key=f"{key}.how"):
            how = _how_it_is_run(about, start, key=key)
    held = {INPUT: value, CONTEXT: context or None, CONFIGURABLE: configurable or None, **how}
    _keep_in_url(held, start, about, secrets_of(graph), key=key)
    modes, limit = how[STREAM_MODES], how[LIMIT]
    parts = {"Input": beside_prompt(about.input_schema, value), "Context": context, "Configurable": configurable}
    note_input(graph.name, parts, form=key, begun=bool(start))
    note_prompt(prompt_in(about.input_schema, value), form=key, begun=start.get(INPUT) is not None)
    note_form(graph.name, key, {name: start[name] for name in VALUES if name in start})
    troubles = [*wrong, *wrong_context, *wrong_config, *([] if modes else ["Choose at least one stream mode."])]
    with row.container(key="input_shown"):
        st.caption(held_in_short(with_dots(about, {**parts, "Input": value}), wrong))
    named = {trouble.partition(":")[0] for trouble in troubles}
    last = next(iter(runs_of(PAGE)), None)
    missed = was_missed(about.input_schema, value, last if last and last.request.graph.name == graph.name else None)
    if trouble := missed or may_be_missed(about.input_schema, value, named):
        st.caption(f":orange[:material/edit: {trouble}]")

    def fill(request: RunRequest) -> RunRequest:
        goes = how[GOES_ON] and last is not None and last.request.graph.name == graph.name and not why_lost(last)
        thread = last.thread_id if goes and last is not None else None
        filled = replace(
            request,
            input=value,
            context=context or None,
            configurable=with_context(about, configurable, context),
            limits=replace(request.limits, supersteps=min(limit, request.limits.supersteps or limit)),
            modes=tuple(modes),
            subgraphs=how[SUBGRAPHS],
            interrupt_before=tuple(how[PAUSES]),
            thread_id=thread,
            previous_run_id=last.id if thread and last is not None else None,
            secrets=of_the_thread(last.request) if thread and last is not None else (),
        )
        return with_secrets_apart(filled, about)

    if last and last.request.graph.name == graph.name and (again := _to_type_again(last.request, fill)):
        st.caption(f":orange[:material/key: Secret, so it was not kept. To go on, type it again in *Input*: {again}]")
    return FilledForm(
        title=title_of(apart(value, about.input_schema)[0]) or graph.name,
        ready=not troubles,
        fill=fill,
        troubles=tuple(troubles),
    )


def _how_it_is_run(about: GraphDescription, start: Held, *, key: str) -> dict[str, Any]:
    """The controls beside the input; what they hold."""
    modes = st.multiselect(
        "Stream modes", get_args(Mode), start.get(STREAM_MODES, MODES), key=f"{key}.modes", persist_state="session"
    )
    subgraphs = st.toggle(
        "Stream subgraphs too", start.get(SUBGRAPHS, True), key=f"{key}.subgraphs", persist_state="session"
    )
    pauses = st.multiselect(
        "Pause before",
        about.node_names,
        [name for name in about.node_names if name in start.get(PAUSES, ())],
        key=f"{key}.pauses",
        persist_state="session",
    )
    limit = st.number_input(
        "Recursion limit",
        1,
        MAX_LIMIT,
        start.get(LIMIT, MAX_LIMIT),
        key=f"{key}.steps",
        persist_state="session",
        help=_LIMIT_HELP,
    )
    goes_on = st.toggle(
        "Go on with the last thread", start.get(GOES_ON, False), key=f"{key}.goes_on", persist_state="session"
    )
    return {STREAM_MODES: modes, SUBGRAPHS: subgraphs, PAUSES: pauses, LIMIT: limit, GOES_ON: goes_on}


def _start(graph: OfferedGraph) -> tuple[Held, str]:
    """What the last link to the page says of this graph's form, itself or by the run that it named; the form's key."""
    key, run_id, held = f"own.{graph.name}", linked_run(PAGE), dict[str, Any]()
    with suppress(LabError):
        run = get_services().run_finder.find(run_id) if run_id else None
        if run is not None and run.request.graph.name == graph.name:
            request = without_secrets(run.request)
            key, held = f"{key}.{run_id}", {**held_by(request, _input_of(request))}
    # Later the URL has what a form holds, and that of another graph if the graph has just been changed.
    linked = recall(_LINK)
    if linked is None:
        linked = (key, held_by_url())
        store_value(_LINK, linked)
    start = {**held, **linked[1]} if linked[0] == key else held
    if start:
        return start, key
    # Another page may have begun the form by a link.
    key, begun = form_of(graph.name)
    return begun, key


def _to_type_again(request: RunRequest, fill: Callable[[RunRequest], RunRequest]) -> str:
    """The secrets of this run that neither this session nor the form has, by their places."""
    controls = fill(replace(request, labels={"owner": owner()}, secrets=()))
    needed = replace(request, fork=None, resume=None, secrets=carried(request, controls))
    return ", ".join(map(code, missing_secrets(needed)))


def _keep_in_url(held: Held, start: Held, about: GraphDescription, secrets: Sequence[str], *, key: str) -> None:
    """Let the URL have what the form holds, where somebody has changed it or a link has brought it."""
    usual = recall(f"{key}.usual")
    if usual is None:
        usual = {name: held[name] for name in (INPUT, CONTEXT, CONFIGURABLE) if start.get(name) is None}
        store_value(f"{key}.usual", usual)
    put_into_url(held, usual=usual, about=about, secrets=secrets)


def _input_of(request: RunRequest) -> Any:
    """The input of this request as plain values."""
    with suppress(LabError):
        given = request.graph.to_input(request.prompt) if request.input is None else request.input
        return to_plain(given)
    return None


def _configurable(about: GraphDescription, start: Held, *, key: str) -> tuple[Any, list[str]]:
    """The configurable values by a form; as raw JSON without a schema, or beside a context with the same fields.

    A factory and a node may read any value from the config.
    """
    schema, given = about.configurable_schema, start.get(CONFIGURABLE)
    if shares_fields(about) or not schema.get("properties"):
        return ask_for_further(about, given, context=start.get(CONTEXT), key=key)
    return _part("Configurable", schema, given, key=key)


def _part(title: str, schema: Any, start: Any, *, key: str) -> tuple[Any, list[str]]:
    if not has_fields(schema):
        return None, []
    with st.expander(title):
        value, wrong = ask_for(schema, key=key, start=start, drops_empty=True)
    # What else was typed is told, and never reaches a run.
    return (value if isinstance(value, Mapping) else None), [f"{title}: {sentence}" for sentence in wrong]
