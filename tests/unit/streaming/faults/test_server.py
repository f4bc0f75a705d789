"""Every fault, whenever and however often it strikes, has the result that the catalogue documents; no token is lost."""

from dataclasses import replace
from typing import Any

import pytest

from streaming.core.events import Attempt, Fallback
from streaming.faults.catalogue import FAULTS
from streaming.faults.plan import FaultPlan
from streaming.faults.server import FaultServer
from streaming.runtime.engine import Engine
from tests.support.faults import AT_ONCE, PATIENT, SHORT, run_into, spoken, whole

SILENT = ("slow-headers", "slow-first-token", "stall")
"""Faults that only a clock can tell; the others must not be mistaken for one on a busy machine."""

FEW_EVENTS = replace(PATIENT, events=500)
"""More than three whole answers send."""

CASES = [
    pytest.param(fault, when, times, id=f"{fault}-{when}-{'once' if times else 'always'}")
    for fault, kind in FAULTS.items()
    for when in kind.once
    for times in (1, 0)
    # How often a connection is refused depends on the time, and not on the number of calls.
    if not (fault == "refused" and times)
]


@pytest.mark.parametrize(("fault", "when", "times"), CASES)
def test_a_fault_has_its_documented_result(
    engine: Engine, fault_server: FaultServer, fault: str, when: Any, times: int
) -> None:
    plan = FaultPlan(
        fault=fault, when=when, times=times, calls=3, ttft_s=0, tokens_per_s=4000, retry_after_s=0, byte_s=0
    )
    # Smaller than in the catalogue, and still above the limit of a run.
    plan = replace(plan, giant_bytes=1_500_000)
    endpoint = fault_server.open(plan)
    silent = fault in SILENT or (fault, when) == ("endless", "before")
    # Empty chunks without end are many before a clock strikes.
    run = run_into(
        engine,
        endpoint,
        limits=replace(SHORT, events=None, bytes=None) if silent else FEW_EVENTS,
        # Each attempt takes until the time limit: the second one is the last.
        retry_policy=replace(AT_ONCE, max_attempts=2) if silent else AT_ONCE,
    )
    kind = FAULTS[fault]
    result = (kind.once if times else kind.always)[when]
    said, ended = spoken(run), run.ended
    assert ended is not None
    asked_again = any(isinstance(entry.event, Attempt | Fallback) for entry in run.events)
    if result in ("healed", "whole", "unnoticed"):
        assert run.status == "Completed", ended
        assert asked_again == (result == "healed")
        expected = [whole(node) for node in ("first", "second", "third")]
        if result == "unnoticed":
            assert said[-1].text != expected.pop(), "a fault that the client cannot see"
            assert said[-1].text == endpoint.sent[-1], "what was received is shown as it was received"
        assert [message.text for message in said][: len(expected)] == expected
    else:
        assert run.status == "Failed", ended
        assert ended.error == ((result == "refused" and kind.refusal) or kind.error), ended
        assert ended.advice
        complete = {"before": 0, "middle": 1, "end": 2}[when] if kind.of_request and fault != "tls" else 2
        complete = 0 if fault == "tls" else complete
        assert [message.text for message in said][:complete] == [whole(n) for n in ("first", "second")][:complete]
        if result == "cut":
            assert ended.cut == (said[-1].message_id,)
            assert said[-1].text == endpoint.sent[-1], "every token that was sent whole is kept"
        if result == "refused":
            assert len(said) == complete
        if result == "limited":
            assert endpoint.sent[-1].startswith("".join(message.text for message in said[2:]))
            assert len(said) == (2 if (fault, when) == ("giant-token", "before") else 3)
