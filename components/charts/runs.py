"""Charts over many runs; the table has one row per run.

`colours` maps the groups to their colours; the page draws one legend for all charts, because a legend inside a chart
takes its height.
"""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

GROUPS = {
    "model": "model",
    "flush": "flush strategy",
    "api": "streaming or blocking",
    "modes": "stream modes",
    "graph": "graph",
    "prompt": "prompt",
    "part_of": "part of",
}
FEWEST_IN_BOX = 5
"""Of fewer runs a box would show a spread that was not measured."""
HEIGHT = 340
"""Height of the scatter chart in pixels."""
_ROW_PX = 30
_AXES_PX = 90

_SHAPES = alt.Legend(orient="bottom", title=None, symbolFillColor="#8a90a2", symbolStrokeColor="#8a90a2")

_SHAPE_OF = {
    "Completed": "circle",
    "Cancelled": "square",
    "Failed": "triangle-up",
    "Timed out": "triangle-down",
    "Interrupted": "diamond",
    "Lost": "cross",
    "Running": "triangle-right",
}

FIGURES = ["ttft_s", "first_text_s", "e2e_s", "tpot_ms", "itl_p95_ms", "tokens_per_s"]
TITLES = {
    "ttft_s": "TTFT (s)",
    "first_text_s": "First text drawn (s)",
    "e2e_s": "E2E latency (s)",
    "tpot_ms": "TPOT (ms)",
    "itl_p95_ms": "ITL p95 per run (ms)",
    "tokens_per_s": "Decode speed (tokens/s)",
}
PLAIN = {
    "ttft_s": "Wait for the first word",
    "first_text_s": "Wait until the first word is drawn",
    "e2e_s": "Wait for the whole answer",
    "tpot_ms": "Time per token, on average",
    "itl_p95_ms": "Long pauses (p95)",
    "tokens_per_s": "Tokens per second while streaming",
}
"""The same figures for readers who have never measured a stream."""


def scatter_chart(
    table: pd.DataFrame, group: str, colours: Mapping[str, str], *, brush: Any = None, legend: bool = False
) -> Any:
    """The first word against E2E latency, one mark per run, its shape by status; ticks along both axes show the spread.

    With `legend` the chart explains itself, for a file.
    """
    first = first_figure(group)
    x = alt.X(f"{first}:Q", title=TITLES[first])
    y = alt.Y("e2e_s:Q", title=TITLES["e2e_s"])
    colour = _by(group, colours, legend=alt.Legend(title=GROUPS[group], labelLimit=260) if legend else None)
    one_status = table["status"].nunique() < 2
    marks = (
        alt.Chart(table)
        .mark_point(size=70, filled=True, opacity=0.75)
        .encode(
            x=x,
            y=y,
            color=colour,
            shape=alt.Shape("status:N", scale=_shapes(table), legend=None if one_status else _SHAPES),
            tooltip=[
                "prompt:N",
                "graph:N",
                "model:N",
                "modes:N",
                "status:N",
                alt.Tooltip(f"{first}:Q", format=".3f"),
                alt.Tooltip("e2e_s:Q", format=".3f"),
            ],
        )
    )
    look: dict[str, Any] = {"opacity": 0.5, "thickness": 1, "size": 14}
    margin = alt.Chart(table)
    layers = [
        marks if brush is None else marks.add_params(brush),
        margin.mark_tick(**look, orient="vertical").encode(x=x, y=alt.value("height"), color=colour),
        margin.mark_tick(**look, orient="horizontal").encode(x=alt.value(0), y=y, color=colour),
    ]
    return alt.layer(*layers).properties(title="Wait for the first word against the whole answer", height=HEIGHT)


def first_figure(group: str) -> str:
    """The figure of the first word: where flush strategies are compared, when it was drawn and not when it arrived."""
    return "first_text_s" if group == "flush" else "ttft_s"


def _shapes(table: pd.DataFrame) -> alt.Scale:
    """A status has its shape whatever else is shown."""
    shown = [status for status in _SHAPE_OF if status in set(table["status"])]
    return alt.Scale(domain=shown, range=[_SHAPE_OF[status] for status in shown])


def histogram(table: pd.DataFrame, name: str) -> Any:
    """A histogram: the number of runs by value of a figure."""
    return (
        alt.Chart(table[[name]].dropna(), title=PLAIN[name], height=220)
        .mark_bar()
        .encode(
            x=alt.X(f"{name}:Q", bin=alt.Bin(maxbins=40), title=TITLES[name]),
            y=alt.Y("count():Q", title="runs", axis=alt.Axis(tickMinStep=1)),
        )
    )


