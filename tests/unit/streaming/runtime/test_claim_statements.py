"""The database of claims beside a checkpointer in memory."""

import gc
import sqlite3
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from streaming.runtime.thread_claims import claims_of


def test_it_is_closed_when_its_checkpointer_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[sqlite3.Connection] = []

    class Told(sqlite3.Connection):
        def close(self) -> None:
            closed.append(self)
            super().close()

    connect: Any = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **more: connect(*given, **more, factory=Told))
    saver = InMemorySaver()
    claims_of(saver)
    assert not closed
    del saver
    gc.collect()
    assert len(closed) == 1
