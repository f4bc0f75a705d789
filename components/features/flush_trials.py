"""The flush strategies tried so far, in one table: what each way of drawing gave and cost.

The rows are in the session and in the URL, so a reload keeps them; they are figures only. Another graph, model or
prompt starts a new table, because its rows could not be compared.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise
from typing import Any
from zlib import crc32

import streamlit as st

from components.live.tokens import Cost
from components.shell.format import format_bytes, format_seconds
from components.shell.keys import TRIED_PARAM
from components.shell.session import recall
from components.shell.session_commands import store_value
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.metrics import MetricsCollector, percentile
from streaming.rendering.flush import FLUSH_KINDS, FlushKind

_TRIED = "flush.tried"
_ROW = re.compile(r"\d{1,2}(?:\.\d{1,9}){5}")
_HOW_TO_CHOOSE = (
    "**How to choose**: an early first text and a short longest freeze feel fast; bytes and repaints are what a phone "
    "and a busy server pay. *direct* sends each word once and lets the browser draw it, so it is the choice for an "
    "answer that people read along. Of Streamlit's own ways, *blocks* is smooth for long answers, and *every N ms* "
    "costs least."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One strategy, the last time it was tried: times in milliseconds, text in bytes; `flush` is its index."""

    flush: int
    first_ms: int
    p95_ms: int
    longest_ms: int
    bytes: int
    repaints: int


def note_trial(run: Run, flush: FlushKind, cost: Cost | None) -> None:
    """Remember what this ended run gave and cost; without `cost` the player drew it.

    A run that was drawn in another way leaves no row, nor does one that had ended before it was drawn.
    """
    if run.request.labels.get("flush") != flush:
        return
    trial = _played(run, flush) if cost is None else _drawn(run, flush, cost)
    if trial is None or run.status != "Completed":
        return
    subject = _subject(run)
    kept = [other for other in _trials(subject) if other.flush != trial.flush]
    st.query_params[TRIED_PARAM] = _dumped(subject, [*kept, trial])
    store_value(_TRIED, st.query_params[TRIED_PARAM])


def show_trials(run: Run) -> None:
    """The table of the strategies that were tried on this graph, model and prompt, and how to choose one."""
    trials = _trials(_subject(run))
    if not trials:
        return
    st.dataframe(
        [
            {
                "strategy": FLUSH_KINDS[trial.flush],
                "first text": format_seconds(trial.first_ms / 1000),
                "p95 gap": format_seconds(trial.p95_ms / 1000),
                "longest freeze": format_seconds(trial.longest_ms / 1000),
                "text sent": format_bytes(trial.bytes),
                "repaints": f"{trial.repaints:,}",
            }
            for trial in sorted(trials, key=lambda trial: trial.flush)
        ],
        hide_index=True,
        key="flush_trials",
        column_config={
            "first text": st.column_config.Column(help="When the first text was drawn, from submission."),
            "p95 gap": st.column_config.Column(help="95 of 100 pauses between two drawings were shorter."),
            "longest freeze": st.column_config.Column(help="The longest pause between two drawings."),
            "text sent": st.column_config.Column(help="Text sent to the browser; most ways send the same text often."),
            "repaints": st.column_config.Column(help="For *direct*: at most one for each chunk."),
        },
        alt="Flush strategies tried so far",
    )
    st.caption(_HOW_TO_CHOOSE)


def _drawn(run: Run, flush: FlushKind, cost: Cost) -> Trial | None:
    gaps = sorted(later - earlier for earlier, later in pairwise(cost.drawn_at))
    if not gaps:
        return None
    first_s = run.age_s - (time.monotonic() - cost.drawn_at[0])
    return _trial(flush, first_s, gaps, size=cost.text_bytes, repaints=cost.repaints)


def _played(run: Run, flush: FlushKind) -> Trial | None:
    """The player draws a chunk within a frame of its arrival, and gets each text once."""
    collector = apply_all(MetricsCollector(), run.events)
    metrics, gaps = collector.metrics(), sorted(collector.gaps)
    if metrics.first_text_s is None or not gaps:
        return None
    answers = apply_all(Messages(), run.events).answers()
    size = sum(len(message.text.encode(errors="replace")) for message in answers)
    return _trial(flush, metrics.first_text_s, gaps, size=size, repaints=metrics.chunks)


def _trial(flush: FlushKind, first_s: float, gaps: Sequence[float], *, size: int, repaints: int) -> Trial:
    return Trial(
        flush=FLUSH_KINDS.index(flush),
        first_ms=round(first_s * 1000),
        p95_ms=round((percentile(gaps, 95) or 0.0) * 1000),
        longest_ms=round(gaps[-1] * 1000),
        bytes=size,
        repaints=repaints,
    )


def _subject(run: Run) -> str:
    """A short name of what can be compared: the same graph, model and prompt."""
    request = run.request
    return f"{crc32(repr((request.graph.name, request.model, request.prompt)).encode(errors='replace')):08x}"


def _dumped(subject: str, trials: Sequence[Trial]) -> str:
    return "_".join([subject, *(".".join(map(str, astuple(trial))) for trial in trials)])


def _trials(subject: str) -> list[Trial]:
    """The rows of this subject; whatever else a link contains is ignored."""
    text: Any = st.query_params.get(TRIED_PARAM) or recall(_TRIED) or ""
    found, *rows = str(text).split("_")
    if found != subject:
        return []
    numbers = [[int(number) for number in row.split(".")] for row in rows[: len(FLUSH_KINDS)] if _ROW.fullmatch(row)]
    names = ("flush", "first_ms", "p95_ms", "longest_ms", "bytes", "repaints")
    return [Trial(**dict(zip(names, row, strict=True))) for row in numbers if row[0] < len(FLUSH_KINDS)]
