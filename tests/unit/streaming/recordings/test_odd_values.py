"""A recording whose values are of any kind of JSON is refused with a sentence, or every view shows it."""

from dataclasses import fields
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streaming.analysis.final_answer import final_answers, text_pieces
from streaming.core.errors import BadRecording
from streaming.core.events import EVENT_TYPES, Custom, Ended, LogEntry
from streaming.live.patches import VIEWS
from streaming.live.view import patches_of
from streaming.projections.answer_ends import AnswerEnds, summary_of
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.recordings.format import load_event

NAMES = ("messages", "type", "id", "content", "index", "name", "args", "output_tokens", "reasoning", "status", "text")
NAMES += ("response_metadata", "usage_metadata", "additional_kwargs", "output_token_details", "langgraph_checkpoint_ns")
SCALARS = st.none() | st.booleans() | st.integers(-1, 5) | st.sampled_from(["", "ai", "text", "m1", "length", "x"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)
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
    # What a node writes as progress has a test of its own.
    kind = draw(st.sampled_from([kind for kind in EVENT_TYPES if kind not in (Ended, Custom)]))
    content = {item.name: draw(_of(item.type)) for item in fields(kind) if item.name != "kind"}
    return orjson.dumps({"seq": 0, "t": 0.1, "size": 1, "type": kind.__name__, "event": content})


def _loaded(line: bytes) -> LogEntry | None:
    try:
        return load_event(line)
    except BadRecording:
        return None


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
