"""The table of stored runs, what can be taken along, and where the figures go besides."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pandas as pd
import streamlit as st

from components.charts.gaps import show_gaps
from components.charts.runs import FIGURES, TITLES
from components.features.runs.definitions import HELP
from components.shell.download import offer_download, offer_recording, recording_file_name
from components.shell.format import count, escape_markdown
from components.shell.navigation import compare_link, replay_link
from streaming.core.errors import BadRecording, LabError
from streaming.core.run import short_id
from streaming.recordings.export import export_recording
from streaming.services import get_services

MAX_RECORDINGS = 50
_PAIR = 2
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters by which a spreadsheet takes a text for a formula."""
_CSV_DIGITS = 4
"""Decimals of a time in a file: a tenth of a millisecond."""
_TIME = "YYYY-MM-DD HH:mm:ss"

_ANSWERS_HELP = (
    "How the answers of the models ended: finished, cut by length, filtered, refused, only thought, broken off, kept "
    "incomplete. Empty for runs that were stored before this was recorded."
)


def run_table(table: pd.DataFrame) -> None:
    """A table of the selected runs; a chosen row shows its gaps, and can be downloaded and replayed."""
    st.subheader("Runs", anchor=False)
    columns = [
        # What one looks for first is in sight without scrolling.
        *("at", "prompt", "graph", "model", "status", *FIGURES, "wait_s"),
        *("modes", "api", "flush", "part_of", "continues", "counted", "answers"),
        *("chunks", "events", "bytes", "error"),
    ]
    titles = {**TITLES, "wait_s": "Wait (s)"}
    event: Any = st.dataframe(
        table[columns],
        hide_index=True,
        key="run_table",
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="–",
        column_config={
            "at": st.column_config.DatetimeColumn("Submitted (UTC)", format=_TIME, timezone="UTC", width=150),
            "prompt": st.column_config.TextColumn("Prompt", width=200),
            "flush": st.column_config.TextColumn("flush", width=120),
            "part_of": st.column_config.TextColumn("Part of", help=HELP["part_of"]),
            "continues": st.column_config.TextColumn("Continues", help=HELP["continues"]),
            "counted": st.column_config.CheckboxColumn("Counts", help=HELP["counted"]),
            "answers": st.column_config.TextColumn("Answers", help=_ANSWERS_HELP),
            **{
                name: st.column_config.NumberColumn(title, help=HELP[name], format="%.3f")
                for name, title in titles.items()
            },
        },
        alt="The selected runs",
    )
    st.caption(
        "Choose a row to see the gaps of its stream, to download its events and to replay it, or two to play them side "
        f"by side. The files below have all rows, and the events of the newest {MAX_RECORDINGS} of them."
    )
    _exports(table[["id", *columns]].assign(id=table["id"].map(short_id)), list(table["id"]))
    # The table may have changed since the rows were chosen.
    chosen = [str(table.iloc[row]["id"]) for row in event.selection.rows if row < len(table)] if event else []
    if len(chosen) == 1:
        _one_run(chosen[0])
    elif len(chosen) == _PAIR:
        compare_link(*chosen, label="Play these two side by side")
    elif chosen:
        st.caption(f"{len(chosen)} rows are chosen: two can be played side by side.")


def _one_run(run_id: str) -> None:
    try:
        recording = get_services().run_store.recording(run_id)
    except LabError as error:
        st.warning(escape_markdown(str(error)), icon=":material/history_toggle_off:")
        return
    show_gaps(recording)
    offer_recording("Events as JSON Lines", recording, key="events")
    replay_link(run_id, label="Replay this run")


def csv_of(table: pd.DataFrame) -> str:
    """The table as CSV; a text that a spreadsheet would execute as a formula begins with an apostrophe."""
    table = _named(table)
    for name in table.select_dtypes(include="datetimetz").columns:
        table = table.assign(**{name: table[name].dt.strftime("%Y-%m-%d %H:%M:%S.%f")})
    # Rounding warns about columns of times.
    table = table.round(_CSV_DIGITS)
    texts = table.select_dtypes(include=["object", "string"]).columns
    return table.assign(**{name: table[name].map(_as_text) for name in texts}).to_csv(index=False)


def parquet_of(table: pd.DataFrame) -> bytes:
    """The table as Parquet, with the names of the CSV."""
    content: bytes = _named(table).to_parquet(index=False)
    return content


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={"at": "submitted_utc"})


def _as_text(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _exports(table: pd.DataFrame, ids: Sequence[str]) -> None:
    with st.container(horizontal=True):
        offer_download("CSV", partial(csv_of, table), "runs.csv", mime="text/csv", key="csv")
        parquet = "application/octet-stream"
        offer_download("Parquet", partial(parquet_of, table), "runs.parquet", mime=parquet, key="parquet")
        exported = ids[:MAX_RECORDINGS]
        offer_download(
            f"Events of {count(len(exported), 'run')}",
            partial(recordings_archive, exported),
            "recordings.zip",
            mime="application/zip",
            key="all_events",
        )


def recordings_archive(run_ids: Sequence[str]) -> bytes:
    """The recordings of these runs as a ZIP archive of JSON Lines, without runs whose events are no longer stored."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for run_id in run_ids:
            with suppress(BadRecording):
                recording = get_services().run_store.recording(run_id)
                archive.writestr(recording_file_name(recording), export_recording(recording))
    return content.getvalue()


def show_addresses() -> None:
    """Where the same figures can be read by other programs, and where the lines of the log go."""
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    metrics = f"{'/' if base else ''}{base}/api/metrics"
    written = get_services().settings.log_format
    log = (
        "The log is switched off (`STREAMING_LAB_LOG_FORMAT`)."
        if written == "off"
        else "One line for each run, with tokens per second and latencies, goes to the server's standard error, as "
        f"{written} (`STREAMING_LAB_LOG_FORMAT`: `console`, `json` or `off`)."
    )
    st.subheader("For other programs", anchor=False)
    st.markdown(
        f"- **Metrics**: [`{metrics}`]({metrics}) in Prometheus' text format; `docs/grafana.json` is a dashboard for "
        "them.\n"
        f"- **Logs**: {log}\n"
        "- **Traces**: exported, with the metrics, if `OTEL_EXPORTER_OTLP_ENDPOINT` is set.\n"
        "- **Runs**: this page's CSV, Parquet and JSON Lines; the events of a run as server-sent events under "
        "`/api/runs/…`."
    )
