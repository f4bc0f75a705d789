"""A lane of a race: one configuration, and the panes that draw its run.

Times count from submission, as those of `streaming.projections.metrics` do: the wait is included.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from streamlit.delta_generator import DeltaGenerator

from components.features.race.lane_requests import drawn_by, source_of
from components.features.race.threaded_pane import ThreadedPane
from components.live.cost import Cost
from components.live.drawing import drawn_by_player, drawn_by_streamlit
from components.live.first_drawing import has_text, is_first_drawing
from components.live.tokens import WAITING, TokenPane
from components.player.mount import Panel, bring_to_beginning, mount_player
from components.shell.format import code, escape_markdown, format_seconds
from components.shell.session import recall
from components.shell.session_commands import store_value
from streaming.core.events import Ended, LogEntry, Token
from streaming.core.request import PART_OF, PartOf, RunRequest
from streaming.core.run import Run
from streaming.core.text_drawing import TextDrawing
from streaming.projections.base import apply_all
from streaming.projections.metrics import Metrics, MetricsCollector
from streaming.projections.state_answer import StateAnswer
from streaming.rendering.flush import FlushStrategy
from streaming.services import get_services

_FIRST_SHOWN, _DRAWN = "lane.shown", "lane.drawn"
HEIGHT = 260
"""Pixels of a lane's text."""
UNNAMED_WAIT = "Waiting for the first words"
IDLE = "The text streams here."
_IDLE_WHOLE = "The whole answer appears here, at once."


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One configuration: its name beside the other lanes, its name anywhere, its request, and its flush strategy.

    `trouble` says why it cannot run yet; empty if it can. `given` is what its graph gets beside the prompt, in a line;
    empty if it needs nothing.
    """

    name: str
    configuration: str
    request: RunRequest
    flush: FlushStrategy
    trouble: str = ""
    given: str = ""

    def matches(self, request: RunRequest) -> bool:
        """Whether the request is of this configuration, with this prompt."""
        return (source_of(self.request), drawn_by(self.request)) == (source_of(request), drawn_by(request))

    @property
    def source(self) -> str:
        """What it runs: equal in lanes that differ only in how they draw."""
        return source_of(self.request)

    @property
    def has_tokens(self) -> bool:
        """Whether its text arrives as tokens; otherwise it is read from the state."""
        return self.request.api != "invoke" and "messages" in self.request.modes

    @property
    def native(self) -> bool:
        """Whether Streamlit draws it: an answer that comes whole is drawn once, whatever the flush strategy."""
        return self.has_tokens and self.flush.flush != "direct"


def are_of(lanes: Sequence[Lane], requests: Sequence[RunRequest]) -> bool:
    """Whether these requests are of these lanes, one of each."""
    return len(lanes) == len(requests) and all(map(Lane.matches, lanes, requests))


def as_part_of(request: RunRequest, part: PartOf) -> RunRequest:
    """The request, labelled as one of several runs."""
    return replace(request, labels={**request.labels, PART_OF: part})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a lane has shown: its figures, when its first text was on screen, in seconds since submission, and its cost.

    `arrived_s` is when the first text came from the graph. `drawing` is `None` for a text that was drawn at once.
    """

    metrics: Metrics
    first_s: float | None
    arrived_s: float | None = None
    drawing: TextDrawing | None = None


class NativePane:
    """Draws one lane's text by one of Streamlit's own flush strategies, while the script follows its run.

    The placeholder `first` gets the time of the first drawing, the lane's first figure; a lane without it is unnamed.
    """

    def __init__(
        self, parent: DeltaGenerator, lane: Lane, run: Run | None, *, key: str, first: DeltaGenerator | None
    ) -> None:
        unnamed = first is None
        self._run = run
        self._key = f"native_{key}"
        box = self._box = parent.container(height=HEIGHT, border=True, autoscroll=True, key=self._key)
        waits = f":small[:gray[{UNNAMED_WAIT}]]" if unnamed else WAITING
        has_come = run is not None and has_text(run)
        self._measured = run is not None and is_first_drawing(run, has_text=has_come)
        # A blind test does not tell what draws, and a text that is drawn again, in one go, costs something else.
        cost = None if unnamed else parent.container(key=f"cost_{key}")
        told = cost.empty() if cost is not None and self._measured else None
        self._first, self._first_s = first, None if run is None else _first_shown_s(run)
        self._tell_first()
        if run is not None and has_come and cost is not None and not self._measured:
            _tell_cost(cost, lane, run)
        self._pane = TokenPane(box, flush=lane.flush, named=False, idle=IDLE, waits=waits, cost_slot=told)
        self._drawing = ThreadedPane(self._pane) if lane.flush.flush == "st.write_stream" else None

    def close(self) -> None:
        """Draw no more: the script ends, maybe in the middle of the run."""
        if self._drawing is not None:
            self._drawing.close()

    def feed(self, batch: list[LogEntry]) -> None:
        """Draw a batch of the run's log."""
        for entry in batch:
            if entry.event.kind == "started" and self._drawing is None:
                self._pane.open()
        (self._drawing or self._pane).feed(batch)
        if self._run is None:
            return
        drawn = self._pane.cost.drawn_at
        if drawn and self._measured:
            note_first_shown(self._run, ago_s=time.monotonic() - drawn[0])
            if self._first_s is None:
                self._first_s = _first_shown_s(self._run)
                self._tell_first()
        if batch and isinstance(batch[-1].event, Ended):
            if drawn and self._measured:
                _note_drawing(self._run, self._pane.cost)
            # As in the other lanes, so that the first words can be compared. Below the box it would make its lane grow,
            # which a blind test must not tell.
            with self._box:
                bring_to_beginning(self._key, once=self._run.id)

    def _tell_first(self) -> None:
        if self._first is not None:
            self._first.markdown(f":gray[[First text](#term-first-text)]  \n**{format_seconds(self._first_s)}**")


