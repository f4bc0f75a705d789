"""The stream parts that LangGraph sent, with time and size."""

import json
from collections import deque
from typing import Any

import pandas as pd
from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.shell.format import escape_html, format_bytes, format_namespace, format_seconds, truncate
from components.shell.modes import kind_hex
from streaming.core.events import ENGINE_KINDS, LogEntry

_LIVE_ROWS = 6
_MAX_ROWS = 5000
_CELL = "padding:.12rem .5rem .12rem 0;white-space:nowrap;font-size:.8rem"


class RawParts(LiveView):
    """The newest parts during the run, and all of them in a table at its end."""

    pace_s = 1.0

    def __init__(self, parent: DeltaGenerator) -> None:
        super().__init__()
        self._slot = parent.container(key="raw").empty()
        self._last: deque[LogEntry] = deque(maxlen=_LIVE_ROWS)
        self._all: list[LogEntry] = []
        # As HTML although it is plain text: so the browser loads its HTML element before the first token arrives.
        self._slot.html("<p>Press Run: stream parts appear here with time and size.</p>")

    def take(self, entry: LogEntry) -> bool:
        """Apply an entry; whether the picture changed."""
        if entry.event.kind in ENGINE_KINDS:
            return False
        self._last.append(entry)
        self._all.append(entry)
        return True

    def paint(self) -> None:
        """Draw the picture as it is now."""
        rows = "".join(_html_row(entry) for entry in self._last)
        self._slot.html(f'<div style="overflow-x:auto;min-height:10rem"><table><tbody>{rows}</tbody></table></div>')

    def finish(self) -> None:
        """Paint what was held back."""
        if not self._all:
            return
        box = self._slot.container()
        box.dataframe(
            raw_table(self._all[:_MAX_ROWS]), hide_index=True, height=300, alt="Stream parts with time and size"
        )
        if len(self._all) > _MAX_ROWS:
            box.caption(f"The first {_MAX_ROWS:,} of {len(self._all):,} parts.")


def raw_table(events: list[LogEntry]) -> pd.DataFrame:
    """One row for each part: number, seconds since submission, mode, namespace, bytes, data as JSON."""
    return pd.DataFrame(
        {
            "#": [entry.seq for entry in events],
            "time (s)": [round(entry.t, 3) for entry in events],
            "mode": [entry.event.kind for entry in events],
            "namespace": [_namespace(entry) for entry in events],
            "bytes": [entry.size for entry in events],
            "data": [event_json(entry.event) for entry in events],
        }
    )


def event_json(event: Any, *, max_chars: int = 2000) -> str:
    """An event's content as JSON, cut to a readable length."""
    names = [name for name in event.__dataclass_fields__ if name not in ("kind", "ns")]
    content = {name: getattr(event, name) for name in names if getattr(event, name) not in (None, "", (), {})}
    if not content.get("refusal", True):
        del content["refusal"]
    return truncate(json.dumps(content, ensure_ascii=False, default=str), max_chars)


def _namespace(entry: LogEntry) -> str:
    return format_namespace(getattr(entry.event, "ns", ()))


def _html_row(entry: LogEntry) -> str:
    event = entry.event
    cells = (
        format_seconds(entry.t),
        f'<span style="color:{kind_hex(event.kind)}">■</span> {event.kind}',
        format_bytes(entry.size),
        f"<code>{escape_html(event_json(event, max_chars=80))}</code>",
    )
    return "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"
