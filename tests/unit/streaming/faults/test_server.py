"""Every fault, whenever and however often it strikes, has the result that the catalogue documents; no token is lost."""

from dataclasses import replace
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from streaming.core.events import Attempt, Fallback
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.faults.catalogue import FAULTS
from streaming.faults.plan import FaultPlan
from streaming.faults.server import Endpoint, FaultServer
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages, StreamedMessage
from streaming.providers.scripted.texts import answer_for, token_pieces
from streaming.runtime.engine import Engine
from tests.support.graphs import Source, finish

QUICK = RetryPolicy(initial_backoff_s=0.0)
SHORT = Limits(ttft_s=0.8, idle_s=0.8, events=1500, bytes=1_000_000)
PATIENT = replace(SHORT, ttft_s=20, idle_s=20)
SILENT = ("slow-headers", "slow-first-token", "stall")
"""Faults that only a clock can tell; the others must not be mistaken for one on a busy machine."""

CASES = [
    pytest.param(fault, when, times, id=f"{fault}-{when}-{'once' if times else 'always'}")
    for fault, kind in FAULTS.items()
    for when in kind.once
    for times in (1, 0)
    # How often nobody is at home is a matter of time, and not of asking.
    if not (fault == "refused" and times)
]


class _State(TypedDict):
    said: str


def _asked(node: str) -> list[Any]:
    return [SystemMessage("Answer in a few sentences."), HumanMessage(f"What is {node}?")]


def three_calls(model: Any, checkpointer: Any) -> Any:
    """Three answers, one after the other."""

    def node(name: str) -> Any:
        async def ask(state: _State) -> dict[str, str]:
            return {"said": str((await model.ainvoke(_asked(name))).text)}

        return ask

    graph = StateGraph(_State)
    graph.add_sequence([(name, node(name)) for name in ("first", "second", "third")])
    graph.add_edge(START, "first")
    graph.add_edge("third", END)
    return graph.compile(checkpointer=checkpointer)


@pytest.fixture(scope="module")
def server() -> Any:
    server = FaultServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def lab() -> Engine:
    return Engine()


def run_into(lab: Engine, endpoint: Endpoint, **fields: Any) -> Run:
    spec = ModelSpec(provider="compatible", base_url=endpoint.base_url, model="fault-lab", max_tokens=60)
    request = RunRequest(
        graph=Source(builder=three_calls, given={"said": ""}),
        model=spec,
        modes=("messages", "updates"),
        prompt="go",
        **{"limits": PATIENT, "retry_policy": QUICK, **fields},
    )
    return finish(lab.start(request, api_key="k"))


def spoken(run: Run) -> list[StreamedMessage]:
    return apply_all(Messages(), run.events).spoken()


def whole(node: str, most: int | None = 60) -> str:
    return "".join(list(token_pieces(answer_for(_asked(node))))[:most])


@pytest.mark.parametrize(("fault", "when", "times"), CASES)
def test_a_fault_has_its_documented_result(lab: Engine, server: FaultServer, fault: str, when: Any, times: int) -> None:
    plan = FaultPlan(
        fault=fault, when=when, times=times, calls=3, ttft_s=0, tokens_per_s=4000, retry_after_s=0, byte_s=0
    )
    endpoint = server.open(plan)
    silent = fault in SILENT or (fault, when) == ("endless", "before")
    # Empty chunks without end are many before a clock strikes.
    run = run_into(lab, endpoint, limits=replace(SHORT, events=None, bytes=None) if silent else PATIENT)
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
