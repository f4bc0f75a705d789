"""The retrieval graph: searches in sequence or together, and what a broken one leaves."""

import pytest

from graphs.collections import COLLECTIONS
from streaming.projections.base import apply_all
from streaming.projections.custom_spans import CustomSpans
from streaming.runtime.engine import Engine
from tests.support.graph_runs import run_graph, thread_of


@pytest.mark.parametrize("order", ["sequential", "gather"])
def test_searches_wait_one_after_the_other_or_together(engine: Engine, order: str) -> None:
    extra = dict.fromkeys(COLLECTIONS, 60)
    spans = apply_all(
        CustomSpans(), run_graph(engine, "retrieval", context={"order": order, "extra_ms": extra}).events
    ).spans
    assert [span.state for span in spans.values()] == ["done"] * 3
    starts = sorted(span.start for span in spans.values())
    ends = sorted(span.end or 0.0 for span in spans.values())
    assert (starts[-1] < ends[0]) == (order == "gather"), "together all have started before one has ended"


@pytest.mark.parametrize("order", ["sequential", "gather"])
@pytest.mark.parametrize(("fault", "state"), [("fail", "failed"), ("hang", "cut")])
def test_a_broken_collection_does_not_stop_the_others(
    engine: Engine, order: str, fault: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "hang":
        monkeypatch.setattr("graphs.retrieval.TIMEOUT_S", 1.0)
    run = run_graph(engine, "retrieval", context={"order": order, "broken": "langgraph", "fault": fault})
    spans = apply_all(CustomSpans(), run.events).spans
    assert {name: span.state for name, span in spans.items()} == {"streaming": "done", "langgraph": state, "ux": "done"}
    assert spans["langgraph"].error
    values = thread_of(engine, run).values
    assert values["missing"] == ["langgraph"]
    assert values["passages"]
    assert "Without the collection langgraph" in values["answer"]
