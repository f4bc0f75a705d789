"""The report of a run as a single HTML file."""

import html
from functools import partial
from typing import Any

from components.charts.gaps import NO_GAPS, gaps_chart, has_gaps
from components.charts.picture_files import svg_of
from components.charts.timeline_html import timeline_picture
from components.features.share_page import drawn_at_s
from components.shell.download import offer_download
from components.shell.format import escape_html, format_bytes, format_rate, format_seconds
from streaming.analysis.diagnosis.rules import diagnose
from streaming.analysis.final_answer import final_answers
from streaming.analysis.insights import run_insights
from streaming.core.run import short_id
from streaming.projections.answer_ends import AnswerEnds, summary_of
from streaming.projections.base import apply_all
from streaming.projections.bounds import bounded_log
from streaming.projections.messages import Messages, StreamedMessage
from streaming.projections.metrics import Metrics, MetricsCollector
from streaming.recordings.export import without_full_ids, without_keys
from streaming.recordings.format import Header, Recording

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#0b0d17;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse}
td,th{text-align:left;padding:.2rem 1.2rem .2rem 0;vertical-align:top}
td{overflow-wrap:anywhere}svg{max-width:100%;height:auto}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f5fa;padding:1rem;border-radius:6px}
@media print{body{margin:0;print-color-adjust:exact}
details::details-content{content-visibility:visible;block-size:auto}}
"""
_HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Streaming Lab report</title>'
)


MOST_TEXT = 1_000_000
"""Characters of answers and reasoning in one report, together; half as many as in the views."""


def share_report(recording: Recording) -> None:
    """A button that downloads the run as one self-contained HTML file."""
    offer_download(
        "Download a report",
        partial(html_report, recording),
        f"report-{recording.header.graph}-{short_id(recording.header.run_id)}.html",
        mime="text/html",
        key="download_report",
        icon=":material/description:",
    )


def html_report(recording: Recording) -> str:
    """Settings, figures, timeline, advice and text as a self-contained HTML page without scripts, for other people."""
    shown_s = drawn_at_s(recording)
    recording = without_keys(without_full_ids(recording))
    header, metrics = recording.header, apply_all(MetricsCollector(), recording.events).metrics()
    events, left_out = bounded_log(recording.events)
    answers = final_answers(events, prompt=header.prompt)
    room = _Room(MOST_TEXT)
    incomplete = summary_of(apply_all(AnswerEnds(), recording.events).ends)
    thoughts = "".join(_thought(message, room) for message in apply_all(Messages(), events).messages.values())
    texts = "".join(
        f"<h3>{escape_html(node or 'answer')}</h3><pre>{escape_html(shown)}</pre>"
        for node, text in answers
        if (shown := room.take(text))
    )
    findings = diagnose(recording.events, modes=header.modes, subgraphs=True, asked_on_purpose=True)
    sentences = [*run_insights(recording.events, shown_s=shown_s), *(finding.sentence for finding in findings)]
    insights = "".join(f"<li>{escape_html(sentence.replace('`', ''))}</li>" for sentence in sentences)
    return (
        f"{_HEAD}<style>{_STYLE}</style></head>"
        f"<body><h1>{escape_html(header.graph)} on {escape_html(header.model)}</h1>"
        f"<p>{escape_html(header.created_at)} · {escape_html(recording.ended.outcome)}</p>"
        f"<p>{escape_html(incomplete)}</p><ul>{insights}</ul>"
        f"<h2>Figures</h2>{_table(_figures(metrics))}<h2>Timeline</h2>{timeline_picture(events)}"
        f"<h2>Gaps between text chunks</h2>{_gaps(recording)}"
        f"<h2>Settings</h2>{_table(_settings(header))}<h2>Versions</h2>{_table(header.environment)}"
        f"<h2>Text</h2>{thoughts}{texts}<p>{escape_html(left_out)} {room.sentence}</p></body></html>"
    )


class _Room:
    """The characters of texts that fit into one report."""

    def __init__(self, most: int) -> None:
        self._most, self._all = most, 0

    def take(self, text: str) -> str:
        """The text, or as much of it as fits."""
        room, self._all = max(0, self._most - self._all), self._all + len(text)
        return text[:room]

    @property
    def sentence(self) -> str:
        """What the report does not have; empty if it has all."""
        return f"The first {self._most:,} of {self._all:,} characters." if self._all > self._most else ""


def _thought(message: StreamedMessage, room: _Room) -> str:
    reasoning = room.take(message.reasoning)
    if not reasoning:
        return ""
    title = f"{message.node} thought for {format_seconds(message.thought_s)}"
    return f"<details><summary>{escape_html(title)}</summary><pre>{escape_html(reasoning)}</pre></details>"


def _gaps(recording: Recording) -> str:
    """The gaps as a picture, or why there are none."""
    return svg_of(gaps_chart(recording).properties(width=640)) if has_gaps(recording) else f"<p>{NO_GAPS}</p>"


def _settings(header: Header) -> dict[str, Any]:
    """What the run was asked with; one that blocked used no stream mode, and no flush strategy drew its text."""
    about = {"graph": header.graph, "model": header.model}
    if header.api == "invoke":
        unused = ("flush", "every_tokens", "every_ms")
        rest = {name: value for name, value in header.settings.items() if name not in unused}
        return {**about, "API": "invoke (blocking): the whole answer at once", "prompt": header.prompt, **rest}
    api = {} if header.api == "stream modes" else {"API": header.api}
    return {**about, **api, "modes": ", ".join(header.modes), "prompt": header.prompt, **header.settings}


def _table(rows: dict[str, Any]) -> str:
    cells = (f"<tr><th>{html.escape(name)}</th><td>{escape_html(value)}</td></tr>" for name, value in rows.items())
    return f"<table>{''.join(cells)}</table>"


def _figures(metrics: Metrics) -> dict[str, Any]:
    return {
        "wait before the run": format_seconds(metrics.wait_s),
        "time to the first token (TTFT); of a whole answer, until it was there": format_seconds(metrics.answer_after_s),
        "time to the end (E2E latency)": format_seconds(metrics.e2e_s),
        "average time per token (TPOT)": format_seconds(metrics.tpot_s),
        "gaps between tokens (ITL): half, 95%, 99% are at most": ", ".join(
            map(format_seconds, (metrics.itl_p50_s, metrics.itl_p95_s, metrics.itl_p99_s))
        ),
        "tokens per second while it streams (decode speed)": format_rate(metrics.tokens_per_s),
        "chunks": metrics.chunks,
        "events": metrics.events,
        "bytes": format_bytes(metrics.bytes),
    }
