"""The union `Event` is the only list of event types."""

from dataclasses import fields, is_dataclass
from typing import get_args

from streaming.core import events
from streaming.core.events import ENGINE_KINDS, EVENT_TYPES, Ended, GraphEvent, Mode


def test_every_event_class_of_the_module_is_in_the_union() -> None:
    defined = {
        value
        for value in vars(events).values()
        if is_dataclass(value) and isinstance(value, type) and any(item.name == "kind" for item in fields(value))
    }
    assert defined == set(EVENT_TYPES)


def test_events_of_the_graph_have_a_namespace_and_events_of_the_engine_have_none() -> None:
    from_the_graph = set(get_args(GraphEvent))
    for kind in EVENT_TYPES:
        assert any(item.name == "ns" for item in fields(kind)) == (kind in from_the_graph), kind


def test_kinds_of_the_graph_are_the_stream_modes_and_the_event_apis() -> None:
    kinds = {kind.__dataclass_fields__["kind"].default for kind in EVENT_TYPES}
    assert kinds - ENGINE_KINDS == {*get_args(Mode), "events"}
    assert Ended(outcome="completed").kind in ENGINE_KINDS
