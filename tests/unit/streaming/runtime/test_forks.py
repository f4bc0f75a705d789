"""A fork with an edit goes on as its checkpoint would have, whatever led there."""

from typing import Any, TypedDict

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send

from streaming.core.events import CheckpointSaved, TaskStarted
from streaming.core.request import Fork
from streaming.core.run import Run
from streaming.runtime.engine import Engine
from tests.support.graphs import events_of, finish, start


class State(TypedDict, total=False):
    topic: str
    draft: str
    note: str


def commands(goto: Any) -> Any:
    """A graph whose first node says by a command where to go on."""

    def build(model: Any, checkpointer: Any) -> Any:
        graph = StateGraph(State)
        graph.add_node("ask", lambda state: Command(update={"draft": ""}, goto=goto), destinations=("write", "note"))
        graph.add_node("write", lambda state: {"draft": f"about {state['topic']}"})
        graph.add_node("note", lambda state: {"note": "noted"})
        graph.add_edge(START, "ask")
        return graph.compile(checkpointer=checkpointer)

    return build


def routed(model: Any, checkpointer: Any) -> Any:
    """A graph that writes unless the topic is empty."""
    graph = StateGraph(State)
    graph.add_node("ask", lambda state: {"draft": ""})
    graph.add_node("write", lambda state: {"draft": f"about {state['topic']}"})
    graph.add_edge(START, "ask")
    graph.add_conditional_edges("ask", lambda state: "write" if state["topic"] else END)
    return graph.compile(checkpointer=checkpointer)


def forked(engine: Engine, build: Any, topic: str) -> Run:
    run = finish(start(engine, build, {"topic": "cats"}))
    point = next(event for event in events_of(run, CheckpointSaved) if "write" in event.next)
    fork = Fork(checkpoint_id=point.checkpoint_id, step=point.step, edits={"topic": topic})
    return finish(start(engine, build, None, thread_id=run.thread_id, fork=fork))


@pytest.mark.parametrize("goto", ["write", ["write", "note"]], ids=["one node", "two nodes"])
def test_the_nodes_that_a_command_led_to_run_with_the_edit(engine: Engine, goto: Any) -> None:
    run = forked(engine, commands(goto), "dogs")
    assert run.status == "Completed"
    expected = [goto] if isinstance(goto, str) else goto
    assert sorted(event.node for event in events_of(run, TaskStarted)) == sorted(expected)
    assert events_of(run, CheckpointSaved)[-1].fields["draft"] == "about dogs"


def test_what_a_command_sent_is_sent_again_and_the_other_node_has_the_edit(engine: Engine) -> None:
    goto = [Send("write", {"topic": "birds"}), "note"]
    run = forked(engine, commands(goto), "dogs")
    assert run.status == "Completed"
    given = [(event.node, event.input["topic"]) for event in events_of(run, TaskStarted)]
    assert sorted(given) == [("note", "dogs"), ("write", "birds")]


def test_the_checkpoint_of_a_fork_stays_what_it_was(engine: Engine) -> None:
    build = commands("write")
    run = finish(start(engine, build, {"topic": "cats"}))
    point = next(event for event in events_of(run, CheckpointSaved) if "write" in event.next)
    for edits, draft in (({"topic": "dogs"}, "about dogs"), ({}, "about cats")):
        fork = Fork(checkpoint_id=point.checkpoint_id, step=point.step, edits=edits)
        again = finish(start(engine, build, None, thread_id=run.thread_id, fork=fork))
        assert events_of(again, CheckpointSaved)[-1].fields["draft"] == draft


@pytest.mark.parametrize(("topic", "nodes"), [("dogs", ["write"]), ("", [])], ids=["on", "to the end"])
def test_an_edge_decides_by_the_edit(engine: Engine, topic: str, nodes: list[str]) -> None:
    run = forked(engine, routed, topic)
    assert run.status == "Completed"
    assert [event.node for event in events_of(run, TaskStarted)] == nodes
