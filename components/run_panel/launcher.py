"""Opens the run panel of a page: graph, model, prompt, Run and Stop, and the placeholders beside them."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.controls import ControlValues, OfferedGraph, choose_graph_and_model, write_prompt
from components.run_panel.model_picker import missing_key, offer_scripted
from components.run_panel.panel import PART_WIDTH, STATUS_WIDTH, BeforeStart, Placeholders, RunPanel, Vary
from components.run_panel.request_builder import build_request
from components.shell.format import escape_markdown
from components.shell.session import runs_of
from components.shell.session_commands import cancel, forget_runs, start_runs, take_autorun
from components.shell.stop_button import offer_stop
from streaming.core.events import Mode
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.providers.catalogue import calls_tools
from streaming.rendering.flush import FlushStrategy
from streaming.services import get_services

STOP_WIDTH = 375
"""Pixels for the buttons that stop or continue: what appears there moves nothing."""

FIGURES = ("ttft_s", "e2e_s", "wait_s", "tokens_per_s", "events", "bytes")
"""The figures of a run beside its status."""

EMPTY_PROMPT = "The prompt is empty. Type something, or pick an example, and press Run."


def open_run_panel(
    page: str,
    graphs: Mapping[str, OfferedGraph],
    *,
    default: str,
    modes: tuple[Mode, ...],
    flush: FlushStrategy | None = None,
    vary: Vary | None = None,
    needs_tools: bool = False,
    before_start: BeforeStart | None = None,
    figures: Sequence[str] = FIGURES,
) -> RunPanel:
    """Draw the controls; Run (or `autorun=1` in the URL) starts a run, Stop ends it.

    `flush` is stored with the run, so a page that offers flush strategies draws their controls before this call. With
    `vary`, Run starts several runs, one after the other. With `needs_tools`, Run requires a model that can call tools.
    With `before_start`, the page sets the model itself, and there is no model to choose. `figures` are drawn beside the
    status; a page that compares runs draws none there.
    """
    runs, own_model = runs_of(page), before_start is not None
    with st.container(border=True, key="run_panel"):
        chosen = choose_graph_and_model(graphs, default, with_model=not own_model)
        can_run = not needs_tools or calls_tools(chosen.spec)
        with st.container(horizontal=True, vertical_alignment="center", key="prompt_row"):
            prompt = write_prompt(chosen.graph, shown=_first_prompt(runs, chosen.graph))
            clicked = st.button(
                "Run",
                type="primary",
                icon=":material/play_arrow:",
                key="run",
                disabled=not can_run,
                shortcut="Ctrl+Enter",
            )
            with st.container(
                width=STOP_WIDTH, horizontal=True, vertical_alignment="center", gap="xsmall", key="stops"
            ):
                stop, drain, recovery = st.empty(), st.empty(), st.container()
        with st.container(horizontal=True, vertical_alignment="center", key="run_state"):
            chip = st.container(key="chip", width=STATUS_WIDTH + (0 if figures else PART_WIDTH)).empty()
            figures_row = st.container(key="figures_row", width="stretch")
        with st.container(horizontal=True, vertical_alignment="center", key="run_line"):
            hint, remark = st.container(key="hint").empty(), st.empty()
            message = st.container(key="run_message").empty()
        if not own_model and not can_run:
            offer_scripted()
    request = build_request(
        graph=chosen.graph,
        model=chosen.spec,
        modes=modes,
        prompt=prompt,
        restart=chosen.restart,
        flush=flush.flush if flush else None,
    )
    requests = vary(request) if vary else [request]
    if runs and not _fit(runs, requests, graphs):
        forget_runs(page)
        runs = []
    empty = not prompt.strip()
    if clicked and empty:
        st.toast(EMPTY_PROMPT, icon=":material/edit:")
    if (clicked and not empty) or (can_run and not runs and _take_autorun(page, requests, own_model=own_model)):
        prepared = [before_start(request) for request in requests] if before_start else requests
        runs = start_runs(page, prepared, api_key=chosen.key)
    _offer_stop(runs, stop, drain)
    if not runs:
        chip.caption("Ready")
    over = all(run.ended is not None for run in runs)
    thread_gone = over and bool(runs) and _thread_is_gone(runs[0])
    _draw_hint(hint, chosen, runs, prompt=prompt, own_model=own_model, thread_gone=thread_gone)
    panel = RunPanel(
        page=page,
        graphs=graphs,
        request=requests[0],
        runs=runs,
        api_key=chosen.key,
        placeholders=Placeholders(
            chip=chip, stop=stop, drain=drain, message=message, recovery=recovery, notice=chosen.notice, remark=remark
        ),
        over=over,
        before_start=before_start,
        can_run=can_run and not thread_gone,
    )
    if figures:
        with figures_row:
            panel.play("figures", key="figures", settings={"names": list(figures)})
    return panel


def _fit(runs: Sequence[Run], requests: Sequence[RunRequest], graphs: Mapping[str, OfferedGraph]) -> bool:
    """Whether this page can show the runs: a link may name those of another page."""
    modes = [run.request.modes for run in runs] == [request.modes for request in requests]
    return modes and all(run.request.graph.name in graphs for run in runs)


def _thread_is_gone(run: Run) -> bool:
    """Whether a run of an earlier server cannot be continued, because its thread was deleted."""
    return run.stored and not get_services().engine.has_thread(run.thread_id)


def _draw_hint(
    slot: DeltaGenerator,
    chosen: ControlValues,
    runs: Sequence[Run],
    *,
    prompt: str,
    own_model: bool,
    thread_gone: bool,
) -> None:
    """What to know before Run: what is missing, whose run is shown, or what the graph does."""
    if not prompt.strip():
        slot.markdown(f":orange[:material/edit: {EMPTY_PROMPT}]")
    elif not own_model and (missing := missing_key(chosen.provider, chosen.spec, chosen.key)):
        slot.markdown(f":orange[:material/key_off: {missing}]")
    elif not runs and (trouble := get_services().history_trouble):
        slot.markdown(f":orange[:material/database_off: A run will not be stored. {escape_markdown(trouble)}]")
    elif runs and (shown := runs[0].request.graph.name) != chosen.graph.name:
        slot.caption(f"Showing the {shown} run; press Run for {chosen.graph.name}.")
    elif thread_gone:
        slot.caption("This run is from the history. Its thread is not stored any more: Run starts a new one.")
    elif runs and runs[0].request.resume is not None:
        slot.caption("This run continues an earlier one: its figures count from the moment at which it went on.")
    else:
        slot.caption(chosen.graph.summary)


def _first_prompt(runs: Sequence[Run], graph: OfferedGraph) -> str | None:
    """The first prompt of the page's conversation, if that is with this graph."""
    if not runs or runs[0].request.graph.name != graph.name:
        return None
    return get_services().engine.registry.turns(runs[0])[0].request.prompt


def _take_autorun(page: str, requests: Sequence[RunRequest], *, own_model: bool) -> bool:
    """Take the start that the URL asks for: never on a model that may cost money; a page's `own_model` is free."""
    return take_autorun(page) and (own_model or not any(request.may_cost for request in requests))


def _offer_stop(runs: Sequence[Run], stop: DeltaGenerator, drain: DeltaGenerator) -> None:
    """Draw the buttons that stop the runs: at once, or after the current step."""
    # Only the server that executes a run can stop it.
    runs = [run for run in runs if not run.stored]
    if any(run.ended is None for run in runs):
        offer_stop(stop, "Stop", key="stop", stop=partial(cancel, runs))
    # Without the popover after a click on drain, so that it closes; the chip shows the state.
    if any(run.ended is None and not run.draining for run in runs):
        with drain.popover("More", icon=":material/more_horiz:", type="tertiary"):
            st.button("Stop after this step", icon=":material/pause:", key="drain", on_click=_drain, args=(runs,))
            st.caption("Running nodes finish; no new ones start. You can continue the run from there.")


def _drain(runs: Sequence[Run]) -> None:
    for run in runs:
        run.drain()
