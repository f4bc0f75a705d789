"""A lane of a race: one configuration, and the panes that draw its run.

Times count from submission, as those of `streaming.projections.metrics` do: the wait is included.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, assert_never, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.tokens import TokenPane
from components.player.mount import Panel, mount_player
from components.run_panel.model_picker import embedded_choice
from components.run_panel.request_builder import build_request
from components.shell.format import escape_markdown
from components.shell.keys import RACE_PROMPT
from components.shell.session import recall, runs_of
from components.shell.session_commands import store_value
from components.shell.url_state import initial_text, number_binding, sync_text
from streaming.core.events import (
    MODES,
    BoundaryEvent,
    LogEntry,
    Mode,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEvent,
    Token,
    TraceEvent,
    Updates,
    Values,
)
from streaming.core.model_spec import PRESETS, ModelSpec
from streaming.core.request import GraphSource, RunRequest
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.metrics import Metrics, MetricsCollector
from streaming.projections.state_answer import answer_in
from streaming.rendering.flush import FLUSH_KINDS, FlushKind, FlushStrategy
from streaming.rendering.markdown_safety import safe_markdown

Method = Literal["streaming", "blocking (invoke)", "values only", "updates only", "all seven modes"]
METHODS: tuple[Method, ...] = get_args(Method)
_MODES: dict[Method, tuple[Mode, ...]] = {
    "values only": ("values",),
    "updates only": ("updates",),
    "all seven modes": MODES,
}
MAX_LANES = 4
_FIRST_SHOWN = "lane.shown"
_DEFAULT_METHODS: tuple[Method, ...] = ("streaming", "blocking (invoke)", "streaming", "streaming")
_DEFAULT_PACES = ("typical hosted", "typical hosted", "fast GPU", "edge CPU")
_RACE_FLUSHES = tuple(flush for flush in FLUSH_KINDS if flush != "st.write_stream")
_SAME: dict[str, str | int] = {
    "lane_count": 2,
    **{f"model_{number}": "Scripted: typical hosted" for number in (1, 2)},
    **{f"graph_{number}": "chat" for number in (1, 2)},
    **{f"flush_{number}": "direct" for number in (1, 2)},
}
RACES: Mapping[str, Mapping[str, str | int]] = {
    "Streaming against blocking": {**_SAME, "how_1": "streaming", "how_2": "blocking (invoke)"},
    "All seven modes against one": {**_SAME, "how_1": "streaming", "how_2": "all seven modes"},
    "Direct against whole text per token": {
        **_SAME,
        "how_1": "streaming",
        "how_2": "streaming",
        "flush_2": "every token",
    },
    "Fast against slow model": {**_SAME, "how_1": "streaming", "how_2": "streaming", "model_1": "Scripted: fast GPU"},
}
"""Settings of races that answer common questions, by the keys of their controls."""
FIGURES = ("ttft_s", "e2e_s", "tokens_per_s")
HEIGHT = 260
"""Pixels of a lane's text."""
IDLE = "The text streams here."


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One configuration: its name beside the other lanes, its name anywhere, its request, and its flush strategy."""

    name: str
    configuration: str
    request: RunRequest
    flush: FlushStrategy

    def matches(self, run: Run) -> bool:
        """Whether the run has this configuration."""
        return _configuration(self.request) == _configuration(run.request)

    @property
    def has_tokens(self) -> bool:
        """Whether its text arrives as tokens; otherwise it is read from the state."""
        return self.request.api != "invoke" and "messages" in self.request.modes


def _configuration(request: RunRequest) -> tuple[object, ...]:
    flush = request.labels.get("flush")
    return request.graph.name, request.model, request.modes, request.api, request.prompt, flush


def pick_lanes(graphs: Mapping[str, GraphSource], *, prompt: str, page: str) -> list[Lane]:
    """Draw the controls of two to four configurations for one prompt; the URL holds all of their values.

    A prompt that is too long for the URL is taken from the page's runs after a reload.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="lanes"):
        count = st.number_input(
            "Lanes",
            2,
            MAX_LANES,
            2,
            key="lane_count",
            bind=number_binding("lane_count"),
            label_visibility="collapsed",
            icon=":material/view_column:",
            width=150,
        )
        prompt = _write_prompt(prompt, page)
        settings = [_pick_settings(number, graphs) for number in range(1, count + 1)]
        with st.popover("Presets", icon=":material/lightbulb:", key="race_presets"):
            st.caption("Scripted lanes are not AI: they send fixed texts at the pace of their preset.")
            for name, values in RACES.items():
                st.button(name, type="tertiary", key=f"preset {name}", on_click=_take_preset, args=(values,))
    names = _names(settings)
    return [_lane(name, one, graphs, prompt) for name, one in zip(names, settings, strict=True)]


