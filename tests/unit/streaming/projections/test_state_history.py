"""Snapshots of the state, and what changed between two."""

from streaming.core.events import Values
from streaming.projections.base import apply_all
from streaming.projections.state_history import StateHistory
from tests.support.events import log


def test_snapshots_name_the_fields_that_changed_and_those_that_were_removed() -> None:
    events = log((0, Values(ns=(), state={"a": 1, "b": 2})), (1, Values(ns=(), state={"a": 1, "c": 3})))
    first, second = apply_all(StateHistory(), events).snapshots
    assert first.changed == ("a", "b")
    assert (second.changed, second.removed, second.step) == (("c",), ("b",), 1)


def test_snapshots_are_compared_within_their_namespace() -> None:
    inner = Values(ns=("n:1",), state={"a": 1})
    events = log((0, Values(ns=(), state={"a": 1})), (1, inner), (2, Values(ns=(), state={"a": 1})))
    assert [snapshot.changed for snapshot in apply_all(StateHistory(), events).snapshots] == [("a",), ("a",), ()]
