"""What a run says about itself, and a report of it for a mail."""

import html
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

import altair as alt
import pandas as pd
import streamlit as st
import vl_convert

from components.live.timeline import picture_of
from components.run_panel.insights import show_advice
from components.shell.download import offer_download
from components.shell.format import escape_html, escape_markdown, format_bytes, format_rate, format_seconds
from components.shell.navigation import page_path
from components.shell.session import RUN_PARAM, THREAD_PARAM
from components.shell.url_state import PROMPT, RACE_PROMPT, too_long
from streaming.analysis.final_answer import final_answers, text_pieces
from streaming.analysis.insights import run_insights
from streaming.projections.base import apply_all
from streaming.projections.metrics import Metrics, MetricsCollector
from streaming.recordings.format import Recording

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#0b0d17;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse}
td,th{text-align:left;padding:.2rem 1.2rem .2rem 0;vertical-align:top}
pre{white-space:pre-wrap;background:#f4f5fa;padding:1rem;border-radius:6px}
"""


def facts(recording: Recording) -> None:
    """What was recorded, and what its figures say."""
    header = recording.header
    st.markdown(
        f"**{escape_markdown(header.graph)}** on **{escape_markdown(header.model)}** · "
        f"{escape_markdown(_when(header.created_at))} · "
        f"{escape_markdown(recording.ended.outcome)} · {len(recording.events):,} events"
    )
    show_advice(recording.events)


def share_link() -> None:
    """The link that reproduces these controls on any machine, and the way to the run's file."""
    st.caption("This link sets the same controls. It holds no run, no conversation and no key.")
    st.code(configuration_link(st.context.url or "", dict(st.query_params)), language=None)
    if any(too_long(st.session_state.get(key, "")) for key in (PROMPT, RACE_PROMPT)):
        st.caption("The prompt is too long for a link: send it along.")
    run = st.query_params.get(RUN_PARAM)
    if run and "." not in run:
        st.page_link(
            page_path("replay"),
            label="Replay this run, download its recording or a report",
            icon=":material/replay:",
            query_params={"recording": run},
        )


def configuration_link(url: str, query: Mapping[str, str]) -> str:
    """The page's address with its controls; what belongs to one run or one visitor is left out."""
    kept = {name: value for name, value in query.items() if name not in (RUN_PARAM, THREAD_PARAM, "autorun")}
    return f"{url.partition('?')[0]}?{urlencode(kept)}" if kept else url.partition("?")[0]


def _when(created_at: str) -> str:
    return f"{created_at[:19].replace('T', ' ')} UTC"


def share_report(recording: Recording) -> None:
    """The run as one HTML file that needs nothing else."""
    offer_download(
        "Download a report",
        partial(html_report, recording),
        f"report-{recording.header.graph}-{recording.header.run_id[:8]}.html",
        mime="text/html",
        key="download_report",
        icon=":material/description:",
    )


def html_report(recording: Recording) -> str:
    """Settings, figures, timeline, advice and text as a self-contained page without scripts."""
    header, metrics = recording.header, apply_all(MetricsCollector(), recording.events).metrics()
    settings = {"graph": header.graph, "model": header.model, "modes": ", ".join(header.modes), "prompt": header.prompt}
    settings |= header.settings
    said = final_answers(recording.events, prompt=header.prompt)
    texts = "".join(f"<h3>{escape_html(node or 'answer')}</h3><pre>{escape_html(text)}</pre>" for node, text in said)
    facts = "".join(f"<li>{escape_html(sentence.replace('`', ''))}</li>" for sentence in run_insights(recording.events))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Streaming Lab report</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape_html(header.graph)} on {escape_html(header.model)}</h1>"
        f"<p>{escape_html(header.created_at)} · {escape_html(recording.ended.outcome)}</p><ul>{facts}</ul>"
        f"<h2>Figures</h2>{_table(_figures(metrics))}<h2>Timeline</h2>{picture_of(recording.events)}"
        f"<h2>Gaps between two pieces of text</h2>{_gaps_svg(recording)}"
        f"<h2>Settings</h2>{_table(settings)}<h2>Versions</h2>{_table(header.environment)}"
        f"<h2>Text</h2>{texts}</body></html>"
    )


def gaps_chart(recording: Recording) -> Any:
    """Inter-token latency over the stream: one mark a gap between two chunks of one message."""
    gaps: list[dict[str, Any]] = []
    before: dict[str, float] = {}
    for piece in text_pieces(recording.events):
        if (last := before.get(piece.message_id)) is not None:
            gaps.append({"t": piece.t, "gap": piece.t - last, "node": piece.node})
        before[piece.message_id] = piece.t
    table = pd.DataFrame(gaps, columns=["t", "gap", "node"])
    return (
        alt.Chart(table, title="Gaps between two chunks over the stream", height=240)
        .mark_circle(size=28, opacity=0.6)
        .encode(
            x=alt.X("t:Q", title="seconds since submission"),
            y=alt.Y("gap:Q", title="gap (s)"),
            color=alt.Color("node:N", legend=alt.Legend(orient="bottom")),
        )
    )


def _gaps_svg(recording: Recording) -> str:
    return str(vl_convert.vegalite_to_svg(gaps_chart(recording).properties(width=640).to_json()))


def _table(rows: dict[str, Any]) -> str:
    cells = (f"<tr><th>{html.escape(name)}</th><td>{escape_html(value)}</td></tr>" for name, value in rows.items())
    return f"<table>{''.join(cells)}</table>"


def _figures(metrics: Metrics) -> dict[str, Any]:
    return {
        "TTFT": format_seconds(metrics.ttft_s),
        "E2E": format_seconds(metrics.e2e_s),
        "TPOT": format_seconds(metrics.tpot_s),
        "ITL p50, p95, p99": ", ".join(map(format_seconds, (metrics.itl_p50_s, metrics.itl_p95_s, metrics.itl_p99_s))),
        "tokens/s": format_rate(metrics.tokens_per_s),
        "chunks": metrics.chunks,
        "events": metrics.events,
        "bytes": format_bytes(metrics.bytes),
    }
