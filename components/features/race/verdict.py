"""The verdict of a race: who won by what, and the figures of its lanes side by side."""

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.features.race.lane import Lane, Shown, shown, whole_text_bytes
from components.features.race.report import headline_html, offer_report, parted, recorded
from components.features.share_page import offer_page_that_plays
from components.player.page_that_plays import FirstText
from components.shell.format import escape_markdown, format_bytes, format_rate, format_seconds
from components.shell.glossary import MEANINGS
from streaming.analysis.contender import Contender, name_in_sentence, nearly_equal
from streaming.analysis.race_verdict import ANECDOTES, base_of, comparable_firsts, race_sentence
from streaming.core.events import MODES
from streaming.core.run import Run
from streaming.core.text_drawing import TextDrawing

_DIFFERENT = 2
_NEARLY_ONE = 0.95
"""A higher ratio is rounded to 1.0, as of lanes that are nearly equal."""


def show_verdict(
    lanes: Sequence[Lane],
    runs: Sequence[Run],
    *,
    title: str,
    key: str,
    headline: DeltaGenerator | None = None,
    felt: str = "",
    panes: Sequence[str] = (),
    more: dict[str, list[dict[str, Any]]] | None = None,
    plays: str = "",
) -> None:
    """The verdict as a sentence, a table of the lanes' figures with ratios to the best, and a report to download.

    `headline` gets the first sentence, for above the lanes, and it is not said again below them. In the report, the
    sentence `felt` comes first, and `more` are further tables by their headings. `panes` names the panes in which the
    lanes were shown. `plays` is the key of the button that downloads a page that plays; without it there is none.
    """
    st.subheader("Verdict", anchor=False)
    seen = [shown(lane, run) for lane, run in zip(lanes, runs, strict=True)]
    contenders = [_contender(*one) for one in zip(lanes, runs, seen, strict=True)]
    verdict = race_sentence(contenders)
    if headline is not None:
        headline.markdown(headline_of(verdict))
    if felt:
        # What people felt rests on all tests, the figures of this one may be others.
        verdict = f"The last test: {verdict.removesuffix(_anecdote_in(verdict)).rstrip()}"
    sentence = f"{verdict}{_about_drawing(lanes, seen)}"
    first, rest = parted(sentence)
    if headline is None:
        st.markdown(f"**{escape_markdown(first)}** {escape_markdown(rest)}")
    elif told := rest.replace(_anecdote_in(verdict), "").strip():
        st.markdown(escape_markdown(told))
    rows = _rows(lanes, runs, seen, contenders)
    rows = [{"pane": pane, **row} for pane, row in zip(panes, rows, strict=True)] if panes else rows
    st.dataframe(
        rows,
        hide_index=True,
        column_config={
            "fastest": st.column_config.Column(
                help="In what no lane was faster; lanes whose times are nearly equal share it, and all of "
                "them win nothing. Lanes that differ only in how they draw are compared by how soon after its arrival "
                "the first text was drawn."
            ),
            "parts": st.column_config.Column(
                help="The size of the parts that LangGraph handed to the server's program, as JSON. The browser gets "
                "less: the text, and what describes it."
            ),
            "text sent": st.column_config.Column(help=MEANINGS["Text sent"]),
            "repaints": st.column_config.Column(help="How often the text was drawn."),
            "longest freeze": st.column_config.Column(help="The longest pause between two drawings of the text."),
            "end": st.column_config.Column(help="When the run ended, from submission, the wait included."),
            "decode speed": st.column_config.Column(
                help="Tokens after each message's first, per second in which at least one message streamed."
            ),
            "first text": st.column_config.Column(
                help="When the first text was drawn, from submission: the flush strategy counts. By "
                "*direct* the browser draws it as soon as it has arrived."
            ),
            "arrived": st.column_config.Column(
                help="When the first text arrived from the graph, from submission; not yet drawn."
            ),
        },
        alt="Figures of each lane, with ratios to the best",
    )
    recordings = [(recorded(run), lane.name) for lane, run in zip(lanes, runs, strict=True)]
    firsts = [FirstText(one.first_s, one.arrived_s) for one in seen]
    tables = {"Figures": rows, **(more or {})}
    offer_report(title, f"{felt} {sentence}".strip(), recordings, tables=tables, firsts=firsts, key=key)
    if plays:
        offer_page_that_plays(recordings, key=plays, above=headline_html(sentence), firsts=firsts)


def headline_of(verdict: str) -> str:
    """The first sentence of a verdict, as Markdown, and on what it rests, where it compares."""
    first = verdict.partition(". ")[0].rstrip(".")
    anecdote = _anecdote_in(verdict)
    return f"**{escape_markdown(first)}.**{f' :small[:gray[{anecdote}]]' if anecdote else ''}"


