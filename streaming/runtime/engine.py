"""The engine: starts runs on a background event loop, and closes what it has opened."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from langgraph.checkpoint.base import BaseCheckpointSaver

from streaming.config.files_in_use import UsedFile, used_file
from streaming.core.background_loop import BackgroundLoop
from streaming.core.errors import CheckpointerUnavailable
from streaming.core.events import Ended
from streaming.core.queue_stats import QueueStats
from streaming.core.request import GraphSource, HasDescription, RunRequest
from streaming.core.run import Clock, Run
from streaming.core.serialization import to_plain
from streaming.core.state_fields import fields_of
from streaming.core.typed_secrets import with_secrets_apart
from streaming.providers.embedded.server import EmbeddedServer
from streaming.providers.http_clients import HttpClientPool
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.runtime.admission import Admission
from streaming.runtime.checkpointer import delete_old_threads, open_checkpointer
from streaming.runtime.database_troubles import database_failure
from streaming.runtime.executor import Resources, execute_run
from streaming.runtime.outcome import end_at, with_thread_position
from streaming.runtime.registry import RegistryLimits, RunRegistry
from streaming.runtime.sequence import RunSequence, SequenceRegistry
from streaming.runtime.thread_claims import claims_of

LOOKUP_TIMEOUT_S = 15.0
OPEN_TIMEOUT_S = 60.0
CLOSE_S = 5.0
"""How long closing waits for cancelled runs to end, and then for their telemetry."""

SERVER_ENDED = "The server was stopped while the run went on."

EVICT_EVERY_S = 30.0
"""Seconds between evictions of old runs on a server where no run starts."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPosition:
    """The newest checkpoint of a thread: its state as plain values, and its end event with any pending interrupts."""

    thread_id: str
    values: Mapping[str, Any]
    end: Ended