def _idle(lane: Lane, *, unnamed: bool) -> str:
    """What an empty lane says; of a blind test all say the same."""
    return IDLE if unnamed or lane.has_tokens else _IDLE_WHOLE


def open_pane(
    parent: DeltaGenerator,
    lane: Lane,
    run: Run | None,
    *,
    key: str,
    label: str | None = None,
    tells_input: bool = False,
) -> NativePane | None:
    """Draw one lane: its name, its figures while it runs, and its text; with a `label`, only that and the text.

    With `tells_input` there is a line for what the graph gets beside the prompt. The player draws the text, and the
    script goes on at once; for a lane with another flush strategy the pane is returned that draws it.
    """
    box = parent.container(border=True, key=f"box_{key}")
    box.markdown(f"**{escape_markdown(label or lane.name)}**")
    if tells_input:
        box.container(key=f"given_{key}").caption(code(lane.given) if lane.given else "Input: the prompt alone")
    native = lane.native
    # Other words for a lane that waits for its whole answer would tell what a blind test hides.
    words = {"idle": _idle(lane, unnamed=bool(label))} | ({"waits": UNNAMED_WAIT} if label else {})
    panels: list[Panel] = []
    if label is None:
        names = ["arrived_s" if native else "first_text_s", "e2e_s", *(["tokens_per_s"] if lane.has_tokens else [])]
        panels += [
            {"panel": "status", "parts": ["chip", "clock"], "until_end": True},
            {"panel": "figures", "names": names},
        ]
    if not native and lane.has_tokens:
        panels.append({"panel": "tokens", "height": HEIGHT, "named": False, "rewinds": True, **words})
    elif not native:
        panels.append({"panel": "answer", "height": HEIGHT, **words})
    figures, first = box, None
    if native and label is None:
        figures = box.container(key=f"drawn_{key}")
        first = figures.container(key=f"first_{key}").empty()
    if panels:
        with figures.container(key=f"token_pane_{key}"):
            mount_player(
                [run.id] if run else [],
                key=key,
                panels=panels,
                min_height=0 if native else HEIGHT,
                reports=False,
            )
    return NativePane(box, lane, run, key=key, first=first) if native else None


def shown(lane: Lane, run: Run) -> Shown:
    """What this lane's ended run has shown; the player draws text within a frame of its arrival."""
    events = run.events
    collected = apply_all(MetricsCollector(), events)
    metrics = collected.metrics()
    arrived_s = metrics.first_text_s
    if lane.native:
        first_s, drawing = _first_shown_s(run), _drawing_of(run)
    else:
        first_s, drawing = arrived_s, drawn_by_player(collected, events)
    return Shown(metrics=metrics, first_s=first_s, arrived_s=arrived_s, drawing=drawing)


def note_first_shown(run: Run, *, ago_s: float = 0.0) -> None:
    """Keep that this run's first text was drawn some seconds ago, for `shown`.

    Unlike the time in the log, it depends on the flush strategy. The first call for a run counts.
    """
    noted: dict[str, float] = recall(_FIRST_SHOWN) or {}
    if run.id not in noted:
        at = run.age_s - ago_s
        store_value(_FIRST_SHOWN, noted | {run.id: at})
        get_services().run_writer.note_first_text(run, at)


def _first_shown_s(run: Run) -> float | None:
    """When this run's first text was drawn, in this session or in an earlier one; `None` if that was not measured."""
    noted: dict[str, float] = recall(_FIRST_SHOWN) or {}
    return noted[run.id] if run.id in noted else get_services().run_writer.first_text_s(run.id)


def _note_drawing(run: Run, cost: Cost) -> None:
    """Keep what drawing this run cost; as for its first text, the first call counts."""
    noted: dict[str, TextDrawing] = recall(_DRAWN) or {}
    drawing = drawn_by_streamlit(cost)
    if drawing is not None and run.id not in noted:
        store_value(_DRAWN, noted | {run.id: drawing})
        get_services().run_writer.note_drawing(run, drawing)


def _drawing_of(run: Run) -> TextDrawing | None:
    """What drawing this run cost, in this session or in an earlier one; `None` if that was not measured."""
    noted: dict[str, TextDrawing] = recall(_DRAWN) or {}
    return noted[run.id] if run.id in noted else get_services().run_writer.drawing(run.id)


def _tell_cost(parent: DeltaGenerator, lane: Lane, run: Run) -> None:
    """Say again what drawing this run cost when it was drawn first."""
    drawing, texts = _drawing_of(run), [_token_of(entry) for entry in run.events]
    if drawing is not None:
        sent = sum(len(text.encode(errors="replace")) for text in texts)
        cost = Cost(text_bytes=drawing.bytes, repaints=drawing.repaints, direct_bytes=sent)
        parent.caption(cost.sentence(lane.flush))


def whole_text_bytes(lane: Lane, events: Sequence[LogEntry]) -> int:
    """The bytes of an answer that came whole, which is drawn once; 0 for one that came in tokens."""
    if lane.has_tokens:
        return 0
    return len(apply_all(StateAnswer(prompt=lane.request.prompt), events).text.encode(errors="replace"))


def _token_of(entry: LogEntry) -> str:
    """The text that this event adds to an answer in tokens."""
    return entry.event.text if isinstance(entry.event, Token) and entry.event.role == "ai" else ""
