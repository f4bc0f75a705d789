"""Draws the runs of a page: their panels, their status, and what follows their end."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.tokens import TokenPane
from components.player.mount import Panel, mount_player
from components.run_panel.buttons import RunButtons
from components.run_panel.diagnosis import point_to_findings, show_findings
from components.run_panel.ended_run import bounded_events, graph_may_start, insights_of, nodes_of
from components.run_panel.first_text import expected_first_text
from components.run_panel.insights import show_insights
from components.run_panel.model_picker import model_notice
from components.run_panel.offered_graph import OfferedGraph
from components.run_panel.open_question import show_open_question
from components.run_panel.page_runs import PageRuns
from components.run_panel.recovery import offer_recovery
from components.run_panel.status import RunStatus, show_outcomes
from components.shell.navigation import replay_link
from components.shell.page import show_code
from components.shell.session_commands import add_to_history, next_run_id
from components.shell.share_link import offer_share_link
from streaming.analysis.code_snippet import lines_of_modes
from streaming.core.events import LogEntry, Mode
from streaming.core.graph_description import GraphDescription
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.active_nodes import TELL_OF_NODES
from streaming.providers.catalogue import model_label
from streaming.rendering.flush import FRAME_S, FlushStrategy
from streaming.runtime.graph_descriptions import describe
from streaming.runtime.run_diagnosis import diagnose_run
from streaming.runtime.run_facts import answering_model

STATUS_WIDTH, PART_WIDTH = 140, 60
"""Pixels for the status with its clock, and for the number of its run: what appears there moves nothing."""

_FIRST, _ALL = slice(1), slice(None)
_REPLAYED_AS = {"lanes": "Lanes"}
"""The picture in which a page's run is replayed first, where it is the page's own."""


class TokenConsumer(Protocol):
    """Draws the batches of a run itself, by its flush strategy."""

    def consume(self, batches: Iterable[list[LogEntry]]) -> None:
        """Draw the batches until they end."""
        ...


Vary = Callable[[RunRequest], Sequence[RunRequest]]
"""Turns one request into the requests that a page compares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholders:
    """The placeholders for the status of a run and its buttons."""

    chip: DeltaGenerator
    buttons: RunButtons
    message: DeltaGenerator
    notice: DeltaGenerator
    remark: DeltaGenerator


