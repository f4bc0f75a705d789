"""The runs in a few figures: outcomes, medians, and how many were within the objectives."""

import math
from typing import Any

import pandas as pd
import streamlit as st

from components.features.runs.definitions import HELP
from components.features.runs.stored import COMPLETED, FAILED, compared_runs
from components.shell.format import count
from components.shell.url_state import number_binding
from streaming.analysis.stats import Objectives, goodput_per_s, slo_attainment
from streaming.projections.metrics import percentile

_OLD_TPOT_PARAM = "slo_tpot"
"""The TPOT objective in seconds, in links made before it was asked for in milliseconds."""


def overview(table: pd.DataFrame, completed: pd.DataFrame) -> None:
    """Counts by outcome, median latency of the completed runs, SLO attainment and goodput."""
    met, observed_s = _within(_objectives(), table)
    share, goodput = slo_attainment(met), goodput_per_s(met, observed_s=observed_s)
    st.markdown(_in_words(table, completed, share))
    row = st.container(key="overview").grid(columns=7, min_column_width=110)
    row.metric("Runs", f"{len(table):,}")
    row.metric("Median TTFT", _median(completed, "ttft_s"), help=f"{HELP['ttft_s']} Completed runs only.")
    row.metric("Median E2E", _median(completed, "e2e_s"), help=f"{HELP['e2e_s']} Completed runs only.")
    row.metric("Failed", f"{int(table['status'].isin(FAILED).sum()):,}", help=", ".join(FAILED))
    row.metric("Cancelled", f"{int((table['status'] == 'Cancelled').sum()):,}", help="Stopped by a user.")
    row.metric(
        "SLO attainment",
        "–" if share is None else f"{share:.0%}",
        help="Share of completed and failed runs that met both targets. A failed run misses both; a whole answer is "
        "judged by when it is there. Cancelled, interrupted and running runs do not count.",
    )
    row.metric(
        "Goodput",
        _per_time(goodput),
        help=f"Runs that met both targets, per {_time_of(goodput)} of observed time: from the first submission to the "
        "last end of the runs that count, pauses included. It measures a server's capacity only for the runs of one "
        "load test.",
    )
    st.caption(
        "SLO attainment: share of completed and failed runs that met both targets (DistServe, OSDI 2024). Goodput: "
        f"runs that met both targets, per {_time_of(goodput)} of observed time (`request_goodput` of "
        "`vllm bench serve`)."
    )


def _in_words(table: pd.DataFrame, completed: pd.DataFrame, share: float | None) -> str:
    """The overview as a sentence that can be passed on, with a warning if different prompts are mixed."""
    if completed.empty:
        return f"None of these {count(len(table), 'run')} has completed." if len(table) > 1 else "No completed run."
    words = f"Half of these {count(len(completed), 'completed run')} ended within **{_median(completed, 'e2e_s')}**"
    if (first := _median(completed, "ttft_s")) != "–":
        words += f", and half had the first word within **{first}**{_on_screen(completed, first)}"
    if share is not None:
        words += f"; **{share:.0%}** of all runs that count met both targets"
    prompts = completed["prompt"].nunique()
    mixed = f" They answer {prompts} different prompts: filter by one before you compare." if prompts > 1 else ""
    return f"{words}.{mixed}{_left_out(table)}"


def _on_screen(completed: pd.DataFrame, first: str) -> str:
    """When the first word that had come was drawn, where that is known and not the same, as the end of a sentence."""
    shown, drawn = _median(completed, "first_text_s"), int(completed["first_text_s"].count())
    if shown in ("–", first):
        return ""
    of = "" if drawn == len(completed) else f" (of {drawn:,} that {'was' if drawn == 1 else 'were'} drawn)"
    return f", on screen within **{shown}**{of}"


def _left_out(table: pd.DataFrame) -> str:
    """Which runs count in no latency figure, as a further sentence."""
    continued = int((table["continues"] != "").sum())
    warm_ups = len(table) - len(compared_runs(table)) - continued
    parts = [f"{count(continued, 'continuation')} of other runs"] if continued else []
    parts += [f"{count(warm_ups, 'warm-up')} of repeats"] if warm_ups else []
    return f" {' and '.join(parts)} not counted." if parts else ""


def _objectives() -> Objectives:
    try:
        default_ms = float(st.query_params[_OLD_TPOT_PARAM]) * 1000
    except (KeyError, ValueError):
        default_ms = 50.0
    if not math.isfinite(default_ms):
        default_ms = 50.0
    with st.container(horizontal=True, vertical_alignment="bottom"):
        max_ttft_s = st.number_input(
            "Target: first token within (s)",
            min_value=0.05,
            max_value=60.0,
            value=1.0,
            step=0.05,
            key="slo_ttft",
            bind=number_binding("slo_ttft"),
        )
        max_tpot_ms = st.number_input(
            "Target: time per token at most (ms)",
            min_value=1.0,
            max_value=5000.0,
            value=min(max(default_ms, 1.0), 5000.0),
            step=5.0,
            format="%.0f",
            key="slo_tpot_ms",
            bind=number_binding("slo_tpot_ms"),
        )
    return Objectives(max_ttft_s=max_ttft_s, max_tpot_s=max_tpot_ms / 1000)


def _within(objectives: Objectives, table: pd.DataFrame) -> tuple[list[bool], float | None]:
    """Whether each completed or failed run is within the objectives, and the time in which they were observed, in s."""
    judged = compared_runs(table[table["status"].isin([COMPLETED, *FAILED])])
    if judged.empty:
        return [], None
    # An answer without tokens appears at its end, also where it was streamed by another mode.
    ttft_s = judged["ttft_s"].fillna(judged["e2e_s"]).where(judged["status"] == COMPLETED)
    met = [
        objectives.are_met(ttft_s=ttft, tpot_s=tpot)
        for ttft, tpot in zip(_optional(ttft_s), _optional(judged["tpot_s"]), strict=True)
    ]
    # A lost run has no end; its last heartbeat is the latest known time.
    ended_at = judged["ended_at"].astype(float).fillna(judged["heartbeat_at"])
    return met, float(ended_at.max() - judged["created_at"].min())


def _median(table: pd.DataFrame, name: str) -> str:
    # In seconds, as on the axes and in the tables of this page.
    median = percentile(sorted(table[name].dropna()), 50)
    return "–" if median is None else f"{f'{median:#.3g}'.rstrip('.')} s"


def _per_time(per_s: float | None) -> str:
    if per_s is None:
        return "–"
    return f"{per_s * 3600:.3g}/h" if _time_of(per_s) == "hour" else f"{per_s:.2f}/s"


def _time_of(per_s: float | None) -> str:
    """The time by which a rate is shown: per second, or per hour where it would round to nothing."""
    return "hour" if per_s is not None and 0 < per_s < 0.01 else "second"


def _optional(values: "pd.Series[Any]") -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in values]
