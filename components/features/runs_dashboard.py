"""The dashboard over the history of runs: filters, linked charts, percentiles, export."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import altair as alt
import pandas as pd
import streamlit as st
import vl_convert

from components.charts import runs as charts
from components.charts.runs import FIGURES, GROUPS, TITLES
from components.features.report import gaps_chart
from components.shell.download import offer_download
from components.shell.format import escape_markdown, format_seconds
from components.shell.navigation import page_path
from components.shell.session import local_only, owner
from streaming.analysis.stats import slo_attainment
from streaming.core.errors import BadRecording, LabError
from streaming.recordings.format import SUFFIX, dump_recording
from streaming.services import get_services

MOST = 5000
MAX_RECORDINGS = 50
FAILED = ("Failed", "Timed out", "Lost")
HELP = {
    "ttft_s": "Time to first token: from the graph getting its input to the first non-empty text, as a client of "
    "`vllm bench serve` takes it. Waiting in the app's own queue does not count, which NVIDIA's definition includes.",
    "e2e_s": "End-to-end latency: from the graph getting its input to the end of the run; with one model call it is "
    "E2EL of `vllm bench serve`.",
    "tpot_ms": "Time per output token after the first: (last token − first token) / (tokens − 1), as TPOT of "
    "`vllm bench serve`. NVIDIA's tools call this average ITL.",
    "itl_p95_ms": "Inter-token latency: 95th percentile of the single gaps between two chunks of a message, as ITL of "
    "`vllm bench serve`.",
    "tokens_per_s": "Tokens after each message's first, per second in which at least one message streamed: the speed "
    "that a reader sees. With one message it is 1 / TPOT.",
}


def load_runs() -> pd.DataFrame | None:
    """The newest runs that this visitor may see, as filtered; `None` with a message where there are none."""
    if why := get_services().run_writer.trouble:
        st.warning(escape_markdown(why), icon=":material/database_off:")
    try:
        mine = None if local_only() else owner()
        total = get_services().run_store.count(owner=mine)
        table = pd.DataFrame(get_services().run_store.newest(MOST, owner=mine))
    except LabError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return None
    if table.empty:
        st.info(
            "No run is stored yet. Run something on any page, or hold a race; it will stand here.",
            icon=":material/info:",
        )
        st.page_link(page_path("combined"), label="Start with the combined page", icon=":material/arrow_forward:")
        return None
    table["at"] = pd.to_datetime(table["created_at"], unit="s", utc=True)
    table["modes"] = table["modes"].where(table["api"] == "stream modes", table["api"])
    table["tpot_ms"], table["itl_p95_ms"] = table["tpot_s"] * 1000, table["itl_p95_s"] * 1000
    st.caption(f"The newest {len(table):,} of {total:,} stored runs.")
    return _filtered(table)


def overview(table: pd.DataFrame) -> None:
    """Counts, medians of what was completed, and goodput of these runs."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        max_ttft_s = st.number_input(
            "Objective: TTFT at most (s)", 0.05, 60.0, 1.0, 0.05, key="slo_ttft", bind="query-params"
        )
        max_tpot_s = st.number_input(
            "and TPOT at most (s)", 0.001, 5.0, 0.05, 0.005, format="%.3f", key="slo_tpot", bind="query-params"
        )
    whole = table[table["status"] == "Completed"]
    judged = table[table["status"].isin(["Completed", *FAILED])]
    # Whoever gets the answer whole reads the first text at the end.
    first = judged["ttft_s"].fillna(judged["e2e_s"]).where(judged["status"] == "Completed")
    share = slo_attainment(_known(first), _known(judged["tpot_s"]), max_ttft_s=max_ttft_s, max_tpot_s=max_tpot_s)
    row = st.container(key="overview").grid(columns=6, min_column_width=110)
    row.metric("Runs", f"{len(table):,}")
    row.metric("Median TTFT", _median(whole, "ttft_s"), help=f"{HELP['ttft_s']} Of the completed runs.")
    row.metric("Median E2E", _median(whole, "e2e_s"), help=f"{HELP['e2e_s']} Of the completed runs.")
    row.metric("Failed", f"{int(table['status'].isin(FAILED).sum()):,}", help=", ".join(FAILED))
    row.metric("Cancelled", f"{int((table['status'] == 'Cancelled').sum()):,}", help="Stopped by somebody.")
    row.metric(
        "Goodput",
        "–" if share is None else f"{share:.0%}",
        help="Share of the completed and failed runs that kept both objectives (DistServe, OSDI 2024). A failed run "
        "misses them; an answer that came whole is judged by its end.",
    )


def scatter(table: pd.DataFrame, group: str) -> pd.DataFrame:
    """TTFT against E2E; a brush over it chooses the runs that everything below shows."""
    shown = table.dropna(subset=["ttft_s", "e2e_s"])
    brush = alt.selection_interval(name="brush")
    chart = charts.scatter_chart(shown, group, brush=brush)
    event: Any = st.altair_chart(
        chart, key="scatter", on_select="rerun", selection_mode=["brush"], alt="Time to first token against total time"
    )
    ranges = event.selection.get("brush", {}) if event else {}
    for name in ("ttft_s", "e2e_s"):
        if name in ranges:
            low, high = sorted(ranges[name])
            table = table[table[name].between(low, high)]
    said = (
        f"{len(table):,} runs are brushed; everything on this page shows them."
        if ranges
        else "Drag over the chart to choose runs. The ticks along the axes are the margins."
    )
    if len(shown) < len(table) or ranges:
        said += " Runs that streamed no text have no TTFT and no mark here."
    st.caption(said)
    _chart_files(charts.scatter_chart(shown, group))
    return table


