"""Each move along a thread: every field of the request that it makes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from streaming.core.events import Ended, Outcome, Pending, Started
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec
from streaming.core.partial_answer import PartialAnswer
from streaming.core.request import CompiledGraph, Fork, Resume, RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.runtime.thread_moves import (
    again,
    ask_again,
    edit_turn,
    fork,
    next_turn,
    resume,
    resume_thread,
    retry,
    version_beside,
)
from tests.support.graphs import Source


def never_built(*_: object) -> CompiledGraph:
    raise AssertionError("a move builds no graph")


SHOWN = Source(builder=never_built, given={}, name="shown")
CHOSEN = Source(builder=never_built, given={}, name="chosen")

EARLIER = RunRequest(
    graph=SHOWN,
    model=ModelSpec(provider="scripted"),
    modes=("values",),
    prompt="Apples",
    thread_id="thread",
    checkpoint_id="branched-at",
    previous_run_id="before",
    context={"order": "gather"},
    interrupt_before=("old",),
    limits=Limits(run_s=1.0),
    labels={"owner": "me", "flush": "blocks"},
)
CONTROLS = RunRequest(
    graph=CHOSEN,
    model=ModelSpec(provider="openai"),
    modes=("messages", "updates"),
    prompt="typed meanwhile",
    context=None,
    interrupt_before=("new",),
    limits=Limits(run_s=2.0),
    retry_policy=RetryPolicy(max_attempts=5, restart=True),
    fallback_model=ModelSpec(provider="groq"),
    labels={"owner": "me", "flush": "every token"},
)
PARTIAL = {"write": PartialAnswer(text="Half an ans", continues=True)}
FORK = Fork(checkpoint_id="there", step=2, edits={"topic": "tea"})
FORMER_RESUME = Resume(answers={"q": "yes"})

BASE: dict[str, Any] = {
    "graph": SHOWN,
    "prompt": "Apples",
    "context": {"order": "gather"},
    "thread_id": "thread",
    "checkpoint_id": None,
    "fork": None,
    "resume": None,
    "previous_run_id": None,
    "replaces_run_id": None,
    # From the controls, whatever the move.
    "model": CONTROLS.model,
    "modes": CONTROLS.modes,
    "interrupt_before": CONTROLS.interrupt_before,
    "limits": CONTROLS.limits,
    "retry_policy": CONTROLS.retry_policy,
    "fallback_model": CONTROLS.fallback_model,
    "labels": CONTROLS.labels,
    "subgraphs": CONTROLS.subgraphs,
    "api": CONTROLS.api,
}
ITS_ID = "<the run's id>"


def ran(
    outcome: Outcome | None = "completed",
    *,
    began_at: str | None = "began",
    started: bool = True,
    **fields: Any,
) -> Run:
    """A run of `EARLIER` with these fields; without an outcome it still streams."""
    run = Run(replace(EARLIER, **fields), thread_id="thread")
    if started:
        run.append(Started(thread_id="thread", checkpoint_id=began_at))
    if outcome is not None:
        run.append(Ended(outcome=outcome, checkpoint_id="ended"))
    return run


Move = Callable[[Run], RunRequest]


def moved(move: Move, run: Run) -> dict[str, Any]:
    request = move(run)
    fields = {name: getattr(request, name) for name in BASE}
    return {name: ITS_ID if value == run.id else value for name, value in fields.items()}


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (ran(), {"checkpoint_id": "ended", "previous_run_id": ITS_ID, "prompt": "And pears"}),
        (ran("cancelled"), {"checkpoint_id": "ended", "previous_run_id": ITS_ID, "prompt": "And pears"}),
        (ran(None), {"checkpoint_id": None, "previous_run_id": ITS_ID, "prompt": "And pears"}),
        (
            ran(resume=FORMER_RESUME, fork=FORK, replaces_run_id="first"),
            {"checkpoint_id": "ended", "previous_run_id": ITS_ID, "prompt": "And pears"},
        ),
    ],
    ids=["completed", "cancelled", "still running", "position of the former run is not inherited"],
)
def test_next_turn_goes_on_where_the_run_ended(run: Run, expected: dict[str, Any]) -> None:
    assert moved(lambda run: next_turn(run, CONTROLS, prompt="And pears"), run) == BASE | expected


def test_the_same_input_is_run_again_on_a_thread_of_its_own() -> None:
    run = ran("interrupted", resume=FORMER_RESUME, fork=FORK)
    assert moved(lambda run: again(run, CONTROLS), run) == BASE | {"thread_id": None}


@pytest.mark.parametrize("run", [ran(), ran("failed"), ran(resume=FORMER_RESUME, replaces_run_id="first")])
def test_fork_starts_at_its_checkpoint(run: Run) -> None:
    expected = BASE | {"fork": FORK, "previous_run_id": ITS_ID}
    assert moved(lambda run: fork(run, CONTROLS, checkpoint=FORK), run) == expected


@pytest.mark.parametrize("answers", [{"q": {"action": "approve"}}, {}], ids=["answers", "static breakpoint"])
def test_resume_sends_the_answers_to_the_same_thread(answers: dict[str, Any]) -> None:
    run = ran("interrupted", resume=FORMER_RESUME, fork=FORK)
    position = Resume(answers=answers, expects=None if answers else "ended")
    expected = BASE | {"resume": position, "previous_run_id": ITS_ID}
    assert moved(lambda run: resume(run, CONTROLS, answers=answers), run) == expected


def test_a_secret_in_an_answer_is_found_by_the_schema_that_the_question_holds() -> None:
    """It is the one that the form is drawn by; the answer was stored with the password in it."""
    schema = {"type": "object", "properties": {"password": {"type": "string", "format": "password"}}}
    question = Pending(id="q", node="ask", value={"question": "?", "schema": schema})
    run = ran(None)
    run.append(Ended(outcome="interrupted", checkpoint_id="ended", pending=(question,)))
    answered = resume(run, CONTROLS, answers={"q": {"password": "hunter2zz"}}).resume
    assert answered is not None
    assert "hunter2zz" not in repr(answered)


def test_a_thread_without_runs_is_resumed_by_its_id_with_the_graph_of_the_controls() -> None:
    request = resume_thread("kept", CONTROLS, answers={"q": "yes"})
    assert request == replace(CONTROLS, thread_id="kept", resume=FORMER_RESUME)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (ran("failed"), {"previous_run_id": "before", "replaces_run_id": ITS_ID}),
        (ran("cancelled"), {"previous_run_id": "before", "replaces_run_id": ITS_ID}),
        (ran("timed out", replaces_run_id="first"), {"previous_run_id": "before", "replaces_run_id": "first"}),
        (ran("interrupted"), {"previous_run_id": ITS_ID, "replaces_run_id": None}),
        (ran("failed", previous_run_id=None), {"previous_run_id": None, "replaces_run_id": ITS_ID}),
    ],
    ids=["failed", "cancelled", "a later version", "stopped after a step", "first turn"],
)
@pytest.mark.parametrize("partial", [PARTIAL, {}], ids=["with partial answers", "without"])
def test_retry_replaces_a_run_that_broke_off_and_follows_one_that_was_drained(
    run: Run, expected: dict[str, Any], partial: dict[str, PartialAnswer]
) -> None:
    expected = BASE | {"resume": Resume(partial_answers=partial, expects="ended")} | expected
    assert moved(lambda run: retry(run, CONTROLS, partial_answers=partial), run) == expected


def test_ask_again_replaces_the_run_from_where_it_began() -> None:
    run = ran("failed", resume=FORMER_RESUME)
    replaced = {"checkpoint_id": "began", "previous_run_id": "before", "replaces_run_id": ITS_ID}
    assert moved(lambda run: ask_again(run, CONTROLS), run) == BASE | {"resume": Resume()} | replaced


@pytest.mark.parametrize(
    ("turn", "prompt", "expected"),
    [
        (ran(), "Plums", {"prompt": "Plums"}),
        (ran(), None, {"prompt": "Apples"}),
        (ran(), "", {"prompt": ""}),
        (ran(None), "Plums", {"prompt": "Plums"}),
        (ran(replaces_run_id="first"), "Plums", {"prompt": "Plums", "replaces_run_id": "first"}),
        (ran(began_at=None), "Plums", {"prompt": "Plums", "thread_id": None, "checkpoint_id": None}),
        (ran("failed", started=False), None, {"thread_id": None, "checkpoint_id": None}),
        (ran(resume=Resume()), None, {"resume": Resume()}),
        (ran(resume=Resume()), "Plums", {"prompt": "Plums"}),
    ],
    ids=[
        *("edited", "regenerated", "edited to nothing", "still running", "a later version", "first turn"),
        *("never started", "step after a pause, regenerated", "step after a pause, edited"),
    ],
)
def test_edit_turn_begins_where_the_turn_began(turn: Run, prompt: str | None, expected: dict[str, Any]) -> None:
    began = {"checkpoint_id": "began", "previous_run_id": "before", "replaces_run_id": ITS_ID}
    assert moved(lambda run: edit_turn(run, CONTROLS, prompt=prompt), turn) == BASE | began | expected


@pytest.mark.parametrize("prompt", ["Plums", None])
def test_a_turn_that_was_retried_is_edited_from_the_beginning_of_its_first_version(prompt: str | None) -> None:
    first = ran("failed", began_at="turn-began")
    retried = ran(
        began_at="in the middle", prompt="Pears", resume=Resume(partial_answers=PARTIAL), replaces_run_id=first.id
    )
    expected = {
        "prompt": prompt or "Pears",
        "checkpoint_id": "turn-began",
        "previous_run_id": "before",
        "replaces_run_id": first.id,
    }
    assert moved(lambda run: edit_turn(run, CONTROLS, versions=[first, retried], prompt=prompt), retried) == (
        BASE | expected
    )


def test_version_beside_ends_at_the_first_and_the_last() -> None:
    first, second, third = versions = [ran(), ran(), ran()]
    assert version_beside(versions, first, step=-1) is None
    assert version_beside(versions, first, step=1) is second
    assert version_beside(versions, third, step=-1) is second
    assert version_beside(versions, third, step=1) is None
