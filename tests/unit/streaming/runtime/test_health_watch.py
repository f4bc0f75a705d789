"""A check that takes long: who asks again does not wait, and no answer is too old."""

import threading
from collections.abc import Callable

import pytest

from streaming.runtime.health_watch import HealthWatch


@pytest.fixture
def now() -> list[float]:
    return [0.0]


def watch(check: Callable[[], int], now: list[float], *, max_age_s: float = 0.03) -> HealthWatch[int]:
    return HealthWatch(check, clock=lambda: now[0], max_age_s=max_age_s, wanted_s=10)


def test_the_first_answer_is_waited_for_and_then_kept_until_it_is_too_old(now: list[float]) -> None:
    checks: list[int] = []
    health = watch(lambda: checks.append(1) or len(checks), now, max_age_s=3)  # type: ignore[func-returns-value]
    assert health.latest() is None
    assert [health.answer(), health.answer(), health.latest()] == [1, 1, 1]
    now[0] = 3.0
    assert health.latest() is None
    assert health.answer() == 2
    health.close()


def test_a_thread_checks_again_while_the_answer_is_wanted(now: list[float]) -> None:
    checked, go_on = threading.Event(), threading.Event()

    def check() -> int:
        checked.set()
        assert go_on.wait(20)
        return 1

    health = watch(check, now)
    assert health.latest() is None, "it does not wait for the check"
    assert checked.wait(20)
    assert health.latest() is None
    go_on.set()
    checked.clear()
    assert health.answer() == 1
    now[0] = 0.02
    assert health.latest() == 1, "young enough"
    assert checked.wait(20), "and checked again before it is too old"
    health.close()


def test_the_thread_ends_when_nobody_asks(now: list[float]) -> None:
    def threads() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "health"]

    before = threads()
    health = watch(lambda: 1, now)
    health.latest()
    [thread] = [thread for thread in threads() if thread not in before]
    now[0] = 11.0
    thread.join(20)
    assert not thread.is_alive()
    assert health.latest() is None
    assert len(threads()) == len(before) + 1, "and begins again with the next question"
    health.close()
    assert len(threads()) == len(before)
