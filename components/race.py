"""A race: the same request under two to four configurations, side by side, and a test without labels."""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.session import autorun_wanted, keep, kept, labelled, runs_of, show_runs
from components.text import plain, rate, seconds, size
from components.tokens import TokenPane
from streaming import MODES, GraphSource, Mode, Run, RunRequest, Stamped, lab
from streaming.errors import LabError
from streaming.events import Token, Updates, Values
from streaming.markdown import safe_markdown
from streaming.models import LABELS, PRESETS, ModelSpec, installed
from streaming.pacing import FLUSHES, FRAME_S, Flush, Pacing
from streaming.projections import Latency, Metrics, apply_all
from streaming.statistics import Interval, median_interval
from streaming.store import store

How = Literal["streaming", "blocking (invoke)", "values only", "updates only", "all seven modes"]
HOWS: tuple[How, ...] = get_args(How)
_MODES: dict[How, tuple[Mode, ...]] = {
    "values only": ("values",),
    "updates only": ("updates",),
    "all seven modes": MODES,
}
MOST_LANES = 4
_TICK_S = 0.02
_WARM_UPS = 1
_USUAL: tuple[How, ...] = ("streaming", "blocking (invoke)", "streaming", "streaming")
_USUAL_PACES = ("typical hosted", "typical hosted", "fast GPU", "edge CPU")
_RACE_FLUSHES = tuple(flush for flush in FLUSHES if flush != "st.write_stream")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One configuration: its name on the screen, the request, and how its text is drawn."""

    name: str
    request: RunRequest
    pacing: Pacing

    @property
    def has_tokens(self) -> bool:
        """Whether its text comes as tokens; else it is read from the state."""
        return self.request.api != "invoke" and "messages" in self.request.modes


def pick_lanes(graphs: Mapping[str, GraphSource], *, prompt: str) -> list[Lane]:
    """Two to four configurations for one prompt; each of their settings stands in the URL."""
    with st.container(border=True, key="lanes"):
        left, right = st.columns([1, 3])
        count = left.number_input("Lanes", 2, MOST_LANES, 2, key="lane_count", bind="query-params")
        prompt = right.text_input("Prompt", prompt, key="race_prompt", bind="query-params")
        lanes = [_lane(n, column, graphs, prompt) for n, column in enumerate(st.columns(count), 1)]
        st.caption(
            "Scripted lanes are no AI: fixed texts at the pace of their preset; only the way to the screen differs."
        )
    return lanes


def race(lanes: Sequence[Lane], *, page: str) -> None:
    """Start the lanes together and follow them all: a shared clock, first tokens and finishes as they happen."""
    with st.container(horizontal=True, vertical_alignment="center", key="race_buttons"):
        started = st.button("Start the race", type="primary", icon=":material/flag:", key="run")
        stop = st.empty()
        clock = st.empty()
    runs = start_together(lanes, page=page) if started or _autorun(page) else runs_of(page)
    if len(runs) != len(lanes):
        runs = []
    columns = st.columns(len(lanes))
    panes = [_LanePane(column, lane) for column, lane in zip(columns, lanes, strict=True)]
    if not runs:
        return
    if any(run.ended is None for run in runs):
        stop.button("Stop", icon=":material/stop:", key="stop", on_click=cancel, args=(runs,))
    follow_together(runs, panes, clock)
    stop.empty()
    clock.markdown(":green-badge[Finished]")
    verdict(lanes, panes)


def start_together(lanes: Sequence[Lane], *, page: str) -> list[Run]:
    """Start every lane at the same time; what the page showed before is stopped."""
    cancel(runs_of(page))
    runs = [lab().start(labelled(replace(lane.request, labels={"flush": lane.pacing.flush}))) for lane in lanes]
    show_runs(page, runs)
    return runs


def cancel(runs: Sequence[Run]) -> None:
    """Stop them all."""
    for run in runs:
        run.cancel()


def follow_together(runs: Sequence[Run], panes: Sequence["_LanePane"], clock: DeltaGenerator) -> None:
    """Give every run's batches to its pane until all have ended."""
    follows: dict[int, Iterator[list[Stamped]]] = {
        place: run.follow(frame_s=0.0, tick_s=_TICK_S / len(runs)) for place, run in enumerate(runs)
    }
    shown = 0.0
    while follows:
        frame = time.monotonic()
        for place in list(follows):
            batch = next(follows[place], None)
            if batch is None:
                del follows[place]
            else:
                panes[place].feed(batch)
        if frame - shown > 0.1:
            shown = frame
            clock.markdown(f":blue-badge[Running] {max(run.age_s for run in runs):.1f} s")
        time.sleep(max(0.0, FRAME_S - (time.monotonic() - frame)))


