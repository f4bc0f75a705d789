"""Altair charts of latency: drawn before a run and again after its end, never while tokens stream."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.shell.format import format_seconds
from components.shell.modes import FAILED_HEX, MODE_HEX
from components.shell.most_shown import at_most
from components.shell.navigation import page_path
from components.shell.session import PastRun
from streaming.core.events import LogEntry, Started
from streaming.projections.base import apply_all
from streaming.projections.node_spans import NodeSpans, label_among, overlapping
from streaming.projections.spans import NodeSpan

_COMPARABLE = 2
_BARS = "Bars of time to first token and the rest of the total time, by run"
_ROOM_ABOVE, _DIGIT = 1.08, 9
"""A factor above the longest time; and pixels of a character: a part of a bar that is narrower has no words."""
_HEIGHT, _ONE_BAR = 340, 190
"""Pixels of a chart that compares runs, and of a single bar; title, axis and legend take 120 of them."""
_TICKS = 6
"""Labels of a wide axis, which would otherwise have one for every 40 pixels."""
_FLUSH = "flush strategy"

_SPAN_COLOURS = {
    "done": MODE_HEX["tasks"],
    "running": "#c4b5fd",
    "failed": FAILED_HEX,
    "interrupted": "#e08a00",
    "cached": "#7c8698",
    "cut": "#a9b0bd",
}
"""As in the live timeline: a span has the colour of its mode, a failure is red."""

_PHASE_COLOURS = {
    "waiting": "#c3c8d4",
    "until first token": "#64748b",
    "first token to end": MODE_HEX["messages"],
}
"""Green, the colour of `messages`, is the time in which text streams."""

_PHASES = tuple(_PHASE_COLOURS)

MOST_BARS = 200
"""Bars of a Gantt chart: each has a row of its own."""


def latency_table(runs: Sequence[PastRun]) -> pd.DataFrame:
    """One row for each run with the figures of the latency charts; times in seconds since submission."""
    return pd.DataFrame(
        [
            {
                "run": run.number,
                "model": run.model,
                "graph": run.graph,
                "modes": run.modes,
                _FLUSH: run.flush or "–",
                "outcome": run.outcome,
                "TTFT (s)": run.ttft_s,
                "E2E (s)": run.e2e_s,
                "wait (s)": run.wait_s,
                "decode speed (tokens/s)": run.tokens_per_s,
                "chunks": run.chunks,
            }
            for run in runs
        ],
        columns=[
            "run",
            "model",
            "graph",
            "modes",
            _FLUSH,
            "outcome",
            "TTFT (s)",
            "E2E (s)",
            "wait (s)",
            "decode speed (tokens/s)",
            "chunks",
        ],
    )


def room_of(runs: Sequence[PastRun], *, shown: str = "") -> str:
    """The key of the container of the latency charts: the style keeps its room while it is drawn again.

    The run with the id `shown` counts before it has ended, so that its end moves nothing.
    """
    another = bool(shown) and all(run.run_id != shown for run in runs)
    return "latency_compared" if len(_with_latency(runs)) + another >= _COMPARABLE else "latency"


def _with_latency(runs: Sequence[PastRun]) -> pd.DataFrame:
    return latency_table(runs).dropna(subset=["TTFT (s)", "E2E (s)"])


def latency_charts(parent: DeltaGenerator, runs: Sequence[PastRun]) -> None:
    """TTFT against E2E latency, and a bar for each run of this session that shows where its time went.

    Both figures count from submission; the bars show the wait separately. A single run has nothing to be compared
    with: a sentence says how to get there. No figure here depends on the flush strategy: a link leads to what does.
    """
    shown = _with_latency(runs)
    if not len(shown):
        parent.caption("After a run: where its time went, and how the runs of this session compare.")
        return
    if len(shown) < _COMPARABLE:
        _chart(parent, _one_bar(shown), alt=_BARS, height=_ONE_BAR)
        _say_what_is_compared(parent, "Run again with another model or graph: charts compare the runs here.")
        return
    left, right = parent.columns(2)
    marks = "Scatter of time to first token against total time, one mark for each run"
    _chart(left, _scatter(shown), alt=marks, height=_HEIGHT)
    _chart(right, _bars(shown), alt=_BARS, height=_HEIGHT)
    _say_what_is_compared(
        parent, "Hover over a mark for the exact figures; a pale mark is a run that did not complete."
    )


def _chart(parent: DeltaGenerator, chart: Any, *, alt: str, height: int) -> None:
    """The chart in a place of this height, which is kept while the chart's code loads."""
    parent.container(height=height, border=False).altair_chart(chart, alt=alt)


