"""The dashboard of /runs: filters, selection, latency figures of completed runs, and outcomes."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
import vl_convert
from streamlit.delta_generator import DeltaGenerator

from components.charts import runs as charts
from components.charts.group_colours import legend_html
from components.charts.runs import FIGURES, GROUPS, PLAIN, TITLES
from components.shell.download import offer_download
from components.shell.format import count, escape_markdown, format_seconds
from components.shell.navigation import page_path
from components.shell.session import recall, visible_owner
from components.shell.session_commands import store_value
from components.shell.url_state import number_binding
from streaming.analysis.gap_histogram import RELATIVE_ERROR, PooledGaps
from streaming.analysis.stats import Objectives, goodput_per_s, slo_attainment
from streaming.core.errors import LabError
from streaming.projections.metrics import percentile
from streaming.services import get_services

MAX_RUNS = 5000
COMPLETED = "Completed"
FAILED = ("Failed", "Timed out", "Lost")
PERCENTILES = (50, 95, 99)
FILTERS = ("model", "graph", "status", "api", "prompt")
_BRUSHES = "runs.brushes"
"""How often the selection was cleared: a chart under a new key has none."""
_OLD_TPOT_PARAM = "slo_tpot"
"""The TPOT objective in seconds, in links made before it was asked for in milliseconds."""

HELP = {
    "ttft_s": "Time to first token: from submission to the first chunk with visible text (`vllm bench serve`; NVIDIA "
    "AIPerf), the time in the queue included.",
    "e2e_s": "End-to-end latency: from submission to the end of the run; with one model call this is E2EL of "
    "`vllm bench serve` and request latency of AIPerf.",
    "tpot_ms": "Time per output token after the first: (last output − first output) / (tokens − 1), as TPOT in "
    "`vllm bench serve`. NVIDIA's tools call this average ITL.",
    "itl_p95_ms": "Inter-token latency: the gap between two text chunks of one message, as ITL in `vllm bench serve`. "
    "This is the 95th percentile of the gaps within each run.",
    "tokens_per_s": "Decode speed: output tokens after each message's first, per second in which at least one message "
    "streamed (output token throughput per user in AIPerf). With one message it is 1 / TPOT.",
    "wait_s": "Time from submission until the graph got its input: queue, rate limit and loading of the model. It is "
    "part of TTFT and E2E.",
}


def load_runs() -> pd.DataFrame | None:
    """The newest runs that this visitor may see, filtered; `None`, with a message, if there are none."""
    if trouble := get_services().run_writer.trouble:
        st.warning(escape_markdown(trouble), icon=":material/database_off:")
    try:
        owner = visible_owner()
        total = get_services().run_store.count(owner=owner)
        table = pd.DataFrame(get_services().run_store.newest(MAX_RUNS, owner=owner))
    except LabError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return None
    if table.empty:
        st.info("No run is stored yet. Start a run on any page, or a race: it appears here.", icon=":material/info:")
        st.page_link(page_path("combined"), label="Start a run on the combined page", icon=":material/arrow_forward:")
        return None
    table["at"] = pd.to_datetime(table["created_at"], unit="s", utc=True)
    table["modes"] = table["modes"].where(table["api"] == "stream modes", table["api"])
    table["tpot_ms"], table["itl_p95_ms"] = table["tpot_s"] * 1000, table["itl_p95_s"] * 1000
    st.caption(f"The newest {len(table):,} of {total:,} stored runs. All times are UTC.")
    filtered = _filtered(table)
    if filtered.empty:
        st.info("No run matches these filters.", icon=":material/filter_alt_off:")
        st.button("Clear the filters", key="clear_filters", on_click=_clear_filters)
        return None
    return filtered


def completed_runs(table: pd.DataFrame) -> pd.DataFrame:
    """The runs whose latency counts; the clock of an incomplete run stopped early."""
    return table[table["status"] == COMPLETED]


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
        "judged by its end. Cancelled, interrupted and running runs do not count.",
    )
    row.metric(
        "Goodput",
        _per_time(goodput),
        help="Runs that met both targets, per second of observed time: from the first submission to the last end of "
        "the runs that count, pauses included. It measures a server's capacity only for the runs of one load test.",
    )
    st.caption(
        "SLO attainment: share of completed and failed runs that met both targets (DistServe, OSDI 2024). Goodput: "
        "runs that met both targets, per second of observed time (`request_goodput` of `vllm bench serve`)."
    )


def _in_words(table: pd.DataFrame, completed: pd.DataFrame, share: float | None) -> str:
    """The overview as a sentence that can be passed on, with a warning if different prompts are mixed."""
    if completed.empty:
        return f"None of these {count(len(table), 'run')} has completed." if len(table) > 1 else "No completed run."
    words = f"Half of these {count(len(completed), 'completed run')} ended within **{_median(completed, 'e2e_s')}**"
    if (first := _median(completed, "ttft_s")) != "–":
        words += f", and half showed the first word within **{first}**"
    if share is not None:
        words += f"; **{share:.0%}** of all runs that count met both targets"
    prompts = completed["prompt"].nunique()
    mixed = f" They answer {prompts} different prompts: filter by one before you compare." if prompts > 1 else ""
    return f"{words}.{mixed}"


def show_legend(colours: Mapping[str, str]) -> None:
    """The colours of the groups, once for all charts below."""
    st.html(legend_html(colours))


def scatter(table: pd.DataFrame, group: str, colours: Mapping[str, str]) -> pd.DataFrame:
    """TTFT against E2E latency by status; dragging over the chart selects the runs.

    Returns the selected runs; all of them if the selection holds none.
    """
    shown = table.dropna(subset=["ttft_s", "e2e_s"])
    if shown.empty:
        st.info("None of these runs streamed text, so there is no TTFT to draw.", icon=":material/scatter_plot:")
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
    chosen = _within_ranges(table, ranges)
    with st.container(horizontal=True, vertical_alignment="center", key="brushed"):
        st.caption(_brush_note(table, chosen, shown, brushed=bool(ranges)), width="content")
        if ranges:
            st.button("Clear", icon=":material/close:", type="tertiary", key="clear_brush", on_click=_clear_brush)
    _chart_files(charts.scatter_chart(shown, group, colours, legend=True))
    return table if chosen.empty else chosen


def _within_ranges(table: pd.DataFrame, ranges: Mapping[str, Any]) -> pd.DataFrame:
    for name in ("ttft_s", "e2e_s"):
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
        note += " Runs that streamed no text have no TTFT and no mark here."
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
    for column, name in ((left, "ttft_s"), (right, "e2e_s")):
        _draw(column, charts.histogram, completed, name, alt=f"Distribution of {TITLES[name]}")
    figure = (
        st.segmented_control("Figure", FIGURES, default="ttft_s", format_func=TITLES.__getitem__, key="figure")
        or "ttft_s"
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


def percentiles(completed: pd.DataFrame, group: str) -> None:
    """p50, p95 and p99 of completed runs by group; ITL pools all gaps of the group."""
    if completed.empty:
        return
    st.subheader("Percentiles of completed runs", anchor=False)
    rows = []
    for name, part in completed.groupby(group):
        row: dict[str, Any] = {GROUPS[group]: name, "runs": len(part)}
        for figure in FIGURES:
            if figure != "itl_p95_ms":
                values = sorted(part[figure].dropna())
                row |= {f"{TITLES[figure]} p{q}": percentile(values, q) for q in PERCENTILES}
        row |= _pooled_itl_ms(part)
        rows.append(row)
    st.dataframe(pd.DataFrame(rows).round(3), hide_index=True, key="percentiles", alt="Percentiles by group")
    st.caption(_pooling_note(completed))
    if without_wait := int(completed["wait_s"].isna().sum()):
        st.caption(
            f"TTFT and E2E of {count(without_wait, 'older run')} count from the graph's "
            "input: the wait before it was not stored."
        )


def outcomes(table: pd.DataFrame, group: str) -> None:
    """Runs by group and status, and failures by cause."""
    st.subheader("Outcomes", anchor=False)
    left, right = st.columns(2)
    counts = pd.crosstab(table[group], table["status"]).reset_index().rename(columns={group: GROUPS[group]})
    left.dataframe(counts, hide_index=True, key="outcomes", alt="Runs by group and status")
    failed = table[table["status"].isin([*FAILED, "Cancelled"])]
    if failed.empty:
        right.info("None of these runs failed or was cancelled.", icon=":material/check:")
        return
    causes = failed.assign(cause=failed["error"].where(failed["error"] != "", failed["status"]))
    right.dataframe(
        causes.groupby(["cause", group]).size().reset_index(name="runs").rename(columns={group: GROUPS[group]}),
        hide_index=True,
        key="causes",
        alt="Failures by cause",
    )


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
    judged = table[table["status"].isin([COMPLETED, *FAILED])]
    if judged.empty:
        return [], None
    # The first text of a whole answer appears at its end.
    ttft_s = judged["ttft_s"].fillna(judged["e2e_s"]).where(judged["status"] == COMPLETED)
    met = [
        objectives.are_met(ttft_s=ttft, tpot_s=tpot)
        for ttft, tpot in zip(_optional(ttft_s), _optional(judged["tpot_s"]), strict=True)
    ]
    # A lost run has no end; its last heartbeat is the latest known time.
    ended_at = judged["ended_at"].astype(float).fillna(judged["heartbeat_at"])
    return met, float(ended_at.max() - judged["created_at"].min())


def _pooled_itl_ms(part: pd.DataFrame) -> dict[str, Any]:
    gaps = PooledGaps(part["gap_histogram"].dropna())
    values = {q: percentile(gaps, q) for q in PERCENTILES}
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


def _filtered(table: pd.DataFrame) -> pd.DataFrame:
    filtered = table
    row = st.container(key="filters").grid(columns=len(FILTERS), min_column_width=150)
    for name in FILTERS:
        label = GROUPS.get(name, name)
        selected = row.multiselect(
            f"{label[:1].upper()}{label[1:]}",
            # Options from all runs, so that one filter does not remove the options of another.
            sorted(table[name].unique()),
            key=f"filter_{name}",
            placeholder="all",
            bind="query-params",
        )
        if selected:
            filtered = filtered[filtered[name].isin(selected)]
    return filtered


def _clear_filters() -> None:
    for name in FILTERS:
        st.session_state[f"filter_{name}"] = []


def _chart_files(chart: Any) -> None:
    """Buttons that download the chart; each file is made on the click, because that takes half a second."""
    spec = chart.properties(width=700).to_json()
    makers: dict[str, tuple[str, Callable[[], str | bytes]]] = {
        "PNG": ("image/png", lambda: vl_convert.vegalite_to_png(spec, scale=2)),
        "SVG": ("image/svg+xml", lambda: vl_convert.vegalite_to_svg(spec)),
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


def _median(table: pd.DataFrame, name: str) -> str:
    return format_seconds(percentile(sorted(table[name].dropna()), 50))


def _per_time(per_s: float | None) -> str:
    """A rate per second, or per hour where it would round to nothing."""
    if per_s is None:
        return "–"
    return f"{per_s * 3600:.3g}/h" if 0 < per_s < 0.01 else f"{per_s:.2f}/s"


def _optional(values: "pd.Series[Any]") -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in values]
