"""Charts of the stored runs: a scatter in which runs are selected, and the latency of the completed ones."""

from collections.abc import Callable, Mapping
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.charts import runs as charts
from components.charts.group_colours import legend_html
from components.charts.picture_files import png_of, svg_of
from components.charts.runs import FIGURES, GROUPS, PLAIN, TITLES
from components.features.runs.definitions import HELP
from components.features.runs.stored import compared_runs
from components.shell.download import offer_download
from components.shell.format import count
from components.shell.session import recall
from components.shell.session_commands import store_value

_BRUSHES = "runs.brushes"
"""How often the selection was cleared: a chart under a new key has none."""


def show_legend(colours: Mapping[str, str]) -> None:
    """The colours of the groups, once for all charts below."""
    st.html(legend_html(colours))


def scatter(table: pd.DataFrame, group: str, colours: Mapping[str, str]) -> pd.DataFrame:
    """The first word against E2E latency by status; dragging over the chart selects the runs.

    Returns the selected runs; all of them if the selection holds none.
    """
    first = charts.first_figure(group)
    shown = compared_runs(table).dropna(subset=[first, "e2e_s"])
    if shown.empty:
        reason = "drew its text" if first == "first_text_s" else "streamed text"
        st.info(f"None of these runs {reason}, so there is no first text to compare.", icon=":material/scatter_plot:")
        return table
    brush = alt.selection_interval(name="brush")
    brushes = recall(_BRUSHES) or 0
    with st.container(key="scatter"):
        event: Any = st.altair_chart(
            charts.scatter_chart(shown, group, colours, brush=brush),
            key=f"scatter_{brushes}",
            on_select="rerun",
            selection_mode=["brush"],
            alt="Time to first token against end-to-end latency",
        )
    ranges = event.selection.get("brush", {}) if event else {}
    chosen = _within_ranges(shown, ranges) if ranges else table
    with st.container(horizontal=True, vertical_alignment="center", key="brushed"):
        st.caption(_brush_note(table, chosen, shown, brushed=bool(ranges)), width="content")
        if ranges:
            st.button("Clear", icon=":material/close:", type="tertiary", key="clear_brush", on_click=_clear_brush)
    _chart_files(charts.scatter_chart(shown, group, colours, legend=True))
    return table if chosen.empty else chosen


def _within_ranges(table: pd.DataFrame, ranges: Mapping[str, Any]) -> pd.DataFrame:
    for name in ("ttft_s", "first_text_s", "e2e_s"):
        if name in ranges:
            low, high = sorted(ranges[name])
            table = table[table[name].between(low, high)]
    return table


def _brush_note(table: pd.DataFrame, chosen: pd.DataFrame, shown: pd.DataFrame, *, brushed: bool) -> str:
    if brushed and chosen.empty:
        return "No run is in this selection: the figures are those of all runs."
    if brushed:
        note = f"{count(len(chosen), 'run')} selected; all figures on this page use only them."
    else:
        note = "Drag over the chart to select runs. The ticks along the axes show how the values are distributed."
    if len(shown) < len(table):
        note += " Runs without a first text, warm-ups, and runs that continue another one have no mark here."
    return note


def _clear_brush() -> None:
    store_value(_BRUSHES, (recall(_BRUSHES) or 0) + 1)


def distributions(completed: pd.DataFrame, group: str, colours: Mapping[str, str]) -> None:
    """Charts of completed runs: histograms, ECDF, boxes by group, figures over time, the effect of settings."""
    st.subheader("Latency of completed runs", anchor=False)
    if completed.empty:
        st.info(
            "No completed run is selected, so there are no latency figures. Runs that failed or were cancelled stopped "
            "early and count only by their outcome.",
            icon=":material/info:",
        )
        return
    left, right = st.columns(2)
    for column, name in ((left, charts.first_figure(group)), (right, "e2e_s")):
        _draw(column, charts.histogram, completed, name, alt=f"Distribution of {TITLES[name]}")
    first = charts.first_figure(group)
    key = "figure" if first == "ttft_s" else "figure_drawn"
    figure = st.segmented_control(
        "Figure", FIGURES, default=first, required=True, format_func=TITLES.__getitem__, key=key
    )
    st.caption(f"**{PLAIN[figure]}.** {HELP[figure]}")
    show_legend(colours)
    left, right = st.columns(2)
    _draw(left, charts.ecdf, completed, figure, group, colours=colours, alt=f"Share of runs by {TITLES[figure]}")
    _draw(right, charts.boxes, completed, figure, group, colours=colours, alt=f"{TITLES[figure]} by {GROUPS[group]}")
    left, right = st.columns(2)
    _draw(left, charts.over_time, completed, figure, group, colours=colours, alt=f"{TITLES[figure]} over time")
    right.altair_chart(charts.bytes_by_mode(completed), alt="Median bytes of a run by stream mode")
    # A setting that was never changed has no effect to show.
    settings = [name for name in ("temperature", "max_tokens") if completed[name].nunique() > 1]
    for column, name in zip(st.columns(2), settings, strict=False):
        _draw(column, charts.effect, completed, figure, name, alt=f"{TITLES[figure]} by {name.replace('_', ' ')}")


def _draw(
    parent: DeltaGenerator,
    chart: Callable[..., Any],
    table: pd.DataFrame,
    *names: str,
    alt: str,
    **options: Mapping[str, str],
) -> None:
    """The chart of these columns, or a note where no run has values in all of them."""
    if table[list(names)].dropna().empty:
        missing = " and ".join(TITLES.get(name, GROUPS.get(name, name.replace("_", " "))) for name in names)
        parent.info(f"No completed run has {missing}.", icon=":material/bar_chart_off:")
        return
    parent.altair_chart(chart(table, *names, **options), alt=alt)


def _chart_files(chart: Any) -> None:
    """Buttons that download the chart; each file is made on the click, because that takes half a second."""
    wide = chart.properties(width=700)
    makers: dict[str, tuple[str, Callable[[], str | bytes]]] = {
        "PNG": ("image/png", lambda: png_of(wide)),
        "SVG": ("image/svg+xml", lambda: svg_of(wide)),
    }
    with st.container(horizontal=True):
        for name, (mime, make) in makers.items():
            offer_download(
                f"Chart as {name}",
                make,
                f"runs.{name.lower()}",
                mime=mime,
                key=f"chart_{name}",
                icon=":material/image:",
                style="tertiary",
            )
