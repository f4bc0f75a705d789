"""Parallel branches, each with its own clock."""

import pytest

from streaming.core.events import Token
from streaming.projections.base import apply_all
from streaming.projections.branches import Branches
from tests.support.events import log, restart, task, token


def chunk(text: str, *, id: str, node: str) -> Token:
    return token(text, id=id, node=node, metadata={"langgraph_checkpoint_ns": f"{node}:{node}"})


@pytest.mark.parametrize("tasks", [True, False], ids=["with tasks", "without tasks"])
def test_dropped_message_takes_the_text_of_its_branch_with_it(tasks: bool) -> None:
    start = [(0.0, task("a", "a")), (0.0, task("b", "b"))] if tasks else []
    first = [
        (1.0, chunk("old", id="x", node="a")),
        (1.5, chunk("kept", id="y", node="b")),
        (2.0, chunk("old", id="x", node="a")),
    ]
    again = [(3.0, task("a", "a"))] if tasks else []
    events = log(*start, *first, (2.5, restart("x")), *again, (4.0, chunk("new", id="z", node="a")))
    branches = apply_all(Branches(), events)
    assert {(branch.node, branch.text, branch.chunks) for branch in branches.writing} == {
        ("a", "new", 1),
        ("b", "kept", 1),
    }
    assert [(segment.branch.node, segment.text) for segment in branches.segments] == [("b", "kept"), ("a", "new")]


def test_first_text_of_a_branch_counts_from_the_start_of_its_node() -> None:
    events = log((1.0, task("a", "a")), (3.0, chunk("x", id="m", node="a")), (5.0, chunk("y", id="m", node="a")))
    (branch,) = apply_all(Branches(), events).writing
    assert (branch.first_text_after_s, branch.chunks_per_s) == (2.0, 0.5)


def test_overlap_is_the_time_in_which_two_branches_write() -> None:
    spans = {"a": (1.0, 4.0), "b": (2.0, 3.0), "c": (3.5, 6.0)}
    chunks = [(t, chunk("x", id=node, node=node)) for node, times in spans.items() for t in times]
    ordered = sorted(chunks, key=lambda timed: timed[0])
    assert apply_all(Branches(), log(*ordered)).overlap_s == pytest.approx(1.0 + 0.5)


def test_a_task_that_is_reported_twice_keeps_its_text() -> None:
    events = log((0.0, task("a", "a")), (1.0, chunk("x", id="m", node="a")), (2.0, task("a", "a")))
    (branch,) = apply_all(Branches(), events).writing
    assert (branch.text, branch.started_at) == ("x", 0.0)


def test_the_kept_beginning_of_an_answer_is_no_first_text_of_its_branch() -> None:
    kept = token("old ", id="m", node="a", kept=True)
    new = token("new", id="m", node="a")
    (branch,) = apply_all(Branches(), log((1.0, kept), (3.0, new), (5.0, new))).writing
    assert (branch.text, branch.first_text_at, branch.chunks) == ("old newnew", 3.0, 2)
