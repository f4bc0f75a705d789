"""The controls of a page and its run: graph, model, prompt, Run, Stop, state."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView, follow_with
from components.run_panel.controls import OfferedGraph, choose_graph_and_model, examples, write_prompt
from components.run_panel.insights import show_insights
from components.run_panel.model_picker import model_notice, offer_scripted
from components.run_panel.recovery import offer_recovery
from components.run_panel.status import RunStatus
from components.shell.session import autorun_wanted, cancel, forget_runs, remember, runs_of, show_runs, start_runs
from streaming.config.policy import with_server_policy
from streaming.core.events import LogEntry, Mode
from streaming.core.partial_answer import PartialAnswer
from streaming.core.request import Fork, Resume, RunRequest
from streaming.core.run import Run
from streaming.providers.catalogue import calls_tools, model_label
from streaming.services import get_services


class TokenConsumer(Protocol):
    """Draws batches itself, at its own pace."""

    def consume(self, batches: Iterable[list[LogEntry]]) -> None: ...


Prepare = Callable[[RunRequest], RunRequest]
"""Makes a request ready at the moment of its start."""

Vary = Callable[[RunRequest], Sequence[RunRequest]]
"""Makes of one request the requests that a page compares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholders:
    """Where the state of a run is shown."""

    chip: DeltaGenerator
    stop: DeltaGenerator
    drain: DeltaGenerator
    message: DeltaGenerator
    recovery: DeltaGenerator
    notice: DeltaGenerator


