"""Opens the run panel of a page: graph, model, prompt, Run and Stop, and the placeholders beside them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.buttons import RunButtons, take_click
from components.run_panel.controls import ControlValues, choose_graph_and_model, write_prompt
from components.run_panel.developer_graphs import brought_graphs, offer_reload, tell_why_no_other_graph
from components.run_panel.graph_input import FilledForm
from components.run_panel.hint import draw_hint
from components.run_panel.lost_threads import why_lost
from components.run_panel.offered_graph import OfferedGraph
from components.run_panel.page_runs import BeforeStart
from components.run_panel.panel import PART_WIDTH, STATUS_WIDTH, Placeholders, RunPanel, Vary
from components.run_panel.request_builder import build_request
from components.shell.format import escape_markdown
from components.shell.session import runs_of, unreachable
from components.shell.session_commands import forget_runs, start_runs, take_autorun
from streaming.core.events import Mode
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.rendering.flush import FlushStrategy
from streaming.services import get_services

FIGURES = ("ttft_s", "e2e_s", "wait_s", "tokens_per_s", "events", "bytes")
"""The figures of a run beside its status."""


Ask = Callable[[OfferedGraph], FilledForm]
"""Draws the form of a graph."""

EMPTY_PROMPT = "The prompt is empty. Type something, or pick an example, and press Run."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Controls:
    """The controls as drawn: their values, and the containers that are filled later."""

    values: ControlValues
    prompt: str
    form: FilledForm | None
    clicked: bool
    can_run: bool
    hint: DeltaGenerator
    figures_row: DeltaGenerator
    placeholders: Placeholders


def open_run_panel(
    page: str,
    graphs: Mapping[str, OfferedGraph],
    *,
    default: str,
    modes: tuple[Mode, ...],
    flush: FlushStrategy | None = None,
    vary: Vary | None = None,
    together: bool = False,
    needs_tools: bool = False,
    before_start: BeforeStart | None = None,
    figures: Sequence[str] = FIGURES,
    modes_chosen: bool = False,
    ask: Ask | None = None,
    only_these: str = "",
    drawn_ahead: bool = False,
) -> RunPanel:
    """Draw the controls; Run (or `autorun=1` in the URL) starts a run, Stop ends it.

    The graphs that the developer brought are offered beside `graphs`, unless `only_these` says why the page's lesson
    needs its own, or `ask` draws the form of a graph instead of the prompt. `flush` is stored with the run, so a page
    that offers flush strategies draws their controls before this call. With `vary`, Run starts several runs, one after
    the other, or all `together`. With `needs_tools`, only models that can call tools are offered. With `before_start`,
    the page sets the model itself, and there is no model to choose. `figures` are drawn beside the status; a page that
    compares runs draws none there. With `modes_chosen` the visitor chose the modes, so that the
    diagnosis of a run may name them as a cause; without it the page asks for them on purpose. A page that is
    `drawn_ahead` has all that moves in its first run mounted before that run, which starts without drawing it again.
    """
    runs, own_model = runs_of(page), before_start is not None
    if not only_these and ask is None:
        graphs = {**graphs, **brought_graphs()}
    controls = _draw_controls(
        graphs,
        default,
        runs,
        with_model=not own_model,
        needs_tools=needs_tools,
        with_figures=bool(figures),
        ask=ask,
        only_these=only_these,
        buttons=RunButtons(page, alone=drawn_ahead and not runs and not unreachable()),
    )
    values, buttons = controls.values, controls.placeholders.buttons
    request = build_request(
        graph=values.graph,
        model=values.spec,
        modes=modes,
        prompt=controls.prompt,
        restart=values.restart,
        flush=flush,
    )
    if controls.form:
        request = controls.form.fill(request)
    requests = vary(request) if vary else [request]
    if runs and not _fit(runs, requests, graphs, any_modes=modes_chosen):
        forget_runs(page)
        runs = []
    refused = _refused(controls, requests)
    if _start_wanted(page, controls, requests, idle=not runs, own_model=own_model, refused=bool(refused)):
        completed = [before_start(request) for request in requests] if before_start else requests
        runs = start_runs(page, completed, api_key=values.key, together=together)
    elif buttons.alone and not refused and not _obstacle(controls):
        buttons.start = partial(start_runs, page, requests, api_key=values.key)
    buttons.offer_stop(runs)
    over = all(run.ended is not None for run in runs)
    lost = why_lost(runs[0]) if runs and over else ""
    draw_hint(
        controls.hint,
        page,
        values,
        runs,
        prompt=controls.prompt,
        obstacle=_obstacle(controls),
        refused=refused,
        lost=lost,
        own_model=own_model,
    )
    panel = RunPanel(
        page=page,
        graphs=graphs,
        request=requests[0],
        runs=runs,
        api_key=values.key,
        placeholders=controls.placeholders,
        over=over,
        modes_chosen=modes_chosen,
        together=together,
        before_start=before_start,
        can_run=controls.can_run and not lost,
        lost=lost,
        obstacle=_broken(controls) if controls.clicked else "",
    )
    if figures:
        with controls.figures_row:
            panel.play("figures", key="figures", settings={"names": list(figures)})
    return panel


def _draw_controls(
    graphs: Mapping[str, OfferedGraph],
    default: str,
    runs: Sequence[Run],
    *,
    with_model: bool,
    needs_tools: bool,
    with_figures: bool,
    ask: Ask | None,
    only_these: str,
    buttons: RunButtons,
) -> _Controls:
    with st.container(border=True, key="run_panel"):
        values = choose_graph_and_model(
            graphs, default, runs, with_model=with_model, with_form=ask is None, needs_tools=needs_tools
        )
        form = ask(values.graph) if ask else values.form
        can_run = not values.trouble and (form is None or form.ready)
        with st.container(horizontal=True, vertical_alignment="center", key="prompt_row"):
            if form is None or form.takes_prompt:
                prompt = write_prompt(values.graph, shown=_first_prompt(runs, values.graph))
            else:
                prompt = form.title
            buttons.draw()
        with st.container(horizontal=True, vertical_alignment="center", key="run_state"):
            chip = st.container(key="chip", width=STATUS_WIDTH + (0 if with_figures else PART_WIDTH)).empty()
            figures_row = st.container(key="figures_row", width="stretch")
        with st.container(horizontal=True, vertical_alignment="center", key="run_line"):
            hint, remark = st.container(key="hint").empty(), st.empty()
            message = st.container(key="run_message").empty()
        if values.trouble:
            offer_reload(values.graph)
        if only_these:
            tell_why_no_other_graph(only_these)
    placeholders = Placeholders(chip=chip, buttons=buttons, message=message, notice=values.notice, remark=remark)
    return _Controls(
        values=values,
        prompt=prompt,
        form=form,
        clicked=buttons.pressed,
        can_run=can_run,
        hint=hint,
        figures_row=figures_row,
        placeholders=placeholders,
    )


def _start_wanted(
    page: str, controls: _Controls, requests: Sequence[RunRequest], *, idle: bool, own_model: bool, refused: bool
) -> bool:
    """Whether runs start now: by a click on Run with all that a run needs, or by the URL on a page without runs."""
    # A click of another page that was not taken there counts no more.
    take_click()
    if controls.clicked and (obstacle := _obstacle(controls)):
        st.toast(escape_markdown(obstacle), icon=":material/edit:", duration="long")
    elif controls.clicked and not refused:
        return True
    return controls.can_run and not refused and idle and _take_autorun(page, requests, own_model=own_model)


def _obstacle(controls: _Controls) -> str:
    """What is wrong with the graph, its input or the prompt; empty if a run can start."""
    if broken := _broken(controls):
        return broken
    if controls.form is not None and not controls.form.ready:
        first, *others = controls.form.troubles
        return f"{first} (And {len(others)} more.)" if others else first
    return ""


def _broken(controls: _Controls) -> str:
    """Why the graph that is wanted cannot run, whatever its input is; empty if it can."""
    if controls.clicked and controls.values.lost:
        return f"There is no graph {controls.values.lost} any more. {controls.values.graph.name} is chosen now."
    return controls.values.trouble


def _refused(controls: _Controls, requests: Sequence[RunRequest]) -> str:
    """Why one of these runs would be refused, and so none starts; empty if all can run."""
    if not controls.prompt.strip():
        return EMPTY_PROMPT
    return next((trouble for request in requests if (trouble := request.trouble)), "")


def _fit(
    runs: Sequence[Run], requests: Sequence[RunRequest], graphs: Mapping[str, OfferedGraph], *, any_modes: bool
) -> bool:
    """Whether this page can show the runs: a link may name those of another page."""
    modes = any_modes or [run.request.modes for run in runs] == [request.modes for request in requests]
    return modes and all(run.request.graph.name in graphs for run in runs)


def _first_prompt(runs: Sequence[Run], graph: OfferedGraph) -> str | None:
    """The first prompt of the page's conversation, if that is with this graph."""
    if not runs or runs[0].request.graph.name != graph.name:
        return None
    return get_services().engine.registry.turns(runs[0])[0].request.prompt


def _take_autorun(page: str, requests: Sequence[RunRequest], *, own_model: bool) -> bool:
    """Take the start that the URL asks for: never on a model that may cost money; a page's `own_model` is free."""
    return take_autorun(page) and (own_model or not any(request.may_cost for request in requests))