@dataclass(slots=True, kw_only=True)
class RunPanel(PageRuns):
    """Draws the page's runs: their status, their panels, and what follows their end.

    `can_run` is false if the graph or its input is not ready, or if the run's thread is gone. `over` says whether all
    runs had ended when the panel was drawn: a run may end at any moment, and everything that one script run draws goes
    by the same answer. `modes_chosen` says that the visitor chose the modes: only then can they be a mistake. Several
    runs start `together`, or else one after the other. `lost` says why no run can go on from the run's thread. An
    `obstacle` kept this click on Run from starting the graph that was wanted: its sentence is in sight instead of the
    state of the run before.
    """

    graphs: Mapping[str, OfferedGraph]
    placeholders: Placeholders
    over: bool = False
    modes_chosen: bool = False
    together: bool = False
    can_run: bool = True
    obstacle: str = ""
    lost: str = ""
    _links: DeltaGenerator | None = field(default=None, init=False)

    @property
    def ended_events(self) -> list[LogEntry]:
        """The log of the run once it has ended; empty before. For figures: what lists things takes `shown_events`."""
        return self.run.events if self.run and self.over else []

    @property
    def shown_events(self) -> list[LogEntry]:
        """What views may hold of the log of the run once it has ended; empty before."""
        return bounded_events(self.run) if self.run and self.over else []

    @property
    def shown_code(self) -> RunRequest:
        """The request for the code that makes it; a run of the history has only the name of its graph."""
        return replace(self.shown, graph=self.graph)

    @property
    def multi_turn(self) -> bool:
        """Whether the graph that the page shows holds a conversation with several turns."""
        return self.graph.multi_turn

    @property
    def graph(self) -> OfferedGraph:
        """The graph that the page shows."""
        return self.graphs[self.shown.graph.name]

    @property
    def description(self) -> GraphDescription:
        """The nodes, edges and schemas of the graph that the page shows, whatever process it runs in."""
        return describe(self.graph)

    def play(
        self,
        panel: str,
        *,
        key: str,
        which: slice = _FIRST,
        min_height: int = 0,
        settings: Mapping[str, Any] | None = None,
        counts_down: bool = True,
    ) -> None:
        """Mount one panel of the player for the page's run: the browser draws it, and the script goes on at once.

        Of a page that compares runs it shows `which` of them, by default the first. `min_height` pixels, or those of
        the panel's `height`, are kept free while the player loads. A panel whose first text is not that of its run
        does not count down to it.
        """
        height = (settings or {}).get("height") or 0
        mount_player(
            [run.id for run in self.runs[which]],
            key=key,
            panels=[{"panel": panel, **(settings or {})}],
            min_height=min_height or height,
            expected=self._expected(which) if counts_down else (),
            reports=False,
            next_run=self.next_run if which == _FIRST else "",
        )

    def _expected(self, which: slice) -> list[Mapping[str, Any] | None]:
        """When the first text of each of these runs is expected; before the first run, that of the next one."""
        if not self.runs:
            return [expected_first_text(self.request)]
        return [expected_first_text(run.request, run_id=run.id) for run in self.runs[which]]

    @property
    def next_run(self) -> str:
        """The run that takes the place of the page's run when it starts; nothing where it is drawn beside that."""
        if self.together or (self.runs and (not self.over or self.multi_turn or self.runs[0].interrupted)):
            return ""
        return next_run_id(self.page)

    def show_diagram(self, *, key: str, height: int | None = None) -> None:
        """Mount the picture of the graph with its running nodes, `height` pixels high or as high as it is."""
        unsure = {"unsure": True} if TELL_OF_NODES.isdisjoint(self.shown.modes) else {}
        settings = {**self.drawing, **({"height": height} if height else {}), **unsure}
        self.play("diagram", key=key, settings=settings)

    @property
    def drawing(self) -> dict[str, Any]:
        """The settings of a picture of the graph: its nodes and edges, and which nodes ran earlier in the thread."""
        earlier = {"earlier": ran} if (ran := self._ran_earlier()) else {}
        return {**self.description.drawing, **earlier}

    def _ran_earlier(self) -> list[str]:
        """The nodes of the outer graph that ran in this thread before a run that goes on in the middle of the graph."""
        run = self.run
        if run is None or (run.request.fork is None and run.request.resume is None):
            return []
        before = [turn for turn in self.turns if turn.thread_id == run.thread_id]
        return sorted({node for turn in before for node in nodes_of(turn, self.description.edges)})

    def show_raw(
        self, *, height: int, title: str = "Raw parts", which: slice = _FIRST, modes: Sequence[Mode] | None = None
    ) -> None:
        """Mount the list of the parts as LangGraph sent them, of `modes` only where given, under a heading."""
        with st.container(key="raw_parts"):
            st.subheader(title, anchor=False)
            settings = {"height": height} | ({} if modes is None else {"modes": modes})
            self.play("raw", key="raw", which=which, settings=settings)

    def show_code(self, *, before: Sequence[Run] = (), answering: bool = False) -> None:
        """The code of the page's run; the line of a mode lights up when the mode has delivered."""
        live = partial(self.play, "delivered", key="delivered", settings={"lines": lines_of_modes(self.shown_code)})
        waits = self.over and self.run is not None and self.run.interrupted
        show_code(self.shown_code, before=before, answering=answering, waits=waits, live=live)
        # What the page has noted in its URL since the run ended belongs to them.
        self._show_links()

    def _show_links(self) -> None:
        if self._links is not None:
            with self._links.container():
                offer_share_link()

    def play_side_by_side(
        self,
        panels: Sequence[Panel],
        *,
        key: str,
        labels: Sequence[str],
        which: slice = _ALL,
        min_height: int = 0,
        waits_s: Callable[[RunRequest], float] = lambda _: 0.0,
    ) -> None:
        """Mount these panels for `which` of the page's runs, a column for each run, all on one time axis.

        `labels` names the columns, which are there before the first run. `waits_s` are the seconds of other work of a
        run before it asks its model.
        """
        mount_player(
            [run.id for run in self.runs[which]],
            key=key,
            panels=panels,
            labels=labels,
            min_height=min_height,
            expected=[
                expected_first_text(run.request, run_id=run.id, waits_s=waits_s(run.request))
                for run in self.runs[which]
            ],
            reports=False,
        )

    def open_token_pane(
        self, flush: FlushStrategy, *, height: int | None, cost: DeltaGenerator | None = None, **settings: Any
    ) -> TokenPane | None:
        """Draw the answer by this strategy: mount the player, or return a pane for `draw_end` to fill.

        The pane tells in the placeholder `cost` what its drawing costs.
        """
        if flush.flush == "direct":
            lists = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in settings.items()}
            self.play("tokens", key="answer", settings={"height": height, **lists})
            return None
        # What an earlier run wrote here would stay in grey below, until as much is written again.
        slot = st.empty()
        parent = slot.container(height=height, autoscroll=True) if height else slot.container()
        return TokenPane(parent, flush=flush, cost_slot=cost, **settings)

    def draw_end(self, *, tokens: TokenConsumer | None = None) -> None:
        """Draw the status; after the end also store the figures, and offer recovery and advice.

        While a run streams, the player shows its status; it reports the end, which runs the script again. With `tokens`
        the script draws the text itself, and waits here for the end.
        """
        # There before the advice is: what is below would otherwise move, and the browser would draw it anew.
        with st.container():
            self._draw_end(tokens)

    def _draw_end(self, tokens: TokenConsumer | None) -> None:
        if tokens is not None:
            self._draw_until_end(tokens)
            return
        if not self.runs or not self.over:
            self._play_status()
        if self.runs and not self.over:
            return
        if self.runs:
            show_outcomes(self.runs, chip=self.placeholders.chip, message=self.placeholders.message)
        for run in self.runs:
            add_to_history(run, model=model_label(answering_model(run)))
        self._offer_next_steps()

    def _play_status(self) -> None:
        """Mount the status of the runs: before the first one too, because a mount takes time that Run would show."""
        runs = [run.id for run in self.runs]
        next_run = self.next_run
        parts = [] if self.together else _parts(self.runs)
        with self.placeholders.chip.container(width=STATUS_WIDTH + (PART_WIDTH if parts else 0)):
            mount_player(
                runs,
                key="status",
                panels=[{"panel": "status", "parts": ["chip", "clock"], "ready": "Ready"}],
                labels=parts,
                one_at_a_time=True,
                next_run=next_run,
            )
        with self.placeholders.remark.container():
            mount_player(
                runs,
                key="remark",
                panels=[{"panel": "status", "parts": ["notice"], "until_end": True}],
                one_at_a_time=True,
                reports=False,
                next_run=next_run,
            )

    def _draw_until_end(self, tokens: TokenConsumer) -> None:
        """Draw the run's text until it has ended; the script waits here."""
        if self.run is not None:
            status = RunStatus(
                self.run,
                chip=self.placeholders.chip,
                message=self.placeholders.message,
                stops=(self.placeholders.buttons.stop, self.placeholders.buttons.drain),
            )
            batches = status.follow(self.run.follow(frame_s=FRAME_S))
            tokens.consume(batches)
            # The consumer may stop at the last token, but the status is painted only while batches are taken.
            for _ in batches:
                pass
            add_to_history(self.run, model=model_label(answering_model(self.run)))
        self._offer_next_steps()

    def _offer_next_steps(self) -> None:
        """Draw the buttons that continue the run, and the advice from its figures."""
        if self.run is not None:
            self._renew_model_notice()
            view = _REPLAYED_AS.get(self.page, "")
            if graph_may_start(self.run):
                # Where Stop was, beside the status.
                with self.placeholders.buttons.stop.container(width="content", horizontal=True, gap=None):
                    with st.container(
                        key="replay_link", width="content", horizontal=True, vertical_alignment="center", gap=None
                    ):
                        replay_link(self.run.id, label="Replay", view=view)
                        # What continues a run that broke off needs the place.
                        if self.run.ended and self.run.ended.outcome in ("completed", "interrupted"):
                            with st.popover("Share", icon=":material/share:", type="tertiary"):
                                self._links = st.empty()
                                self._show_links()
                    with st.container(key="slow_motion", width="content"):
                        replay_link(self.run.id, label="Slow motion", slow=True, view=view)
            if self.can_run:
                with self.placeholders.buttons.recovery:
                    offer_recovery(self)
            show_open_question(self.placeholders.message, self.run, page=self.page)
            show_insights(insights_of(self.run, max_tokens=_longest_answer(self.run.request)))
            findings = diagnose_run(self.run, asked_on_purpose=not self.modes_chosen)
            if self.obstacle:
                self.placeholders.chip.markdown(":orange-badge[Cannot run]")
                self.placeholders.message.empty()
            else:
                point_to_findings(self.placeholders.remark, findings)
            show_findings(findings)

    def _renew_model_notice(self) -> None:
        """Draw the notice about the embedded model again: it may have loaded or failed during the run."""
        if all(request.model.provider == "local" for request in (self.shown, self.request)):
            with self.placeholders.notice.container():
                model_notice("local")


def _parts(runs: Sequence[Run]) -> list[str]:
    """Which of the runs each one is; nothing for a single run."""
    return [f"{number} of {len(runs)}" for number in range(1, len(runs) + 1)] if len(runs) > 1 else []


def _longest_answer(request: RunRequest) -> int | None:
    """The largest number of tokens that this request allows for an answer."""
    return request.model.pace.tokens or request.model.max_tokens
