"""What components write into HTML and Markdown is theirs alone."""

from unittest.mock import MagicMock

import pytest

from components.features.race.lane import LanePane
from components.live.raw_parts import event_json, raw_table
from components.live.timeline import timeline_html
from components.run_panel.status import RunStatus
from components.shell.format import escape_html, escape_markdown, format_bytes, format_rate, format_seconds, truncate
from streaming.core.events import Custom, LogEntry, Started, Token
from streaming.projections.metrics import MetricsCollector
from streaming.projections.node_spans import NodeSpan


def span(node: str, start: float, end: float | None) -> NodeSpan:
    return NodeSpan(task_id="1", node=node, ns=(), start=start, end=end)


def test_a_hostile_node_name_stays_text() -> None:
    html = timeline_html([span("<img src=x onerror=alert(1)>", 0, 1)], {}, start=0, now=1)
    assert "<img" not in html
    assert "&lt;img" in html


def test_bars_are_drawn_at_the_times_of_the_spans() -> None:
    html = timeline_html([span("a", 1, 2), span("b", 2, None)], {}, start=1, now=5)
    assert "left:0.0%;width:25.0%" in html
    assert "left:25.0%;width:75.0%" in html
    assert "running" in html


def test_events_of_a_lane_are_counted_in_words_and_joined_in_boxes() -> None:
    html = timeline_html([], {"custom": [0.0, 0.01, 1.0]}, start=0, now=1)
    assert "3 events" in html
    assert html.count("min-width:4px") == 2


@pytest.mark.parametrize("mark", ["*", "_", "`", "[", "](http://x)", "<b>", ":red[", "$x$", "~"])
def test_plain_leaves_no_mark_up(mark: str) -> None:
    assert all(
        before == "\\"
        for before, char in zip(" " + escape_markdown(mark), escape_markdown(mark), strict=False)
        if char in "*_`[<:$~"
    )


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (format_seconds(None), "–"),
        (format_seconds(0.0421), "42 ms"),
        (format_seconds(1.234), "1.23 s"),
        (format_bytes(999), "999 B"),
        (format_bytes(12_345), "12.3 KB"),
        (format_bytes(2_500_000), "2.50 MB"),
        (format_rate(None), "–"),
        (format_rate(3.14), "3.1/s"),
        (format_rate(99.6), "100/s"),
        (truncate("abcdef", 4), "abc…"),
        (escape_html('<&">'), "&lt;&amp;&quot;&gt;"),
    ],
)
def test_figures_are_short_and_have_units(shown: str, expected: str) -> None:
    assert shown == expected


def test_the_raw_table_has_a_row_a_part_with_time_and_weight() -> None:
    events = [LogEntry(seq=4, t=1.23456, event=Custom(ns=("outer:1",), data={"a": 1}), size=9)]
    table = raw_table(events)
    assert table.to_dict("records") == [
        {"#": 4, "time (s)": 1.235, "mode": "custom", "namespace": "outer", "bytes": 9, "data": '{"data": {"a": 1}}'}
    ]


def test_a_raw_part_leaves_out_what_is_empty() -> None:
    assert event_json(Token(ns=(), message_id="m", node="n", role="ai", text="hi")) == (
        '{"message_id": "m", "node": "n", "role": "ai", "text": "hi", "whole": false}'
    )


def test_the_state_beside_the_buttons_sorts_no_figures_at_each_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MetricsCollector, "metrics", lambda self: pytest.fail("asked for all figures"))
    status = RunStatus(MagicMock(ended=None), chip=MagicMock(), message=MagicMock())
    pane = LanePane(MagicMock(), MagicMock(), label=None)
    for seq, event in enumerate((Started(thread_id="t"), Token(ns=(), message_id="m", node="n", role="ai", text="x"))):
        entry = LogEntry(seq=seq, t=0.0, event=event)
        status.take(entry)
        pane.feed(MagicMock(age_s=1.0), [])
