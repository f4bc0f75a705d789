"""Projections of synthetic events: every figure can be checked by hand."""

from typing import Any

import pytest

from streaming.analysis.event_filter import EventFilter
from streaming.core.events import (
    Attempt,
    Custom,
    Ended,
    Event,
    Fallback,
    LogEntry,
    Started,
    TaskEnded,
    TaskStarted,
    Token,
    Updates,
    Values,
)
from streaming.projections.base import apply_all
from streaming.projections.branches import Branches
from streaming.projections.json_table import JsonTable
from streaming.projections.messages import Messages
from streaming.projections.metrics import MetricsCollector, percentile
from streaming.projections.node_spans import NodeSpans
from streaming.projections.progress import Progress
from streaming.projections.state_history import StateHistory
from streaming.projections.tool_calls import ToolCalls
from streaming.projections.updates import NodeUpdates


def log(*timed: tuple[float, Event]) -> list[LogEntry]:
    return [LogEntry(seq=seq, t=t, event=event, size=10) for seq, (t, event) in enumerate(timed)]


def token(text: str, *, id: str = "m1", node: str = "n", **fields: Any) -> Token:
    return Token(ns=(), message_id=id, node=node, role=fields.pop("role", "ai"), text=text, **fields)


def task(id: str, node: str = "n") -> TaskStarted:
    return TaskStarted(ns=(), task_id=id, node=node, input=None, triggers=())


def result(id: str, node: str = "n", *, error: str | None = None) -> TaskEnded:
    return TaskEnded(ns=(), task_id=id, node=node, result={}, error=error, interrupts=())


def test_latency_counts_from_the_start_of_the_graph_and_not_from_the_wait_for_the_model() -> None:
    metrics = apply_all(
        MetricsCollector(),
        log(
            (2.0, Started(thread_id="t")),
            (2.5, token("")),
            (3.0, token("a")),
            (3.1, token("b")),
            (3.4, token("c")),
            (4.0, Updates(ns=(), deltas={"n": {}})),
            (5.0, Ended(outcome="completed")),
        ),
    ).metrics()
    assert metrics.wait_s == 2.0
    assert metrics.first_event_s == pytest.approx(0.5)
    assert metrics.ttft_s == pytest.approx(1.0), "an empty chunk is no first token"
    assert metrics.first_node_s == pytest.approx(2.0)
    assert metrics.e2e_s == pytest.approx(3.0)
    assert metrics.itl_p50_s == pytest.approx(0.2)
    assert metrics.tpot_s == pytest.approx(0.2)
    assert metrics.tokens_per_s == pytest.approx(5.0)
    assert metrics.chunks == 3
    assert metrics.events_by_mode == {"messages": 4, "updates": 1}
    assert metrics.bytes == 50


def test_without_tokens_the_token_figures_are_unknown_and_not_zero() -> None:
    metrics = apply_all(
        MetricsCollector(), log((0.0, Started(thread_id="t")), (1.0, Ended(outcome="failed")))
    ).metrics()
    assert (metrics.ttft_s, metrics.tpot_s, metrics.tokens_per_s, metrics.output_tokens) == (None,) * 4


def test_a_whole_message_has_a_ttft_and_no_pace() -> None:
    events = log((0.0, Started(thread_id="t")), (3.0, token("all at once", whole=True)))
    metrics = apply_all(MetricsCollector(), events).metrics()
    assert metrics.ttft_s == 3.0
    assert metrics.tpot_s is None


def test_provider_tokens_are_told_apart_from_chunks_and_set_the_pace() -> None:
    usage = {"input_tokens": 7, "output_tokens": 5}
    events = log((0.0, Started(thread_id="t")), (1.0, token("ab")), (2.0, token("cde")), (2.1, token("", usage=usage)))
    metrics = apply_all(MetricsCollector(), events).metrics()
    assert (metrics.chunks, metrics.output_tokens, metrics.input_tokens) == (2, 5, 7)
    assert metrics.tpot_s == pytest.approx(1 / 4)


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"output_tokens": 1011, "output_token_details": {"reasoning": 1000}}, 11),
        ({"output_tokens": 1011}, 2),
    ],
)
def test_reasoning_is_no_part_of_the_pace_of_the_text(usage: dict[str, Any], tokens: int) -> None:
    events = log(
        (0.0, Started(thread_id="t")),
        (0.5, token("", reasoning="hm")),
        (9.0, token("a")),
        (10.0, token("b")),
        (10.1, token("", usage=usage)),
    )
    metrics = apply_all(MetricsCollector(), events).metrics()
    assert metrics.tokens_per_s == pytest.approx(tokens - 1)
    assert metrics.tpot_s == pytest.approx(1 / (tokens - 1))
    assert (metrics.output_tokens, metrics.ttft_s, metrics.first_reasoning_s) == (1011, 9.0, 0.5)


