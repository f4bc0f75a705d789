"""Sequential against concurrent waiting: controls, verdict, and what blocks the event loop."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.charts.latency import gantts
from components.run_panel.panel import Vary
from components.run_panel.status import all_completed
from components.shell.format import escape_markdown, format_seconds
from components.shell.session import recall
from components.shell.session_commands import store_value
from components.shell.url_state import number_binding
from streaming.analysis.loop_blocking import BlockingMeasurement
from streaming.core.events import Started, Updates
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.custom_spans import CustomSpans, wall_s

ORDERS = {"sequential": "Sequential", "gather": "Concurrent (gather)"}
"""The orders of the searches, with their titles."""
_DEFAULT_MS = (300, 600, 900)
_NONE = "none"
RATIO_FROM_S = 0.02
"""Shorter times are not compared."""


def pick_waits(collections: Sequence[str]) -> Vary:
    """Controls for the added latencies and a fault; returns a function that makes one request for each order."""
    with st.popover("Waits and faults", icon=":material/hourglass_top:", key="waits"):
        st.caption(
            "The search itself takes a millisecond. The waits below are **added on purpose**, as a network would add "
            "them."
        )
        extra = {
            name: st.slider(
                f"Added to “{name}” (ms)",
                0,
                2000,
                _DEFAULT_MS[n % 3],
                50,
                key=f"wait_{name}",
                bind=number_binding(f"wait_{name}"),
            )
            for n, name in enumerate(collections)
        }
        broken = st.selectbox("Break a collection", [_NONE, *collections], key="broken", bind="query-params")
        fault = "fail"
        if broken != _NONE:
            fault = st.radio("How", ["fail", "hang"], key="fault", horizontal=True, bind="query-params")
    context = {"extra_ms": extra, "broken": None if broken == _NONE else broken, "fault": fault}

    def vary(request: RunRequest) -> list[RunRequest]:
        return [replace(request, context={"order": order, **context}) for order in ORDERS]

    return vary


def added_waits_s(request: RunRequest) -> float:
    """How long the searches of this request wait in all: one after the other, or at the same time."""
    context = request.context or {}
    waits = [ms / 1000 for ms in context.get("extra_ms", {}).values()]
    return sum(waits) if context.get("order") == "sequential" else max(waits, default=0.0)


def announce_verdict(headline: DeltaGenerator, slot: DeltaGenerator) -> None:
    """What will be in these placeholders when the runs have ended: they have their height from the start."""
    headline.caption("When both have ended: which was faster, and by how much.")
    slot.caption("When both have ended: the searches on one time axis.")


def verdict(headline: DeltaGenerator, slot: DeltaGenerator, runs: Mapping[str, Run]) -> None:
    """The ended runs on one time axis, the saved time, and the failed searches; says why if one did not complete.

    The times of the searches are a sentence in `headline` too: the lanes show those of the answers as well, which one
    model may write one after the other.
    """
    headline.empty()
    parent = slot.container()
    if not all_completed(parent, [(ORDERS[order], run) for order, run in runs.items()]):
        return
    lanes = {name: list(apply_all(CustomSpans(), run.events).spans.values()) for name, run in runs.items()}
    wall_times = {name: wall_s(spans) for name, spans in lanes.items()}
    sequential, concurrent = (wall_times.get(order) for order in ORDERS)
    if sequential is None or concurrent is None:
        return
    if concurrent >= RATIO_FROM_S:
        headline.markdown(
            f"The searches took **{format_seconds(sequential)}** one after the other, and "
            f"**{format_seconds(concurrent)}** together: **{sequential / concurrent:.1f}× faster**."
        )
    gantts(
        parent,
        "The three searches on one time axis",
        {name: (spans, _graph_start(runs[name])) for name, spans in lanes.items()},
    )
    row = parent.container(key="verdict").grid(columns=4, min_column_width=140)
    row.metric(
        ORDERS["sequential"],
        format_seconds(sequential),
        help="From the start of the first search to the end of the last.",
    )
    row.metric(
        ORDERS["gather"],
        format_seconds(concurrent),
        help="The same with asyncio.gather: it takes as long as the slowest search.",
    )
    row.metric("Saved", format_seconds(sequential - concurrent))
    row.metric(
        "Ratio",
        f"{sequential / concurrent:.1f}×" if concurrent >= RATIO_FROM_S else "–",
        help=f"Below {format_seconds(RATIO_FROM_S)} the ratio would measure the clock, not the waits.",
    )
    timed_out = {span.node: span for spans in lanes.values() for span in spans if span.state == "cut"}
    for span in timed_out.values():
        parent.caption(
            f"These figures include the {format_seconds(span.seconds)} timeout for “{escape_markdown(span.node)}”; "
            "that is a limit, not search time."
        )
    for name, spans in lanes.items():
        for span in spans:
            if span.state in ("failed", "cut"):
                parent.warning(
                    f"**{escape_markdown(name)}**: “{escape_markdown(span.node)}” did not answer after "
                    f"{format_seconds(span.seconds)} "
                    f"({escape_markdown(span.error or span.state)}). The others did, and the answer names the "
                    f"gap: “{escape_markdown(_note(runs[name]))}”",
                    icon=":material/link_off:",
                )


def _graph_start(run: Run) -> float:
    """When the graph got its input, in seconds since submission."""
    return next((entry.t for entry in run.events if isinstance(entry.event, Started)), 0.0)


def _note(run: Run) -> str:
    """What the graph adds to its answer about collections that did not answer."""
    updates = [entry.event for entry in run.events if isinstance(entry.event, Updates)]
    deltas = [delta for update in updates for delta in update.deltas.values()]
    notes = [delta["note"] for delta in deltas if isinstance(delta, dict) and isinstance(delta.get("note"), str)]
    return next((note for note in reversed(notes) if note), "")


def what_blocks(measure: Callable[[], Iterable[BlockingMeasurement]]) -> None:
    """A button that measures how three ways of streaming affect the shared event loop, and the results."""
    st.subheader("What blocks the event loop", anchor=False)
    st.markdown(
        "The same graph by `stream` and by `astream`, while a heartbeat ticks every 10 ms on the event loop. When the "
        "loop blocks, every other user waits."
    )
    if st.button("Measure it now", icon=":material/monitor_heart:", key="measure_blocking"):
        store_value("blocking", list(_with_progress(measure())))
    if found := recall("blocking"):
        _blocking_table(found)


def _with_progress(results: Iterable[BlockingMeasurement]) -> Iterable[BlockingMeasurement]:
    bar = st.progress(0.0, text="Measuring: about three seconds")
    for number, result in enumerate(results, 1):
        bar.progress(number / 3, text=f"Measured: {result.method}")
        yield result
    bar.empty()


def _blocking_table(found: Sequence[BlockingMeasurement]) -> None:
    st.dataframe(
        {
            "way": [result.method for result in found],
            "took": [format_seconds(result.took_s) for result in found],
            "loop blocked for": [format_seconds(result.blocked_s) for result in found],
            "heartbeats": [f"{result.beats} of {result.expected}" for result in found],
            "still running after a cancel for": [format_seconds(result.stopped_s) for result in found],
        },
        hide_index=True,
        alt="How each way of streaming treats the event loop",
    )
    st.caption(
        "`stream` on the loop blocks every run, and a cancel cannot even reach it. In a thread it blocks no other "
        "run, but the thread keeps running after a cancel. Only `astream` avoids both."
    )