def _anecdote_in(verdict: str) -> str:
    """The sentence with which it ends if it rests on one race."""
    return next((sentence for sentence in ANECDOTES if verdict.endswith(sentence)), "")


def _about_drawing(lanes: Sequence[Lane], seen: Sequence[Shown]) -> str:
    """What it cost lanes that draw differently to draw their text, and of which it is not known when they drew it."""
    if len({lane.flush.label for lane in lanes}) < _DIFFERENT:
        return ""
    unknown = [
        f"When {name_in_sentence(lane.name)} drew its first text was not measured: nobody saw the page then"
        for lane, one in zip(lanes, seen, strict=True)
        if one.first_s is None and one.arrived_s is not None
    ]
    waits = "".join(f" {sentence}." for sentence in unknown)
    costs = [
        f"{name_in_sentence(lane.name)} sent {format_bytes(drawing.bytes)} of text in {drawing.repaints:,} repaints, "
        f"with a longest freeze of {format_seconds(drawing.longest_s)}"
        for lane, one in zip(lanes, seen, strict=True)
        if (drawing := one.drawing) is not None
    ]
    return f"{waits} To draw the text, {'; '.join(costs)}." if costs else waits


def _contender(lane: Lane, run: Run, seen: Shown) -> Contender:
    completed = run.status == "Completed"
    return Contender(
        name=lane.name,
        first_s=seen.first_s if completed else None,
        end_s=seen.metrics.e2e_s if completed else None,
        bytes=seen.metrics.bytes,
        all_modes=len(lane.request.modes) == len(MODES),
        source=lane.source,
        arrived_s=seen.arrived_s if completed else None,
        waits=bool(run.ended and run.ended.pending),
        freeze_s=seen.drawing.longest_s if completed and seen.drawing else None,
    )


def _rows(
    lanes: Sequence[Lane], runs: Sequence[Run], seen: Sequence[Shown], contenders: Sequence[Contender]
) -> list[dict[str, Any]]:
    firsts, ends = [lane.first_s for lane in contenders], [lane.end_s for lane in contenders]
    metrics = [one.metrics for one in seen]
    base = base_of(contenders)
    first_ratios, end_ratios = (ratios(values, of=None if base is None else values[base]) for values in (firsts, ends))
    times = "×" if base is None else f"× lane {_number(lanes[base])}"
    # What all share is no win.
    compared = {
        name: values
        for name, values in (("first text", comparable_firsts(contenders)), ("end", ends))
        if not all(_is_best(values, n) for n in range(len(lanes)))
    }
    native = any(lane.native for lane in lanes)
    return [
        {
            "lane": _number(lane),
            "fastest": " and ".join(name for name, values in compared.items() if _is_best(values, n)) or "–",
            "first text": format_seconds(firsts[n]),
            f"first {times}": first_ratios[n],
            "end": format_seconds(ends[n]),
            f"end {times}": end_ratios[n],
            "outcome": run.status,
            **({"arrived": format_seconds(seen[n].arrived_s)} if native else {}),
            "decode speed": format_rate(metrics[n].tokens_per_s, "tok"),
            **_cells(seen[n].drawing, whole_text_bytes(lane, run.events)),
            "parts": format_bytes(metrics[n].bytes),
            "configuration": lane.name,
        }
        for n, (lane, run) in enumerate(zip(lanes, runs, strict=True))
    ]


def _number(lane: Lane) -> str:
    return lane.name.partition(".")[0]


def _cells(drawing: TextDrawing | None, whole_bytes: int) -> dict[str, str]:
    """What drawing a lane gave and cost; an answer of `whole_bytes` that came whole is drawn once, without pauses."""
    if drawing is None and whole_bytes:
        return {"longest freeze": "–", "repaints": "1", "text sent": format_bytes(whole_bytes)}
    return {
        "longest freeze": format_seconds(drawing.longest_s if drawing else None),
        "repaints": f"{drawing.repaints:,}" if drawing else "–",
        "text sent": format_bytes(drawing.bytes) if drawing else "–",
    }


def _is_best(values: Sequence[float | None], position: int) -> bool:
    value = values[position]
    best = min((known for known in values if known is not None), default=None)
    return value is not None and (value == best or nearly_equal(value, best))


def ratios(values: Sequence[float | None], *, of: float | None) -> list[str]:
    """Each value as a multiple of this one."""
    return ["–" if value is None or not of else f"{_two_digits(value / of)}×" for value in values]


def _two_digits(ratio: float) -> str:
    """The ratio with one decimal place; a lower one has two significant digits, for a small one would become 0."""
    places = 1 - math.floor(math.log10(ratio)) if 0 < ratio <= _NEARLY_ONE else 1
    return f"{ratio:.{places}f}"
