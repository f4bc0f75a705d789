"""The figures in SECURITY.md are those of the code."""

import tomllib
from pathlib import Path

import pytest

from components.charts.gaps import MOST_GAPS
from components.charts.latency import MOST_BARS
from components.features import report
from components.shell import upload_limit
from components.shell.most_shown import MOST_CHARACTERS, MOST_ROWS
from streaming.config.settings import Settings
from streaming.core import json_limits, partial_json
from streaming.core.loop_watchdog import LONGEST_S
from streaming.http import websocket
from streaming.live.snapshots import FRAME_BYTES
from streaming.own_graphs.worker import limits as own_limits
from streaming.projections import bounds
from streaming.projections.short_strings import MOST_LINE
from streaming.providers import answer_parts, body_limits, bounded_client
from streaming.providers.error_body import MAX_BODY_CHARS
from streaming.recordings import format as recordings
from streaming.recordings import playable
from streaming.runtime import run_queue
from streaming.storage.stored_run import MAX_LOG_TEXT
from tests.support.app_test import ROOT
from tests.support.raw_behaviours import AT_ONCE, COMPLETE
from tests.support.raw_faults import FAULTS

SAID = " ".join((ROOT / "SECURITY.md").read_text(encoding="utf-8").split())
SERVER = tomllib.loads((Path(ROOT) / ".streamlit/config.toml").read_text(encoding="utf-8"))["server"]
MOST_TABS = Settings.model_fields["max_sessions"].default

FIGURES = {
    "first fields": f"the first {bounds.MOST_FIELDS:,} fields of a state",
    "executions": f"{bounds.MOST_EXECUTIONS:,} executions of nodes, messages and tool calls",
    "namespaces": f"{bounds.MOST_NAMESPACES} namespaces ({bounds.MOST_DEPTH} deep)",
    "nodes": f"{bounds.MOST_NODES} names of nodes",
    "kinds": f"{bounds.MOST_KINDS} kinds of events",
    "text": f"{bounds.MOST_TEXT:,} characters of text and {MOST_LINE:,} of any other string",
    "rows": f"at most {MOST_ROWS} rows, {MOST_BARS} bars, {MOST_GAPS:,} gaps and {MOST_CHARACTERS:,} characters",
    "report": f"a report {report.MOST_TEXT:,} characters",
    "stall": f"stands still for longer than {LONGEST_S * 1000:.0f} ms",
    "frame": f"frames of {FRAME_BYTES // 1000} KB",
    "upload": f"| an upload; a message to a browser | {SERVER['maxUploadSize']} MB each |",
    "message": f"| an upload; a message to a browser | {SERVER['maxMessageSize']} MB each |",
    "uploads": f"{upload_limit.MAX_TAB_BYTES // 10**6} MB in {upload_limit.MAX_TAB_FILES} files, "
    f"{upload_limit.MAX_BYTES // 10**9} GB, {upload_limit.MAX_AT_ONCE} (of one tab {upload_limit.MAX_TAB_AT_ONCE}) |",
    "event": f"objects and lists, values | {json_limits.MAX_CONTAINERS:,}, {json_limits.MAX_VALUES:,} |",
    "opened": f"in memory, as files | {playable.MAX_OPEN_BYTES // 10**6} MB |",
    "session": f"| a session without its browser | {SERVER['disconnectedSessionTTL']} s |",
    "recording": f"{recordings.MAX_BYTES // 10**6} MB, {recordings.MAX_EVENTS:,}, "
    f"{recordings.MAX_HEADER_BYTES // 10**6} MB",
    "history": f"| a run in the history, after decompression | {MAX_LOG_TEXT // 10**6} MB |",
    "tabs": f"| open tabs: in all, of one address | {MOST_TABS}, {websocket.MAX_SOCKETS_PER_CLIENT} |",
    "file": f"| a file of runs to play, all together | {playable.MAX_JSON_BYTES // 10**6} MB |",
    "faults": f"Tests run {len(FAULTS)} faults of a provider",
    "answers": f"and {len(COMPLETE) + len(AT_ONCE)} whole answers of legal and of no form",
    "sockets": f"| {websocket.MAX_SOCKETS:,}, {websocket.MAX_SOCKETS_PER_CLIENT}, {websocket.MAX_FOLLOWS}, "
    f"{websocket.MAX_MESSAGE:,}, {websocket.MESSAGES_PER_SECOND} |",
    "runs": f"| {run_queue.MAX_CONCURRENT}, {run_queue.MAX_CONCURRENT_PER_SESSION} |",
    "lag": f"the event loop is less than {run_queue.LONGEST_LAG_S * 1000:.0f} ms late",
    "received": f"bytes after decompression | {body_limits.MAX_RECEIVED_BYTES // 10**6} MB each |",
    "line": f"| one line of a stream | {body_limits.MAX_LINE_BYTES // 10**6} MB |",
    "whole": f"an answer that is not a stream | {body_limits.MAX_WHOLE_BYTES // 10**6} MB |",
    "pieces": f"of an answer to another question | {body_limits.MAX_TEXT_BYTES // 1000} KB, "
    f"{body_limits.MAX_LISTED_BYTES // 10**6} MB |",
    "parts": f"or of an answer that is not a stream | {body_limits.MAX_PARTS}, {body_limits.MAX_VALUES:,} |",
    "listed": f"such as a list of models | {body_limits.MAX_LISTED_PARTS:,}, {body_limits.MAX_LISTED_VALUES:,} |",
    "escapes": f"gaps between digits, in {body_limits.CLEANED_BYTES // 1000} KB of one event | "
    f"{body_limits.MAX_ESCAPES:,} each |",
    "arguments": f"in the arguments of one call | {partial_json.MAX_VALUES:,} |",
    "half arguments": f"| arguments of a call without their end | {partial_json.MAX_PARTIAL_CHARS // 1000} KB |",
    "parts of an answer": f"blocks without a number | {answer_parts.MAX_NUMBERED}, {answer_parts.MAX_OTHERS:,} |",
    "elsewhere": f"| one value of a graph of your own, of a LangGraph Server | {own_limits.MAX_BYTES // 10**6} MB |",
    "error": f"| the body of an error | {MAX_BODY_CHARS // 1024} KB |",
    "headers": f"| the headers | 100 KB, {bounded_client.HEADERS_S:.0f} s |",
    "response": f"| one response | {bounded_client.MAX_TOTAL_S / 3600:.0f} h |",
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_promised_figure_is_that_of_the_code(name: str) -> None:
    assert FIGURES[name] in SAID


def test_the_limits_of_what_is_received_and_decompressed_are_equal() -> None:
    assert body_limits.MAX_DECOMPRESSED_BYTES == body_limits.MAX_RECEIVED_BYTES
