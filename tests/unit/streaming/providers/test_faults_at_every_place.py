"""What a provider does wrong, before an answer, in its middle and at its end, while another visitor streams."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from graphs import GRAPHS
from streaming.core.limits import Limits
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.providers import body_limits
from streaming.runtime.engine import Engine
from streaming.services import Services
from tests.support.graphs import QUICK, finish
from tests.support.provider_runs import KEY, compatible
from tests.support.raw_faults import BREAKS, FAULTS, LASTING, ODDITIES, POSITIONS
from tests.support.raw_provider import scripted_socket
from tests.support.waiting import wait_until

ANSWER = "The tide is out."
HOSTILE = RunRequest(
    graph=GRAPHS["chat"],
    model=QUICK,
    modes=("messages", "updates"),
    prompt="Hello",
    retry_policy=RetryPolicy(max_attempts=1),
)
VISITOR = replace(
    HOSTILE,
    model=replace(QUICK, pace=replace(QUICK.pace, tokens=20)),
    labels={"owner": "visitor"},
    limits=Limits(runs_per_minute=None),
)
LIMIT = 2_000_000
_PYTHON = re.compile(r"\b[A-Z]\w*(?:Error|Exception)\b")


@pytest.fixture(scope="module", autouse=True)
def _small_limits() -> Iterator[None]:
    """The limits of an answer are reached in a twentieth of the time."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("RECEIVED", "DECOMPRESSED", "LINE", "WHOLE"):
            patched.setattr(body_limits, f"MAX_{name}_BYTES", LIMIT)
        yield


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with closing(Engine()) as started:
        yield started


def text(of: Run) -> str:
    return "".join(message.text for message in apply_all(Messages(), of.events).answers())


def limits(name: str, place: str) -> Limits:
    """Short waits only where a limit ends the fault, so that a busy machine does not end the others."""
    idle_s = 0.5 if name in LASTING else 20
    return Limits(ttft_s=idle_s if place == "before" else 20, idle_s=idle_s, run_s=30, runs_per_minute=None)


def runs_on(engine: Engine, name: str) -> dict[str, Run]:
    """A run for each place of the fault, all at once, and beside them a visitor's run, which is whole."""
    fault = FAULTS[name]
    with ExitStack() as stack:
        providers = {
            place: stack.enter_context(scripted_socket(fault(begun))) for place, (begun, _) in POSITIONS.items()
        }
        runs = {
            place: engine.start(
                replace(HOSTILE, model=compatible(provider.base_url), limits=limits(name, place)), api_key=KEY
            )
            for place, provider in providers.items()
        }
        visitor = engine.start(VISITOR)
        for run in (*runs.values(), visitor):
            finish(run)
        assert visitor.status == "Completed", visitor.ended
        assert all(provider.wait_until_free() for provider in providers.values())
    return runs


@pytest.mark.parametrize("name", BREAKS)
def test_what_arrived_before_a_break_is_kept(engine: Engine, name: str) -> None:
    for place, run in runs_on(engine, name).items():
        assert run.ended is not None
        assert text(run) == POSITIONS[place][1], place
        assert KEY not in repr(run.events)
        if place == "after":
            assert run.status == "Completed", run.ended
            continue
        assert run.status == "Failed", (place, run.ended)
        assert run.ended.advice
        assert not _PYTHON.search(run.ended.reason), run.ended.reason
        if place != "before":
            assert run.ended.error in ("BrokenStream", "TooSlow"), run.ended
            assert run.ended.cut
            assert "What had arrived is kept." in run.ended.advice
            assert "error" not in name or "out of memory" in run.ended.reason
            assert "deeply" not in name or "500 objects and lists" in run.ended.reason


@pytest.mark.parametrize("name", ODDITIES)
def test_an_odd_piece_loses_no_text_unseen(engine: Engine, name: str) -> None:
    for place, run in runs_on(engine, name).items():
        assert run.ended is not None
        begun = POSITIONS[place][1]
        assert text(run).startswith(begun) or place == "before", place
        assert KEY not in repr(run.events)
        if run.status == "Completed":
            # “Two ends” is whole where its first end is.
            assert name == "two ends" or text(run).endswith(ANSWER.removeprefix(begun)) or place in ("end", "after")
            continue
        assert (run.status, place == "after") == ("Failed", False), (place, run.ended)
        assert run.ended.advice
        assert not _PYTHON.search(run.ended.reason), run.ended.reason
        assert place == "before" or "What had arrived is kept." in run.ended.advice


def test_no_fault_keeps_a_descriptor(engine: Engine) -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    quick = [name for name in FAULTS if name not in LASTING][::10]
    runs_on(engine, quick[0])
    before = descriptors()
    for name in quick:
        runs_on(engine, name)
    wait_until(lambda: descriptors() <= before + 3)


def test_while_many_providers_are_hostile_the_server_is_healthy(services: Services) -> None:
    with ExitStack() as stack:
        urls = [stack.enter_context(scripted_socket(FAULTS[name](b""))).base_url for name in sorted(LASTING)]
        runs = [
            services.engine.start(replace(HOSTILE, model=compatible(url), limits=limits("silence", "before")))
            for url in urls
        ]
        while any(run.ended is None for run in runs):
            assert services.health.answer().ok
        assert {run.status for run in runs} == {"Failed"}
