"""The checker names each event that is out of order."""

from typing import Any

import pytest

from streaming.wires.ag_ui_checker import ag_ui_violations

START: dict[str, Any] = {"type": "RUN_STARTED", "threadId": "t", "runId": "r"}
END: dict[str, Any] = {"type": "RUN_FINISHED", "threadId": "t", "runId": "r"}
ERROR: dict[str, Any] = {"type": "RUN_ERROR", "message": "m"}


def text(step: str, name: str = "m") -> dict[str, Any]:
    return {"type": f"TEXT_MESSAGE_{step}", "messageId": name}


def call(step: str) -> dict[str, Any]:
    return {"type": f"TOOL_CALL_{step}", "toolCallId": "c"}


def step(state: str) -> dict[str, Any]:
    return {"type": f"STEP_{state}", "stepName": "write"}


GOOD = [
    [START, END],
    [START, ERROR],
    [ERROR],
    [START, text("START"), ERROR],
    [START, text("START"), text("START", "n"), text("CONTENT"), text("END"), text("END", "n"), END],
    [START, step("STARTED"), step("FINISHED"), step("STARTED"), step("FINISHED"), END],
    [START, call("START"), call("ARGS"), call("END"), {"type": "TOOL_CALL_RESULT"}, {"type": "CUSTOM"}, END],
]
BAD = [
    ([], "no RUN_FINISHED"),
    ([START], "no RUN_FINISHED"),
    ([text("START"), text("END"), END], "first event is TEXT_MESSAGE_START"),
    ([START, START, END], "while the run is active"),
    ([START, END, text("START")], "after RUN_FINISHED"),
    ([START, END, END], "after RUN_FINISHED"),
    ([START, text("CONTENT"), END], "no open text message m"),
    ([START, text("END"), END], "no open text message m"),
    ([START, text("START"), END], "open text message m"),
    ([START, text("START"), text("START"), text("END"), END], "again, which is open"),
    ([START, text("START"), text("END"), text("START"), text("END"), END], "uses the id of text message m again"),
    ([START, call("ARGS"), END], "no open tool call c"),
    ([START, call("START"), END], "open tool call c"),
    ([START, step("FINISHED"), END], "no open step write"),
    ([START, step("STARTED"), END], "open step write"),
    ([START, {"type": "REASONING_MESSAGE_CONTENT", "messageId": "m"}, END], "no open reasoning message m"),
]


@pytest.mark.parametrize("events", GOOD)
def test_a_stream_in_order_has_no_fault(events: list[dict[str, Any]]) -> None:
    assert ag_ui_violations(events) == []


@pytest.mark.parametrize(("events", "fault"), BAD)
def test_a_fault_is_named(events: list[dict[str, Any]], fault: str) -> None:
    found = ag_ui_violations(events)
    assert len(found) == 1
    assert fault in found[0]
