"""The controls of a page and its runs: graph, model, prompt, Run, Stop, status."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import follow_with
from components.live.tokens import TokenPane
from components.player.mount import Panel, mount_player
from components.run_panel.controls import OfferedGraph, choose_graph_and_model, write_prompt
from components.run_panel.insights import show_insights
from components.run_panel.model_picker import missing_key, model_notice, offer_scripted
from components.run_panel.recovery import offer_recovery
from components.run_panel.request_builder import build_request
from components.run_panel.status import RunStatus, show_outcomes
from components.shell.navigation import replay_link
from components.shell.session import runs_of
from components.shell.session_commands import add_to_history, cancel, forget_runs, show_runs, start_runs, take_autorun
from components.shell.stop_button import stop_button
from streaming.core.events import LogEntry, Mode
from streaming.core.partial_answer import PartialAnswer
from streaming.core.request import Fork, RunRequest
from streaming.core.run import Run
from streaming.providers.catalogue import calls_tools, model_label
from streaming.rendering.flush import FlushStrategy
from streaming.runtime import thread_moves
from streaming.services import get_services

STATUS_WIDTH, PART_WIDTH, STOP_WIDTH = 140, 60, 375
"""Pixels for the status with its clock, for the number of its run, and for the buttons that stop or continue: what
appears there moves nothing."""

FIGURES = ("ttft_s", "e2e_s", "wait_s", "tokens_per_s", "events", "bytes")
"""The figures of a run beside its status."""

_FIRST, _ALL = slice(1), slice(None)


class TokenConsumer(Protocol):
    """Draws the batches of a run itself, by its flush strategy."""

    def consume(self, batches: Iterable[list[LogEntry]]) -> None:
        """Draw the batches until they end."""
        ...


Prepare = Callable[[RunRequest], RunRequest]
"""Completes a request when it starts."""

Vary = Callable[[RunRequest], Sequence[RunRequest]]
"""Turns one request into the requests that a page compares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholders:
    """The placeholders for the status of a run and its buttons."""

    chip: DeltaGenerator
    stop: DeltaGenerator
    drain: DeltaGenerator
    message: DeltaGenerator
    recovery: DeltaGenerator
    notice: DeltaGenerator
    remark: DeltaGenerator


