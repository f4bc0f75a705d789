"""The timeline as HTML: times become positions, and names stay text."""

from components.charts.timeline_html import render_timeline
from streaming.projections.spans import NodeSpan


def span(node: str, start: float, end: float | None) -> NodeSpan:
    return NodeSpan(task_id="1", node=node, ns=(), start=start, end=end)


def test_a_hostile_node_name_stays_text() -> None:
    html = render_timeline([span("<img src=x onerror=alert(1)>", 0, 1)], {}, start=0, now=1)
    assert "<img" not in html
    assert "&lt;img" in html


def test_bars_are_drawn_at_the_times_of_the_spans() -> None:
    html = render_timeline([span("a", 1, 2), span("b", 2, None)], {}, start=1, now=5)
    assert "left:0.0%;width:25.0%" in html
    assert "left:25.0%;width:75.0%" in html
    assert "running" in html


def test_events_of_a_lane_are_counted_in_words_and_joined_in_boxes() -> None:
    html = render_timeline([], {"custom": [0.0, 0.01, 1.0]}, start=0, now=1)
    assert "3 events" in html
    assert html.count("min-width:4px") == 2
