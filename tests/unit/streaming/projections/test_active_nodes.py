"""Every mode shows which nodes run, and none shows a node that has finished."""

from typing import Any

import pytest

from graphs import GRAPHS, TECHNIQUES
from streaming.core.events import (
    MODES,
    Attempt,
    Custom,
    Ended,
    Event,
    LogEntry,
    Outcome,
    Started,
    TaskEnded,
    Token,
    Updates,
    Values,
)
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.active_nodes import ActiveNodes
from streaming.projections.base import apply_all
from streaming.runtime.engine import Engine
from streaming.runtime.graph_descriptions import describe
from tests.support.graphs import QUICK, finish

ALL = {**GRAPHS, **TECHNIQUES}


def log(*events: Event) -> list[LogEntry]:
    return [LogEntry(seq=seq, t=float(seq), event=event) for seq, event in enumerate(events)]


@pytest.fixture(scope="module")
def runs(engine: Engine) -> dict[str, Run]:
    started = {
        name: engine.start(RunRequest(graph=graph, model=QUICK, modes=MODES, prompt="Cats"))
        for name, graph in ALL.items()
    }
    return {name: finish(run) for name, run in started.items()}


def shown_by(run: Run, mode: str) -> dict[int, frozenset[str]]:
    """The nodes that this mode alone shows after each event, by the event's number in the log."""
    running, found = ActiveNodes(describe(run.request.graph).edges), {}
    for entry in run.events:
        if entry.event.kind in (mode, "started", "ended"):
            running.apply(entry)
        found[entry.seq] = running.nodes
    return found


@pytest.mark.parametrize("graph", list(ALL))
@pytest.mark.parametrize("mode", ["values", "updates", "custom", "checkpoints", "debug"])
def test_no_mode_shows_a_node_that_has_finished(runs: dict[str, Run], graph: str, mode: str) -> None:
    run = runs[graph]
    shown, truth = shown_by(run, mode), shown_by(run, "tasks")
    for entry in run.events:
        if entry.event.kind == mode:
            # A node may be shown a moment before its start is reported.
            now_or_later = frozenset().union(*(nodes for seq, nodes in truth.items() if seq >= entry.seq))
            assert shown[entry.seq] <= now_or_later, entry
    assert shown[run.length - 1] == frozenset()


@pytest.mark.parametrize(
    ("graph", "mode", "nodes"),
    [
        ("joke", "values", {"refine_topic", "generate_joke"}),
        ("joke", "updates", {"refine_topic", "generate_joke"}),
        ("joke", "checkpoints", {"refine_topic", "generate_joke"}),
        ("joke", "debug", {"refine_topic", "generate_joke"}),
        ("rag", "values", {"route", "generate"}),
        ("rag", "updates", {"route", "search_langgraph", "search_streaming", "search_ux", "generate"}),
        ("report", "custom", {"plan", "gather", "write", "check"}),
        ("ideas", "values", set()),
        ("ideas", "debug", {"think", "merge"}),
    ],
)
def test_each_mode_shows_these_nodes(runs: dict[str, Run], graph: str, mode: str, nodes: set[str]) -> None:
    assert set().union(*shown_by(runs[graph], mode).values()) == nodes


def values() -> Values:
    return Values(ns=(), state={})


EDGES = [("__start__", "a", False), ("a", "b", False), ("b", "c", True), ("b", "d", True)]


def test_nodes_behind_a_conditional_edge_are_unknown() -> None:
    running = ActiveNodes(EDGES)
    found = []
    for entry in log(Started(thread_id="t"), values(), values(), values(), values()):
        running.apply(entry)
        found.append(set(running.nodes))
    assert found == [{"a"}, {"a"}, {"b"}, set(), set()]


def test_nodes_are_unknown_where_a_thread_goes_on_or_a_step_is_repeated() -> None:
    assert apply_all(ActiveNodes(EDGES), log(Started(thread_id="t", checkpoint_id="1"), values())).nodes == frozenset()
    again = Attempt(number=2, of=3, reason="x", pause_s=0, dropped=("m",))
    assert apply_all(ActiveNodes(EDGES), log(Started(thread_id="t"), again)).nodes == frozenset()


