"""The tree of namespaces with its counts."""

from streaming.core.events import Started, Values
from streaming.projections.base import apply_all
from streaming.projections.namespaces import NamespaceTree
from tests.support.events import log, restart, token

INNER = ("read:1", "digest:2")


def test_parents_come_before_children_and_count_their_own_events() -> None:
    events = log((0.0, Started(thread_id="t")), (1.0, token("a", ns=INNER)), (2.0, Values(ns=(), state={})))
    nodes = apply_all(NamespaceTree(), events).nodes
    assert [(node.name, node.depth, node.events.total()) for node in nodes] == [
        ("(graph)", 0, 1),
        ("read", 1, 0),
        ("digest", 2, 1),
    ]


def test_dropped_message_takes_its_chunks_with_it() -> None:
    old = [(float(t), token("x", id="old", ns=INNER)) for t in range(10)]
    new = [(20.0 + t, token("y", id="new", ns=INNER)) for t in range(3)]
    assert apply_all(NamespaceTree(), log(*old, (15.0, restart("old")), *new)).nodes[-1].chunks == 3