def distributions(table: pd.DataFrame, group: str) -> None:
    """Margins, ECDF, boxes by group, and the course over time."""
    left, right = st.columns(2)
    for place, name in ((left, "ttft_s"), (right, "e2e_s")):
        place.altair_chart(charts.histogram(table, name), alt=f"Distribution of {TITLES[name]}")
    figure = (
        st.segmented_control("Figure", FIGURES, default="ttft_s", format_func=TITLES.__getitem__, key="figure")
        or "ttft_s"
    )
    st.caption(HELP[figure])
    left, right = st.columns(2)
    left.altair_chart(charts.ecdf(table, figure, group), alt=f"Share of runs below each {TITLES[figure]}")
    right.altair_chart(charts.boxes(table, figure, group), alt=f"{TITLES[figure]} by {GROUPS[group]}")
    left, right = st.columns(2)
    left.altair_chart(charts.over_time(table, figure, group), alt=f"{TITLES[figure]} over time")
    right.altair_chart(charts.bytes_by_mode(table), alt="Bytes by stream mode")
    left, right = st.columns(2)
    left.altair_chart(charts.effect(table, figure, "temperature", "temperature"), alt="Effect of the temperature")
    right.altair_chart(charts.effect(table, figure, "max_tokens", "max tokens"), alt="Effect of max tokens")


def percentiles(table: pd.DataFrame, group: str) -> None:
    """p50, p95 and p99 by group, and failures by cause."""
    st.subheader("Percentiles", anchor=False)
    rows = []
    for name, part in table.groupby(group):
        row: dict[str, Any] = {GROUPS[group]: name, "runs": len(part)}
        for figure in FIGURES:
            values = part[figure].dropna()
            row |= {f"{TITLES[figure]} p{q}": values.quantile(q / 100) if len(values) else None for q in (50, 95, 99)}
        rows.append(row)
    st.dataframe(pd.DataFrame(rows).round(3), hide_index=True, alt="Percentiles by group")
    failed = table[table["status"].isin([*FAILED, "Cancelled"])]
    if not failed.empty:
        causes = failed.assign(cause=failed["error"].where(failed["error"] != "", failed["status"]))
        st.dataframe(
            causes.groupby(["cause", group]).size().reset_index(name="runs"), hide_index=True, alt="Failures by cause"
        )


def run_table(table: pd.DataFrame) -> None:
    """Every chosen run; a selected one shows its gaps and can be replayed."""
    st.subheader("Runs", anchor=False)
    columns = [
        "at",
        "graph",
        "model",
        "modes",
        "api",
        "flush",
        "status",
        *FIGURES,
        "chunks",
        "events",
        "bytes",
        "error",
    ]
    event: Any = st.dataframe(
        table[columns],
        hide_index=True,
        key="run_table",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            name: st.column_config.NumberColumn(TITLES[name], help=HELP[name], format="%.3f") for name in FIGURES
        },
        alt="The chosen runs",
    )
    _exports(table[["id", *columns]] if local_only() else table[columns], list(table["id"]))
    if event and event.selection.rows:
        _one_run(str(table.iloc[event.selection.rows[0]]["id"]))


def _one_run(run_id: str) -> None:
    try:
        recording = get_services().run_store.recording(run_id)
    except LabError as error:
        st.warning(escape_markdown(str(error)), icon=":material/history_toggle_off:")
        return
    st.altair_chart(gaps_chart(recording), alt="Inter-token latency over the stream of the chosen run")
    offer_download(
        "Events as JSON Lines",
        partial(dump_recording, recording),
        f"{recording.header.graph}-{run_id[:8]}{SUFFIX}",
        mime="application/x-ndjson",
        key="events",
    )
    st.page_link(
        page_path("replay"), label="Replay this run", icon=":material/replay:", query_params={"recording": run_id}
    )


def _filtered(table: pd.DataFrame) -> pd.DataFrame:
    with st.container(horizontal=True, key="filters"):
        for name in ("model", "graph", "status", "api"):
            values = sorted(table[name].unique())
            label = GROUPS.get(name, name)
            chosen = st.multiselect(
                f"{label[:1].upper()}{label[1:]}",
                values,
                key=f"filter_{name}",
                width=240,
                placeholder="all",
                bind="query-params",
            )
            if chosen:
                table = table[table[name].isin(chosen)]
    return table


def _exports(table: pd.DataFrame, ids: Sequence[str]) -> None:
    with st.container(horizontal=True):
        offer_download("CSV", lambda: table.to_csv(index=False), "runs.csv", mime="text/csv", key="csv")
        parquet = "application/octet-stream"
        offer_download("Parquet", lambda: table.to_parquet(index=False), "runs.parquet", mime=parquet, key="parquet")
        some = ids[:MAX_RECORDINGS]
        offer_download(
            f"Events of {len(some)} run{'' if len(some) == 1 else 's'}",
            partial(_recordings, some),
            "recordings.zip",
            mime="application/zip",
            key="all_events",
        )


def _recordings(ids: Sequence[str]) -> bytes:
    """The recordings of these runs as JSON Lines in one archive; a run whose events are not kept is left out."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for run_id in ids:
            with suppress(BadRecording):
                recording = get_services().run_store.recording(run_id)
                archive.writestr(f"{recording.header.graph}-{run_id[:8]}{SUFFIX}", dump_recording(recording))
    return packed.getvalue()


def _chart_files(chart: Any) -> None:
    """The chart as files, made when they are asked for: each takes half a second."""
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
                type="tertiary",
            )


def _median(table: pd.DataFrame, name: str) -> str:
    values = table[name].dropna()
    return format_seconds(float(values.median())) if len(values) else "–"


def _known(values: "pd.Series[Any]") -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in values]