@dataclass(slots=True, kw_only=True)
class RunPanel:
    """What the controls say: the request that Run would start, and the page's runs if there are any.

    `able` says whether the chosen model can run the graph at all.
    """

    page: str
    graphs: Mapping[str, OfferedGraph]
    request: RunRequest
    runs: list[Run]
    api_key: str | None
    slots: Placeholders
    prepare: Prepare | None = None
    able: bool = True

    @property
    def run(self) -> Run | None:
        """The page's run, or the first of those that it compares."""
        return self.runs[0] if self.runs else None

    @property
    def shown(self) -> RunRequest:
        """What the page shows: the run's own request, or before the first run the one that Run would start."""
        return self.run.request if self.run else self.request

    @property
    def multi_turn(self) -> bool:
        """Whether what the page shows is a conversation that can go on."""
        return self.graphs[self.shown.graph.name].multi_turn

    def follow(self, *views: LiveView, tokens: TokenConsumer | None = None) -> None:
        """Follow the run with these views until it has ended; without a run they stay empty."""
        self.follow_each([(views, tokens)])

    def follow_each(self, lanes: Sequence[tuple[Sequence[LiveView], TokenConsumer | None]]) -> None:
        """Follow the runs one after the other, as they run, each with the views of its own lane."""
        for place, (run, (views, tokens)) in enumerate(zip(self.runs, lanes, strict=False), 1):
            part = f"{place} of {len(self.runs)}" if len(self.runs) > 1 else ""
            last = place == len(self.runs)
            status = RunStatus(
                run,
                chip=self.slots.chip,
                message=self.slots.message,
                stops=(self.slots.stop, self.slots.drain) if last else (),
                part=part,
            )
            batches = follow_with(run, [status, *views])
            if tokens is not None:
                tokens.consume(batches)
            for _ in batches:
                pass
            remember(run, model=model_label(run.request.model))
        if self.run is not None:
            self._notice()
            if self.able:
                with self.slots.recovery:
                    offer_recovery(self)
            show_insights(self.run.events, max_tokens=_most_tokens(self.run.request))

    def _notice(self) -> None:
        """Say again what is to be said of the model: while the run went, an embedded one was loaded, or died."""
        if all(request.model.provider == "local" for request in (self.shown, self.request)):
            with self.slots.notice.container():
                model_notice("local")

    def restart(self, *, fork: Fork) -> None:
        """Resume the run's thread from a checkpoint, as a run of its own."""
        self._start(self._next(fork=fork))

    def resume(self, answers: Mapping[str, object], *, thread_id: str | None = None) -> None:
        """Go on with the interrupted thread, the run's or one of an earlier server; no answers: past a breakpoint."""
        resume = Resume(answers=answers)
        if self.run is None:
            self._start(replace(self.request, resume=resume, thread_id=thread_id))
        else:
            self._start(self._next(resume=resume))

    def recover(self, partial_answers: Mapping[str, PartialAnswer]) -> None:
        """Continue a run that broke off, as a run in its place; `partial_answers` is what its nodes had received."""
        assert self.run is not None
        before = self.run.request
        drained = self.run.status == "Interrupted"
        self._start(
            self._next(
                resume=Resume(partial_answers=partial_answers),
                previous_run_id=self.run.id if drained else before.previous_run_id,
                replaces_run_id=None if drained else before.replaces_run_id or self.run.id,
            )
        )

    def say(self, prompt: str) -> None:
        """Start the next turn of the run's thread, or a first one."""
        if self.run is None:
            self._start(replace(self.request, prompt=prompt))
            return
        at = self.run.ended.checkpoint_id if self.run.ended else None
        self._start(self._next(prompt=prompt, checkpoint_id=at))

    def ask_again(self, turn: Run, prompt: str | None = None) -> None:
        """Take a turn of the conversation once more, from the checkpoint where it began; the old one is kept."""
        at = turn.started.checkpoint_id if turn.started else None
        request = replace(
            turn.request,
            model=self.request.model,
            prompt=turn.request.prompt if prompt is None else prompt,
            # A first turn has no checkpoint before it: its branch is a thread of its own.
            thread_id=turn.thread_id if at else None,
            checkpoint_id=at,
            replaces_run_id=turn.request.replaces_run_id or turn.id,
        )
        self._start(request)

    def show_version(self, turn: Run) -> None:
        """Show another version of a turn, with what followed it."""
        show_runs(self.page, [get_services().engine.registry.newest_after(turn)])

    @property
    def turns(self) -> list[Run]:
        """The runs of this conversation before the current one."""
        return get_services().engine.registry.turns(self.run)[:-1] if self.run else []

    def _next(self, **changed: object) -> RunRequest:
        assert self.run is not None
        shown = self.run.request
        base = replace(
            self.request if self.prepare is None else shown,
            graph=shown.graph,
            prompt=shown.prompt,
            thread_id=self.run.thread_id,
            previous_run_id=self.run.id,
            context=shown.context,
            # These belong to one run.
            checkpoint_id=None,
            fork=None,
            resume=None,
            replaces_run_id=None,
        )
        return replace(base, **changed)  # type: ignore[arg-type]

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
    vary: Vary | None = None,
    needs_tools: bool = False,
    prepare: Prepare | None = None,
) -> RunPanel:
    """Draw the controls; Run (or `autorun=1` in the URL) starts a run, Stop ends it.

    With `vary` Run starts several runs, which follow each other. A graph that `needs_tools` runs only on a model that
    can call them. With `prepare` the page brings the model itself, and offers no choice of one.
    """
    with st.container(border=True, key="desk"):
        chosen = choose_graph_and_model(graphs, default, with_model=prepare is None)
        graph, provider, spec, key = chosen.graph, chosen.provider, chosen.spec, chosen.key
        prompt = write_prompt(graph, asked=_asked(page, graph))
        with st.container(horizontal=True, vertical_alignment="center"):
            able = not needs_tools or calls_tools(spec)
            clicked = st.button("Run", type="primary", icon=":material/play_arrow:", key="run", disabled=not able)
            stop, drain, chip, other = st.empty(), st.empty(), st.empty(), st.empty()
            st.space("stretch")
            examples(graph)
        message = st.empty()
        recovery = st.container()
        notice = st.empty()
        if prepare is None and able:
            with notice.container():
                model_notice(provider)
        elif prepare is None:
            offer_scripted()
    request = with_server_policy(
        RunRequest(graph=graph, model=spec, modes=modes, prompt=prompt), get_services().settings
    )
    request = replace(request, retry_policy=replace(request.retry_policy, restart=chosen.restart))
    requests = vary(request) if vary else [request]
    runs = _runs(page, requests, clicked=clicked, may_start=able, key=key, prepare=prepare)
    if any(run.ended is None for run in runs):
        stop.button("Stop", icon=":material/stop:", key="stop", on_click=cancel, args=(runs,))
    # Once asked, the popover goes, which closes it: the chip says what goes on.
    if any(run.ended is None and not run.draining for run in runs):
        with drain.popover("More", icon=":material/more_horiz:", type="tertiary"):
            st.button("Stop after this step", icon=":material/pause:", key="drain", on_click=_drain, args=(runs,))
            st.caption("The nodes at work finish, the next ones do not begin. The run can go on from there.")
    if not runs:
        chip.caption("Ready")
    elif (shown := runs[0].request.graph.name) != graph.name:
        other.caption(f"Showing the {shown} run; press Run for {graph.name}.")
    return RunPanel(
        page=page,
        graphs=graphs,
        request=requests[0],
        runs=runs,
        api_key=key,
        slots=Placeholders(chip=chip, stop=stop, drain=drain, message=message, recovery=recovery, notice=notice),
        prepare=prepare,
        able=able,
    )


def _asked(page: str, graph: OfferedGraph) -> str | None:
    """What the conversation that the page shows began with, if it is one with this graph."""
    run = next(iter(runs_of(page)), None)
    return (
        get_services().engine.registry.turns(run)[0].request.prompt
        if run and run.request.graph.name == graph.name
        else None
    )


def _runs(
    page: str,
    requests: Sequence[RunRequest],
    *,
    clicked: bool,
    may_start: bool,
    key: str | None,
    prepare: Prepare | None,
) -> list[Run]:
    runs = runs_of(page)
    if runs and [run.request.modes for run in runs] != [request.modes for request in requests]:
        forget_runs(page)
        runs = []
    wanted = may_start and not runs and autorun_wanted(page) and not requests[0].model.paid
    if not clicked and not wanted:
        return runs
    return start_runs(page, [prepare(request) for request in requests] if prepare else requests, api_key=key)


def _most_tokens(request: RunRequest) -> int | None:
    """How long an answer might have become."""
    return request.model.pace.tokens or request.model.max_tokens


def _drain(runs: Sequence[Run]) -> None:
    for run in runs:
        run.drain()
