"""Stream tuples of a LangGraph that has no version 2, in the form of version 2."""

from langgraph.types import Interrupt

from streaming.own_graphs.worker.serving import _shaped


def test_a_part_without_subgraphs_belongs_to_the_graph_itself() -> None:
    assert _shaped(("updates", {"work": {"n": 1}}), False) == {"type": "updates", "ns": (), "data": {"work": {"n": 1}}}


def test_a_part_of_a_subgraph_keeps_its_namespace() -> None:
    part = _shaped((("inner:1",), "messages", ("chunk", {"langgraph_node": "work"})), True)
    assert part == {"type": "messages", "ns": ("inner:1",), "data": ("chunk", {"langgraph_node": "work"})}


def test_questions_leave_the_state() -> None:
    question = Interrupt(value="Which one?", id="q")
    part = _shaped(((), "values", {"notes": [], "__interrupt__": (question,)}), True)
    assert part == {"type": "values", "ns": (), "data": {"notes": []}, "interrupts": (question,)}