def _say_what_is_compared(parent: DeltaGenerator, words: str) -> None:
    with parent.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(words, width="content")
        st.page_link(page_path("messages"), label="Flush strategies: compare on Messages", icon=":material/forum:")


def _scatter(table: pd.DataFrame) -> Any:
    # From zero, and with room for the mark of the longest run, which would be cut at the frame.
    ranges = {name: alt.Scale(domain=[0, _ROOM_ABOVE * float(table[name].max())]) for name in ("TTFT (s)", "E2E (s)")}
    base = alt.Chart(table, title="First token against total time", height=_HEIGHT).encode(
        x=alt.X("TTFT (s):Q", title="time to first token (s)", scale=ranges["TTFT (s)"]),
        y=alt.Y("E2E (s):Q", title="total time (s)", scale=ranges["E2E (s)"]),
        tooltip=[*_tooltips("run:O", "graph:N", "model:N", "modes:N", *_differing(table), "outcome:N"), *_figures()],
    )
    marks = base.mark_point(size=110, filled=True).encode(
        color=alt.Color("model:N", legend=alt.Legend(orient="bottom", title=None, labelLimit=260)),
        shape=alt.Shape("modes:N", title="modes", legend=None),
        # A run that did not complete stopped early: its mark is pale.
        opacity=alt.condition(alt.datum.outcome == "Completed", alt.value(0.85), alt.value(0.3)),
    )
    numbers = base.mark_text(dx=10, dy=-8, color="#8a90a2").encode(text=alt.Text("run:O"))
    return marks + numbers


def _one_bar(table: pd.DataFrame) -> Any:
    """Where the time of one run went, from left to right, with the seconds of each part."""
    phases = _phases(table)
    phases = phases[phases["seconds"] > 0].assign(shown=lambda rows: rows["seconds"].map(format_seconds))
    ends = phases["seconds"].cumsum()
    phases = phases.assign(start=ends - phases["seconds"], end=ends, middle=ends - phases["seconds"] / 2)
    base = alt.Chart(phases, title="Where the time of this run went", height=_ONE_BAR)
    bar = base.mark_bar().encode(
        # The unit is in the labels: in larger type, a title below them would take the room of the bar.
        x=alt.X("start:Q", title=None, axis=alt.Axis(labelExpr="datum.label + ' s'", tickCount=_TICKS)),
        x2=alt.X2("end:Q"),
        color=_phase_colour(),
        tooltip=_tooltips("phase:N", "shown:N"),
    )
    words = base.mark_text(color="white", fontWeight="bold", fontSize=14).encode(
        x=alt.X("middle:Q"), text=alt.Text("shown:N")
    )
    return bar + words.transform_filter(f"datum.seconds / {ends.iloc[-1]} * width > {_DIGIT} * length(datum.shown)")


