"""Execute a run in the terminal: Ctrl-C stops it and keeps what has arrived."""

import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from rich.console import Console

from streaming.cli.advice import told
from streaming.cli.asking import ask, can_ask, command_of, lines_of
from streaming.cli.consoles import open_console, write
from streaming.cli.entry import FAILED, STOPPED, end_now
from streaming.cli.graph_inputs import use_of_prompt
from streaming.cli.live_view import LiveView
from streaming.cli.panels import draw_figures, draw_timeline, metrics_of
from streaming.cli.safe_text import printable, safe_json
from streaming.core.errors import InputError
from streaming.core.events import Ended, LogEntry
from streaming.core.request import HasDescription, RunRequest
from streaming.core.run import Run, short_id
from streaming.own_graphs.own_graph import OwnGraph
from streaming.own_graphs.sources import find_sources
from streaming.providers.catalogue import resolve_key
from streaming.recordings.export import export_recording
from streaming.recordings.format import dump_event, recording_of
from streaming.runtime import thread_moves
from streaming.runtime.known_graphs import resolved
from streaming.runtime.run_diagnosis import diagnose_run

if TYPE_CHECKING:
    from streaming.services import Services


def execute(services: "Services", request: RunRequest, *, as_json: bool = False, output: Path | None = None) -> int:
    """Run it, draw it, and return the exit code; an interrupted run asks its questions and goes on with the answers."""
    console = open_console()
    while True:
        run = _draw(services, request, console, as_json=as_json)
        if output is not None:
            output.write_bytes(export_recording(recording_of(run)))
            print(f"Recording written: {printable(str(output))}", file=sys.stderr)
        ended = run.ended
        interrupted = ended is not None and ended.outcome == "interrupted"
        if not interrupted or as_json or not can_ask():
            break
        assert ended is not None
        try:
            answers = ask(console, ended.pending)
        except KeyboardInterrupt:
            print()
            report_end(run)
            return STOPPED
        if answers is None:
            print()
            break
        request = thread_moves.resume(run, request, answers=answers)
    if not as_json:
        _tell_causes(console, run)
    return report_end(run)


def _draw(services: "Services", request: RunRequest, console: Console, *, as_json: bool) -> Run:
    """Run it to its end, and draw it."""
    take: Callable[[LogEntry], None] = _print_json if as_json else LiveView(console).apply
    run = services.engine.start(request, api_key=resolve_key(request.model))
    with stopped_by_signals([run]):
        for batch in run.follow():
            for entry in batch:
                take(entry)
    if not as_json and run.started is not None:
        draw_timeline(console, run.events)
        draw_figures(console, run.events)
        write(console, f"\nRun {short_id(run.id)}", "dim")
    return run


@contextmanager
def stopped_by_signals(runs: list[Run]) -> Iterator[None]:
    """The first Ctrl-C, or request to terminate, cancels these runs, whose end is still drawn and told.

    From then on the next one ends the program.
    """
    # Only the main thread gets signals; tests may call this from another one.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # First of all: the next one may come while the runs are being cancelled.
        for number in before:
            signal.signal(number, end_now)
        for run in runs:
            run.cancel()

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            # After a stop, it would raise an exception somewhere in what is still to be told.
            if signal.getsignal(number) is stop:
                signal.signal(number, handler)


def report_end(run: Run) -> int:
    """Say on stderr how the run ended, unless it completed; returns the exit code."""
    ended = run.ended
    assert ended is not None
    match ended.outcome:
        case "completed":
            return 0
        case "interrupted":
            print(printable(_how_to_answer(run, ended)), file=sys.stderr)
            return 0
        case "cancelled" if not run.cancel_reason:
            kept = "the partial answer is kept" if metrics_of(run.events).chunks else "no text had arrived"
            print(f"Stopped: {kept}. Run {short_id(run.id)} is in the history.", file=sys.stderr)
            return STOPPED
        case _:
            print(printable(f"{ended.reason} {ended.advice}".strip()), file=sys.stderr)
            return FAILED


def _how_to_answer(run: Run, ended: Ended) -> str:
    graph = resolved(run.request.graph)
    # A breakpoint, `interrupt_before`, asks nothing.
    waits = "The run waits for an answer" if ended.pending else "The run has paused before a step, and asks nothing"
    if isinstance(graph, HasDescription) and not graph.description.threads_last:
        cure = "run it again, and answer then" if can_ask() else "run it in a terminal"
        lost = f"Its thread is kept in its process, which ends now: {cure}."
        return f"{waits}.{lines_of(ended.pending)}\n{lost}"
    own = f" --graph {_name_of(graph)}" if isinstance(graph, OwnGraph) else ""
    command = f"{command_of(ended.pending, run.id)}{own}"
    # A person has just read the questions.
    asked = "" if can_ask() else lines_of(ended.pending)
    return f"{waits}:{asked}\n{command}" if asked else f"{waits}: {command}"


def _tell_causes(console: Console, run: Run) -> None:
    """Say why a graph of the developer's streamed as it did: what its process has measured ends with it."""
    if isinstance(run.request.graph, HasDescription):
        for finding in diagnose_run(run):
            write(console, f"\n{told(finding)}")


def _name_of(graph: OwnGraph) -> str:
    """How a command names this graph, if not by the `langgraph.json` that does."""
    named = f"{graph.source.target}:{graph.source.attribute}"
    same = any(source.name == graph.name for source in find_sources(named))
    return shlex.quote(named) if same else "path/to/langgraph.json"


def tell_use_of_prompt(request: RunRequest) -> None:
    """Say on stderr into which field of the graph's own state the prompt went."""
    if isinstance(request.graph, HasDescription) and (told := use_of_prompt(request.graph.description)):
        print(printable(told), file=sys.stderr)


def tell_unused(request: RunRequest) -> None:
    """Say on stderr which parts of the graph's `langgraph.json`, and of what is around it, have no effect here."""
    if isinstance(request.graph, OwnGraph):
        request.graph.process.load()
        if request.graph.notice:
            print(printable(request.graph.notice), file=sys.stderr)


def check_output(output: Path) -> None:
    """Raise an `InputError` before a run whose recording could not be written."""
    folder = output.absolute().parent
    if not folder.is_dir() or output.is_dir():
        wrong = f"there is no folder {folder}" if not folder.is_dir() else f"{output} is a folder"
        raise InputError(f"--output: {wrong}.", advice="Name a file in a folder that exists.")


def _print_json(entry: LogEntry) -> None:
    print(safe_json(dump_event(entry)), flush=True)
