"""Full searches for garbage: in idle moments, sometimes under load, and never for nothing."""

import gc
import threading
from collections.abc import Iterator

import pytest

from streaming.core import garbage
from streaming.core.garbage import LONGEST_S, REST_S, YOUNG_OBJECTS, YOUNG_SEARCHES, GarbageCollection


class Server:
    """A clock and a load that a test sets."""

    now, busy = 0.0, False

    def collection(self) -> GarbageCollection:
        return GarbageCollection(busy=lambda: self.busy, clock=lambda: self.now)


@pytest.fixture
def made_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "get_count", lambda: (5, 1, 0))


@pytest.fixture
def settings() -> Iterator[None]:
    """The process gets back what a test changes; what the tests are made of stays out of all searches."""
    threshold = gc.get_threshold()
    gc.unfreeze()
    yield
    gc.set_threshold(*threshold)
    gc.freeze()


@pytest.mark.usefixtures("made_old")
def test_a_full_search_waits_for_a_moment_without_runs() -> None:
    server = Server()
    collection = server.collection()
    server.now, server.busy = REST_S, True
    assert not collection.due()
    server.busy = False
    assert collection.due()
    collection.search()
    assert not collection.due(), "once a minute is enough"


@pytest.mark.usefixtures("made_old")
def test_a_server_that_is_always_busy_is_searched_too() -> None:
    server = Server()
    collection = server.collection()
    server.now, server.busy = LONGEST_S, True
    assert collection.due()


def test_nothing_is_searched_where_nothing_has_become_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "get_count", lambda: (5, 0, 0))
    server = Server()
    collection = server.collection()
    server.now = LONGEST_S
    assert not collection.due()


@pytest.mark.usefixtures("settings")
def test_from_the_start_python_searches_only_what_is_young(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = threading.Event()
    monkeypatch.setattr(garbage, "CHECK_S", 0.001)
    monkeypatch.setattr(GarbageCollection, "due", lambda _: not searched.is_set())
    monkeypatch.setattr(GarbageCollection, "search", lambda _: searched.set())
    collection = Server().collection()
    collection.start()
    assert gc.get_threshold()[:2] == (YOUNG_OBJECTS, YOUNG_SEARCHES)
    assert gc.get_freeze_count() > 0
    assert searched.wait(10), "its thread looks whether a search is due"
    collection.close()
