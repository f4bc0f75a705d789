"""The controls of a panel: graph, model, prompt with examples, and flush strategy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.chosen_graph import begin_with_graph, note_choice
from components.run_panel.developer_graphs import load_graph, restarts
from components.run_panel.form_link import take_out_of_url
from components.run_panel.graph_input import FilledForm
from components.run_panel.model_picker import model_notice, model_settings, pick_model, pick_restart
from components.run_panel.offered_graph import FIRST_PROMPT, OfferedGraph, brings_its_model, first_prompt
from components.run_panel.shared_input import ask_for_shared_input
from components.shell.format import escape_markdown, truncate
from components.shell.keys import EVERY_MS, EVERY_TOKENS, FLUSH, GRAPH, PROMPT
from components.shell.share_link import note_left_out
from components.shell.url_state import (
    LINE_BREAKS,
    begin_with_link,
    initial_option,
    initial_text,
    number_binding,
    sync_text,
)
from streaming.core.model_spec import ModelSpec, Provider
from streaming.core.run import Run
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.rendering.flush import FLUSH_KINDS, FLUSH_MEANINGS, FLUSH_NAMES, FlushKind, FlushStrategy
from streaming.services import get_services

GRAPH_WIDTH, BROUGHT_GRAPH_WIDTH = 160, 230
"""Pixels of the select box of graphs; those that the developer brought have longer names."""

_FLUSH_HELP = "How new text reaches the screen.\n\n" + "\n".join(
    f"- *{FLUSH_NAMES[kind]}*: {meaning}." for kind, meaning in FLUSH_MEANINGS.items()
)
_MAX_NAME = 60
_EXAMPLES = "examples_of_last_graph"
"""Holds the examples of the graph that was shown last, on any page."""
OWN_MODEL_NOTICE = "Brings its own model, which may cost money: no link starts it."
RESTARTS_NOTICE = "Its process ended. A new one starts; *Run* waits for it."


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlValues:
    """The values of the first row of controls, and a placeholder for the notice of the model.

    `form` is that of a graph that is known by its schemas; `trouble` says why the graph cannot be loaded. `replaced` is
    the visitor's choice of a model, where another one takes its place on this page; `lost` the graph that was chosen
    and is not there any more.
    """

    graph: OfferedGraph
    provider: Provider
    spec: ModelSpec
    key: str | None
    restart: bool
    notice: DeltaGenerator
    form: FilledForm | None = None
    trouble: str = ""
    replaced: Provider | None = None
    lost: str = ""


def choose_graph_and_model(
    graphs: Mapping[str, OfferedGraph],
    default: str,
    runs: Sequence[Run],
    *,
    with_model: bool,
    with_form: bool,
    needs_tools: bool,
) -> ControlValues:
    """Draw the row of graph, model and model settings; only the graph if the page sets the model itself.

    A graph that brings its model has no model to choose; with `with_form` the row has a form for its input. `runs` are
    those of the page.
    """
    names = list(graphs)
    note_left_out("")
    form, trouble, replaced = None, "", None
    begin_with_graph(graphs, runs)
    chosen = st.session_state.get(GRAPH, default)
    asked = st.query_params.get(GRAPH)
    if asked and asked not in graphs and GRAPH not in st.session_state:
        # Streamlit drops what a link asks for and the page does not have.
        st.toast(
            escape_markdown(f"This page has no graph named {truncate(asked, _MAX_NAME)}. {default} is chosen."),
            icon=":material/account_tree:",
            duration="long",
        )
    with st.container(horizontal=True, vertical_alignment="center", key="choices"):
        name = st.selectbox(
            "Graph",
            names,
            index=names.index(default),
            key=GRAPH,
            bind="query-params",
            on_change=note_choice,
            label_visibility="collapsed",
            icon=":material/account_tree:",
            width=BROUGHT_GRAPH_WIDTH if any(map(brings_its_model, graphs.values())) else GRAPH_WIDTH,
        )
        if not with_form:  # the page of the developer's own graphs: which of them it is was chosen with the page
            note_choice()
        provider: Provider = "scripted"
        if brings_its_model(graphs[name]):
            provider, spec = "own", OWN_MODEL
            key, restart, notice = None, False, st.empty()
            trouble = load_graph(graphs[name])
            if with_form and not trouble:
                form = ask_for_shared_input(graphs[name])
            with st.container(key="own_model", width="content"):
                st.caption(RESTARTS_NOTICE if restarts(graphs[name]) else OWN_MODEL_NOTICE)
        elif with_model:
            provider, replaced = pick_model(needs_tools=needs_tools)
            if provider == "local":
                get_services().embedded_model.start()  # so that it has loaded when the prompt is written
            with st.popover("Model settings", icon=":material/tune:", key="model_settings"):
                notice = st.empty()
                with notice.container():
                    model_notice(provider)
                spec, key = model_settings(provider)
                restart = provider != "scripted" and pick_restart()
        else:
            spec, key, restart, notice = ModelSpec(provider=provider), None, False, st.empty()
        if with_form and not brings_its_model(graphs[name]):
            # A link may have brought an input for another graph.
            take_out_of_url()
        if graphs[name].examples:
            with st.popover("Examples", icon=":material/lightbulb:", key="examples"):
                st.caption(graphs[name].summary)
                offer_examples(graphs[name])
    return ControlValues(
        graph=graphs[name],
        provider=provider,
        spec=spec,
        key=key,
        restart=restart,
        notice=notice,
        form=form,
        trouble=trouble,
        replaced=replaced,
        lost="" if chosen in graphs else chosen,
    )


def write_prompt(graph: OfferedGraph, *, shown: str | None) -> str:
    """The prompt's text field. It starts with the prompt in the URL, else `shown`, else an example."""
    default = first_prompt(graph)
    written = st.session_state.get(PROMPT)
    # An example belongs to its graph: only what was typed goes along to another graph or page.
    if written in st.session_state.get(_EXAMPLES, ()) and written not in graph.examples:
        st.session_state[PROMPT] = shown or default
    st.session_state[_EXAMPLES] = (FIRST_PROMPT, *graph.examples)
    prompt = st.text_area(
        "Prompt",
        initial_text(PROMPT, shown or default),
        key=PROMPT,
        height=68,
        label_visibility="collapsed",
        persist_state="session",
    ).rstrip(LINE_BREAKS)
    sync_text(PROMPT, prompt, default=default)
    return prompt


