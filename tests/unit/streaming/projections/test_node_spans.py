"""Spans of nodes, from the start and the end of each task."""

from typing import Any

from streaming.core.events import Ended, TaskStarted, Updates
from streaming.projections.base import apply_all
from streaming.projections.node_spans import NodeSpans, label_among, overlapping
from streaming.projections.spans import NodeSpan
from tests.support.events import log, result, task


def test_parallel_spans_overlap_and_are_paired_by_task() -> None:
    spans = apply_all(NodeSpans(), log((0, task("1")), (1, task("2")), (2, result("1")), (4, result("2")))).spans
    assert [(span.start, span.end) for span in spans.values()] == [(0, 2), (1, 4)]


def test_siblings_of_a_failed_task_are_cut_at_the_end() -> None:
    events = log((0, task("1")), (0, task("2")), (1, result("1", error="boom")), (2, Ended(outcome="failed")))
    states = [span.state for span in apply_all(NodeSpans(), events).spans.values()]
    assert states == ["failed", "cut"]


def test_cache_hit_ends_with_its_update() -> None:
    events = log((0, task("1")), (1, Updates(ns=(), deltas={"n": {}}, cached=True)))
    assert [(span.state, span.end) for span in apply_all(NodeSpans(), events).spans.values()] == [("cached", 1)]


def test_a_node_that_hands_over_to_the_outer_graph_ends_with_the_node_around_it() -> None:
    def within(*ns: str, id: str, node: str) -> TaskStarted:
        return TaskStarted(ns=ns, task_id=id, node=node, input=None, triggers=())

    team, inner = within(id="1", node="team"), within("team:1", id="2", node="agent")
    tools = within("team:1", "agent:2", id="3", node="tools")
    started = log((0, team), (1, inner), (2, tools))
    handed_over = [*started, *log((3, result("1", "team")), (9, Ended(outcome="completed")))]
    spans = apply_all(NodeSpans(), handed_over).spans
    assert [(span.state, span.end) for span in spans.values()] == [("done", 3)] * 3
    failed = [*started, *log((3, result("1", "team", error="boom")))]
    assert [span.state for span in apply_all(NodeSpans(), failed).spans.values()] == ["failed", "cut", "cut"]


def test_result_without_a_start_is_a_span_of_no_length() -> None:
    assert apply_all(NodeSpans(), log((3, result("9")))).spans["9"].seconds == 0


def labels(*spans: NodeSpan) -> list[str]:
    return [label_among(span, overlapping(span, spans)) for span in spans]


def test_executions_at_the_same_time_are_told_apart_by_their_input() -> None:
    def think(start: float, end: float | None, **given: Any) -> NodeSpan:
        return NodeSpan(task_id=str(given), node="think", ns=(), start=start, end=end, input={"goal": "x", **given})

    assert labels(think(0, None, angle="cheap"), think(0, 2, angle="fun")) == ["think · cheap", "think · fun"]
    assert labels(think(0, 1, angle="cheap"), think(2, 3, angle="fun")) == ["think", "think"], "one after the other"
    assert labels(think(0, 1, n=1), think(0, 1, n=2)) == ["think", "think"], "only texts"
    assert len(labels(think(0, 1, angle="long " * 50), think(0, 1, angle="short"))[0]) < 40
