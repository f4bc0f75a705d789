"""One run in several protocols: what each sends, costs and cannot carry, and clients that read it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import streamlit as st

from components.features.replay import choose_recording
from components.shell.format import format_bytes, format_seconds, truncate
from components.shell.session import recall
from components.shell.session_commands import store_value
from components.shell.url_state import pick_in_url
from streaming.core.events import LogEntry, Started
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.providers.catalogue import model_label
from streaming.recordings.format import Recording
from streaming.wires.base import RunFacts
from streaming.wires.catalogue import WIRE_NAMES, WIRES, WireName
from streaming.wires.clients import CLIENTS, LANGUAGES, client_code
from streaming.wires.figures import WireFigures, kind_of, wire_figures

SOURCES = ("This page's run", "A recording")
MAX_ENTRIES = 5_000
MAX_SHOWN = 200
"""Events of each protocol that the page lists."""

_HEIGHT = 330
_MAX_DATA = 2_000
_FIGURES = "wires.figures"


def choose_source() -> str:
    """The switch between the page's run and a recording; the URL holds it."""
    return pick_in_url("Source", SOURCES, key="source")


def show_run_in_wires(run: Run) -> None:
    """A run that has ended, in every protocol."""
    facts = RunFacts(
        run_id=run.id,
        thread_id=run.thread_id,
        graph=run.request.graph.name,
        model=model_label(run.request.model),
        created_at=run.created_at,
    )
    _show(facts, run.events)


def show_recording_in_wires() -> None:
    """Any recording, in every protocol."""
    recording = choose_recording()
    if recording is not None:
        _show(_facts_of(recording), recording.events)


def show_clients(request: RunRequest) -> None:
    """The code of clients for the chosen protocol, for this request."""
    with st.container(key="clients"):
        st.subheader("Clients", anchor=False)
        wire: WireName = st.selectbox(
            "Protocol",
            WIRE_NAMES,
            index=WIRE_NAMES.index("ag-ui"),
            key="wire",
            bind="query-params",
            width=320,
        )
        st.caption(
            f"Read by {WIRES[wire].reader}. All routes are described in `/api/openapi.json`. A run that nobody follows "
            "is cancelled after a grace time."
        )
        for client, tab in zip(CLIENTS, st.tabs(list(CLIENTS)), strict=True):
            tab.code(client_code(client, wire, request, base=_base()), language=LANGUAGES[client])


def _show(facts: RunFacts, entries: Sequence[LogEntry]) -> None:
    if len(entries) > MAX_ENTRIES:
        st.caption(f"The run has {len(entries):,} log entries; the figures are those of the first {MAX_ENTRIES:,}.")
    figures = _figures(facts, entries[:MAX_ENTRIES])
    # A table of HTML: its cells wrap, so that a phone shows all of them.
    st.table(
        {
            "protocol": [WIRES[name].label for name in figures],
            "events": [found.events for found in figures.values()],
            "bytes": [format_bytes(found.bytes) for found in figures.values()],
            "bytes per byte of text": [
                f"{found.bytes / found.text_bytes:.0f}" if found.text_bytes else "–" for found in figures.values()
            ],
            "first text at": [format_seconds(found.first_text_s) for found in figures.values()],
            "bytes before it": [
                "–" if found.first_text_bytes is None else format_bytes(found.first_text_bytes)
                for found in figures.values()
            ],
        },
        hide_index=True,
        border="horizontal",
        alt="One run in each protocol: events, bytes, first text",
    )
    for first in range(0, len(WIRE_NAMES), 2):
        for name, column in zip(WIRE_NAMES[first : first + 2], st.columns(2), strict=False):
            with column:
                _show_wire(name, figures[name])


def _show_wire(name: WireName, figures: WireFigures) -> None:
    kind = WIRES[name]
    with st.container(key=f"wire_{name}"):
        st.subheader(kind.label, anchor=False)
        st.dataframe(
            {
                "at": [format_seconds(timed.t) for timed in figures.first],
                "event": [kind_of(timed.event) for timed in figures.first],
                "data": [truncate(timed.event.data, _MAX_DATA) for timed in figures.first],
            },
            hide_index=True,
            height=_HEIGHT,
            column_config={"at": st.column_config.Column(width=70), "event": st.column_config.Column(width=180)},
            key=f"events_{name}",
            alt=f"The events of {kind.label}",
        )
        if figures.events > len(figures.first):
            st.caption(f"The first {len(figures.first):,} of {figures.events:,} events.")
        st.caption("What it cannot carry:\n" + "\n".join(f"- {sentence}" for sentence in kind.lost))


def _figures(facts: RunFacts, entries: Sequence[LogEntry]) -> Mapping[WireName, WireFigures]:
    """The figures of this run, computed once a session for the run that it shows."""
    key = (facts.run_id, len(entries))
    known: tuple[object, Mapping[WireName, WireFigures]] | None = recall(_FIGURES)
    if known is None or known[0] != key:
        known = (key, {name: wire_figures(name, facts, entries, keep=MAX_SHOWN) for name in WIRE_NAMES})
        store_value(_FIGURES, known)
    return known[1]


def _facts_of(recording: Recording) -> RunFacts:
    header = recording.header
    started = (entry.event for entry in recording.events if isinstance(entry.event, Started))
    thread = next((event.thread_id for event in started), header.run_id)
    try:
        created = datetime.fromisoformat(header.created_at)
    except ValueError:  # a recording is made by a stranger
        created = datetime.fromtimestamp(0, UTC)
    return RunFacts(run_id=header.run_id, thread_id=thread, graph=header.graph, model=header.model, created_at=created)


def _base() -> str:
    """The address of this server, as the browser knows it."""
    url = urlsplit(st.context.url or "")
    return f"{url.scheme}://{url.netloc}" if url.scheme in ("http", "https") and url.netloc else "http://localhost:8501"
