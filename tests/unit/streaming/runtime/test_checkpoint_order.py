"""The newest state of a thread stays the newest one, also where a clock is set back, or another server's is ahead."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from langgraph.checkpoint.base import id as checkpoint_ids
from langgraph.checkpoint.base.id import uuid6

from streaming.core.errors import NotContinuable
from streaming.core.request import RunRequest
from streaming.runtime.checkpoint_order import continue_after
from streaming.runtime.engine import Engine
from tests.support.graphs import QUICK, Source, finish
from tests.unit.streaming.runtime.test_thread_claims import chat, may_reply


@pytest.fixture(autouse=True)
def last_id_stays() -> Iterator[None]:
    last = checkpoint_ids._last_v6_timestamp
    yield
    checkpoint_ids._last_v6_timestamp = last


def server_starts(monkeypatch: pytest.MonkeyPatch, *, ahead_s: float) -> None:
    """The clock of ids differs so much from now on, and no id is known."""
    monkeypatch.setattr(checkpoint_ids, "_last_v6_timestamp", None)
    monkeypatch.setattr(checkpoint_ids, "time", Mock(time_ns=lambda: time.time_ns() + int(ahead_s * 1e9)))


def turn(name: str) -> RunRequest:
    source = Source(builder=chat, given={"done": [name]})
    return RunRequest(graph=source, model=QUICK, modes=("updates",), prompt=name, thread_id="t")


@pytest.mark.parametrize("then_s", [-3600.0, -5.0, 3600.0])
def test_a_turn_after_the_clock_was_set_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, then_s: float) -> None:
    may_reply.set()
    for number, ahead_s in enumerate((0.0, then_s, then_s)):
        server_starts(monkeypatch, ahead_s=ahead_s)
        with closing(Engine(checkpointer_url=f"sqlite:///{tmp_path / 'threads.sqlite'}")) as engine:
            run = finish(engine.start(turn(f"turn {number}")))
            assert run.status == "Completed", run.ended
            thread = engine.thread(run.request.graph, "t")
        assert thread is not None
        assert thread.end.checkpoint_id == run.ended.checkpoint_id  # type: ignore[union-attr]
        asked = [text for text in thread.values["done"] if text.startswith("turn")]
        assert asked == [f"turn {earlier}" for earlier in range(number + 1)]


def test_an_id_from_many_years_ahead_is_refused() -> None:
    with pytest.raises(NotContinuable, match="dated many years from now"):
        continue_after("fffffffe-c154-6fff-8003-5dc278ae42ec")


@pytest.mark.parametrize(
    "other", ["", "None", "7", "step-3", "6ec5dc27-8ae4-4b2e-8c1f-3a7d1f0e9b42", "\ud800", "0" * 99]
)
def test_another_kind_of_id_changes_nothing(other: str) -> None:
    before: Any = checkpoint_ids._last_v6_timestamp
    continue_after(other)
    assert checkpoint_ids._last_v6_timestamp == before


def test_an_older_id_changes_nothing() -> None:
    old, new = str(uuid6()), str(uuid6())
    continue_after(old)
    assert str(uuid6()) > new