def _phases(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each phase of each run."""
    wait = table["wait (s)"].fillna(0.0)
    seconds = (wait, table["TTFT (s)"] - wait, table["E2E (s)"] - table["TTFT (s)"])
    return pd.concat(
        [
            table[["run", "graph", "model", _FLUSH]].assign(phase=phase, seconds=values)
            for phase, values in zip(_PHASES, seconds, strict=True)
        ]
    )


def _phase_colour() -> alt.Color:
    return alt.Color(
        "phase:N",
        title=None,
        scale=alt.Scale(domain=list(_PHASE_COLOURS), range=list(_PHASE_COLOURS.values())),
        legend=alt.Legend(orient="bottom", columns=3),
    )


def _bars(table: pd.DataFrame) -> Any:
    phases = _phases(table)
    # The segments are stacked by this number, in the order of time.
    phases["order"] = phases["phase"].map(_PHASES.index)
    return (
        alt.Chart(phases, title="Where the time went, by run", height=_HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("run:O", title="run of this session", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("seconds:Q", title="seconds"),
            color=_phase_colour(),
            order=alt.Order("order:Q"),
            tooltip=[
                *_tooltips("run:O", "graph:N", "model:N", *_differing(table), "phase:N"),
                alt.Tooltip("seconds:Q", format=".3f"),
            ],
        )
    )


def gantt(parent: DeltaGenerator, events: Sequence[LogEntry]) -> None:
    """The node spans of a run as a Gantt chart, with the exact times on hover; nothing without spans."""
    spans = [span for span in apply_all(NodeSpans(), events).spans.values() if not span.node.startswith("__")]
    spans = list(at_most(parent, spans, "executions of nodes", most=MOST_BARS))
    start = next((entry.t for entry in events if isinstance(entry.event, Started)), 0.0)
    rows = [
        _gantt_row(f"{number}. {label_among(span, overlapping(span, spans))}", span, start)
        for number, span in enumerate(spans, 1)
    ]
    if rows:
        parent.altair_chart(_gantt(rows, title="When each node ran"), alt="Gantt chart of node spans")


def gantts(parent: DeltaGenerator, title: str, lanes: Mapping[str, tuple[Sequence[NodeSpan], float]]) -> None:
    """Spans of several runs on one time axis; each lane has its spans and the time at which its graph got its input."""
    rows = [_gantt_row(f"{lane}: {span.node}", span, start) for lane, (spans, start) in lanes.items() for span in spans]
    rows = list(at_most(parent, rows, "spans", most=MOST_BARS))
    parent.altair_chart(_gantt(rows, title=title), alt=f"{title}: one row for each span, {', '.join(lanes)}")


def _gantt_row(name: str, span: NodeSpan, start: float) -> dict[str, Any]:
    return {
        "node": name,
        "start": span.start - start,
        "end": (span.end if span.end is not None else span.start) - start,
        "state": span.state,
        "duration": format_seconds(span.seconds),
        "namespace": " › ".join(span.ns) or "(graph)",
    }


def _gantt(rows: Sequence[Mapping[str, Any]], *, title: str) -> Any:
    states = [state for state in _SPAN_COLOURS if state in {row["state"] for row in rows}]
    legend = alt.Legend(orient="bottom", title=None) if len(states) > 1 else None
    colours = alt.Scale(domain=states, range=[_SPAN_COLOURS[state] for state in states])
    table = pd.DataFrame(rows, columns=["node", "start", "end", "state", "duration", "namespace"])
    return (
        alt.Chart(table, title=title, height=36 * len(rows) + (170 if legend else 110))
        .mark_bar(cornerRadius=3)
        .encode(
            x=alt.X("start:Q", title="seconds since the graph got its input"),
            x2=alt.X2("end:Q"),
            y=alt.Y("node:N", title=None, sort=None, axis=alt.Axis(labelLimit=220)),
            color=alt.Color("state:N", scale=colours, legend=legend),
            tooltip=[
                alt.Tooltip("node:N"),
                alt.Tooltip("start:Q", format=".3f"),
                alt.Tooltip("end:Q", format=".3f"),
                *_tooltips("duration:N", "state:N", "namespace:N"),
            ],
        )
    )


def _tooltips(*names: str) -> list[alt.Tooltip]:
    """Fields with their types; to find out what a bare text in a list means, Altair takes 10 ms."""
    return [alt.Tooltip(name) for name in names]


def _differing(table: pd.DataFrame) -> tuple[str, ...]:
    """The field of the flush strategy, where the runs differ in it."""
    return (f"{_FLUSH}:N",) if table[_FLUSH].nunique() > 1 else ()


def _figures() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("TTFT (s):Q", format=".3f"),
        alt.Tooltip("E2E (s):Q", format=".3f"),
        alt.Tooltip("wait (s):Q", format=".3f"),
        alt.Tooltip("decode speed (tokens/s):Q", format=".1f"),
        alt.Tooltip("chunks:Q"),
    ]