def test_the_arguments_of_a_tool_call_are_output_and_no_text() -> None:
    call = {"index": 0, "name": "add", "args": "{"}
    events = log(
        (0.0, Started(thread_id="t")),
        (1.0, token("a")),
        (1.5, token("b")),
        (2.0, token("", tool_calls=(call,))),
        (3.0, token("", tool_calls=(call,))),
        (3.1, token("", usage={"output_tokens": 21})),
        (4.0, token("", id="m2", tool_calls=(call,))),
        (6.0, token("", id="m2", tool_calls=(call,))),
    )
    metrics = apply_all(MetricsCollector(), events).metrics()
    assert metrics.tpot_s == pytest.approx((2.0 + 2.0) / (20 + 1))
    assert metrics.tokens_per_s == pytest.approx(21 / 4)
    assert (metrics.ttft_s, metrics.chunks) == (1.0, 2)
    assert metrics.itl_p99_s == pytest.approx(0.5), "gaps are those of the text"


def test_what_is_asked_at_every_token_is_what_the_figures_say() -> None:
    fallback = Fallback(reason="x")
    latency = apply_all(MetricsCollector(), log((1.0, Started(thread_id="t")), (2.0, fallback)))
    assert (latency.fallback, latency.e2e_s) == (fallback, None)
    latency.apply(log((5.0, Ended(outcome="completed")))[0])
    assert latency.e2e_s == latency.metrics().e2e_s == 4.0


def test_parallel_messages_share_their_seconds() -> None:
    events = log(
        (0.0, Started(thread_id="t")),
        (1.0, token("a", id="x")),
        (1.0, token("a", id="y")),
        (2.0, token("b", id="x")),
        (2.0, token("b", id="y")),
    )
    metrics = apply_all(MetricsCollector(), events).metrics()
    assert metrics.tokens_per_s == pytest.approx(2.0)
    assert metrics.tpot_s == pytest.approx(1.0)


def test_a_human_message_is_no_first_token() -> None:
    metrics = apply_all(
        MetricsCollector(), log((0.0, Started(thread_id="t")), (1.0, token("hi", role="human")))
    ).metrics()
    assert metrics.ttft_s is None


@pytest.mark.parametrize(("q", "expected"), [(0, 1.0), (50, 2.5), (100, 4.0), (95, 3.85)])
def test_percentile_interpolates(q: float, expected: float) -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], q) == pytest.approx(expected)


def test_texts_keep_messages_apart_and_in_order() -> None:
    texts = apply_all(
        Messages(), log((0, token("a", id="x")), (1, token("b", id="y", node="m")), (2, token("c", id="x")))
    )
    assert [(message.node, message.text) for message in texts.spoken()] == [("n", "ac"), ("m", "b")]
    assert [message.text for message in texts.spoken(nodes=frozenset({"m"}))] == ["b"]


def test_tool_call_arguments_are_put_together() -> None:
    pieces = [{"index": 0, "name": "add", "args": '{"a"'}, {"index": 0, "name": None, "args": ": 1}"}]
    texts = apply_all(Messages(), log(*[(0, token("", tool_calls=(piece,))) for piece in pieces]))
    assert texts.messages["m1"].tool_calls == {0: {"name": "add", "args": '{"a": 1}'}}


def test_parallel_spans_overlap_and_are_paired_by_id() -> None:
    spans = apply_all(NodeSpans(), log((0, task("1")), (1, task("2")), (2, result("1")), (4, result("2")))).spans
    assert [(span.start, span.end) for span in spans.values()] == [(0, 2), (1, 4)]


def test_siblings_of_a_failed_task_are_cut_at_the_end() -> None:
    events = log((0, task("1")), (0, task("2")), (1, result("1", error="boom")), (2, Ended(outcome="failed")))
    states = [span.state for span in apply_all(NodeSpans(), events).spans.values()]
    assert states == ["failed", "cut"]


def test_a_cache_hit_ends_with_its_update() -> None:
    events = log((0, task("1")), (1, Updates(ns=(), deltas={"n": {}}, cached=True)))
    assert [(span.state, span.end) for span in apply_all(NodeSpans(), events).spans.values()] == [("cached", 1)]


def test_a_result_without_a_start_is_a_span_of_no_length() -> None:
    assert apply_all(NodeSpans(), log((3, result("9")))).spans["9"].seconds == 0


