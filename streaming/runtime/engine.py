"""The engine of one process: its event loop, its runs and its threads' memory."""

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from langgraph.checkpoint.base import BaseCheckpointSaver

from streaming.core.errors import CheckpointerUnavailable
from streaming.core.events import Ended
from streaming.core.queue_stats import QueueStats
from streaming.core.request import GraphSource, RunRequest
from streaming.core.run import Clock, Run
from streaming.core.serialization import to_plain
from streaming.providers.embedded.server import EmbeddedServer
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.runtime.admission import Admission
from streaming.runtime.checkpointer import delete_old_threads, open_checkpointer
from streaming.runtime.executor import Resources, execute_run
from streaming.runtime.outcome import end_at

MAX_RUNS = 200
MAX_RUN_AGE_S = 3600.0
LOOKUP_TIMEOUT_S = 15.0
CLOSE_S = 5.0
"""So long a server that ends waits for its runs to end, and then to be told of."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPosition:
    """Where a thread stands: its state as plain values, and its end event (what waits for an answer, if anything)."""

    thread_id: str
    values: dict[str, Any]
    end: Ended


class Engine:
    """Starts runs on one background event loop and finds them again by their id.

    There is no way to list runs: a visitor can only reach those whose id he knows. The newest `max_runs` stay for
    `max_age_s` seconds after they were submitted; with the last run of a thread goes the thread's memory, unless the
    thread waits for an answer. `checkpointer_url` says where threads are remembered (`streaming.runtime.checkpointer`),
    `None` in RAM. `on_start` hears of every run, to keep it, and `on_end` in a thread, to tell of it; `admission` are
    what runs have to pass.
    """

    def __init__(
        self,
        *,
        max_runs: int = MAX_RUNS,
        max_age_s: float = MAX_RUN_AGE_S,
        clock: Clock = time.monotonic,
        checkpointer_url: str | None = None,
        on_start: Callable[[Run], None] | None = None,
        on_end: Callable[[Run], None] | None = None,
        admission: Admission | None = None,
        embedded: EmbeddedServer | None = None,
    ) -> None:
        self._max_runs = max_runs
        self._max_age_s = max_age_s
        self._clock = clock
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._lock = threading.Lock()
        self._checkpointer_url = checkpointer_url
        self._on_start = on_start
        self._on_end = on_end
        self._admission = admission or Admission()
        self._own_embedded = None if embedded else EmbeddedServer()
        self._resources = Resources(
            open_checkpointer=self.memory,
            admission=self._admission,
            embedded=embedded or self._own_embedded or EmbeddedServer(),
        )
        self._checkpointer: BaseCheckpointSaver[Any] | None = None
        self._opening = asyncio.Lock()
        self._open = AsyncExitStack()
        self._at_work: set[asyncio.Future[Any]] = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="streaming-lab", daemon=True).start()

    def start(self, request: RunRequest, *, api_key: str | None = None) -> Run:
        """Start a run and return at once; the key is handed to the model and kept nowhere."""
        return self.start_in_turn([request], api_key=api_key)[0]

    def start_in_turn(self, requests: Sequence[RunRequest], *, api_key: str | None = None) -> list[Run]:
        """Start runs that wait for each other, so that none is measured beside another; one cancelled ends the rest."""
        runs = [Run(request, thread_id=request.thread_id or str(uuid4()), clock=self._clock) for request in requests]
        with self._lock:
            self._runs.update((run.id, run) for run in runs)
            self._forget_old()
        self._submit(self._execute_in_turn(runs, api_key))
        if self._on_start is not None:
            for run in runs:
                self._on_start(run)
        return runs

    @property
    def queue_stats(self) -> QueueStats:
        """How busy the server is."""
        return self._admission.places.stats

    def get(self, run_id: str) -> Run | None:
        """The run of this id, if it is still kept."""
        return self._runs.get(run_id)

    def turns(self, run: Run) -> list[Run]:
        """The conversation that led to this run, oldest first, ending with it."""
        turns = [run]
        while (before := turns[0].request.previous_run_id) and (earlier := self.get(before)):
            turns.insert(0, earlier)
        return turns

    def versions(self, run: Run) -> list[Run]:
        """The runs that took the same turn of a conversation, oldest first: the first one and those instead of it."""
        first = run.request.replaces_run_id or run.id
        with self._lock:
            return [other for other in self._runs.values() if first in (other.id, other.request.replaces_run_id)]

    def newest_after(self, run: Run) -> Run:
        """The end of the conversation that went on from this run; the run itself if none did."""
        with self._lock:
            runs = list(self._runs.values())
        while following := [other for other in runs if other.request.previous_run_id == run.id]:
            run = following[-1]
        return run

    def thread(self, graph: GraphSource, thread_id: str) -> ThreadPosition | None:
        """Where a thread of this graph stands, from the database: also one of a server that is gone.

        Raises `CheckpointerUnavailable` where the database cannot be used, or does not answer in time.
        """
        looking = self._submit(self._look_up(graph, thread_id))
        try:
            found: ThreadPosition | None = looking.result(timeout=LOOKUP_TIMEOUT_S)
        except TimeoutError as error:
            looking.cancel()
            raise CheckpointerUnavailable(
                f"The database that remembers the threads did not answer within {LOOKUP_TIMEOUT_S:g} s.",
                advice="Check the database, then load the page again.",
            ) from error
        return found

    def prepare(self) -> None:
        """Open the memory before the first run needs it; raises `CheckpointerUnavailable`."""
        self._submit(self.memory()).result(timeout=60)

    def checkpointer_trouble(self, *, timeout_s: float) -> str | None:
        """Why no run can start for want of its threads' memory; `None` if it answers in time. It may be asked often."""
        try:
            self._submit(self._ask_checkpointer()).result(timeout=timeout_s)
        except CheckpointerUnavailable as error:
            return error.message
        except TimeoutError:
            return "The database that remembers the threads does not answer yet."
        except Exception as error:
            return f"The database that remembers the threads failed ({type(error).__name__})."
        return None

    def close(self) -> None:
        """Cancel what runs, forget the threads that wait for nobody, and close the memory."""
        for run in list(self._runs.values()):
            run.cancel()
        self._submit(self._close()).result(timeout=15)

    async def memory(self) -> BaseCheckpointSaver[Any]:
        """The checkpointer, opened at the first run; only on the lab's own loop."""
        async with self._opening:
            if self._checkpointer is None:
                self._checkpointer = await self._open.enter_async_context(open_checkpointer(self._checkpointer_url))
                await delete_old_threads(self._checkpointer)
            return self._checkpointer

    def _submit(self, work: Coroutine[Any, Any, _T]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _execute_in_turn(self, runs: Sequence[Run], api_key: str | None) -> None:
        driving = asyncio.current_task()
        assert driving is not None
        self._at_work.add(driving)
        driving.add_done_callback(self._at_work.discard)
        for place, run in enumerate(runs):
            # In a task of its own: cancelling one run must not take those after it along before they log their end.
            await asyncio.create_task(execute_run(run, self._resources, api_key=api_key))
            if self._on_end is not None:
                telling = self._loop.run_in_executor(None, self._on_end, run)
                self._at_work.add(telling)
                telling.add_done_callback(self._at_work.discard)
            if run.status == "Cancelled":
                for later in runs[place + 1 :]:
                    later.cancel()

    async def _ask_checkpointer(self) -> None:
        await (await self.memory()).aget_tuple({"configurable": {"thread_id": "nobody"}})

    async def _look_up(self, graph: GraphSource, thread_id: str) -> ThreadPosition | None:
        compiled = graph.build(ScriptedChatModel(), checkpointer=await self.memory())
        state = await compiled.aget_state({"configurable": {"thread_id": thread_id}})
        if state.created_at is None:
            return None
        return ThreadPosition(thread_id=thread_id, values=to_plain(state.values), end=end_at(state))

    def _forget_old(self) -> None:
        ended = [run for run in self._runs.values() if run.ended]
        surplus = len(self._runs) - self._max_runs
        for place, run in enumerate(ended):
            if place < surplus or run.age_s > self._max_age_s:
                del self._runs[run.id]
                if run.status != "Interrupted" and all(r.thread_id != run.thread_id for r in self._runs.values()):
                    self._submit(self._forget(run.thread_id))

    async def _close(self) -> None:
        # Twice: runs that end are told of.
        for _ in range(2):
            if self._at_work:
                await asyncio.wait(set(self._at_work), timeout=CLOSE_S)
        over = {run.thread_id for run in self._runs.values()}
        waiting = {run.thread_id for run in self._runs.values() if run.status == "Interrupted"}
        for thread_id in over - waiting:
            await self._forget(thread_id)
        await self._open.aclose()
        self._checkpointer = None

    async def _forget(self, thread_id: str) -> None:
        if self._checkpointer is not None:
            await self._checkpointer.adelete_thread(thread_id)
