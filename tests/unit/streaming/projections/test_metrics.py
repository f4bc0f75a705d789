"""Figures of a run by their standard definitions, from synthetic events."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.core.events import ApiEvent, Ended, Fallback, LogEntry, Notice, Started, Token, Updates, Values
from streaming.projections.base import apply_all
from streaming.projections.metrics import Metrics, MetricsCollector, percentile
from tests.support.events import log, restart, token

START = (0.0, Started(thread_id="t"))


def metrics_of(events: list[LogEntry]) -> Metrics:
    return apply_all(MetricsCollector(), events).metrics()


def test_the_first_text_of_an_answer_that_came_whole_is_when_it_was_there_and_no_first_token() -> None:
    there = (2.19, Values(ns=(), state={"messages": [{"type": "ai", "content": "Bees"}]}))
    events = log(START, there, (2.23, Ended(outcome="completed")))
    metrics = metrics_of(events)
    assert (metrics.first_text_s, metrics.ttft_s, metrics.e2e_s) == (2.19, None, 2.23)
    assert metrics.answer_after_s == 2.19, "what pages call the wait for the first word"
    assert metrics_of([*events[:2], *log((2.23, Ended(outcome="cancelled")))]).answer_after_s is None
    assert metrics_of(events[:2]).first_text_s is None, "whether tokens come is known at the end"
    assert metrics_of(log(START, (2.0, token("B")), there, (2.23, Ended(outcome="completed")))).first_text_s == 2.0
    stopped = metrics_of(
        log(
            START,
            (0.5, Updates(ns=(), deltas={"n": {"plan": "Bees"}})),
            (0.6, token("B")),
            (1.0, Ended(outcome="cancelled")),
        )
    )
    assert stopped.first_text_s == 0.6


def test_latency_counts_from_submission_and_shows_the_wait_apart() -> None:
    metrics = metrics_of(
        log(
            (0.0, Notice(text="The embedded model is loading.")),
            (2.0, Started(thread_id="t")),
            (2.5, token("")),
            (3.0, token("a")),
            (3.1, token("b")),
            (3.4, token("c")),
            (4.0, Updates(ns=(), deltas={"n": {}})),
            (5.0, Ended(outcome="completed")),
        )
    )
    assert metrics.wait_s == 2.0
    assert metrics.first_event_s == 2.5
    assert metrics.ttft_s == 3.0, "an empty chunk is no first token"
    assert metrics.first_node_s == 4.0
    assert metrics.e2e_s == 5.0
    assert metrics.ttft_share == pytest.approx(0.6)
    assert metrics.itl_p50_s == pytest.approx(0.2)
    assert metrics.tpot_s == pytest.approx(0.2)
    assert metrics.tokens_per_s == pytest.approx(5.0)


def test_run_that_ends_while_it_waits_has_an_end_and_no_first_token() -> None:
    metrics = metrics_of(log((4.0, Ended(outcome="cancelled"))))
    assert (metrics.wait_s, metrics.ttft_s, metrics.e2e_s) == (None, None, 4.0)


def test_unknown_figures_are_none_and_never_zero() -> None:
    metrics = metrics_of(log(START, (1.0, Ended(outcome="failed"))))
    figures = (metrics.ttft_s, metrics.first_text_s, metrics.tpot_s, metrics.tokens_per_s, metrics.output_tokens)
    assert figures == (None,) * 5


def test_whole_message_has_a_ttft_and_no_decode_speed() -> None:
    metrics = metrics_of(log(START, (3.0, token("all of it", whole=True))))
    assert metrics.ttft_s == 3.0
    assert (metrics.tpot_s, metrics.tokens_per_s) == (None, None)


def test_parts_that_come_in_one_burst_have_no_decode_speed() -> None:
    """A node that blocked the event loop had 38,572 tokens per second."""
    burst = metrics_of(log(START, *((3.0 + i * 0.000_026, token("word ")) for i in range(50))))
    assert (burst.chunks, burst.tpot_s, burst.tokens_per_s) == (50, None, None)
    fast = metrics_of(log(START, *((3.0 + i * 0.000_2, token("word ")) for i in range(3_000))))
    assert fast.tokens_per_s == pytest.approx(5_000)


def test_tokens_of_the_provider_count_instead_of_chunks_where_they_are_known() -> None:
    usage = {"input_tokens": 7, "output_tokens": 5}
    metrics = metrics_of(log(START, (1.0, token("ab")), (2.0, token("cde")), (2.1, token("", usage=usage))))
    assert (metrics.chunks, metrics.output_tokens, metrics.input_tokens) == (2, 5, 7)
    assert metrics.tpot_s == pytest.approx(1 / 4)


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"output_tokens": 1011, "output_token_details": {"reasoning": 1000}}, 11),
        ({"output_tokens": 1011}, 2),
    ],
)
def test_reasoning_tokens_do_not_count_for_the_speed_of_the_text(usage: dict[str, Any], tokens: int) -> None:
    metrics = metrics_of(
        log(
            START,
            (0.5, token("", reasoning="hm")),
            (9.0, token("a")),
            (10.0, token("b")),
            (10.1, token("", usage=usage)),
        )
    )
    assert metrics.tokens_per_s == pytest.approx(tokens - 1)
    assert metrics.tpot_s == pytest.approx(1 / (tokens - 1))
    assert (metrics.output_tokens, metrics.ttft_s, metrics.first_reasoning_s) == (1011, 9.0, 0.5)


def test_arguments_of_a_tool_call_are_output_and_not_text() -> None:
    call = {"index": 0, "name": "add", "args": "{"}
    metrics = metrics_of(
        log(
            START,
            (1.0, token("a")),
            (1.5, token("b")),
            (2.0, token("", tool_calls=(call,))),
            (3.0, token("", tool_calls=(call,))),
            (3.1, token("", usage={"output_tokens": 21})),
            (4.0, token("", id="m2", tool_calls=(call,))),
            (6.0, token("", id="m2", tool_calls=(call,))),
        )
    )
    assert metrics.tpot_s == pytest.approx((2.0 + 2.0) / (20 + 1))
    assert metrics.tokens_per_s == pytest.approx(21 / 4)
    assert (metrics.ttft_s, metrics.chunks) == (1.0, 2)
    assert metrics.itl_p99_s == pytest.approx(0.5), "gaps are those of the text"


def test_figures_of_a_restarted_answer_are_those_of_the_text_that_stayed() -> None:
    usage = {"input_tokens": 5, "output_tokens": 99}
    broken = [(1.0 + i / 10, token("x", id="old", reasoning="hm")) for i in range(10)]
    written_again = [(5.0 + i, token("y", id="new")) for i in range(3)]
    metrics = metrics_of(
        log(START, *broken, (2.0, token("", id="old", usage=usage)), (3.0, restart("old")), *written_again)
    )
    assert metrics.chunks == 3
    assert (metrics.ttft_s, metrics.first_text_s) == (5.0, 1.0)
    assert (metrics.itl_p50_s, metrics.itl_p99_s, metrics.tpot_s) == (1.0, 1.0, 1.0)
    assert metrics.tokens_per_s == pytest.approx(1.0)
    assert (metrics.output_tokens, metrics.input_tokens, metrics.first_reasoning_s) == (None, None, None)
    assert metrics.attempts == 2
    assert metrics.events == 14, "dropped chunks were sent all the same"


def test_restart_leaves_the_figures_of_other_messages() -> None:
    events = log(START, (1.0, token("a", id="kept")), (1.5, token("x", id="old")), (2.0, token("b", id="kept")))
    collector = apply_all(MetricsCollector(), events)
    collector.apply(log((3.0, restart("old", "unknown")))[0])
    assert (collector.gaps, collector.metrics().chunks, collector.metrics().ttft_s) == ([1.0], 2, 1.0)


def test_text_of_an_event_api_counts_as_a_chunk() -> None:
    def piece(text: str) -> ApiEvent:
        return ApiEvent(ns=(), name="on_chat_model_stream", node="n", shape="{}", text=text, message_id="m")

    metrics = metrics_of(log(START, (1.0, piece("")), (2.0, piece("a")), (2.5, piece("b"))))
    assert (metrics.events, metrics.chunks, metrics.ttft_s, metrics.itl_p50_s) == (3, 2, 2.0, 0.5)
    assert metrics.events_by_mode == {"events": 3}


def test_cheap_properties_agree_with_the_full_figures() -> None:
    fallback = Fallback(reason="x")
    collector = apply_all(MetricsCollector(), log((1.0, Started(thread_id="t")), (2.0, fallback)))
    assert (collector.fallback, collector.e2e_s) == (fallback, None)
    collector.apply(log((5.0, Ended(outcome="completed")))[0])
    assert collector.e2e_s == collector.metrics().e2e_s == 5.0


def test_parallel_messages_share_their_seconds() -> None:
    metrics = metrics_of(
        log(
            START,
            (1.0, token("a", id="x")),
            (1.0, token("a", id="y")),
            (2.0, token("b", id="x")),
            (2.0, token("b", id="y")),
        )
    )
    assert metrics.tokens_per_s == pytest.approx(2.0)
    assert metrics.tpot_s == pytest.approx(1.0)


def test_message_of_a_person_is_no_first_token() -> None:
    assert metrics_of(log(START, (1.0, token("hi", role="human")))).ttft_s is None


@pytest.mark.parametrize(("q", "expected"), [(0, 1.0), (50, 2.5), (100, 4.0), (95, 3.85)])
def test_percentile_interpolates(q: float, expected: float) -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], q) == pytest.approx(expected)


def test_percentile_of_nothing_is_unknown() -> None:
    assert percentile([], 50) is None


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100), st.floats(0, 100))
def test_percentiles_lie_within_the_values_and_grow_with_the_rank(values: list[float], one: float, two: float) -> None:
    ordered = sorted(values)
    low, high = percentile(ordered, min(one, two)), percentile(ordered, max(one, two))
    assert low is not None
    assert high is not None
    slack = 1e-6 * (1 + ordered[-1])
    assert ordered[0] - slack <= low <= high + slack <= ordered[-1] + 2 * slack


_steps = st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=40)


@given(_steps, st.sets(st.sampled_from("abc")))
def test_dropped_messages_leave_the_same_figures_as_messages_that_never_came(
    steps: list[tuple[str, bool]], dropped: set[str]
) -> None:
    events: list[tuple[float, Token]] = [
        (1.0 + seq, token("x" if text else "", id=id, usage={"output_tokens": seq + 1}))
        for seq, (id, text) in enumerate(steps)
    ]
    end = (99.0, Ended(outcome="completed"))
    restarted = metrics_of(log(START, *events, (90.0, restart(*dropped)), end))
    never = metrics_of(log(START, *[timed for timed in events if timed[1].message_id not in dropped], end))
    for figure in ("chunks", "ttft_s", "tpot_s", "tokens_per_s", "itl_p50_s", "itl_p99_s", "output_tokens", "e2e_s"):
        assert getattr(restarted, figure) == getattr(never, figure), figure


def test_a_run_that_goes_on_has_a_decode_speed_only_once_it_has_streamed_for_a_moment() -> None:
    burst = [START, (1.0, token("a")), (1.0001, token("b")), (1.0002, token("c"))]
    assert metrics_of(log(*burst)).tokens_per_s is None, "20,000/s would be the distance of two chunks"
    assert metrics_of(log(*burst, (1.5, token("d")))).tokens_per_s == pytest.approx(6)
    assert metrics_of(log(*burst, (1.1, Ended(outcome="completed")))).tokens_per_s == pytest.approx(10_000)


def test_text_that_an_earlier_run_had_received_is_no_first_text_and_no_chunk() -> None:
    kept = LogEntry(seq=0, t=0.02, event=Token(ns=(), message_id="m", node="n", role="ai", text="It is ", kept=True))
    new = [
        LogEntry(seq=1, t=0.8, event=Token(ns=(), message_id="m", node="n", role="ai", text="the ")),
        LogEntry(seq=2, t=0.9, event=Token(ns=(), message_id="m", node="n", role="ai", text="rest.")),
    ]
    metrics = metrics_of([kept, *new])
    assert (metrics.ttft_s, metrics.first_text_s, metrics.first_token_s, metrics.chunks) == (0.8, 0.8, 0.8, 2)
    assert metrics.itl_p50_s == pytest.approx(0.1)
    assert metrics_of([kept]).ttft_s is None