def test_states_mark_what_changed_and_what_went() -> None:
    events = log((0, Values(ns=(), state={"a": 1, "b": 2})), (1, Values(ns=(), state={"a": 1, "c": 3})))
    first, second = apply_all(StateHistory(), events).snapshots
    assert first.changed == ("a", "b")
    assert (second.changed, second.removed, second.step) == (("c",), ("b",), 1)


def test_updates_name_the_node_and_its_fields() -> None:
    updates = apply_all(NodeUpdates(), log((1, Updates(ns=(), deltas={"n": {"x": 1}, "m": None})))).updates
    assert [(update.node, update.fields) for update in updates] == [("n", ("x",)), ("m", ())]


def test_a_static_breakpoint_is_an_interrupt_although_it_is_empty() -> None:
    assert apply_all(NodeUpdates(), log((1, Updates(ns=(), deltas={}, interrupts=())))).interrupts == ()


def test_progress_never_runs_backwards_and_keeps_what_it_does_not_know() -> None:
    said = [{"kind": "progress", "fraction": 0.6, "status": "a"}, {"kind": "progress", "fraction": 0.2}, "other"]
    progress = apply_all(Progress(), log(*[(0, Custom(ns=(), data=data)) for data in said]))
    assert (progress.fraction, progress.status) == (0.6, "a")
    assert progress.steps[2].data == "other"
    assert progress.steps[2].fraction is None


def test_an_audience_hears_a_graph_in_the_graph_by_the_node_that_holds_it() -> None:
    inner = log((0, Token(ns=("read:1", "digest:2"), message_id="m", node="review", role="ai", text="a")))[0]
    outer = log((0, token("b", node="write")))[0]
    heard = {
        name: (audience.admits(inner), audience.admits(outer))
        for name, audience in {
            "node": EventFilter(nodes=frozenset({"read"})),
            "graph": EventFilter(graphs=frozenset({("read", "digest")})),
            "parent": EventFilter(graphs=frozenset({("read",)})),
            "outer": EventFilter(graphs=frozenset({()})),
            "no tags": EventFilter(tags=frozenset()),
        }.items()
    }
    assert heard == {
        "node": (True, False),
        "graph": (True, False),
        "parent": (False, False),
        "outer": (False, True),
        "no tags": (False, False),
    }


def again(*message_ids: str) -> Attempt:
    return Attempt(number=2, of=3, reason="the answer broke off", pause_s=0.0, dropped=message_ids)


def test_a_table_that_is_written_again_forgets_the_half_that_broke_off() -> None:
    half, whole = '[{"name": "o', '[{"name": "new"}]'
    events = log((0, token(half, id="x", tags=("data",))), (1, again("x")), (2, token(whole, id="y", tags=("data",))))
    assert apply_all(JsonTable(tag="data"), events[:2]).rows == []
    table = apply_all(JsonTable(tag="data"), events)
    assert (table.rows, table.complete, table.first_row_at) == ([{"name": "new"}], True, 2)
    other = apply_all(JsonTable(tag="data"), log((0, token(half, id="x", tags=("data",))), (1, again("z"))))
    assert other.rows == [{"name": "o"}], "another message was dropped"


@pytest.mark.parametrize("tasks", [True, False])
def test_a_branch_that_starts_again_forgets_what_it_had_said(tasks: bool) -> None:
    def said(text: str, id: str, of: str) -> Token:
        return token(text, id=id, node=of, metadata={"langgraph_checkpoint_ns": f"{of}:{of}"})

    start = [(0.0, task("a", "a")), (0.0, task("b", "b"))] if tasks else []
    first = [(1.0, said("old", "x", "a")), (1.5, said("kept", "y", "b")), (2.0, said("old", "x", "a"))]
    then = [(3.0, task("a", "a"))] if tasks else []
    branches = apply_all(Branches(), log(*start, *first, (2.5, again("x")), *then, (4.0, said("new", "z", "a"))))
    assert {(branch.node, branch.text, branch.chunks) for branch in branches.speaking} == {
        ("a", "new", 1),
        ("b", "kept", 1),
    }
    assert [(segment.branch.node, segment.text) for segment in branches.segments] == [("b", "kept"), ("a", "new")]


def test_a_call_that_is_asked_for_again_stands_there_once() -> None:
    calls = ToolCalls()
    piece = {"id": "c1", "name": "search", "args": '{"q', "index": 0}
    again = Attempt(number=2, of=3, reason="the answer broke off", pause_s=0, dropped=("m1",))
    for entry in log(
        (0.0, token("", tool_calls=({**piece},))),
        (0.1, again),
        (0.2, token("", id="m2", tool_calls=({**piece, "id": "c2", "args": '{"q": 1}'},))),
    ):
        calls.apply(entry)
    assert [(call.id, call.arguments) for call in calls.calls] == [("c2", '{"q": 1}')]
