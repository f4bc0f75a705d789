"""The flush strategies tried so far, in one table: what each way of drawing gave and cost.

The rows are in the session and in the URL, so a reload keeps them; they are figures only. Another graph, model or
prompt starts a new table, because its rows could not be compared.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any
from zlib import crc32

import streamlit as st

from components.live.cost import Cost
from components.live.drawing import drawn_by_player, drawn_by_streamlit
from components.shell.format import format_bytes, format_seconds
from components.shell.glossary import MEANINGS
from components.shell.keys import TRIED_PARAM
from components.shell.session import recall
from components.shell.session_commands import store_value
from streaming.analysis.race_verdict import EQUAL_S
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.rendering.flush import FLUSH_KINDS, FlushStrategy
from streaming.services import get_services

_TRIED = "flush.tried"
_ROW = re.compile(r"\d{1,2}(?:\.\d{1,9}){5,7}")
_MOST_ROWS = 10
_COMPARABLE = 2
_WHAT_MATTERS = (
    "**How to choose**: an early first text and a short longest freeze feel fast; the text sent and the repaints are "
    "what a phone and a busy server pay. *direct* sends each word once and lets the browser draw it; the other ways "
    "are Streamlit's own, and send the same text again and again, the rarer the cheaper. TTFT in the bar is when the "
    "first text arrived, which the strategy cannot change; *after arrival* is how long drawing it took."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One strategy, the last time it was tried: times in milliseconds, text in bytes; `flush` is its index, `n` its N.

    A strategy without an N has 0 there, as does one in a link that was made before it was kept. `late_ms` is how long
    after its arrival the first text was drawn; such a link does not know it.
    """

    flush: int
    first_ms: int
    p95_ms: int
    longest_ms: int
    bytes: int
    repaints: int
    n: int = 0
    late_ms: int | None = None

    @property
    def label(self) -> str:
        """The strategy with its N, where it is known."""
        return FLUSH_KINDS[self.flush].replace("N", str(self.n)) if self.n else FLUSH_KINDS[self.flush]


def note_trial(run: Run, flush: FlushStrategy, cost: Cost | None) -> None:
    """Remember what this ended run gave and cost; without `cost` the player drew it.

    A run that was drawn in another way leaves no row, nor does one that had ended before it was drawn.
    """
    if flush.labels.items() - run.request.labels.items():
        return
    trial = _trial(run, flush, cost)
    if trial is not None and cost is not None:
        get_services().run_writer.note_first_text(run, trial.first_ms / 1000)
    if trial is None or run.status != "Completed":
        return
    subject = _subject(run)
    kept = [other for other in _trials(subject) if (other.flush, other.n) != (trial.flush, trial.n)]
    st.query_params[TRIED_PARAM] = _dumped(subject, [*kept, trial][-_MOST_ROWS:])
    store_value(_TRIED, st.query_params[TRIED_PARAM])


def show_trials(run: Run) -> None:
    """The table of the strategies that were tried on this graph, model and prompt, and how to choose one."""
    trials = _trials(_subject(run))
    if not trials:
        return
    st.subheader("Flush strategies tried so far", anchor=False)
    st.dataframe(
        [
            {
                "strategy": trial.label,
                "first text": format_seconds(trial.first_ms / 1000),
                "after arrival": "–" if trial.late_ms is None else f"+{format_seconds(trial.late_ms / 1000)}",
                "p95 gap": format_seconds(trial.p95_ms / 1000),
                "longest freeze": format_seconds(trial.longest_ms / 1000),
                "text sent": format_bytes(trial.bytes),
                "repaints": f"{trial.repaints:,}",
            }
            for trial in sorted(trials, key=lambda trial: (trial.flush, trial.n))
        ],
        hide_index=True,
        key="flush_trials",
        column_config={
            "first text": st.column_config.Column(help="When the first text was drawn: the model took most of it."),
            "after arrival": st.column_config.Column(help="How long the first text waited to be drawn: the strategy."),
            "p95 gap": st.column_config.Column(help="95 of 100 pauses between two drawings were shorter."),
            "longest freeze": st.column_config.Column(help="The longest pause between two drawings."),
            "text sent": st.column_config.Column(help=f"{MEANINGS['Text sent']} Most ways send the same text often."),
            "repaints": st.column_config.Column(help="For *direct*: at most one for each chunk."),
        },
        alt="Flush strategies tried so far",
    )
    st.caption(how_to_choose(trials))


def how_to_choose(trials: Sequence[Trial]) -> str:
    """What matters in a choice, and which of the strategies tried was best in it."""
    if len(trials) < _COMPARABLE:
        return f"{_WHAT_MATTERS} Run again with another strategy: each one tried gets a row here."
    least = min(trial.bytes for trial in trials)
    sent = _names([trial for trial in trials if trial.bytes == least])
    return f"{_WHAT_MATTERS} Of those tried, each in its last run, {_soonest(trials)}{sent} sent least."


def _soonest(trials: Sequence[Trial]) -> str:
    """Which drew the first text soonest, as the beginning of a sentence; when it arrived is the model's doing."""
    late = {trial.label: trial.late_ms for trial in trials if trial.late_ms is not None}
    if len(late) < len(trials):
        return ""
    soon = [trial for trial in trials if late[trial.label] - min(late.values()) < EQUAL_S * 1000]
    if len(soon) == len(trials):
        return "all drew the first text about as soon after it had arrived, and "
    return f"{_names(soon)} drew the first text soonest after it had arrived, and "


def _names(trials: Sequence[Trial]) -> str:
    return " and ".join(f"*{trial.label}*" for trial in trials)


def _trial(run: Run, flush: FlushStrategy, cost: Cost | None) -> Trial | None:
    collected = apply_all(MetricsCollector(), run.events)
    first_s = arrived_s = collected.metrics().first_text_s
    if cost is None:
        drawing = drawn_by_player(collected, run.events)
    else:
        first_s = run.age_s - (time.monotonic() - cost.drawn_at[0]) if cost.drawn_at else None
        drawing = drawn_by_streamlit(cost)
    if drawing is None or first_s is None or arrived_s is None:
        return None
    return Trial(
        flush=FLUSH_KINDS.index(flush.flush),
        first_ms=round(first_s * 1000),
        p95_ms=round(drawing.p95_s * 1000),
        longest_ms=round(drawing.longest_s * 1000),
        bytes=drawing.bytes,
        repaints=drawing.repaints,
        n=flush.n or 0,
        late_ms=max(0, round((first_s - arrived_s) * 1000)),
    )


def _subject(run: Run) -> str:
    """A short name of what can be compared: the same graph, model and prompt."""
    request = run.request
    return f"{crc32(repr((request.graph.name, request.model, request.prompt)).encode(errors='replace')):08x}"


def _dumped(subject: str, trials: Sequence[Trial]) -> str:
    return "_".join(
        [subject, *(".".join(str(value) for value in astuple(trial) if value is not None) for trial in trials)]
    )


def _trials(subject: str) -> list[Trial]:
    """The rows of this subject; whatever else a link contains is ignored."""
    text: Any = st.query_params.get(TRIED_PARAM) or recall(_TRIED) or ""
    found, *rows = str(text).split("_")
    if found != subject:
        return []
    numbers = [[int(number) for number in row.split(".")] for row in rows[:_MOST_ROWS] if _ROW.fullmatch(row)]
    names = ("flush", "first_ms", "p95_ms", "longest_ms", "bytes", "repaints", "n", "late_ms")
    return [Trial(**dict(zip(names, row, strict=False))) for row in numbers if row[0] < len(FLUSH_KINDS)]
