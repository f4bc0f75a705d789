"""The controls of a page and its run: graph, model, prompt, Run, Stop, state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.model_picker import model_notice, model_settings, pick_model
from components.session import autorun_wanted, forget_run, remember, run_of, start_run
from components.status import RunStatus
from components.view import View, batches_through
from streaming import Fork, GraphSource, Mode, Run, RunRequest, Stamped, lab
from streaming.models import Provider, model_label
from streaming.pacing import FLUSHES, Pacing

GRAPH = "graph"
PROMPT = "prompt"


class OfferedGraph(GraphSource, Protocol):
    """A graph that a page offers."""

    @property
    def summary(self) -> str: ...
    @property
    def examples(self) -> tuple[str, ...]: ...
    @property
    def multi_turn(self) -> bool: ...


class TokenConsumer(Protocol):
    """Draws batches itself, at its own pace."""

    def consume(self, batches: Iterable[list[Stamped]]) -> None: ...


@dataclass(slots=True, kw_only=True)
class Desk:
    """What the controls say: the request that Run would start, and the page's run if there is one."""

    page: str
    request: RunRequest
    run: Run | None
    api_key: str | None
    status: RunStatus

    @property
    def shown(self) -> RunRequest:
        """What the page shows: the run's own request, or before the first run the one that Run would start."""
        return self.run.request if self.run else self.request

    def follow(self, *views: View, tokens: TokenConsumer | None = None) -> None:
        """Follow the run with these views until it has ended; without a run they stay empty."""
        if self.run is None:
            return
        batches = batches_through(self.run, [self.status, *views])
        if tokens is not None:
            tokens.consume(batches)
        for _ in batches:
            pass
        remember(self.run, model=model_label(self.run.request.model))

    def restart(self, *, fork: Fork) -> None:
        """Resume the run's thread from a checkpoint, as a run of its own."""
        assert self.run is not None
        request = RunRequest(
            graph=self.run.request.graph,
            model=self.request.model,
            modes=self.request.modes,
            prompt=self.run.request.prompt,
            thread_id=self.run.thread_id,
            fork=fork,
        )
        start_run(self.page, request, api_key=self.api_key)

    def say(self, prompt: str) -> None:
        """Start the next turn of the run's thread, or a first one."""
        request = RunRequest(
            graph=self.request.graph,
            model=self.request.model,
            modes=self.request.modes,
            prompt=prompt,
            thread_id=self.run.thread_id if self.run else None,
        )
        self.run = start_run(self.page, request, api_key=self.api_key)

    @property
    def turns(self) -> list[Run]:
        """The runs of this thread before the current one."""
        return [run for run in lab().turns(self.run) if run is not self.run] if self.run else []


def open_desk(page: str, graphs: Mapping[str, OfferedGraph], *, default: str, modes: tuple[Mode, ...]) -> Desk:
    """Draw the controls; Run (or `autorun=1` in the URL) starts a run, Stop ends it."""
    with st.container(border=True, key="desk"):
        graph, provider, popover = _choices(graphs, default)
        with popover:
            spec, key = model_settings(provider)
        prompt = st.text_area("Prompt", graph.examples[0], key=PROMPT, bind="query-params", height=68)
        with st.container(horizontal=True, vertical_alignment="center"):
            clicked = st.button("Run", type="primary", icon=":material/play_arrow:", key="run")
            stop, chip = st.empty(), st.empty()
            st.space("stretch")
            _examples(graph)
        message = st.empty()
        model_notice(provider)
    request = RunRequest(graph=graph, model=spec, modes=modes, prompt=prompt)
    run = _run(page, request, clicked=clicked, key=key)
    if run is not None and run.ended is None:
        stop.button("Stop", icon=":material/stop:", key="stop", on_click=run.cancel)
    if run is None:
        chip.caption("Ready")
    status = RunStatus(run, chip=chip, stop=stop, message=message)
    return Desk(page=page, request=request, run=run, api_key=key, status=status)


def pick_pacing() -> Pacing:
    """The flush strategy and its N, kept in the URL."""
    usual = Pacing()
    tokens, ms = usual.every_tokens, usual.every_ms
    with st.container(horizontal=True, vertical_alignment="bottom"):
        flush = st.selectbox(
            "Flush strategy",
            FLUSHES,
            key="flush",
            bind="query-params",
            width=220,
            help="When new text is sent to the screen. *blocks*: finished Markdown blocks once, the tail once a frame.",
        )
        if flush == "every N tokens":
            tokens = st.number_input("N tokens", 1, 200, tokens, key="every_tokens", bind="query-params", width=140)
        if flush == "every N ms":
            ms = st.number_input("N ms", 10, 2000, ms, 10, key="every_ms", bind="query-params", width=140)
    return Pacing(flush=flush, every_tokens=tokens, every_ms=ms)


def _choices(graphs: Mapping[str, OfferedGraph], default: str) -> tuple[OfferedGraph, Provider, DeltaGenerator]:
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    names = list(graphs)
    with left:
        name = st.selectbox(
            "Graph",
            names,
            index=names.index(default),
            key=GRAPH,
            bind="query-params",
            on_change=_follow_graph,
            args=(graphs,),
            help="  \n".join(f"**{name}**: {graph.summary}" for name, graph in graphs.items()),
        )
    with middle:
        provider = pick_model()
    popover = right.popover("Model settings", icon=":material/tune:", width="stretch")
    return graphs[name], provider, popover


def _follow_graph(graphs: Mapping[str, OfferedGraph]) -> None:
    """A new graph brings its own example, unless the user has typed something."""
    examples = {example for graph in graphs.values() for example in graph.examples}
    if st.session_state.get(PROMPT, "") in examples:
        st.session_state[PROMPT] = graphs[st.session_state[GRAPH]].examples[0]


def _examples(graph: OfferedGraph) -> None:
    with st.container(horizontal=True, key="examples", width="content", vertical_alignment="center"):
        st.caption("Try:", width="content")
        for place, example in enumerate(graph.examples):
            st.button(example, key=f"example_{place}", type="tertiary", on_click=_take_example, args=(example,))


def _take_example(example: str) -> None:
    st.session_state[PROMPT] = example


def _run(page: str, request: RunRequest, *, clicked: bool, key: str | None) -> Run | None:
    run = run_of(page)
    if run is not None and run.request.modes != request.modes:
        forget_run(page)
        run = None
    wanted = run is None and autorun_wanted(page) and not request.model.paid
    return start_run(page, request, api_key=key) if clicked or wanted else run
