"""Moves along a thread: the request of the run that comes next.

Each move takes a run (or the id of a thread whose runs were evicted) and the present request of the controls. The
model, the policy (limits, retries, fallback model), the stream modes, the breakpoints and the labels are those of the
controls; the graph, the run-time context, `configurable` and the position in the thread are those of the run. No run is
started here.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from streaming.analysis.questions import schema_of
from streaming.core.errors import NotContinuable, UnknownGraph
from streaming.core.partial_answer import PartialAnswer
from streaming.core.request import Fork, HasDescription, Resume, RunRequest
from streaming.core.run import Run
from streaming.core.secret_fields import secret_paths
from streaming.core.serialization import to_plain
from streaming.core.typed_secrets import carried, hide_at, with_secrets_apart
from streaming.own_graphs.own_graph import OwnGraph
from streaming.own_graphs.project_files import told_changes
from streaming.runtime.known_graphs import resolved


def check_thread(run: Run) -> None:
    """Raise `NotContinuable` if the thread of this run ended with the process of its graph, or `UnknownGraph`."""
    graph = resolved(run.request.graph)
    if isinstance(graph, OwnGraph) and not graph.keeps_thread(run.thread_id):
        changes = told_changes(graph.process.changes_that_ended(run.thread_id))
        why = f": {changes}" if changes else ", as after a changed file"
        raise NotContinuable(
            f"The thread of this run ended with the process that kept it{why}.",
            advice="Run it again.",
        )


def next_turn(run: Run, controls: RunRequest, *, prompt: str) -> RunRequest:
    """The next turn of the conversation, from the checkpoint where this run ended."""
    checkpoint_id = run.ended.checkpoint_id if run.ended else None
    return replace(_after(run, controls), prompt=prompt, input=None, checkpoint_id=checkpoint_id)


def again(run: Run, controls: RunRequest) -> RunRequest:
    """The same input on a new thread, where that of the run is gone."""
    return replace(_after(run, controls), thread_id=None, previous_run_id=None)


def fork(run: Run, controls: RunRequest, *, checkpoint: Fork) -> RunRequest:
    """A run from one of the thread's checkpoints, with fields of its state changed first."""
    request = replace(_after(run, controls), fork=checkpoint)
    with suppress(UnknownGraph):
        if isinstance(graph := resolved(request.graph), HasDescription):
            return with_secrets_apart(request, graph.description)
    return request


def resume(run: Run, controls: RunRequest, *, answers: Mapping[str, Any]) -> RunRequest:
    """Continue the run's interrupted thread; `answers` by interrupt id, empty to pass a static breakpoint."""
    # Without an answer, only the checkpoint says that the thread still waits there.
    expects = run.ended.checkpoint_id if run.ended and not answers else None
    request = replace(_after(run, controls), resume=Resume(answers=answers, expects=expects))
    secret = [
        ("answers", question.id, *path)
        for question in (run.ended.pending if run.ended else ())
        for path in secret_paths(answers.get(question.id), schema_of(question.value, question.schema) or {})
    ]
    return hide_at(request, secret)


def resume_thread(thread_id: str, controls: RunRequest, *, answers: Mapping[str, Any]) -> RunRequest:
    """Continue an interrupted thread whose runs this server does not have, such as one from before a restart."""
    return replace(_fresh(controls), thread_id=thread_id, resume=Resume(answers=answers))


def retry(run: Run, controls: RunRequest, *, partial_answers: Mapping[str, PartialAnswer]) -> RunRequest:
    """Repeat the step that failed, in a run that replaces this one; `partial_answers` by the node's name.

    A run that was stopped after a step (drained) did not fail: the new run continues it and replaces nothing.
    """
    expects = run.ended.checkpoint_id if run.ended else None
    request = replace(_after(run, controls), resume=Resume(partial_answers=partial_answers, expects=expects))
    if run.interrupted:
        return request
    return replace(request, previous_run_id=run.request.previous_run_id, replaces_run_id=_first_version(run))


def ask_again(run: Run, controls: RunRequest) -> RunRequest:
    """Go back to the questions that this run answered, in a run that replaces it: LangGraph keeps the first answer."""
    return replace(
        _after(run, controls),
        checkpoint_id=run.started.checkpoint_id if run.started else None,
        resume=Resume(),
        previous_run_id=run.request.previous_run_id,
        replaces_run_id=_first_version(run),
    )


def edit_turn(
    turn: Run, controls: RunRequest, *, versions: Sequence[Run] = (), prompt: str | None = None
) -> RunRequest:
    """Repeat a turn from the checkpoint where it began, in a run that replaces it; by default with the same prompt.

    `versions` are the runs of this turn, oldest first. A retry began in the middle of the turn, so the turn begins
    where the version with the prompt began. There is no checkpoint before the first turn: its new version gets a new
    thread.
    """
    origin = next((version for version in versions if version.request.resume is None), turn)
    checkpoint_id = origin.started.checkpoint_id if origin.started else None
    return replace(
        _after(turn, controls),
        prompt=turn.request.prompt if prompt is None else prompt,
        input=turn.request.input if prompt is None else _input_with(turn.request, prompt),
        thread_id=origin.thread_id if checkpoint_id else None,
        checkpoint_id=checkpoint_id,
        previous_run_id=origin.request.previous_run_id,
        replaces_run_id=_first_version(turn),
        # Without the version that had the prompt, only the same step can be repeated.
        fork=origin.request.fork if prompt is None else None,
        resume=origin.request.resume if prompt is None else None,
    )


def version_beside(versions: Sequence[Run], run: Run, *, step: int) -> Run | None:
    """The version `step` positions after this run among the `versions` of its turn; `None` beyond the ends."""
    index = versions.index(run) + step
    return versions[index] if 0 <= index < len(versions) else None


def _after(run: Run, controls: RunRequest) -> RunRequest:
    return replace(
        _fresh(controls),
        graph=run.request.graph,
        prompt=run.request.prompt,
        context=run.request.context,
        input=run.request.input,
        configurable=run.request.configurable,
        secrets=carried(run.request, controls),
        thread_id=run.thread_id,
        previous_run_id=run.id,
    )


def _fresh(controls: RunRequest) -> RunRequest:
    """The controls' request without anything that belongs to one run's position in a thread."""
    return replace(
        controls,
        thread_id=None,
        checkpoint_id=None,
        fork=None,
        resume=None,
        previous_run_id=None,
        replaces_run_id=None,
    )


def _input_with(request: RunRequest, prompt: str) -> Any:
    """The input of a form with another prompt in it; `None` where the prompt alone makes the input."""
    if not isinstance(request.input, Mapping):
        return None
    return {**request.input, **to_plain(request.graph.to_input(prompt))}


def _first_version(run: Run) -> str:
    return run.request.replaces_run_id or run.id