class Engine:
    """Executes runs on one background event loop; `registry` finds them again.

    The loop's thread starts with the engine and ends with `close`. The checkpointer for
    `checkpointer_url` (`streaming.runtime.checkpointer`; `None` is in memory) opens with the first run. `admission`
    decides when a run may start, `registry_limits` how long it can be found; when the last run of a thread is evicted,
    its checkpoints are deleted, unless the thread waits for an answer. `on_start` is called with every run when it is
    created, `on_end` in a thread pool when it has ended.
    """

    def __init__(
        self,
        *,
        registry_limits: RegistryLimits | None = None,
        clock: Clock = time.monotonic,
        checkpointer_url: str | None = None,
        on_start: Callable[[Run], None] | None = None,
        on_end: Callable[[Run], None] | None = None,
        admission: Admission | None = None,
        embedded: EmbeddedServer | None = None,
        evict_every_s: float = EVICT_EVERY_S,
    ) -> None:
        self.registry = RunRegistry(registry_limits)
        self.sequences = SequenceRegistry()
        self._clock = clock
        self._checkpointer_url = checkpointer_url
        self._on_start = on_start
        self._on_end = on_end
        self._admission = admission or Admission()
        self._resources = Resources(
            open_checkpointer=self.checkpointer,
            admission=self._admission,
            embedded=embedded or EmbeddedServer(),
            clients=HttpClientPool(),
        )
        self._checkpointer: BaseCheckpointSaver[Any] | None = None
        self._file: UsedFile | None = None
        self._opening: asyncio.Task[BaseCheckpointSaver[Any]] | None = None
        self._open = AsyncExitStack()
        self._unfinished_work: set[asyncio.Future[Any]] = set()
        self._background = BackgroundLoop("streaming-lab", watched=True)
        self._eviction = self._submit(self._evict_regularly(evict_every_s))

    def start(self, request: RunRequest, *, api_key: str | None = None) -> Run:
        """Start a run and return immediately; the key goes to the model and is stored nowhere."""
        return self.start_in_turn([request], api_key=api_key)[0]

    def start_in_turn(
        self, requests: Sequence[RunRequest], *, api_key: str | None = None, first_id: str = ""
    ) -> list[Run]:
        """Start a few runs that wait for each other, so that each is measured alone; cancelling one cancels the rest.

        All of them exist from the start, so that a page can show them; use `start_sequence` for many runs. `first_id`
        is the id of the first one, from `new_run_id`.
        """
        runs = [self._create(request, run_id="" if number else first_id) for number, request in enumerate(requests)]
        self._submit(self._execute_in_turn(runs, api_key))
        return runs

    def start_sequence(
        self, requests: Sequence[RunRequest], *, measure: Callable[[int, Run], _T], subject: object = None
    ) -> RunSequence[_T]:
        """Start runs that wait for each other, each created when the one before has ended; see `RunSequence`."""
        sequence = RunSequence(requests, measure, subject=subject)
        self.sequences.add(sequence)
        self._submit(self._execute_sequence(sequence))
        return sequence

    @property
    def queue_stats(self) -> QueueStats:
        """The number of runs that execute, and of those that wait."""
        return self._admission.queue.stats

    def get(self, run_id: str) -> Run | None:
        """The run with this id; `None` if there is none, or if it was evicted."""
        return self.registry.get(run_id)

    def adopt(self, run: Run) -> None:
        """Let a run of the history be found and followed like those that this engine has executed."""
        self._delete_threads(self.registry.add(run))

    def lost_end(self, run: Run, end: Ended) -> Ended:
        """The end of a run whose server is gone, with the position of its thread, if that is known."""
        looking = self._submit(self._position_of_lost(run, end))
        try:
            found: Ended = looking.result(timeout=LOOKUP_TIMEOUT_S)
        except Exception:  # noqa: BLE001 - without its position, the run can still be read
            looking.cancel()
            return end
        return found

    def has_thread(self, graph: GraphSource, thread_id: str) -> bool:
        """Whether the thread is still there, where the graph keeps its threads; false if that cannot be read."""
        try:
            return self.thread(graph, thread_id) is not None
        except Exception:  # noqa: BLE001 - a run that needs the thread says what is wrong with it
            return False

    def thread(self, graph: GraphSource, thread_id: str) -> ThreadPosition | None:
        """The position of a thread of this graph, read from the database; the thread may be one of an earlier process.

        `None` for an unknown thread. Raises `CheckpointerUnavailable` if the database cannot be used, or does not
        answer in time.
        """
        lookup = self._submit(self._look_up(graph, thread_id))
        try:
            position: ThreadPosition | None = lookup.result(timeout=LOOKUP_TIMEOUT_S)
        except TimeoutError as error:
            lookup.cancel()
            raise CheckpointerUnavailable(
                f"The database of the threads did not answer within {LOOKUP_TIMEOUT_S:g} s.",
                advice="Check the database, then load the page again.",
            ) from error
        return position

    def open_checkpointer(self) -> None:
        """Open the checkpointer before the first run needs it; raises `CheckpointerUnavailable`."""
        self._submit(self.checkpointer()).result(timeout=OPEN_TIMEOUT_S)

    def checkpointer_error(self, *, timeout_s: float) -> str | None:
        """Why the checkpointer cannot be used, so that no run can start; `None` if it answers in time."""
        try:
            self._submit(self._ping_checkpointer()).result(timeout=timeout_s)
        except TimeoutError:
            return "The database of the threads does not answer yet."
        except Exception as error:  # noqa: BLE001 - a health check reports every failure
            return database_failure(error).message
        return None

    def close(self) -> None:
        """Cancel all runs and close all resources; the threads stay, until they are a week old. Can be repeated."""
        if self._background.closed:
            return
        self._eviction.cancel()
        for run in self.registry.runs():
            # A run that another server executes goes on there.
            if not run.stored:
                run.cancel(SERVER_ENDED)
        try:
            self._submit(self._close()).result(timeout=3 * CLOSE_S)
        finally:
            self._background.close()

    async def checkpointer(self) -> BaseCheckpointSaver[Any]:
        """The checkpointer, opened at the first call, and again if its file is gone; on the engine's own loop only."""
        if self._checkpointer is not None and not (self._file and self._file.gone):
            return self._checkpointer
        if self._opening is None or self._opening.done():
            # In a task of its own: the run that needs it first may be stopped, and would leave it half open.
            self._opening = asyncio.create_task(self._open_checkpointer())
            self._count_as_work(self._opening)
        return await asyncio.shield(self._opening)

    async def _open_checkpointer(self) -> BaseCheckpointSaver[Any]:
        # One whose file is gone stays open for the runs that use it.
        self._checkpointer = await self._open.enter_async_context(open_checkpointer(self._checkpointer_url))
        self._file = used_file(self._checkpointer_url)
        await delete_old_threads(self._checkpointer)
        return self._checkpointer

    def _create(self, request: RunRequest, *, run_id: str = "") -> Run:
        if isinstance(request.graph, HasDescription):
            request = with_secrets_apart(request, request.graph.description)
        run = Run(request, thread_id=request.thread_id or str(uuid4()), run_id=run_id, clock=self._clock)
        self._delete_threads(self.registry.add(run))
        if self._on_start is not None:
            self._on_start(run)
        return run

    def _submit(self, work: Coroutine[Any, Any, _T]) -> Any:
        return self._background.submit(work)

    async def _execute_in_turn(self, runs: Sequence[Run], api_key: str | None) -> None:
        self._count_as_work(asyncio.current_task())
        for position, run in enumerate(runs):
            await self._execute(run, api_key)
            if run.status == "Cancelled":
                for later in runs[position + 1 :]:
                    later.cancel()

    async def _execute_sequence(self, sequence: RunSequence[Any]) -> None:
        self._count_as_work(asyncio.current_task())
        try:
            for request in sequence.requests:
                if sequence.cancelled:
                    break
                run = await asyncio.to_thread(self._create, request)
                if not sequence.begin(run):
                    run.cancel()
                await self._execute(run, None)
                await asyncio.to_thread(sequence.measured, run)
        finally:
            sequence.end()

    async def _execute(self, run: Run, api_key: str | None) -> None:
        # In a task of its own: cancelling one run must not cancel those after it before they log their end.
        await asyncio.create_task(execute_run(run, self._resources, api_key=api_key))
        if self._on_end is not None:
            self._count_as_work(self._background.loop.run_in_executor(None, self._on_end, run))

    def _count_as_work(self, work: asyncio.Future[Any] | None) -> None:
        """Let `close` wait for this."""
        assert work is not None
        self._unfinished_work.add(work)
        work.add_done_callback(self._unfinished_work.discard)

    async def _ping_checkpointer(self) -> None:
        saver = await self.checkpointer()
        await saver.aget_tuple({"configurable": {"thread_id": "ping"}})
        # A full or read-only disk can still be read.
        await claims_of(saver).write_probe()

    async def _look_up(self, graph: GraphSource, thread_id: str) -> ThreadPosition | None:
        compiled = graph.build(ScriptedChatModel(), checkpointer=await self.checkpointer())
        try:
            state = await compiled.aget_state({"configurable": {"thread_id": thread_id}})
        except Exception as error:
            # What lies on the disk may be damaged in any way, so that its reader fails in any way.
            raise CheckpointerUnavailable(
                f"The saved state of this thread cannot be read ({type(error).__name__}).",
                advice="Check the database of the threads, or start a new run.",
            ) from error
        if state.created_at is None:
            return None
        return ThreadPosition(thread_id=thread_id, values=fields_of(to_plain(state.values)), end=end_at(state))

    async def _position_of_lost(self, run: Run, end: Ended) -> Ended:
        graph = run.request.graph.build(ScriptedChatModel(), checkpointer=await self.checkpointer())
        return await with_thread_position(end, run, graph, {"configurable": {"thread_id": run.thread_id}})

    async def _evict_regularly(self, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            # Not on the loop: with thousands of runs it takes milliseconds, which would delay the time stamps of
            # tokens.
            self._delete_threads(await asyncio.to_thread(self.registry.evict))

    def _delete_threads(self, thread_ids: Sequence[str]) -> None:
        for thread_id in thread_ids:
            self._submit(self._delete_thread(thread_id))

    async def _delete_thread(self, thread_id: str) -> None:
        if self._checkpointer is not None:
            await self._checkpointer.adelete_thread(thread_id)
            await claims_of(self._checkpointer).forget(thread_id)

    async def _close(self) -> None:
        # Twice, because a run that ends starts its `on_end`.
        for _ in range(2):
            if self._unfinished_work:
                await asyncio.wait(set(self._unfinished_work), timeout=CLOSE_S)
        await self._open.aclose()
        self._checkpointer = None
        await self._resources.clients.aclose()
