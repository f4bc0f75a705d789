"""What the process of a graph tells beside the answers to its calls: where it stood still, and what it cannot stop."""

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Interrupt, PregelTask, StateSnapshot

from streaming.own_graphs.worker import leftovers
from streaming.own_graphs.worker.code_facts import owners_of
from streaming.own_graphs.worker.codec import loads
from streaming.own_graphs.worker.imported_files import ImportedFiles
from streaming.own_graphs.worker.loading import Loaded
from streaming.own_graphs.worker.serving import Calls, _snapshot
from streaming.own_graphs.worker.stalls import StallWatch
from tests.support.own_graphs.foreign_causes import chain_of

released = threading.Event()


@pytest.fixture(autouse=True)
def nothing_waits_after_a_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(leftovers, "GRACE_S", 0.2)
    released.clear()
    yield
    released.set()


class Sent:
    """The frames that a process would send."""

    def __init__(self, graph: Any) -> None:
        self.frames: list[dict[str, Any]] = []
        loaded = Loaded(graph)
        stalls, files = StallWatch(lambda: owners_of(graph)), ImportedFiles("nowhere", lambda *_: None, lambda *_: None)
        self.calls = Calls(self, loaded, [], stalls, files)  # type: ignore[arg-type]

    def put(self, payload: bytes) -> None:
        self.frames.append(loads(payload))

    def stream(self, number: int) -> None:
        given = {"messages": [{"role": "user", "content": "bees?"}]}
        asked = {
            "modes": ["updates"],
            "subgraphs": False,
            "options": {},
            "config": {"configurable": {"thread_id": str(number)}},
        }
        self.calls.receive({"id": number, "call": "stream", "input": given, **asked})

    async def until(self, kind: str, number: int) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                for frame in self.frames:
                    if (frame["kind"], frame["id"]) == (kind, number):
                        return frame
                await asyncio.sleep(0.01)


def waits(_: MessagesState) -> dict[str, Any]:
    released.wait(20)
    return {}


def spins(_: MessagesState) -> dict[str, Any]:
    until = time.monotonic() + 20
    while not released.is_set() and time.monotonic() < until:
        sum(range(1000))
    return {}


async def computes(_: MessagesState) -> dict[str, Any]:
    until = time.perf_counter() + 0.4
    while time.perf_counter() < until:
        sum(range(200))
    return {"messages": [AIMessage("done")]}


async def test_a_line_that_holds_the_loop_is_told_with_its_node() -> None:
    sent = Sent(chain_of(computes))
    sent.stream(1)
    (stall, *_) = (await sent.until("result", 1))["stalls"]
    assert stall["file"] == __file__
    assert stall["node"] == "step_0"
    assert stall["seconds"] >= 0.1
    assert stall["text"] in ("while time.perf_counter() < until:", "sum(range(200))")


async def naps(_: MessagesState) -> dict[str, Any]:
    time.sleep(0.3)
    for _ in range(4):
        time.sleep(0.15)
    return {"messages": [AIMessage("done")]}


async def test_the_time_that_the_loop_stood_still_is_told_of_each_line_and_of_its_own_run_alone() -> None:
    sent = Sent(chain_of(naps))
    sent.stream(1)
    longer, shorter = (await sent.until("result", 1))["stalls"]
    assert (longer["text"], shorter["text"]) == ("time.sleep(0.15)", "time.sleep(0.3)")
    assert longer["seconds"] > 1.3 * shorter["seconds"]
    assert longer["longest_s"] >= longer["seconds"] + shorter["seconds"] - 0.01, "the loop stood still all the time"


async def test_a_run_is_not_told_what_held_the_loop_in_an_earlier_one() -> None:
    naps = [0.3]

    async def nap_once(_: MessagesState) -> dict[str, Any]:
        if naps:
            time.sleep(naps.pop())
        return {}

    sent = Sent(chain_of(nap_once))
    sent.stream(1)
    assert (await sent.until("result", 1))["stalls"]
    sent.stream(2)
    assert "stalls" not in await sent.until("result", 2)


@dataclass(kw_only=True)
class Context:
    tone: str = "dry"


@dataclass(kw_only=True)
class Needed:
    user: str


@pytest.mark.parametrize(("schema", "found"), [(Context, "dry"), (dict, "{}"), (Needed, "None"), (None, "None")])
async def test_a_run_without_a_context_gets_that_of_the_defaults(schema: Any, found: str) -> None:
    def tell(_: MessagesState, runtime: Runtime[Any]) -> dict[str, Any]:
        return {"messages": [AIMessage(str(getattr(runtime.context, "tone", runtime.context)))]}

    graph: Any = StateGraph(MessagesState, context_schema=schema)
    sent = Sent(graph.add_node(tell).add_edge(START, "tell").compile())
    sent.stream(1)
    part = await sent.until("part", 1)
    assert found in str(part)
    await sent.until("result", 1)


async def test_a_thread_that_computes_after_a_stop_is_told_and_one_that_waits_is_not() -> None:
    quiet = Sent(chain_of(waits))
    quiet.stream(1)
    loop = asyncio.get_running_loop()
    while not leftovers.threads_at_work(loop):
        await asyncio.sleep(0.01)
    quiet.calls.receive({"id": 1, "call": "cancel"})
    await quiet.until("cancelled", 1)
    assert quiet.calls._check is not None
    await quiet.calls._check
    assert not any(frame["kind"] == "leftovers" for frame in quiet.frames)
    released.set()
    while leftovers.threads_at_work(loop):
        await asyncio.sleep(0.01)
    released.clear()
    sent = Sent(chain_of(spins))
    sent.stream(1)
    while not leftovers.threads_at_work(loop):
        await asyncio.sleep(0.01)
    sent.calls.receive({"id": 1, "call": "cancel"})
    await sent.until("leftovers", 0)
    released.set()


async def test_a_thread_that_computes_is_left_alone_while_another_call_runs() -> None:
    sent = Sent(chain_of(spins))
    sent.stream(1)
    sent.stream(2)
    loop = asyncio.get_running_loop()
    while leftovers.threads_at_work(loop) < 2:
        await asyncio.sleep(0.01)
    sent.calls.receive({"id": 1, "call": "cancel"})
    await sent.until("cancelled", 1)
    assert sent.calls._check is None, "nothing is looked for while something runs"
    released.set()
    await sent.until("result", 2)


@pytest.mark.parametrize(("said", "given"), [((), ("ask",)), (("other",), ("other",))])
def test_a_task_that_asks_comes_next_also_where_langgraph_says_that_nothing_does(
    said: tuple[str, ...], given: tuple[str, ...]
) -> None:
    asking = PregelTask(id="1", name="ask", path=(), interrupts=(Interrupt(value="Which?", id="q"),), result={})
    state = StateSnapshot(
        values={},
        next=said,
        config={},
        metadata=None,
        created_at=None,
        parent_config=None,
        tasks=(asking,),
        interrupts=(),
    )
    assert _snapshot(state)["next"] == given
