"""Repeats of a race: the lanes run in turn, many times, in the background; medians with confidence intervals."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

import streamlit as st

from components.features.race.drawing_alone import ELSEWHERE, about_drawing, link_comparisons
from components.features.race.lane import Lane, are_of, as_part_of
from components.features.race.medians import WARM_UPS, RepeatFigures, medians_of
from components.features.race.race import offer_start
from components.features.race.report import offer_report, parted, recorded
from components.features.race.restored_lanes import tell_of_other_lanes
from components.player.page_that_plays import FirstText
from components.shell.format import escape_markdown, truncate
from components.shell.keys import REPEATS_PARAM
from components.shell.session import recall
from components.shell.session_commands import store_value
from components.shell.stop_button import offer_stop
from components.shell.url_state import number_binding
from streaming.core.events import MODES
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.recordings.format import Recording
from streaming.runtime.sequence import RunSequence
from streaming.services import get_services

_DEFAULT_REPEATS = 6
_TICK_S = 0.5
_GRACE_S = 150.0


def repeat_race(lanes: Sequence[Lane], *, page: str, graphs: Collection[str]) -> None:
    """Controls and results of the repeats; the URL names them, so that a reload shows them again.

    `graphs` are the names of those that a lane can run.
    """
    st.subheader("Repeat it", anchor=False)
    st.caption(
        "One race is an anecdote. Repeats run one at a time, so that no lane slows another. One warm-up run per "
        "lane is discarded. Nothing is drawn in repeats."
    )
    told = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        times = st.number_input(
            "Repeats", 2, 50, _DEFAULT_REPEATS, key="repeats", bind=number_binding("repeats"), width=160
        )
        clicked = offer_start(
            "Repeat", lanes, page=page, starts="another series", key="repeat", icon=":material/repeat:"
        )
    if clicked:
        _remember(page, start_repeats(lanes, times=times).id)
    sequence, key = series_of(page), _series_id(page)
    note = about_drawing([lane.name for lane in lanes], [lane.request for lane in lanes])
    # What has been repeated says it in its headline.
    if note and (sequence is None or note != about_drawing(*_lanes_of(sequence))):
        told.markdown(f"**{escape_markdown(note)}** {ELSEWHERE}")
        with told:
            link_comparisons([lane.request for lane in lanes])
    if not key:
        return
    if sequence is None:
        st.caption("The repeats in this link are no longer on this server. Start them again.")
        return
    _remember(page, key)
    _tell_of_what_was_repeated(lanes, sequence, graphs)
    running = not sequence.ended
    st.fragment(_show, run_every=_TICK_S if running else None)(sequence, running=running)


def _tell_of_what_was_repeated(
    lanes: Sequence[Lane], sequence: RunSequence[RepeatFigures], graphs: Collection[str]
) -> None:
    """Say that the repeats have other lanes or another prompt than the controls have now."""
    _, requests = _lanes_of(sequence)
    if are_of(lanes, requests):
        return
    prompt = escape_markdown(truncate(requests[0].prompt, 60))
    tell_of_other_lanes(
        f"These repeats have other lanes, or another prompt: “{prompt}”. Press *Repeat* to measure the lanes above.",
        requests,
        label="Show what was repeated",
        key="repeated",
        graphs=graphs,
    )


def series_of(page: str) -> RunSequence[RepeatFigures] | None:
    """The page's repeats: this session's, or after a reload those in the URL; `None` if the server has none."""
    return get_services().engine.sequences.get(_series_id(page))


def _series_id(page: str) -> str:
    return str(recall(f"{page}.repeats") or st.query_params.get(REPEATS_PARAM) or "")


def start_repeats(lanes: Sequence[Lane], *, times: int) -> RunSequence[RepeatFigures]:
    """Start the warm-ups and `times` repeats of each lane, one run at a time."""
    requests = [
        as_part_of(_patient(lane.request), "warm-up" if number < WARM_UPS else "repeat")
        for number in range(times + WARM_UPS)
        for lane in lanes
    ]

    def measure(position: int, run: Run) -> RepeatFigures:
        figures = figures_of(run)
        is_last = position >= len(requests) - len(lanes)
        return replace(figures, recording=recorded(run)) if is_last else figures

    names = tuple(lane.name for lane in lanes)
    return get_services().engine.start_sequence(requests, measure=measure, subject=names)


def _patient(request: RunRequest) -> RunRequest:
    """The request with a grace time that outlasts the pause between two ticks of a hidden tab, which is a minute."""
    grace_s = request.limits.grace_s
    if grace_s is None or grace_s >= _GRACE_S:
        return request
    return replace(request, limits=replace(request.limits, grace_s=_GRACE_S))


def _remember(page: str, key: str) -> None:
    store_value(f"{page}.repeats", key)
    st.query_params[REPEATS_PARAM] = key


def figures_of(run: Run) -> RepeatFigures:
    """The figures of a run that has ended."""
    metrics = apply_all(MetricsCollector(), run.events).metrics()
    return RepeatFigures(
        completed=run.status == "Completed",
        first_text_s=metrics.first_text_s,
        e2e_s=metrics.e2e_s,
        bytes=metrics.bytes,
        all_modes=len(run.request.modes) == len(MODES),
        run_id=run.id,
    )


def _show(sequence: RunSequence[RepeatFigures], *, running: bool) -> None:
    """How far it is, and the results so far; the end draws the page again, and with it ends the clock."""
    sequence.keep()
    if running and sequence.ended:
        st.rerun()
    results, total = sequence.results, len(sequence.requests)
    if not sequence.ended:
        with st.container(horizontal=True, vertical_alignment="center"):
            offer_stop(st.empty(), "Stop repeating", key="stop_repeats", stop=sequence.cancel)
            st.progress(len(results) / total, text=progress_text(len(results), total, sequence.remaining_s))
    elif len(results) < total or sequence.cancelled:
        st.caption(f"Stopped in run {max(1, len(results))} of {total}. {sequence.cancel_reason}")
    names, requests = _lanes_of(sequence)
    rows, sentence = _show_medians(names, requests, results)
    if sequence.ended and (played := _played(results, lanes=len(names))) is not None:
        recordings, firsts, which = played
        offer_report(
            "Report of repeats",
            f"{sentence} {which}",
            list(zip(recordings, names, strict=True)),
            tables={"Medians": rows},
            firsts=firsts,
            key="repeats_report",
        )


def _lanes_of(sequence: RunSequence[RepeatFigures]) -> tuple[Sequence[str], Sequence[RunRequest]]:
    """The names of the lanes that are repeated, and their requests."""
    names = sequence.subject
    assert isinstance(names, tuple)
    return names, sequence.requests[: len(names)]


def nearest_to_medians(repeats: Sequence[Sequence[RepeatFigures]]) -> Sequence[RepeatFigures] | None:
    """The repeat, of all lanes, whose times are nearest to the medians; `None` if none was completed by all lanes."""
    whole = [lanes for lanes in repeats if all(figures.completed for figures in lanes)]
    if not whole:
        return None
    times = [[time for figures in lanes for time in (figures.first_text_s, figures.e2e_s)] for lanes in whole]
    middles = [median(time or 0.0 for time in column) for column in zip(*times, strict=True)]

    def distance(row: Sequence[float | None]) -> float:
        return sum(abs((time or 0.0) - middle) / (middle or 1.0) for time, middle in zip(row, middles, strict=True))

    return min(zip(whole, times, strict=True), key=lambda pair: distance(pair[1]))[0]


def _played(results: Sequence[RepeatFigures], *, lanes: int) -> tuple[list[Recording], list[FirstText], str] | None:
    """The recordings that the report plays, their first texts, and which repeat it is; `None` without a whole one."""
    repeats = [results[start : start + lanes] for start in range(WARM_UPS * lanes, len(results) - lanes + 1, lanes)]
    nearest = nearest_to_medians(repeats)
    runs = [get_services().engine.get(figures.run_id) for figures in nearest or ()]
    number = len(repeats)
    known = [recorded(run) for run in runs if run is not None and run.ended is not None]
    if len(known) == lanes:
        return (
            known,
            _firsts(nearest or ()),
            f"Played here is one of the {number} repeats: the one nearest to the medians.",
        )
    last = [figures.recording for figures in repeats[-1] if figures.recording is not None] if repeats else []
    if len(last) < lanes:
        return None
    return last, _firsts(repeats[-1]), f"Played here is the last of the {number} repeats."


def _firsts(repeat: Sequence[RepeatFigures]) -> list[FirstText]:
    """Nothing is drawn in repeats: nobody saw a text, and it is known when it arrived."""
    return [FirstText(None, figures.first_text_s) for figures in repeat]


def progress_text(done: int, total: int, remaining_s: float | None) -> str:
    """Draw which run is running, and an estimate of the time that is left."""
    left = "" if remaining_s is None else f" · about {max(1, round(remaining_s)):,} s left"
    return f"Run {min(done + 1, total)} of {total}{left}"


def _show_medians(
    lanes: Sequence[str], requests: Sequence[RunRequest], results: Sequence[RepeatFigures]
) -> tuple[list[dict[str, Any]], str]:
    """Draw the verdict so far and the medians; returns the rows of the table and all that is said of them."""
    rows, verdict = medians_of(lanes, requests, results)
    note = about_drawing(lanes, requests)
    if verdict or (note and all(row["runs"] for row in rows)):
        first, rest = parted(verdict or note)
        st.markdown(f"**{escape_markdown(first)}** {escape_markdown(rest)}")
        if note:
            st.caption(escape_markdown(" ".join([note, ELSEWHERE] if verdict else [ELSEWHERE])))
            link_comparisons(requests)
    wide = st.column_config.Column(width=220)
    st.dataframe(
        rows,
        hide_index=True,
        column_config={"lane": st.column_config.Column(width=50), "first text arrived": wide, "end": wide},
        alt="Medians with their confidence intervals",
    )
    st.caption(
        "Median, and in brackets the two measured values that enclose the true median with this confidence (order "
        "statistics, for any distribution). Six runs are the fewest that reach 95%. × says how many times as long as "
        "in the lane that the column names, or in its lanes taken together."
    )
    return rows, " ".join(filter(None, [verdict, note, note and ELSEWHERE]))
