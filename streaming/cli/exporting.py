"""Write a run into a file: its recording, or its figures."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from streaming.cli.history import find_recording
from streaming.cli.panels import metrics_of
from streaming.core.errors import InputError
from streaming.core.run import short_id
from streaming.recordings.export import export_recording
from streaming.recordings.format import SUFFIX, Recording
from streaming.storage.run_store import RunStore

_FIGURES = (
    *("wait_s", "ttft_s", "e2e_s", "tpot_s", "itl_p50_s", "itl_p95_s", "tokens_per_s", "output_tokens"),
    *("chunks", "events", "bytes"),
)
_LONGEST_CELL = 32_000
"""Characters of a cell; spreadsheets hold 32,767."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters of a text that a spreadsheet would compute."""


def export(store: Callable[[], RunStore], source: str, file: Path) -> None:
    """Write the run in the form that the file's name asks for; raises `InputError` for another form."""
    if file.suffix not in (SUFFIX, ".csv"):
        raise InputError(
            f"“{file.name}” names no form of a file.",
            advice=f"End it in {SUFFIX} or .csv; the page /replay makes a page that plays.",
        )
    recording = find_recording(store, source)
    try:
        _write(recording, file)
    except OSError as error:
        known = file.parent.is_dir()
        reason = (error.strerror or str(error)) if known else f"there is no folder {file.parent}"
        raise InputError(f"{file} cannot be written: {reason}.", advice="Name another file.") from None


def _write(recording: Recording, file: Path) -> None:
    if file.suffix == SUFFIX:
        file.write_bytes(export_recording(recording))
        return
    row = _row(recording)
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(row))
        writer.writeheader()
        writer.writerow(row)


def _row(recording: Recording) -> dict[str, Any]:
    header, metrics = recording.header, metrics_of(recording.events)
    return {
        "run": _plain(short_id(header.run_id)),
        "created_at": header.created_at,
        "graph": _plain(header.graph),
        "provider": header.provider,
        "model": _plain(header.model),
        "modes": " ".join(header.modes),
        "prompt": _plain(header.prompt),
        "outcome": metrics.outcome,
        **{name: getattr(metrics, name) for name in _FIGURES},
    }


def _plain(text: str) -> str:
    text = text[:_LONGEST_CELL]
    return f"'{text}" if text.startswith(_FORMULA) else text
