"""Spans that nodes report themselves."""

from typing import Any

from streaming.core.events import Custom, Ended
from streaming.projections.base import apply_all
from streaming.projections.custom_spans import CustomSpans, wall_s
from tests.support.events import log


def span(name: str, state: str, **fields: Any) -> Custom:
    return Custom(ns=(), data={"kind": "span", "name": name, "state": state, **fields})


def test_spans_end_in_the_state_that_was_reported() -> None:
    events = log(
        (1.0, span("a", "started")),
        (1.0, span("b", "started")),
        (1.0, span("c", "started")),
        (2.0, span("a", "done")),
        (3.0, span("b", "failed", error="boom")),
        (4.0, Ended(outcome="cancelled")),
    )
    spans = apply_all(CustomSpans(), events).spans
    assert [(one.state, one.error, one.seconds) for one in spans.values()] == [
        ("done", None, 1.0),
        ("failed", "boom", 2.0),
        ("cut", None, 3.0),
    ]
    assert wall_s(spans.values()) == 3.0


def test_wall_time_is_unknown_while_a_span_is_open() -> None:
    assert wall_s(apply_all(CustomSpans(), log((1.0, span("a", "started")))).spans.values()) is None
    assert wall_s([]) is None
