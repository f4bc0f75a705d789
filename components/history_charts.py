"""The charts of the dashboard over many runs."""

from typing import Any

import altair as alt
import pandas as pd

GROUPS = {"model": "model", "graph": "graph", "modes": "stream modes", "flush": "flush strategy", "api": "API"}
FIGURES = ["ttft_s", "e2e_s", "tpot_s", "itl_p95_s", "tokens_per_s"]
TITLES = {
    "ttft_s": "TTFT (s)",
    "e2e_s": "E2E (s)",
    "tpot_s": "TPOT (s)",
    "itl_p95_s": "ITL p95 (s)",
    "tokens_per_s": "tokens/s",
}


def scatter_chart(table: pd.DataFrame, group: str) -> Any:
    """First token against total time, one mark a run."""
    return (
        alt.Chart(table, title="First token against total time", height=360)
        .mark_point(size=70, filled=True, opacity=0.75)
        .encode(
            x=alt.X("ttft_s:Q", title="time to first token (s)"),
            y=alt.Y("e2e_s:Q", title="total time (s)"),
            color=alt.Color(f"{group}:N", title=GROUPS[group], legend=alt.Legend(orient="bottom")),
            tooltip=[
                "graph:N",
                "model:N",
                "modes:N",
                "status:N",
                alt.Tooltip("ttft_s:Q", format=".3f"),
                alt.Tooltip("e2e_s:Q", format=".3f"),
            ],
        )
    )


def histogram(table: pd.DataFrame, name: str) -> Any:
    """How often each value of a figure came."""
    return (
        alt.Chart(table[[name]].dropna(), title=f"{TITLES[name]}: how often", height=150)
        .mark_bar()
        .encode(x=alt.X(f"{name}:Q", bin=alt.Bin(maxbins=40), title=TITLES[name]), y=alt.Y("count():Q", title="runs"))
    )


def ecdf(table: pd.DataFrame, name: str, group: str) -> Any:
    """The share of runs at or below each value of a figure, by group."""
    return (
        alt.Chart(table[[name, group]].dropna(), title="Share of runs at or below (ECDF)", height=260)
        .transform_window(share="cume_dist()", sort=[{"field": name}], groupby=[group])
        .mark_line(interpolate="step-after")
        .encode(
            x=alt.X(f"{name}:Q", title=TITLES[name]),
            y=alt.Y("share:Q", title="share of runs", axis=alt.Axis(format="%")),
            color=alt.Color(f"{group}:N", title=GROUPS[group], legend=alt.Legend(orient="bottom")),
        )
    )


def boxes(table: pd.DataFrame, name: str, group: str) -> Any:
    """The spread of a figure, by group."""
    return (
        alt.Chart(table[[name, group]].dropna(), title=f"{TITLES[name]} by {GROUPS[group]}", height=260)
        .mark_boxplot(extent="min-max")
        .encode(
            x=alt.X(f"{name}:Q", title=TITLES[name]),
            y=alt.Y(f"{group}:N", title=None, axis=alt.Axis(labelLimit=160)),
            color=alt.Color(f"{group}:N", legend=None),
        )
    )


def over_time(table: pd.DataFrame, name: str, group: str) -> Any:
    """A figure over the time at which the runs began."""
    return (
        alt.Chart(table[["at", name, group]].dropna(), title=f"{TITLES[name]} over time", height=240)
        .mark_point(size=40, filled=True, opacity=0.7)
        .encode(
            x=alt.X("at:T", title="when the run began (UTC)"),
            y=alt.Y(f"{name}:Q", title=TITLES[name]),
            color=alt.Color(f"{group}:N", legend=None),
        )
    )


def bytes_by_mode(table: pd.DataFrame) -> Any:
    """The median weight of a run, by stream mode."""
    rows = [
        {"mode": mode, "bytes": weight}
        for weights in table["bytes_by_mode"].dropna()
        for mode, weight in (weights or {}).items()
    ]
    return (
        alt.Chart(pd.DataFrame(rows, columns=["mode", "bytes"]), title="Median bytes a run, by stream mode", height=240)
        .mark_bar()
        .encode(
            x=alt.X("median(bytes):Q", title="bytes"),
            y=alt.Y("mode:N", title=None),
            tooltip=["mode:N", "median(bytes):Q"],
        )
    )


def effect(table: pd.DataFrame, name: str, cause: str, title: str) -> Any:
    """A figure against a setting of the model."""
    return (
        alt.Chart(table[[name, cause]].dropna(), title=f"{TITLES[name]} by {title}", height=220)
        .mark_point(size=40, filled=True, opacity=0.6)
        .encode(x=alt.X(f"{cause}:Q", title=title), y=alt.Y(f"{name}:Q", title=TITLES[name]))
    )
