"""The controls of a race: two to four configurations for one prompt."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import streamlit as st

from components.features.race.held_preset import hold_preset, holds_preset, take_preset
from components.features.race.lane import Lane
from components.features.race.lane_names import BLOCKING, METHODS, MODES_OF, Method, names_of, offered_models
from components.features.race.presets import RACES
from components.features.race.restored_lanes import LANE_COUNT, MAX_LANES, insist_on, restore_lanes
from components.run_panel.controls import OWN_MODEL_NOTICE, choose_flush, choose_n
from components.run_panel.developer_graphs import brought_graphs, load_graph
from components.run_panel.graph_input import FilledForm, ask_for_input
from components.run_panel.hint import say_refused
from components.run_panel.last_inputs import digest_of, in_one_line, last_input
from components.run_panel.offered_graph import OfferedGraph, brings_its_model, first_prompt
from components.run_panel.request_builder import build_request
from components.shell.format import escape_markdown
from components.shell.glossary import MEANINGS
from components.shell.keys import EVERY_MS, EVERY_TOKENS, GRAPH, RACE_PROMPT
from components.shell.session import runs_of
from components.shell.url_state import begin_with_link, initial_text, number_binding, sync_text
from streaming.core.graph_prompt import named_prompt, takes_prompt
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.providers.catalogue import LABELS
from streaming.rendering.flush import FlushStrategy
from streaming.runtime.graph_descriptions import describe

_DEFAULT_METHODS: tuple[Method, ...] = ("streaming", "blocking (invoke)", "streaming", "streaming")
_DEFAULT_MODEL = "Scripted: typical hosted"
_HOW_HELP = """How the lane asks for its answer.

- *streaming*: in pieces, as the model writes them.
- *blocking (invoke)*: whole, once it is complete.
- *values only*: the full state after each step; the answer comes whole with it.
- *updates only*: what each step changes; the answer comes whole too.
- *all seven modes*: everything that LangGraph can send at once, to see what that costs.
"""


def pick_lanes(graphs: Mapping[str, OfferedGraph], *, default: str, page: str) -> list[Lane]:
    """Draw the controls of two to four configurations for one prompt; the URL holds all of their values.

    A lane can run any of `graphs` and any that the developer brought, at first the one that the link names, or
    `default`.
    What the URL does not hold is taken from the page's runs: a prompt that is too long for it, and all lanes when one
    comes back from another page.
    """
    offered = {**graphs, **brought_graphs()}
    asked = st.query_params.get(GRAPH, default)
    default = asked if asked in offered else default
    kept = restore_lanes(runs_of(page), graphs=graphs)
    with st.container(horizontal=True, vertical_alignment="center", key="lanes"):
        st.caption("Lanes", width="content")
        count = st.number_input(
            "Lanes",
            2,
            MAX_LANES,
            2,
            key=LANE_COUNT,
            bind=number_binding(LANE_COUNT),
            label_visibility="collapsed",
            width=125,
        )
        prompt = _write_prompt(first_prompt(offered[default]), page)
        settings = [_pick_settings(number, offered, default) for number in range(1, count + 1)]
        with st.popover("Presets", icon=":material/lightbulb:", key="race_presets"):
            st.caption("Scripted lanes are not AI: they send fixed texts at the pace of their preset.")
            for name, values in RACES.items():
                st.button(name, type="tertiary", key=f"preset {name}", on_click=take_preset, args=(values,))
    insist_on(kept)
    if own := dict.fromkeys(one.graph for one in settings if brings_its_model(offered[one.graph])):
        told = ", ".join(_use_of_prompt(offered[name]) for name in own)
        st.caption(f"{escape_markdown(told)}. {OWN_MODEL_NOTICE}")
    names = names_of([one.named for one in settings])
    lanes = [_lane(name, one, offered, prompt) for name, one in zip(names, settings, strict=True)]
    if refused := next((trouble for lane in lanes if (trouble := lane.request.trouble)), ""):
        say_refused(refused, prompt=prompt)
    return lanes


def _use_of_prompt(graph: OfferedGraph) -> str:
    """The graph's name, and what becomes of the prompt where that is not plain."""
    schema = describe(graph).input_schema
    if not takes_prompt(schema):
        return f"{graph.name} takes no prompt"
    return f"{graph.name} gets the prompt as “{name}”" if (name := named_prompt(schema)) else graph.name