@dataclass(slots=True, kw_only=True)
class RunPanel:
    """The request that Run would start, and the page's runs.

    `can_run` is false if the chosen model cannot run the graph. `over` says whether all runs had ended when the panel
    was drawn: a run may end at any moment, and everything that one script run draws goes by the same answer.

    A button's callback gets the panel of the script run that drew the button, so `request` holds the values of the
    controls at that time. Read a widget whose value arrives with the click (a text field) from `st.session_state`.
    """

    page: str
    graphs: Mapping[str, OfferedGraph]
    request: RunRequest
    runs: list[Run]
    api_key: str | None
    slots: Placeholders
    over: bool = False
    prepare: Prepare | None = None
    can_run: bool = True

    @property
    def run(self) -> Run | None:
        """The page's run; the first one if the page compares several."""
        return self.runs[0] if self.runs else None

    @property
    def ended_events(self) -> list[LogEntry]:
        """The log of the run once it has ended; empty before."""
        return self.run.events if self.run and self.over else []

    @property
    def shown(self) -> RunRequest:
        """The request that the page shows: the run's own; before the first run, the one that Run would start."""
        return self.run.request if self.run else self.request

    @property
    def multi_turn(self) -> bool:
        """Whether the graph that the page shows holds a conversation with several turns."""
        return self.graphs[self.shown.graph.name].multi_turn

    @property
    def turns(self) -> list[Run]:
        """The runs of this conversation before the current one."""
        return get_services().engine.registry.turns(self.run)[:-1] if self.run else []

    def play(
        self,
        panel: str,
        *,
        key: str,
        which: slice = _FIRST,
        min_height: int = 0,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Mount one panel of the player for the page's run: the browser draws it, and the script goes on at once.

        Of a page that compares runs it shows `which` of them, by default the first. `min_height` pixels, or those of
        the panel's `height`, are kept free while the player loads.
        """
        height = (settings or {}).get("height") or 0
        mount_player(
            [run.id for run in self.runs[which]],
            key=key,
            panels=[{"panel": panel, **(settings or {})}],
            min_height=min_height or height,
            reports=False,
        )

    def play_side_by_side(
        self, panels: Sequence[Panel], *, key: str, labels: Sequence[str], which: slice = _ALL, min_height: int = 0
    ) -> None:
        """Mount these panels for `which` of the page's runs, a column for each run, all on one time axis.

        `labels` names the columns, which are there before the first run.
        """
        mount_player(
            [run.id for run in self.runs[which]],
            key=key,
            panels=panels,
            labels=labels,
            min_height=min_height,
            reports=False,
        )

    def open_token_pane(self, flush: FlushStrategy, *, height: int | None, **settings: Any) -> TokenPane | None:
        """Draw the answer by this strategy: mount the player, or return a pane for `draw_end` to fill."""
        if flush.flush == "direct":
            lists = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in settings.items()}
            self.play("tokens", key="answer", settings={"height": height, **lists})
            return None
        parent = st.container(height=height, autoscroll=True) if height else st.container()
        return TokenPane(parent, flush=flush, **settings)

    def draw_end(self, *, tokens: TokenConsumer | None = None) -> None:
        """Draw the status; after the end also store the figures, and offer recovery and advice.

        While a run streams, the player shows its status; it reports the end, which runs the script again. With `tokens`
        the script draws the text itself, and waits here for the end.
        """
        if tokens is not None:
            self._draw_until_end(tokens)
            return
        if self.runs and not self.over:
            self._play_status()
            return
        if self.runs:
            show_outcomes(self.runs, chip=self.slots.chip, message=self.slots.message)
        for run in self.runs:
            add_to_history(run, model=model_label(run.request.model))
        self._offer_next_steps()

    def _play_status(self) -> None:
        runs = [run.id for run in self.runs]
        parts = _parts(self.runs)
        with self.slots.chip.container(width=STATUS_WIDTH + (PART_WIDTH if parts else 0)):
            mount_player(
                runs,
                key=f"status.{runs[0]}",
                panels=[{"panel": "status", "parts": ["chip", "clock"]}],
                labels=parts,
                one_at_a_time=True,
            )
        with self.slots.remark.container():
            mount_player(
                runs,
                key="remark",
                panels=[{"panel": "status", "parts": ["notice"]}],
                one_at_a_time=True,
                reports=False,
            )

    def _draw_until_end(self, tokens: TokenConsumer) -> None:
        """Draw the run's text until it has ended; the script waits here."""
        if self.run is not None:
            status = RunStatus(
                self.run,
                chip=self.slots.chip,
                message=self.slots.message,
                stops=(self.slots.stop, self.slots.drain),
            )
            batches = follow_with(self.run, [status])
            tokens.consume(batches)
            # The consumer may stop at the last token, but the status is painted only while batches are taken.
            for _ in batches:
                pass
            add_to_history(self.run, model=model_label(self.run.request.model))
        self._offer_next_steps()

    def _offer_next_steps(self) -> None:
        """Draw the buttons that continue the run, and the advice from its figures."""
        if self.run is not None:
            self._renew_model_notice()
            # In the place of Stop, beside the status.
            with self.slots.stop.container(width="content"):
                replay_link(self.run.id, label="Replay")
            if self.can_run:
                with self.slots.recovery:
                    offer_recovery(self)
            show_insights(self.run.events, max_tokens=_longest_answer(self.run.request))

    def start_next_turn(self, prompt: str) -> None:
        """Start the next turn of the run's conversation."""
        self._start(thread_moves.next_turn(self._current, self._controls, prompt=prompt))

    def start_fork(self, checkpoint: Fork) -> None:
        """Start a separate run from a checkpoint of the run's thread."""
        self._start(thread_moves.fork(self._current, self._controls, checkpoint=checkpoint))

    def start_resumed(self, answers: Mapping[str, Any], *, thread_id: str) -> None:
        """Resume the interrupted thread with these answers: the run's thread, or without a run the one with this id."""
        if self.run is None:
            self._start(thread_moves.resume_thread(thread_id, self.request, answers=answers))
        else:
            self._start(thread_moves.resume(self.run, self._controls, answers=answers))

    def start_retry(self, partial_answers: Mapping[str, PartialAnswer]) -> None:
        """Continue a run that broke off; `partial_answers` holds the texts that its nodes had received, by node."""
        self._start(thread_moves.retry(self._current, self._controls, partial_answers=partial_answers))

    def start_edited_turn(self, turn: Run, prompt: str | None = None) -> None:
        """Repeat a turn of the conversation, optionally with another prompt; the old version stays available."""
        versions = get_services().engine.registry.versions(turn)
        self._start(thread_moves.edit_turn(turn, self._controls, versions=versions, prompt=prompt))

    def show_version(self, turn: Run) -> None:
        """Show another version of a turn, with the turns that followed it."""
        show_runs(self.page, [get_services().engine.registry.newest_after(turn)])

    @property
    def _current(self) -> Run:
        assert self.run is not None
        return self.run

    @property
    def _controls(self) -> RunRequest:
        """The request whose settings the next run takes; a page with `prepare` keeps the model of its run."""
        return self.request if self.prepare is None else self.shown

    def _renew_model_notice(self) -> None:
        """Draw the notice about the embedded model again: it may have loaded or failed during the run."""
        if all(request.model.provider == "local" for request in (self.shown, self.request)):
            with self.slots.notice.container():
                model_notice("local")

    def _start(self, request: RunRequest) -> None:
        if self.prepare is not None and request.resume is None:
            request = self.prepare(request)
        self.runs = start_runs(self.page, [request], api_key=self.api_key)


def open_run_panel(
    page: str,
    graphs: Mapping[str, OfferedGraph],
    *,
    default: str,
    modes: tuple[Mode, ...],
    flush: FlushStrategy | None = None,
    vary: Vary | None = None,
    needs_tools: bool = False,
    prepare: Prepare | None = None,
    figures: Sequence[str] = FIGURES,
) -> RunPanel:
    """Draw the controls; Run (or `autorun=1` in the URL) starts a run, Stop ends it.

    `flush` is stored with the run, so a page that offers flush strategies draws their controls before this call. With
    `vary`, Run starts several runs, one after the other. With `needs_tools`, Run requires a model that can call tools.
    With `prepare`, the page sets the model itself, and there is no model to choose.
    """
    runs = runs_of(page)
    with st.container(border=True, key="desk"):
        chosen = choose_graph_and_model(graphs, default, with_model=prepare is None)
        graph, notice = chosen.graph, chosen.notice
        with st.container(horizontal=True, vertical_alignment="center", key="prompt_row"):
            prompt = write_prompt(graph, shown=_first_prompt(runs, graph))
            can_run = not needs_tools or calls_tools(chosen.spec)
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
        if prepare is None and not can_run:
            offer_scripted()
    request = build_request(
        graph=graph,
        model=chosen.spec,
        modes=modes,
        prompt=prompt,
        restart=chosen.restart,
        flush=flush.flush if flush else None,
    )
    requests = vary(request) if vary else [request]
    if runs and [run.request.modes for run in runs] != [request.modes for request in requests]:
        forget_runs(page)
        runs = []
    empty = not prompt.strip()
    if clicked and empty:
        st.toast(_EMPTY_PROMPT, icon=":material/edit:")
    if (clicked and not empty) or (can_run and not runs and _autorun(page, requests, own_model=prepare is not None)):
        prepared = [prepare(request) for request in requests] if prepare else requests
        runs = start_runs(page, prepared, api_key=chosen.key)
    over = all(run.ended is not None for run in runs)
    _offer_stop(runs, stop, drain)
    if not runs:
        chip.caption("Ready")
    hint.caption(graph.summary)
    if runs and (shown := runs[0].request.graph.name) != graph.name:
        hint.caption(f"Showing the {shown} run; press Run for {graph.name}.")
    if prepare is None and (missing := missing_key(chosen.provider, chosen.spec, chosen.key)):
        hint.markdown(f":orange[:material/key_off: {missing}]")
    if empty:
        hint.markdown(f":orange[:material/edit: {_EMPTY_PROMPT}]")
    panel = RunPanel(
        page=page,
        graphs=graphs,
        request=requests[0],
        runs=runs,
        api_key=chosen.key,
        slots=Placeholders(
            chip=chip, stop=stop, drain=drain, message=message, recovery=recovery, notice=notice, remark=remark
        ),
        over=over,
        prepare=prepare,
        can_run=can_run,
    )
    if figures:
        with figures_row:
            panel.play("figures", key="figures", settings={"names": list(figures)})
    return panel


_EMPTY_PROMPT = "The prompt is empty. Type something, or pick an example, and press Run."


def _first_prompt(runs: Sequence[Run], graph: OfferedGraph) -> str | None:
    """The first prompt of the page's conversation, if that is with this graph."""
    if not runs or runs[0].request.graph.name != graph.name:
        return None
    return get_services().engine.registry.turns(runs[0])[0].request.prompt


def _autorun(page: str, requests: Sequence[RunRequest], *, own_model: bool) -> bool:
    """Whether the URL starts a run now: never on a model that may cost money, but a page's `own_model` is free."""
    return take_autorun(page) and (own_model or not any(request.may_cost for request in requests))


def _offer_stop(runs: Sequence[Run], stop: DeltaGenerator, drain: DeltaGenerator) -> None:
    """Draw the buttons that stop the runs: at once, or after the current step."""
    if any(run.ended is None for run in runs):
        stop_button(stop, "Stop", key="stop", stop=partial(cancel, runs))
    # Without the popover after a click on drain, so that it closes; the chip shows the state.
    if any(run.ended is None and not run.draining for run in runs):
        with drain.popover("More", icon=":material/more_horiz:", type="tertiary"):
            st.button("Stop after this step", icon=":material/pause:", key="drain", on_click=_drain, args=(runs,))
            st.caption("Running nodes finish; no new ones start. You can continue the run from there.")


def _parts(runs: Sequence[Run]) -> list[str]:
    """Which of the runs each one is; nothing for a single run."""
    return [f"{number} of {len(runs)}" for number in range(1, len(runs) + 1)] if len(runs) > 1 else []


def _longest_answer(request: RunRequest) -> int | None:
    """The largest number of tokens that this request allows for an answer."""
    return request.model.pace.tokens or request.model.max_tokens


def _drain(runs: Sequence[Run]) -> None:
    for run in runs:
        run.drain()
