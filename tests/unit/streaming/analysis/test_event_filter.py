"""A reader's filter over the events of a run."""

import pytest

from streaming.analysis.event_filter import EventFilter
from streaming.core.events import Ended
from tests.support.events import log, token

INNER = token("a", node="review", ns=("read:1", "digest:2"))
OUTER = token("b", node="write")


@pytest.mark.parametrize(
    ("chosen", "inner", "outer"),
    [
        (EventFilter(nodes=frozenset({"read"})), True, False),
        (EventFilter(graphs=frozenset({("read", "digest")})), True, False),
        (EventFilter(graphs=frozenset({("read",)})), False, False),
        (EventFilter(graphs=frozenset({()})), False, True),
        (EventFilter(tags=frozenset()), False, False),
        (EventFilter(kinds=frozenset({"values"})), False, False),
        (EventFilter(), True, True),
    ],
    ids=["node with a subgraph", "graph", "parent graph", "outer graph", "no tags", "another mode", "no filter"],
)
def test_filter_admits_events_by_node_graph_tag_and_mode(chosen: EventFilter, inner: bool, outer: bool) -> None:
    admitted = tuple(chosen.admits(entry) for entry in log((0, INNER), (0, OUTER)))
    assert admitted == (inner, outer)


def test_events_of_the_engine_pass_every_filter() -> None:
    strict = EventFilter(kinds=frozenset(), nodes=frozenset(), graphs=frozenset(), tags=frozenset())
    assert strict.admits(log((0, Ended(outcome="completed")))[0])