def offer_examples(graph: OfferedGraph) -> None:
    """Draw buttons that set example prompts."""
    for index, example in enumerate(graph.examples):
        st.button(example, key=f"example_{index}", type="tertiary", on_click=_take_example, args=(example,))


def _take_example(example: str) -> None:
    st.session_state[PROMPT] = example


def choose_flush(label: str, *, key: str, **settings: Any) -> FlushKind:
    """A select box of the flush strategies; the URL holds the kind, and a link may have its name.

    As what is bound to the URL, it comes back when one comes back to the page; what a link names goes first.
    """
    begin_with_link(key, initial_option(key, FLUSH_NAMES, FLUSH_KINDS[0]))
    flush: FlushKind = st.selectbox(
        label,
        FLUSH_KINDS,
        format_func=FLUSH_NAMES.__getitem__,
        key=key,
        persist_state="session",
        help=_FLUSH_HELP,
        **settings,
    )
    sync_text(key, flush, default=FLUSH_KINDS[0])
    return flush


def choose_n(
    flush: FlushKind,
    *,
    keys: tuple[str, str] = (EVERY_TOKENS, EVERY_MS),
    width: int | Literal["stretch"] = 140,
    **settings: Any,
) -> FlushStrategy:
    """The strategy with the N of its field, which is drawn if it has one; `keys` are those of its tokens and its ms."""
    default = FlushStrategy()
    tokens, ms = default.every_tokens, default.every_ms
    of_tokens, of_ms = keys
    if flush == "every N tokens":
        tokens = st.number_input(
            "N tokens", 1, 200, tokens, key=of_tokens, bind=number_binding(of_tokens), width=width, **settings
        )
    if flush == "every N ms":
        ms = st.number_input("N ms", 10, 2000, ms, 10, key=of_ms, bind=number_binding(of_ms), width=width, **settings)
    return FlushStrategy(flush=flush, every_tokens=tokens, every_ms=ms)


def pick_flush_strategy(*, labelled: bool = True) -> FlushStrategy:
    """Controls of the flush strategy and its N, bound to the URL; without labels they fit into the head of a panel."""
    visibility: Literal["visible", "collapsed"] = "visible" if labelled else "collapsed"
    with st.container(
        horizontal=True,
        vertical_alignment="bottom" if labelled else "center",
        width="stretch" if labelled else "content",
        key="flush_controls",
    ):
        if not labelled:
            st.caption("Flush", width="content", help=_FLUSH_HELP)
        flush = choose_flush("Flush strategy", key=FLUSH, label_visibility=visibility, width=220)
        return choose_n(flush, label_visibility=visibility)
