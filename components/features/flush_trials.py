"""The flush strategies tried so far, in one table: what each way of drawing gave and cost.

A row holds the medians of all runs of its strategy. The figures of each run are in the session and in the URL, so a
reload keeps them. Another graph, model or prompt has a table of its own, because its rows could not be compared.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from itertools import groupby
from operator import attrgetter
from statistics import median_low
from typing import Any
from zlib import crc32

import streamlit as st

from components.live.cost import Cost
from components.live.drawing import drawn_by_player, drawn_by_streamlit
from components.shell.format import count, format_bytes, format_seconds
from components.shell.glossary import MEANINGS
from components.shell.keys import TRIED_PARAM
from components.shell.session import recall
from components.shell.session_commands import store_value
from streaming.analysis.contender import EQUAL_S
from streaming.core.enumeration import listed
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.metrics import MetricsCollector
from streaming.rendering.flush import FLUSH_KINDS, FLUSH_NAMES, FlushStrategy
from streaming.services import get_services

_TRIED = "flush.tried"
_ANCHOR = "flush-strategies"
_ROW = re.compile(r"\d{1,2}(?:\.\d{1,9}){5,9}")
_MOST_TRIALS = 24
_MOST_RUN_NAMES = 1_000_000
_COMPARABLE = 2
_ALIKE = 1.2
"""The longest of the answers by the shortest, up to which what was sent for them is compared."""
_UNLIKE_MS = 500
"""The difference between two arrivals of a first text from which on a reader would take it for the strategy's."""
_WHAT_MATTERS = (
    "**How to choose**: an early first text and a short longest freeze feel fast; the text sent and the repaints are "
    "what a phone and a busy server pay. 95 of 100 pauses were shorter than the *p95 gap*. *direct* sends each word "
    "once and lets the browser draw it; the other ways are Streamlit's own, and send the same text again and again, "
    "the rarer the cheaper. TTFT in the bar is when the first text arrived, which the strategy cannot change; *after "
    "arrival* is how long drawing it took."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run with one strategy: times in milliseconds, text in bytes; `flush` is the strategy's index, `n` its N.

    A strategy without an N has 0 there, as does one in a link that was made before it was kept. `late_ms` is how long
    after its arrival the first text was drawn, `run` tells the run from others, `characters` are those of the answer;
    such a link knows none of them.
    """

    flush: int
    first_ms: int
    p95_ms: int
    longest_ms: int
    bytes: int
    repaints: int
    n: int = 0
    late_ms: int | None = None
    run: int | None = None
    characters: int | None = None

    @property
    def label(self) -> str:
        """The strategy with its N, where it is known."""
        name = FLUSH_NAMES[FLUSH_KINDS[self.flush]]
        return name.replace("N", str(self.n)) if self.n else name


def note_trial(run: Run, flush: FlushStrategy, cost: Cost | None) -> None:
    """Remember what this ended run gave and cost; without `cost` the player drew it.

    A run that was drawn in another way leaves no row, nor does one that had ended before it was drawn, or one that
    continues an earlier run: it has only a part of the answer.
    """
    if flush.labels.items() - run.request.labels.items() or run.request.resume is not None:
        return
    trial = _trial(run, flush, cost)
    if trial is not None and cost is not None:
        get_services().run_writer.note_first_text(run, trial.first_ms / 1000)
    if trial is None or run.status != "Completed":
        return
    subject = _subject(run)
    tables = _tables()
    kept = [other for other in tables.pop(subject, []) if other.run is None or other.run != trial.run]
    tables[subject] = [*kept, trial][-_MOST_TRIALS:]
    while sum(map(len, tables.values())) > _MOST_TRIALS:
        del tables[next(iter(tables))]
    st.query_params[TRIED_PARAM] = _dumped(tables)
    store_value(_TRIED, st.query_params[TRIED_PARAM])


def show_trials(run: Run) -> bool:
    """The table of the strategies that were tried on this graph, model and prompt, and how to choose one.

    Returns whether there is any.
    """
    tables = _tables()
    trials = tables.pop(_subject(run), [])
    if not trials:
        return False
    st.subheader("Flush strategies tried so far", anchor=_ANCHOR)
    st.dataframe(
        [
            {
                "strategy": trial.label,
                "runs": runs,
                "after arrival": "–" if trial.late_ms is None else f"+{format_seconds(trial.late_ms / 1000)}",
                "first text": format_seconds(trial.first_ms / 1000),
                "p95 gap": format_seconds(trial.p95_ms / 1000),
                "longest freeze": format_seconds(trial.longest_ms / 1000),
                "text sent": format_bytes(trial.bytes),
                "repaints": f"{trial.repaints:,}",
            }
            for trial, runs in by_strategy(trials)
        ],
        hide_index=True,
        key="flush_trials",
        column_config={
            "runs": st.column_config.Column(help="Of several runs, the row has the median of each figure."),
            "first text": st.column_config.Column(help="When the first text was drawn: the model took most of it."),
            "after arrival": st.column_config.Column(help="How long the first text waited to be drawn: the strategy."),
            "p95 gap": st.column_config.Column(help="95 of 100 pauses between two drawings were shorter."),
            "longest freeze": st.column_config.Column(help="The longest pause between two drawings."),
            "text sent": st.column_config.Column(help=f"{MEANINGS['Text sent']} Most ways send the same text often."),
            "repaints": st.column_config.Column(help="For *direct*: at most one for each chunk."),
        },
        alt="Flush strategies tried so far",
    )
    st.caption(" ".join([how_to_choose(trials), *_set_aside(tables)]))
    return True


def point_to_trials() -> None:
    """A link to the table, which is a screen below the answer."""
    st.markdown(f":material/table_rows: [Flush: all tried ↓](#{_ANCHOR})", width="content")


def _set_aside(tables: Mapping[str, Sequence[Trial]]) -> list[str]:
    """What became of the rows of other prompts, as a sentence; none without such rows."""
    others = sum(map(len, tables.values()))
    if not others:
        return []
    return [
        f"{count(others, 'run')} with another prompt, graph or model {'is' if others == 1 else 'are'} set aside, and "
        "shown again with a run of the same."
    ]


def by_strategy(trials: Sequence[Trial]) -> list[tuple[Trial, int]]:
    """For each strategy the medians of its runs, and how many runs that are."""
    strategy = attrgetter("flush", "n")
    groups = [list(group) for _, group in groupby(sorted(trials, key=strategy), strategy)]
    return [(_median(group), len(group)) for group in groups]


def _median(trials: Sequence[Trial]) -> Trial:
    known = [trial.late_ms for trial in trials if trial.late_ms is not None]
    figures = ("first_ms", "p95_ms", "longest_ms", "bytes", "repaints")
    medians = {name: median_low(getattr(trial, name) for trial in trials) for name in figures}
    return replace(trials[0], **medians, late_ms=median_low(known) if known else None)


def how_to_choose(trials: Sequence[Trial]) -> str:
    """What matters in a choice, and which of the strategies tried was best in it."""
    rows = [trial for trial, _ in by_strategy(trials)]
    if len(rows) < _COMPARABLE:
        return f"{_WHAT_MATTERS} Run again with another strategy: each one tried gets a row here."
    least = min(trial.bytes for trial in rows)
    sent = _names([trial for trial in rows if trial.bytes == least])
    best = f"Of those tried, by the median of their runs, {_soonest(rows)}{sent} sent least."
    return f"{_WHAT_MATTERS} {best}{_unlike_waits(trials)}{_unlike_lengths(trials)}"


def _unlike_waits(trials: Sequence[Trial]) -> str:
    """A warning, where the model began to answer so much later in one run that *first text* tells of the model."""
    arrived = [trial.first_ms - trial.late_ms for trial in trials if trial.late_ms is not None]
    if not arrived or max(arrived) - min(arrived) < _UNLIKE_MS:
        return ""
    soonest, latest = (format_seconds(ms / 1000) for ms in (min(arrived), max(arrived)))
    return (
        f" The model's first text arrived after {soonest} to {latest}, as it does when a model is loaded for the first "
        "run: compare *after arrival*, not *first text*."
    )


def _unlike_lengths(trials: Sequence[Trial]) -> str:
    """A warning, where the answers were so different that what was sent for them tells little about the strategies."""
    lengths = [trial.characters for trial in trials if trial.characters is not None]
    if not lengths or max(lengths) <= _ALIKE * min(lengths):
        return ""
    return (
        f" But the answers differ: they have {min(lengths):,} to {max(lengths):,} characters, and a longer one costs "
        "more in any way. *Scripted, no AI* writes the same answer each time."
    )


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
    return listed([f"*{trial.label}*" for trial in trials])


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
        run=crc32(run.id.encode()) % _MOST_RUN_NAMES,
        characters=sum(len(message.text) for message in apply_all(Messages(), run.events).answers()),
    )


def _subject(run: Run) -> str:
    """A short name of what can be compared: the same graph, model and prompt."""
    request = run.request
    return f"{crc32(repr((request.graph.name, request.model, request.prompt)).encode(errors='replace')):08x}"


def _dumped(tables: Mapping[str, Sequence[Trial]]) -> str:
    return "~".join("_".join([subject, *map(_row, trials)]) for subject, trials in tables.items())


def _row(trial: Trial) -> str:
    return ".".join(str(value) for value in astuple(trial) if value is not None)


def _tables() -> dict[str, list[Trial]]:
    """The rows by their subject, the last one last; whatever else a link contains is ignored."""
    text: Any = st.query_params.get(TRIED_PARAM) or recall(_TRIED) or ""
    tables = [table.split("_") for table in str(text).split("~")]
    return {subject: _trials(rows[:_MOST_TRIALS]) for subject, *rows in tables[-_MOST_TRIALS:]}


def _trials(rows: Sequence[str]) -> list[Trial]:
    numbers = [[int(number) for number in row.split(".")] for row in rows if _ROW.fullmatch(row)]
    names = tuple(field.name for field in fields(Trial))
    return [Trial(**dict(zip(names, row, strict=False))) for row in numbers if row[0] < len(FLUSH_KINDS)]