def ecdf(table: pd.DataFrame, name: str, group: str, colours: Mapping[str, str]) -> Any:
    """The empirical distribution: the share of runs at or below each value of a figure, by group."""
    return (
        alt.Chart(table[[name, group]].dropna(), title="Share of runs at or below (ECDF)", height=300)
        .transform_window(share="cume_dist()", sort=[{"field": name}], groupby=[group])
        .mark_line(interpolate="step-after", point=True)
        .encode(
            # From zero, as the chart beside it: else near values look far apart.
            x=alt.X(f"{name}:Q", title=TITLES[name], scale=alt.Scale(zero=True)),
            y=alt.Y("share:Q", title="share of runs", axis=alt.Axis(format="%")),
            color=_by(group, colours),
            tooltip=[f"{group}:N", alt.Tooltip(f"{name}:Q", format=".3f"), alt.Tooltip("share:Q", format=".0%")],
        )
    )


def boxes(table: pd.DataFrame, name: str, group: str, colours: Mapping[str, str]) -> Any:
    """The spread of a figure by group: one mark per run; of five or more a box from the 25th to the 75th percentile."""
    shown = table[[name, group]].dropna()
    # The default whiskers are black and invisible on a dark page.
    line = {"color": "#8a90a2"}
    y = alt.Y(f"{group}:N", title=None, axis=alt.Axis(labelLimit=220))
    colour = _by(group, colours)
    enough = shown[shown.groupby(group)[group].transform("size") >= FEWEST_IN_BOX]
    box = alt.Chart(enough).mark_boxplot(extent="min-max", rule=line, ticks=line, opacity=0.5)
    strip = alt.Chart(shown).mark_circle(size=18, opacity=0.6).transform_calculate(jitter="random()")
    x = alt.X(f"{name}:Q", title=TITLES[name])
    layers = [strip.encode(x=x, y=y, color=colour, yOffset="jitter:Q")]
    if len(enough):  # a layer without marks has no name for a screen reader
        layers.insert(0, box.encode(x=x, y=y, color=colour))
    return alt.layer(*layers).properties(
        title=f"{PLAIN[name]}, by {GROUPS[group]}", height=max(300, _AXES_PX + _ROW_PX * shown[group].nunique())
    )


def over_time(table: pd.DataFrame, name: str, group: str, colours: Mapping[str, str]) -> Any:
    """A figure over the time of submission."""
    days = (table["at"].max() - table["at"].min()).days if len(table) else 0
    axis = alt.Axis(format="%Y-%m-%d %H:%M" if days else "%H:%M:%S", labelOverlap=True)
    return (
        alt.Chart(table[["at", name, group]].dropna(), title=f"{PLAIN[name]}, over time", height=240)
        .mark_point(size=40, filled=True, opacity=0.7)
        .encode(
            x=alt.X("at:T", title="submitted (UTC)", scale=alt.Scale(type="utc"), axis=axis),
            y=alt.Y(f"{name}:Q", title=TITLES[name]),
            color=_by(group, colours),
        )
    )


def bytes_by_mode(table: pd.DataFrame) -> Any:
    """The median size of a run by stream mode."""
    rows = [
        {"mode": mode, "bytes": size}
        for sizes in table["bytes_by_mode"].dropna()
        for mode, size in (sizes or {}).items()
    ]
    return (
        alt.Chart(pd.DataFrame(rows, columns=["mode", "bytes"]), title="Median bytes of a run by stream mode")
        .properties(height=alt.Step(22))
        .mark_bar()
        .encode(
            x=alt.X("median(bytes):Q", title="bytes"),
            y=alt.Y("mode:N", title=None),
            tooltip=["mode:N", "median(bytes):Q"],
        )
    )


def effect(table: pd.DataFrame, name: str, setting: str) -> Any:
    """A figure against a setting of the model."""
    title = setting.replace("_", " ")
    return (
        alt.Chart(table[[name, setting]].dropna(), title=f"{PLAIN[name]}, by {title}", height=220)
        .mark_point(size=40, filled=True, opacity=0.6)
        .encode(x=alt.X(f"{setting}:Q", title=title), y=alt.Y(f"{name}:Q", title=TITLES[name]))
    )


def _by(group: str, colours: Mapping[str, str], *, legend: Any = None) -> Any:
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(f"{group}:N", title=GROUPS[group], scale=scale, legend=legend)
