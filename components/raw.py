"""The raw parts: what LangGraph sent, with size and time."""

import json
from collections import deque
from typing import Any

import pandas as pd
from streamlit.delta_generator import DeltaGenerator

from components.modes import kind_hex
from components.text import cut, escaped, seconds, size
from components.view import View
from streaming import Stamped
from streaming.events import OWN_KINDS, Namespace

_LIVE_ROWS = 6
_MOST_ROWS = 5000
_CELL = "padding:.12rem .5rem .12rem 0;white-space:nowrap;font-size:.8rem"


class RawParts(View):
    """The last parts while the run goes, all of them in a table when it has ended."""

    pace_s = 1.0

    def __init__(self, parent: DeltaGenerator) -> None:
        super().__init__()
        self._slot = parent.container(key="raw").empty()
        self._last: deque[Stamped] = deque(maxlen=_LIVE_ROWS)
        self._all: list[Stamped] = []
        # As HTML although it is plain text: that loads the browser's code for it before the first token comes.
        self._slot.html("<p>Each part that LangGraph sends will stand here, with its time and weight.</p>")

    def take(self, stamped: Stamped) -> bool:
        if stamped.event.kind in OWN_KINDS:
            return False
        self._last.append(stamped)
        self._all.append(stamped)
        return True

    def paint(self) -> None:
        rows = "".join(_html_row(stamped) for stamped in self._last)
        self._slot.html(f'<div style="overflow-x:auto;min-height:10rem"><table><tbody>{rows}</tbody></table></div>')

    def finish(self) -> None:
        if not self._all:
            return
        box = self._slot.container()
        box.dataframe(
            raw_table(self._all[:_MOST_ROWS]), hide_index=True, height=300, alt="Stream parts with time and size"
        )
        if len(self._all) > _MOST_ROWS:
            box.caption(f"The first {_MOST_ROWS:,} of {len(self._all):,} parts.")


def raw_table(events: list[Stamped]) -> pd.DataFrame:
    """One row a part: number, seconds since submission, mode, namespace, bytes, data as JSON."""
    return pd.DataFrame(
        {
            "#": [stamped.seq for stamped in events],
            "time (s)": [round(stamped.t, 3) for stamped in events],
            "mode": [stamped.event.kind for stamped in events],
            "namespace": [_namespace(stamped) for stamped in events],
            "bytes": [stamped.size for stamped in events],
            "data": [said(stamped.event) for stamped in events],
        }
    )


def said(event: Any, *, most: int = 2000) -> str:
    """An event's content as JSON, cut to a readable length."""
    names = [name for name in event.__dataclass_fields__ if name not in ("kind", "ns")]
    content = {name: getattr(event, name) for name in names if getattr(event, name) not in (None, "", (), {})}
    return cut(json.dumps(content, ensure_ascii=False, default=str), most)


def _namespace(stamped: Stamped) -> str:
    ns: Namespace = getattr(stamped.event, "ns", ())
    return " › ".join(part.partition(":")[0] for part in ns)


def _html_row(stamped: Stamped) -> str:
    event = stamped.event
    cells = (
        seconds(stamped.t),
        f'<span style="color:{kind_hex(event.kind)}">■</span> {event.kind}',
        size(stamped.size),
        f"<code>{escaped(said(event, most=80))}</code>",
    )
    return "<tr>" + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells) + "</tr>"
