"""Kinds of events with their number and size."""

import pytest

from streaming.core.events import ApiEvent, Ended, Mode, Notice, Started, Values
from streaming.projections.base import apply_all
from streaming.projections.event_kinds import _OF_MODE, EventKinds
from tests.support.events import log, restart, token


def test_kinds_are_counted_by_mode_or_by_the_name_of_the_api() -> None:
    api = ApiEvent(ns=(), name="on_chain_start", node="n", shape="{input}")
    kinds = apply_all(EventKinds(), log((0, Values(ns=(), state={})), (1, token("a")), (2, token("b")), (3, api))).kinds
    assert [(kind.name, kind.count, kind.bytes) for kind in kinds] == [
        ("values", 1, 10),
        ("messages", 2, 20),
        ("on_chain_start", 1, 10),
    ]
    assert kinds[-1].shape == "{input}"


@pytest.mark.parametrize("event", [Notice(text="x"), Started(thread_id="t"), restart("m"), Ended(outcome="completed")])
def test_events_of_the_engine_are_not_counted(event: Notice | Started | Ended) -> None:
    assert apply_all(EventKinds(), log((0, event))).kinds == []


def test_every_stream_mode_has_a_shape() -> None:
    assert set(_OF_MODE) == set(Mode.__args__)  # type: ignore[attr-defined]
