"""Tables by group: percentiles of completed runs, and outcomes of all."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from components.charts.runs import FIGURES, GROUPS, TITLES
from components.features.runs.failure_causes import MEANINGS
from components.features.runs.stored import FAILED, compared_runs
from components.shell.format import count
from components.shell.url_state import initial_option, sync_text
from streaming.analysis.gap_histogram import RELATIVE_ERROR, PooledGaps
from streaming.projections.metrics import percentile

PERCENTILES = (50, 95, 99)
FEWEST = {50: 1, 95: 20, 99: 100}
"""Values that each percentile needs: of fewer, none is beyond it."""
_GROUP, _DEFAULT_GROUP = "group", "model"
_FEWEST_NOTE = f"p95 needs {FEWEST[95]} values and p99 {FEWEST[99]}: of fewer it would only be the largest."
_DRAWN_NOTE = (
    "TTFT of a whole answer is when it is there. *drawn*: the runs whose first text was drawn; only they count in "
    "*First text drawn*, and repeats are not drawn."
)


def pick_group() -> str:
    """By what the runs are compared; the URL holds it."""
    initial = initial_option(_GROUP, GROUPS, _DEFAULT_GROUP)
    group: str = st.segmented_control(
        "Compare by",
        list(GROUPS),
        default=initial,
        required=True,
        format_func=GROUPS.__getitem__,
        key=_GROUP,
        persist_state="session",
    )
    sync_text(_GROUP, group, default=_DEFAULT_GROUP)
    return group


def percentiles(completed: pd.DataFrame, group: str) -> None:
    """p50, p95 and p99 of completed runs by group; ITL pools all gaps of the group."""
    if completed.empty:
        return
    st.subheader("Percentiles of completed runs", anchor=False)
    if mixed := _also_differ(completed, group):
        st.caption(f":orange[:material/warning: {mixed}]")
    rows = []
    for name, part in completed.groupby(group):
        row: dict[str, Any] = {GROUPS[group]: name, "runs": len(part), "drawn": int(part["first_text_s"].count())}
        for figure in FIGURES:
            if figure != "itl_p95_ms":
                values = sorted(part[figure].dropna())
                row |= {f"{TITLES[figure]} p{q}": measured(values, q) for q in PERCENTILES}
        row |= _pooled_itl_ms(part)
        rows.append(row)
    # A percentile that no group has measured has no column.
    table = pd.DataFrame(rows).astype({"runs": int}).round(3).dropna(axis="columns", how="all")
    st.dataframe(table, hide_index=True, key="percentiles", placeholder="–", alt="Percentiles by group")
    st.caption(f"{_FEWEST_NOTE} {_DRAWN_NOTE} {_pooling_note(completed)}")
    if without_wait := int(completed["wait_s"].isna().sum()):
        st.caption(
            f"TTFT and E2E of {count(without_wait, 'older run')} count from the graph's "
            "input: the wait before it was not stored."
        )


def _also_differ(completed: pd.DataFrame, group: str) -> str:
    """In what else the runs differ, which may be all of a difference between groups; prompts are told above."""
    numbers = {name: int(completed[name].nunique()) for name in ("model", "graph") if name != group}
    several = [count(number, GROUPS[name]) for name, number in numbers.items() if number > 1]
    if not several:
        return ""
    return f"These runs are on {' and '.join(several)}: filter by one before you compare them by {GROUPS[group]}."


def measured(values: Sequence[float], q: int) -> float | None:
    """This percentile; `None` of too few values to have measured it."""
    return percentile(values, q) if len(values) >= FEWEST[q] else None


def outcomes(table: pd.DataFrame, group: str) -> None:
    """Runs by group and status, and failures by cause."""
    st.subheader("Outcomes", anchor=False)
    left, right = st.columns(2)
    counts = pd.crosstab(table[group], table["status"]).reset_index().rename(columns={group: GROUPS[group]})
    left.dataframe(counts, hide_index=True, key="outcomes", alt="Runs by group and status")
    if uncompared := len(table) - len(compared_runs(table)):
        left.caption(f"Warm-ups and continuations, {uncompared:,} here, count in no percentile.")
    failed = table[table["status"].isin([*FAILED, "Cancelled"])]
    if failed.empty:
        right.info("None of these runs failed or was cancelled.", icon=":material/check:")
        return
    causes = failed.assign(cause=failed["error"].where(failed["error"] != "", failed["status"]))
    rows = causes.groupby(["cause", group]).size().reset_index(name="runs").rename(columns={group: GROUPS[group]})
    rows.insert(0, "what happened", rows["cause"].map(MEANINGS).fillna("–"))
    right.dataframe(
        rows,
        hide_index=True,
        key="causes",
        alt="Failures by cause",
    )


def _pooled_itl_ms(part: pd.DataFrame) -> dict[str, Any]:
    gaps = PooledGaps(part["gap_histogram"].dropna())
    values = {q: measured(gaps, q) for q in PERCENTILES}
    figures = {f"ITL p{q} (ms)": None if value is None else value * 1000 for q, value in values.items()}
    return {**figures, "gaps": len(gaps)}


def _pooling_note(completed: pd.DataFrame) -> str:
    unknown = int(completed["gap_histogram"].isna().sum())
    note = (
        f"ITL: percentiles over all gaps of the group's runs, within {RELATIVE_ERROR:.0%}, as "
        "`vllm bench serve` pools them."
    )
    if unknown:
        note += (
            f" {unknown:,} older run{' is' if unknown == 1 else 's are'} left out of ITL: their gaps were not stored."
        )
    return note
