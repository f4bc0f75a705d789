"""A recording whose values are of any kind of JSON is refused with a sentence, or every view shows it."""

from dataclasses import fields
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streaming.analysis.final_answer import final_answers, text_pieces
from streaming.core.errors import BadRecording
from streaming.core.events import EVENT_TYPES, Custom, Ended, LogEntry
from streaming.live.folding import empty_view, fold
from streaming.live.patches import VIEWS
from streaming.live.view import patches_of
from streaming.projections.answer_ends import AnswerEnds, summary_of
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.recordings.format import load_event

NAMES = ("messages", "type", "id", "content", "index", "name", "args", "output_tokens", "reasoning", "status", "text")
NAMES += ("kind", "state", "error", "step", "fraction", "done", "total", "progress", "percent", "at", "payload")
NAMES += ("response_metadata", "usage_metadata", "additional_kwargs", "output_token_details", "langgraph_checkpoint_ns")
WORDS = ("progress", "50%", "3/10", "span", "started", "failed")
NUMBERS = st.integers(-1, 5) | st.floats() | st.integers(-(2**63), 2**64 - 1)
SCALARS = st.none() | st.booleans() | NUMBERS | st.sampled_from(["", "ai", "text", "m1", "length", "x", *WORDS])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)
STARTED = {"kind": "span", "name": "s1", "state": "started"}
TYPED: dict[Any, st.SearchStrategy[Any]] = {
    str: st.sampled_from(["", "m1", "n", "ai", "tool"]),
    int: st.integers(-1, 5),
    float: st.sampled_from([0.0, -1.0, 1e9]),
    bool: st.booleans(),
    str | None: st.sampled_from([None, "m1"]),
    tuple[str, ...]: st.sampled_from([[], ["m1"], ["n:1"]]),
}


def _of(annotation: Any) -> st.SearchStrategy[Any]:
    objects = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4)
    if str(annotation).startswith("tuple[dict"):
        return st.lists(objects, max_size=3)
    return TYPED.get(annotation, objects if str(annotation).startswith("dict") else VALUES)


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    kind = draw(st.sampled_from([kind for kind in EVENT_TYPES if kind is not Ended]))
    content = {item.name: draw(_of(item.type)) for item in fields(kind) if item.name != "kind"}
    return orjson.dumps({"seq": 0, "t": 0.1, "size": 1, "type": kind.__name__, "event": content})


def _loaded(line: bytes) -> LogEntry | None:
    try:
        return load_event(line)
    except BadRecording:
        return None


SPAN_STATES = st.sampled_from(["started", "failed", "done"]) | VALUES
REPORTS = st.fixed_dictionaries(
    {"kind": st.sampled_from(["progress", "span"]), "name": st.just("s1")},
    optional={name: VALUES for name in ("step", "status", "fraction", "done", "total", "at", "error")}
    | {"state": SPAN_STATES},
)


@settings(max_examples=120, deadline=None)
@given(st.lists(REPORTS, max_size=5))
def test_what_a_node_writes_about_itself_is_shown_whatever_its_fields_are(reports: list[dict[str, Any]]) -> None:
    reports = orjson.loads(orjson.dumps([STARTED, *reports]))
    written = [LogEntry(seq=n, t=0.1, event=Custom(ns=(), data=data)) for n, data in enumerate(reports)]
    events = [*written, LogEntry(seq=99, t=1.0, event=Ended(outcome="completed"))]

    view = fold(empty_view(), [patch for _, batch in patches_of(events, views=VIEWS) for patch in batch])

    assert "trouble" not in view["run"]
    assert len(view["steps"]) == len(reports)
    for step in view["steps"]:
        assert all(isinstance(step[name], str | None) for name in ("step", "status", "at"))
        assert all(isinstance(step[name], float | None) for name in ("done", "total", "fraction"))
    assert all(isinstance(span["error"], str | None) for span in view["own"].values())


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(lines(), min_size=1, max_size=4))
def test_a_recording_with_odd_values_is_refused_or_shown(rows: list[bytes]) -> None:
    events = [entry for row in rows if (entry := _loaded(row)) is not None]
    events.append(LogEntry(seq=9, t=1.0, event=Ended(outcome="completed", cut=("m1",))))

    patches = [patch for _, batch in patches_of(events, views=VIEWS) for patch in batch]

    assert not [patch for patch in patches if patch[0] == "run" and patch[1].get("trouble")]
    orjson.dumps(patches)
    final_answers(events, prompt="x")
    text_pieces(events)
    apply_all(MetricsCollector(), events).metrics()
    summary_of(apply_all(AnswerEnds(), events).ends)