def verdict(lanes: Sequence[Lane], panes: Sequence["_LanePane"]) -> None:
    """The figures side by side, with ratios to the best."""
    st.subheader("Verdict", anchor=False)
    metrics = [pane.metrics for pane in panes]
    firsts = [first_text_s(lane, pane.events) for lane, pane in zip(lanes, panes, strict=True)]
    best_first = min((first for first in firsts if first is not None), default=None)
    ends = [figures.e2e_s for figures in metrics]
    best_end = min((end for end in ends if end is not None), default=None)
    st.dataframe(
        {
            "lane": [lane.name for lane in lanes],
            "first text": [seconds(first) for first in firsts],
            "ratio ": [_ratio(first, best_first) for first in firsts],
            "end": [seconds(end) for end in ends],
            "ratio": [_ratio(end, best_end) for end in ends],
            "tokens/s": [rate(figures.tokens_per_s) for figures in metrics],
            "bytes": [size(figures.bytes) for figures in metrics],
        },
        hide_index=True,
        alt="Figures of each lane, with ratios to the best",
    )


def repeat(lanes: Sequence[Lane], *, page: str) -> None:
    """Run the lanes in turn, again and again, and say how sure the medians are."""
    st.subheader("Repeat it", anchor=False)
    st.caption(
        f"One race is an anecdote. Repeats run one at a time, so that no lane slows another; the first {_WARM_UPS} of "
        "each lane is a warm-up and does not count."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        times = st.number_input("Repeats", 2, 50, 5, key="repeats", bind="query-params", width=160)
        wanted = st.button("Repeat", icon=":material/repeat:", key="repeat")
        stop, bar = st.empty(), st.empty()
    if wanted:
        requests = [labelled(lane.request) for _ in range(times + _WARM_UPS) for lane in lanes]
        keep(f"{page}.repeats", (list(lanes), lab().start_in_turn(requests)))
    if (found := kept(f"{page}.repeats")) is None:
        return
    raced, runs = found
    if any(run.ended is None for run in runs):
        stop.button("Stop repeating", icon=":material/stop:", key="stop_repeats", on_click=cancel, args=(runs,))
    for place, run in enumerate(runs):
        bar.progress(place / len(runs), text=f"Run {place + 1} of {len(runs)}")
        for _ in run.follow():
            pass
    bar.empty()
    stop.empty()
    _intervals(raced, runs)


def blind_test(lanes: Sequence[Lane], *, page: str) -> None:
    """The first two lanes without names, in random order; the vote is kept with the true figures."""
    st.subheader("Blind test", anchor=False)
    st.caption(
        "The first two lanes, unlabelled, in random order. Say which one felt faster; the figures come afterwards."
    )
    if st.button("Start the blind test", icon=":material/visibility_off:", key="blind"):
        order = random.sample([0, 1], 2)
        cancel([run for _, run in kept(f"{page}.blind") or []])
        keep(f"{page}.blind", [(lanes[n], lab().start(labelled(lanes[n].request))) for n in order])
        keep(f"{page}.voted", None)
    if not (pair := kept(f"{page}.blind")):
        _votes()
        return
    panes = [
        _LanePane(column, lane, named=f"Pane {name}")
        for column, (lane, _), name in zip(st.columns(2), pair, "AB", strict=True)
    ]
    clock = st.empty()
    follow_together([run for _, run in pair], panes, clock)
    clock.empty()
    if (voted := kept(f"{page}.voted")) is None:
        _ask_vote(pair, page)
    else:
        st.markdown(
            f"You chose **{plain(voted)}**. Pane A was **{plain(pair[0][0].name)}**, B **{plain(pair[1][0].name)}**."
        )
        verdict([lane for lane, _ in pair], panes)
    _votes()


def first_text_s(lane: Lane, events: Sequence[Stamped]) -> float | None:
    """When something to read stood on the screen: the first event with text, in seconds since the graph's input."""
    start = next((stamped.t for stamped in events if stamped.event.kind == "started"), None)
    first = next((stamped.t for stamped in events if _text_of(lane, stamped)), None)
    return None if start is None or first is None else first - start


def _text_of(lane: Lane, stamped: Stamped) -> str:
    """What this event brings to read; the prompt itself does not count."""
    match stamped.event:
        case Token(role="ai", text=text):
            return text
        case Values(state=state) if not lane.has_tokens:
            return answer_in(state, prompt=lane.request.prompt)
        case Updates(deltas=deltas) if not lane.has_tokens:
            changed = [delta for delta in deltas.values() if isinstance(delta, dict)]
            return "".join(answer_in(delta, prompt=lane.request.prompt) for delta in changed)
        case _:
            return ""


class _LanePane:
    """One lane: its marks and its text; `named` hides what it is."""

    def __init__(self, parent: DeltaGenerator, lane: Lane, *, named: str | None = None) -> None:
        box = parent.container(border=True)
        box.markdown(f"**{plain(named or lane.name)}**")
        self._hidden = named is not None
        self._lane = lane
        self._marks = box.empty()
        self._box = box.container(height=260, border=False, autoscroll=True)
        self._pane = TokenPane(self._box, pacing=lane.pacing, named=False)
        self._whole = self._box.empty()
        self._latency = Latency()
        self.events: list[Stamped] = []
        self._said = ""

    @property
    def metrics(self) -> Metrics:
        return self._latency.metrics()

    def feed(self, batch: list[Stamped]) -> None:
        """Draw what is new."""
        self.events += batch
        for stamped in batch:
            self._latency.apply(stamped)
            if not self._lane.has_tokens and (text := _text_of(self._lane, stamped)):
                self._whole.markdown(safe_markdown(text))
        if any(stamped.event.kind == "started" for stamped in batch):
            self._pane.open()
        self._pane.feed(batch)
        self._mark()

    def _mark(self) -> None:
        first, end = first_text_s(self._lane, self.events), self.metrics.e2e_s
        said = "" if self._hidden else f"first text {seconds(first)} · end {seconds(end)}"
        if said != self._said:
            self._marks.caption(said)
            self._said = said


def answer_in(state: Mapping[str, Any], *, prompt: str) -> str:
    """The answer in a state or an update: the model's last message, or the last text that is not the prompt."""
    messages = [message for message in state.get("messages", ()) if isinstance(message, dict)]
    if messages:
        said = messages[-1]
        return str(said.get("content", "")) if said.get("type") == "ai" else ""
    texts = [value for value in state.values() if isinstance(value, str) and value not in ("", prompt)]
    return texts[-1] if texts else ""


def _lane(number: int, column: DeltaGenerator, graphs: Mapping[str, GraphSource], prompt: str) -> Lane:
    models = _models()
    with column:
        st.markdown(f"**Lane {number}**")
        how: How = st.selectbox(
            "How", HOWS, index=HOWS.index(_USUAL[number - 1]), key=f"how_{number}", bind="query-params"
        )
        usual = list(models).index(f"Scripted: {_USUAL_PACES[number - 1]}")
        model = st.selectbox("Model", list(models), index=usual, key=f"model_{number}", bind="query-params")
        talk = list(graphs).index("chat")
        graph = st.selectbox("Graph", list(graphs), index=talk, key=f"graph_{number}", bind="query-params")
        flush: Flush = st.selectbox("Flush", _RACE_FLUSHES, key=f"flush_{number}", bind="query-params")
    request = RunRequest(
        graph=graphs[graph],
        model=models[model],
        modes=_MODES.get(how, ("messages",)),
        prompt=prompt,
        api="invoke" if how == "blocking (invoke)" else "stream modes",
    )
    return Lane(name=f"{number}. {how}, {model}, {graph}, {flush}", request=request, pacing=Pacing(flush=flush))


def _models() -> dict[str, ModelSpec]:
    scripted = {f"Scripted: {name}": ModelSpec(provider="scripted", pace=pace) for name, pace in PRESETS.items()}
    return scripted | ({LABELS["local"]: ModelSpec(max_tokens=160)} if installed() else {})


def _autorun(page: str) -> bool:
    return not runs_of(page) and autorun_wanted(page)


def _ask_vote(pair: Sequence[tuple[Lane, Run]], page: str) -> None:
    st.markdown("**Which felt faster?**")
    with st.container(horizontal=True, key="vote"):
        for place, name in enumerate("AB"):
            st.button(f"Pane {name}", key=f"vote_{name}", on_click=_vote, args=(pair, place, page))
        st.button(
            "No difference", key="vote_none", type="tertiary", on_click=keep, args=(f"{page}.voted", "no difference")
        )


def _vote(pair: Sequence[tuple[Lane, Run]], place: int, page: str) -> None:
    sides = []
    for lane, run in pair:
        metrics = apply_all(Latency(), run.events).metrics()
        name = lane.name.partition(" ")[2]
        first = first_text_s(lane, run.events)
        sides.append({"run": run.id, "name": name, "ttft_s": first, "e2e_s": metrics.e2e_s})
    try:
        store().vote(faster=sides[place], slower=sides[1 - place])
    except LabError as error:
        st.toast(plain(str(error)), icon=":material/database_off:")
    keep(f"{page}.voted", f"Pane {'AB'[place]}")


def _votes() -> None:
    """What people said, against what was measured."""
    try:
        votes = store().votes()
    except LabError as error:
        st.warning(plain(str(error)), icon=":material/database_off:")
        return
    if not votes:
        st.caption("No vote yet: the chart of what felt faster, against what was faster, will stand here.")
        return
    rows = [
        {
            "first": _share(vote["figures"], "ttft_s"),
            "end": _share(vote["figures"], "e2e_s"),
            "felt faster": vote["faster"],
            "than": vote["slower"],
        }
        for vote in votes
    ]
    chart = (
        alt.Chart(
            pd.DataFrame(rows), title=f"What felt faster, against what was faster (votes: {len(votes)})", height=300
        )
        .mark_point(size=90, filled=True, opacity=0.7)
        .encode(
            x=alt.X("first:Q", title="its first text, as a share of the other's"),
            y=alt.Y("end:Q", title="its end, as a share of the other's"),
            tooltip=[
                "felt faster:N",
                "than:N",
                alt.Tooltip("first:Q", format=".0%"),
                alt.Tooltip("end:Q", format=".0%"),
            ],
        )
    )
    st.altair_chart(chart, alt="Votes of the blind test against the measured first text and end")
    st.caption("Left of 1 the chosen one also began earlier; below 1 it also ended earlier.")


def _share(figures: Mapping[str, Any], name: str) -> float | None:
    faster, slower = figures["faster"].get(name), figures["slower"].get(name)
    return faster / slower if faster and slower else None


def _intervals(lanes: Sequence[Lane], runs: Sequence[Run]) -> None:
    rows = []
    for place, lane in enumerate(lanes):
        counted = [run for run in list(runs)[place :: len(lanes)][_WARM_UPS:] if run.status == "Completed"]
        metrics = [apply_all(Latency(), run.events).metrics() for run in counted]
        firsts = [first_text_s(lane, run.events) for run in counted]
        first = median_interval([value for value in firsts if value is not None])
        end = median_interval([one.e2e_s for one in metrics if one.e2e_s is not None])
        rows.append({"lane": lane.name, "runs": len(counted), "first text": _said(first), "end": _said(end)})
    st.dataframe(rows, hide_index=True, alt="Medians with their 95 % confidence intervals")
    st.caption("Median and its 95 % confidence interval, by bootstrap over the repeats.")


def _said(interval: Interval | None) -> str:
    if interval is None:
        return "–"
    return f"{seconds(interval.median)} ({seconds(interval.low)} to {seconds(interval.high)})"


def _ratio(value: float | None, best: float | None) -> str:
    return "–" if value is None or not best else f"{value / best:.1f}×"
