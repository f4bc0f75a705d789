"""AG-UI: every event is one of the protocol's own, and their order has no fault."""

import json
from typing import Any

import pytest
from ag_ui.core import PROTOCOL_VERSION
from ag_ui.core import Event as AgUiEvent
from hypothesis import given, settings
from pydantic import TypeAdapter

from streaming.core.events import Ended, LogEntry, Pending
from streaming.wires import ag_ui
from streaming.wires.ag_ui_checker import ag_ui_violations
from tests.support.event_logs import random_logs
from tests.support.wire_logs import LOGS, log_of, streamed

OFFICIAL: TypeAdapter[Any] = TypeAdapter(AgUiEvent)


def data_of(log: Any) -> list[dict[str, Any]]:
    return [json.loads(event.data) for event in streamed("ag-ui", log)]


def test_it_is_the_version_of_the_official_types() -> None:
    assert ag_ui.PROTOCOL_VERSION == PROTOCOL_VERSION


@pytest.mark.parametrize("name", LOGS)
def test_the_official_types_accept_every_event_of_a_real_run(name: str) -> None:
    events = data_of(log_of(name))
    for event in events:
        OFFICIAL.validate_python(event)
    assert ag_ui_violations(events) == []


@given(log=random_logs())
@settings(max_examples=60)
def test_the_order_is_right_for_any_log(log: list[LogEntry]) -> None:
    events = data_of(log)
    for event in events:
        OFFICIAL.validate_python(event)
    assert ag_ui_violations(events) == []


@pytest.mark.parametrize(
    ("ended", "last"),
    [
        (Ended(outcome="completed"), {"type": "success"}),
        (Ended(outcome="cancelled"), {"type": "cancelled"}),
        (
            Ended(outcome="interrupted", pending=(Pending(id="i", node="ask", value="Send it?"),)),
            {
                "type": "interrupt",
                "interrupts": [
                    {
                        "id": "i",
                        "reason": "input_required",
                        "message": "Send it?",
                        "metadata": {"node": "ask", "value": "Send it?"},
                    }
                ],
            },
        ),
        (
            Ended(outcome="interrupted", next=("write",)),
            {
                "type": "interrupt",
                "interrupts": [{"id": "write", "reason": "breakpoint", "metadata": {"node": "write"}}],
            },
        ),
    ],
)
def test_the_outcome_of_a_run(ended: Ended, last: dict[str, Any]) -> None:
    event = data_of([LogEntry(seq=0, t=0.0, event=ended)])[-1]
    OFFICIAL.validate_python(event)
    assert event["outcome"] == last


def test_a_failure_is_an_error_with_its_sentence() -> None:
    ended = Ended(outcome="failed", reason="The provider is away.", advice="Try again.")
    event = data_of([LogEntry(seq=0, t=0.0, event=ended)])[-1]
    assert (event["type"], event["message"]) == ("RUN_ERROR", "The provider is away. Try again.")