def test_streaming_node_stays_active_until_its_update() -> None:
    chunk = Token(ns=("b:1", "inner:2"), message_id="m", node="inner", role="ai", text="x")
    events = log(Started(thread_id="t", checkpoint_id="1"), chunk)
    assert apply_all(ActiveNodes(EDGES), events).nodes == {"b"}
    assert apply_all(ActiveNodes(EDGES), log(chunk, Updates(ns=(), deltas={"b": {}}))).nodes == frozenset()


def finished_by(run: Run, mode: str) -> frozenset[str]:
    """The nodes of which this mode alone shows that they have finished."""
    events = [entry for entry in run.events if entry.event.kind in (mode, "started", "ended")]
    return apply_all(ActiveNodes(describe(run.request.graph).edges), events).finished


@pytest.mark.parametrize("graph", list(ALL))
@pytest.mark.parametrize("mode", ["values", "updates", "messages", "custom", "checkpoints", "debug"])
def test_nodes_that_are_shown_as_finished_have_finished(runs: dict[str, Run], graph: str, mode: str) -> None:
    run = runs[graph]
    assert finished_by(run, mode) <= finished_by(run, "tasks")


@pytest.mark.parametrize("mode", ["values", "updates", "messages", "checkpoints", "debug"])
def test_picture_of_a_completed_run_keeps_its_nodes(runs: dict[str, Run], mode: str) -> None:
    assert finished_by(runs["joke"], mode) >= {"refine_topic", "generate_joke"}


def test_node_that_failed_or_asks_has_not_finished() -> None:
    def ended(**how: Any) -> TaskEnded:
        return TaskEnded(ns=(), task_id="1", node="a", result={}, **{"error": None, "interrupts": (), **how})

    assert apply_all(ActiveNodes(EDGES), log(ended())).finished == {"a"}
    assert apply_all(ActiveNodes(EDGES), log(ended(error="x"))).finished == frozenset()
    assert apply_all(ActiveNodes(EDGES), log(ended(interrupts=({},)))).finished == frozenset()


def test_what_had_finished_is_unknown_when_the_run_starts_again() -> None:
    again = Attempt(number=2, of=3, reason="x", pause_s=0, dropped=("m",))
    assert apply_all(ActiveNodes(EDGES), log(Updates(ns=(), deltas={"a": {}}), again)).finished == frozenset()


BRANCHES = [
    ("__start__", "model", False),
    ("model", "tools", True),
    ("model", "__end__", True),
    ("tools", "model", False),
]


def ending(*events: Event, outcome: Outcome = "failed") -> ActiveNodes:
    return apply_all(ActiveNodes(BRANCHES), log(Started(thread_id="t"), *events, Ended(outcome=outcome)))


FROM_TOOLS = [
    Token(ns=(), message_id="m", node="tools", role="tool", text="3", whole=True),
    Token(ns=("tools:1",), message_id="m", node="inner", role="ai", text="x"),
    Values(ns=("tools:1",), state={}),
    Updates(ns=("tools:1",), deltas={"inner": {}}),
    Custom(ns=("tools:1",), data="half"),
    Custom(ns=(), data={"kind": "progress", "step": "tools", "done": 2, "total": 2}),
]


@pytest.mark.parametrize("event", FROM_TOOLS, ids=lambda event: f"{event.kind} {event.ns}")
def test_a_node_that_anything_came_from_has_been_reached_and_without_an_end_is_named_at_the_end(event: Event) -> None:
    assert "tools" in ending(event, outcome="completed").finished
    failed = ending(event)
    assert "tools" in failed.seen | failed.finished


def test_only_the_modes_that_tell_of_nodes_make_sure_which_did_not_run() -> None:
    assert ending(values(), outcome="completed").unsure
    assert ending(Custom(ns=(), data="half"), outcome="completed").unsure
    assert not ending(Updates(ns=(), deltas={"model": {}}), outcome="completed").unsure
    assert not apply_all(ActiveNodes(BRANCHES), log(Ended(outcome="cancelled"))).unsure, "no node can have run"
