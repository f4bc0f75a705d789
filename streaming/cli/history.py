"""Runs of the history and recordings in files, by what a person types."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streaming.cli.consoles import open_console, write
from streaming.cli.live_view import LiveView
from streaming.cli.panels import UNKNOWN, draw_figures, draw_timeline, seconds
from streaming.core.errors import BadRecording, InputError
from streaming.core.run import Run, short_id
from streaming.recordings.format import MAX_BYTES, Recording, load_recording
from streaming.storage.run_store import RunStore

if TYPE_CHECKING:
    from streaming.services import Services

SEARCHED = 2000
"""The newest runs among which the beginning of an id is searched."""
CSV_COLUMNS = (
    *("id", "created_at", "graph", "provider", "model", "modes", "status", "prompt", "wait_s", "ttft_s", "e2e_s"),
    *("tpot_s", "itl_p50_s", "itl_p95_s", "tokens_per_s", "output_tokens", "chunks", "events", "bytes"),
)


def find_recording(store: Callable[[], RunStore], source: str) -> Recording:
    """The recording of a file, of a run by the beginning of its id, or of the newest run (`last`)."""
    path = Path(source)
    if path.is_file():
        if path.stat().st_size > MAX_BYTES:
            raise BadRecording("The file is too large.", advice="Record a shorter run.")
        return load_recording(path.read_bytes())
    return store().recording(find_row(store(), source)["id"])


def find_row(store: RunStore, source: str) -> dict[str, Any]:
    """The row of a run by the beginning of its id, or of the newest run (`last`); raises `InputError`."""
    rows = store.newest(1 if source == "last" else SEARCHED)
    found = rows if source == "last" else [row for row in rows if row["id"].startswith(source)]
    if len(found) != 1:
        what = "several runs" if found else "no run and no file"
        raise InputError(f"There are {what} for “{source}”." if found else f"There is {what} “{source}”.")
    return found[0]


def place_of_graph(store: RunStore, source: str) -> str:
    """Where the developer's own graph of a stored run was loaded from; empty for another graph, and for a file."""
    if Path(source).is_file():
        return ""
    stored = store.stored_run(find_row(store, source)["id"])
    return str(stored.request.get("place") or "") if stored is not None else ""


def find_interrupted(services: "Services", source: str) -> Run:
    """The run to answer, by the beginning of its id, or the newest one (`last`).

    Raises `InputError`, or `NotContinuable` for one that was continued already.
    """
    return services.run_finder.find_to_continue(find_row(services.run_store, source)["id"])


def matching_rows(store: RunStore, *, limit: int, **filters: str) -> list[dict[str, Any]]:
    """The newest runs whose columns contain these texts, whatever the case."""
    rows = store.newest(SEARCHED)
    wanted = {name: text.lower() for name, text in filters.items() if text}
    return [row for row in rows if all(text in str(row[name]).lower() for name, text in wanted.items())][:limit]


def shown_row(row: dict[str, Any]) -> dict[str, str]:
    """A run as a row of the table."""
    return {
        "Run": short_id(row["id"]),
        "Started": datetime.fromtimestamp(row["created_at"] or 0).strftime("%d %b %H:%M:%S"),
        "Graph": row["graph"],
        "Model": row["model"],
        "Status": row["status"],
        # A whole answer counts when it was there, as on the pages.
        "TTFT": seconds(row["first_text_s"] if row["ttft_s"] is None else row["ttft_s"]),
        "E2E": seconds(row["e2e_s"]),
        "tok/s": UNKNOWN if row["tokens_per_s"] is None else f"{row['tokens_per_s']:,.0f}",
        "Prompt": (row["prompt"] or "")[:40],
    }


def replay(recording: Recording, *, speed: float) -> None:
    """Draw the recording at this multiple of its own pace; 0 is at once."""
    console = open_console()
    header = recording.header
    write(console, f"{header.graph} · {header.model} · {' + '.join(header.modes)}", "dim")
    view, started = LiveView(console), time.monotonic()
    try:
        for entry in recording.events:
            if speed > 0:
                time.sleep(max(0.0, entry.t / speed - (time.monotonic() - started)))
            view.apply(entry)
    finally:
        # Ctrl-C ends a replay before its last entry.
        view.finish()
    draw_timeline(console, recording.events)
    draw_figures(console, recording.events)
    if (ended := recording.ended).reason:
        write(console, f"\n{ended.reason} {ended.advice}".rstrip())