def _write_prompt(default: str, page: str) -> str:
    runs = runs_of(page)
    begin_with_link(RACE_PROMPT, initial_text(RACE_PROMPT, default))
    # What the session has set is no default.
    initial = "" if RACE_PROMPT in st.session_state else runs[0].request.prompt if runs else default
    prompt = st.text_input(
        "Prompt", initial, key=RACE_PROMPT, persist_state="session", label_visibility="collapsed", width="stretch"
    )
    sync_text(RACE_PROMPT, prompt, default=default)
    return prompt


class _Settings(NamedTuple):
    """What was chosen for one lane; `form` is that of a graph that is known by its schemas."""

    method: Method
    model: str
    graph: str
    flush: FlushStrategy
    form: FilledForm | None = None
    trouble: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """The settings that make the lane's name."""
        return self.method, self.model, self.graph, self.flush.label


def _pick_settings(number: int, graphs: Mapping[str, OfferedGraph], default_graph: str) -> _Settings:
    form, trouble = None, ""
    on_open: Literal["rerun", "ignore"] = "rerun" if holds_preset() else "ignore"
    key = f"lane_settings_{number}"
    with st.popover(f"Lane {number}", icon=":material/tune:", key=key, on_change=on_open) as popover:
        hold_preset(number, opened=bool(popover.open))
        method: Method = st.selectbox(
            "How",
            METHODS,
            index=METHODS.index(_DEFAULT_METHODS[number - 1]),
            key=f"how_{number}",
            bind="query-params",
            help=_HOW_HELP,
        )
        model_slot = st.container()
        index = list(graphs).index(default_graph)
        graph = st.selectbox(
            "Graph", list(graphs), index=index, key=f"graph_{number}", bind="query-params", help=MEANINGS["Graph"]
        )
        if brings_its_model(graphs[graph]):
            model = LABELS["own"]
            trouble = load_graph(graphs[graph])
        else:
            with model_slot:
                model = _pick_model(number)
        kind = choose_flush("Flush", key=f"flush_{number}")
        flush = choose_n(kind, keys=(f"{EVERY_TOKENS}_{number}", f"{EVERY_MS}_{number}"), width="stretch")
        if method == BLOCKING:
            st.caption("A blocking lane draws its whole answer once: how it is flushed makes no difference.")
    if brings_its_model(graphs[graph]) and not trouble:
        start = last_input(graph)
        key = f"lane_{number}.{graph}{f'.{digest_of(start)}' if start else ''}"
        form = ask_for_input(graphs[graph], key=key, parent=popover, start=start)
        trouble = next(iter(form.troubles), "")
    return _Settings(method, model, graph, flush, form, trouble)


def _pick_model(number: int) -> str:
    models = list(offered_models())
    return st.selectbox("Model", models, index=models.index(_DEFAULT_MODEL), key=f"model_{number}", bind="query-params")


def _lane(name: str, settings: _Settings, graphs: Mapping[str, OfferedGraph], prompt: str) -> Lane:
    graph = graphs[settings.graph]
    request = build_request(
        graph=graph,
        model=OWN_MODEL if brings_its_model(graph) else offered_models()[settings.model],
        modes=MODES_OF.get(settings.method, MODES_OF["streaming"]),
        prompt=prompt,
        flush=settings.flush,
        api="invoke" if settings.method == BLOCKING else "stream modes",
    )
    return Lane(
        name=name,
        configuration=", ".join(settings.named),
        request=settings.form.fill(request) if settings.form else request,
        flush=settings.flush,
        trouble=settings.trouble,
        given=in_one_line(settings.form.told) if settings.form else "",
    )
