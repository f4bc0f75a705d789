"""One set of long-lived objects, however many ask for it first, and whatever fails when it closes."""

import threading
from typing import Any

import pytest

from streaming import services as module
from streaming.config.settings import Settings
from streaming.services import Services, get_services

PARTS = ("telemetry", "embedded_model", "run_store", "run_writer", "engine", "fault_server")


class Part:
    """Something that is closed; `fails` while it is."""

    def __init__(self, name: str, closed: list[str], *, fails: bool = False) -> None:
        self._name, self._closed, self._fails = name, closed, fails

    def close(self) -> None:
        self._closed.append(self._name)
        if self._fails:
            raise TimeoutError


def at_once(count: int, ask: Any) -> list[Any]:
    """What `count` threads get that all ask in the same moment."""
    barrier, found = threading.Barrier(count), []

    def work() -> None:
        barrier.wait()
        found.append(ask())

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.parametrize("name", PARTS)
def test_concurrent_first_callers_get_the_same_object(name: str, services: Services) -> None:
    found = at_once(16, lambda: getattr(services, name))
    assert len(found) == 16
    assert len({id(part) for part in found}) == 1


def test_a_part_that_takes_long_to_build_holds_up_no_other(monkeypatch: pytest.MonkeyPatch, services: Services) -> None:
    begun, other = threading.Event(), threading.Event()

    def build(_: Services) -> object:
        begun.set()
        assert other.wait(60), "the other part waited for this one"
        return Part("telemetry", [])

    monkeypatch.setattr(Services, "_build_telemetry", build)
    slow = threading.Thread(target=lambda: services.telemetry)
    slow.start()
    assert begun.wait(60)
    assert services.playable_recordings is services.playable_recordings
    other.set()
    slow.join()


def test_concurrent_first_visitors_get_the_same_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_current", None)
    found = at_once(16, get_services)
    assert len({id(services) for services in found}) == 1
    found[0].close()


def test_concurrent_first_users_of_the_history_connect_once(services: Services) -> None:
    engines = at_once(8, services.run_store.connect)
    assert len(engines) == 8
    assert len({id(engine) for engine in engines}) == 1


def test_a_part_that_is_built_while_another_one_closes_is_closed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    monkeypatch.setattr(Services, "_build_telemetry", lambda _: Part("telemetry", closed))
    engine = Part("engine", closed)
    services = Services(Settings(), engine=engine)
    monkeypatch.setattr(engine, "close", lambda: services.telemetry)
    services.close()
    assert closed == ["telemetry"]


def test_a_part_that_cannot_be_closed_keeps_no_other_from_it() -> None:
    closed: list[str] = []
    parts = {name: Part(name, closed, fails=name == "engine") for name in PARTS}
    with pytest.raises(TimeoutError):
        Services(Settings(), **parts).close()
    assert closed == ["engine", "fault_server", "embedded_model", "run_writer", "run_store", "telemetry"]