def _take_preset(values: Mapping[str, str | int]) -> None:
    st.session_state.update(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a lane has shown: its figures, and when its first text was on screen, in seconds since submission."""

    metrics: Metrics
    first_s: float | None


class NativePane:
    """Draws one lane's text by one of Streamlit's own flush strategies, while the script follows its run."""

    def __init__(self, parent: DeltaGenerator, lane: Lane, run: Run | None) -> None:
        self._lane = lane
        self._run = run
        box = parent.container(height=HEIGHT, border=True, autoscroll=True)
        self._pane = TokenPane(box, flush=lane.flush, named=False, idle="The text streams here.")
        self._whole = box.empty()
        self._drawn = False

    def feed(self, batch: list[LogEntry]) -> None:
        """Draw a batch of the run's log."""
        for entry in batch:
            if entry.event.kind == "started":
                self._pane.open()
            if not self._lane.has_tokens and (text := _text_of(self._lane, entry)):
                self._whole.markdown(safe_markdown(text))
                self._drawn = True
        self._pane.feed(batch)
        if self._run is not None and (self._drawn or self._pane.cost.repaints):
            note_first_shown(self._run)


def open_pane(
    parent: DeltaGenerator, lane: Lane, run: Run | None, *, key: str, label: str | None = None
) -> NativePane | None:
    """Draw one lane: its name, its figures while it runs, and its text; with a `label`, only that and the text.

    The player draws the text, and the script goes on at once; for a lane with another flush strategy the pane is
    returned that draws it.
    """
    box = parent.container(border=True)
    box.markdown(f"**{escape_markdown(label or lane.name)}**")
    native = lane.flush.flush != "direct"
    panels: list[Panel] = []
    if label is None:
        panels += [{"panel": "status", "parts": ["chip", "clock"]}, {"panel": "figures", "names": FIGURES}]
    if not native and lane.has_tokens:
        panels.append({"panel": "tokens", "height": HEIGHT, "idle": IDLE, "named": False, "rewinds": True})
    elif not native:
        panels.append({"panel": "answer", "height": HEIGHT, "idle": IDLE})
    if panels:
        with box.container(key=f"token_pane_{key}"):
            mount_player(
                [run.id] if run else [],
                key=key,
                panels=panels,
                min_height=0 if native else HEIGHT,
                reports=False,
            )
    return NativePane(box, lane, run) if native else None


def shown(lane: Lane, run: Run) -> Shown:
    """What this lane's ended run has shown; the player draws text within a frame of its arrival."""
    events = run.events
    native = lane.flush.flush != "direct"
    first_s = (recall(_FIRST_SHOWN) or {}).get(run.id) if native else first_text_s(lane, events)
    return Shown(metrics=apply_all(MetricsCollector(), events).metrics(), first_s=first_s)


def note_first_shown(run: Run) -> None:
    """Keep when this run's first text was drawn, for `shown`; call it right after drawing the text.

    Unlike the time in the log, it depends on the flush strategy. The first call for a run counts, because a page that
    is drawn again may draw the text of a run that ended long ago.
    """
    noted: dict[str, float] = recall(_FIRST_SHOWN) or {}
    if run.id not in noted:
        store_value(_FIRST_SHOWN, noted | {run.id: run.age_s})


def first_text_s(lane: Lane, events: Sequence[LogEntry]) -> float | None:
    """When the first event with text arrived, in seconds since submission."""
    return next((entry.t for entry in events if _text_of(lane, entry)), None)


def _text_of(lane: Lane, entry: LogEntry) -> str:
    """The text that this event adds to the answer; the prompt does not count."""
    match entry.event:
        case Token(role="ai", text=text):
            return text
        case Values(state=state) if not lane.has_tokens:
            return answer_in(state, prompt=lane.request.prompt)
        case Updates(deltas=deltas) if not lane.has_tokens:
            changed = [delta for delta in deltas.values() if isinstance(delta, dict)]
            return "".join(answer_in(delta, prompt=lane.request.prompt) for delta in changed)
        case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
            return ""
        case _ as never:
            assert_never(never)


def _write_prompt(default: str, page: str) -> str:
    runs = runs_of(page)
    initial = initial_text(RACE_PROMPT, runs[0].request.prompt if runs else default)
    prompt = st.text_input(
        "Prompt", initial, key=RACE_PROMPT, persist_state="session", label_visibility="collapsed", width="stretch"
    )
    sync_text(RACE_PROMPT, prompt, default=default)
    return prompt


class _Settings(NamedTuple):
    """What was chosen for one lane."""

    method: Method
    model: str
    graph: str
    flush: FlushKind


def _pick_settings(number: int, graphs: Mapping[str, GraphSource]) -> _Settings:
    models = list(_models())
    with st.popover(f"Lane {number}", icon=":material/tune:", key=f"lane_settings_{number}"):
        method: Method = st.selectbox(
            "How", METHODS, index=METHODS.index(_DEFAULT_METHODS[number - 1]), key=f"how_{number}", bind="query-params"
        )
        default = models.index(f"Scripted: {_DEFAULT_PACES[number - 1]}")
        model = st.selectbox("Model", models, index=default, key=f"model_{number}", bind="query-params")
        chat = list(graphs).index("chat")
        graph = st.selectbox("Graph", list(graphs), index=chat, key=f"graph_{number}", bind="query-params")
        flush: FlushKind = st.selectbox("Flush", _RACE_FLUSHES, key=f"flush_{number}", bind="query-params")
    return _Settings(method, model, graph, flush)


def _names(settings: Sequence[_Settings]) -> list[str]:
    """A name for each lane: its number and the settings in which the lanes differ, or the method if they are equal."""
    differing = [index for index, values in enumerate(zip(*settings, strict=True)) if len(set(values)) > 1] or [0]
    return [f"{number}. {', '.join(one[index] for index in differing)}" for number, one in enumerate(settings, 1)]


def _lane(name: str, settings: _Settings, graphs: Mapping[str, GraphSource], prompt: str) -> Lane:
    request = build_request(
        graph=graphs[settings.graph],
        model=_models()[settings.model],
        modes=_MODES.get(settings.method, ("messages",)),
        prompt=prompt,
        flush=settings.flush,
        api="invoke" if settings.method == "blocking (invoke)" else "stream modes",
    )
    return Lane(
        name=name, configuration=", ".join(settings), request=request, flush=FlushStrategy(flush=settings.flush)
    )


def _models() -> dict[str, ModelSpec]:
    scripted = {f"Scripted: {name}": ModelSpec(provider="scripted", pace=pace) for name, pace in PRESETS.items()}
    return {**scripted, **embedded_choice()}
