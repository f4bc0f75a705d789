"""Updates name the node and the fields that it changed."""

from streaming.core.events import Updates
from streaming.projections.base import apply_all
from streaming.projections.updates import NodeUpdates
from tests.support.events import log


def test_updates_name_the_node_and_its_fields() -> None:
    updates = apply_all(NodeUpdates(), log((1, Updates(ns=(), deltas={"n": {"x": 1}, "m": None})))).updates
    assert [(update.node, update.fields) for update in updates] == [("n", ("x",)), ("m", ())]


def test_static_breakpoint_is_an_interrupt_although_it_is_empty() -> None:
    assert apply_all(NodeUpdates(), log((1, Updates(ns=(), deltas={}, interrupts=())))).interrupts == ()
