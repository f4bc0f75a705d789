"""The engine of one process: its event loop, its runs and its threads' memory."""

import asyncio
import threading
import time
from collections import OrderedDict
from functools import cache
from uuid import uuid4

from langgraph.checkpoint.memory import InMemorySaver

from streaming.request import RunRequest
from streaming.run import Clock, Run
from streaming.runner import drive

KEPT_RUNS = 200
KEPT_S = 3600.0


class Lab:
    """Starts runs on one background event loop and finds them again by their id.

    There is no way to list runs: a visitor can only reach those whose id he knows. The newest `kept_runs` stay for
    `kept_s` seconds after they were submitted; with the last run of a thread goes the thread's memory.
    """

    def __init__(self, *, kept_runs: int = KEPT_RUNS, kept_s: float = KEPT_S, clock: Clock = time.monotonic) -> None:
        self._kept_runs = kept_runs
        self._kept_s = kept_s
        self._clock = clock
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._lock = threading.Lock()
        self._checkpointer = InMemorySaver()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="streaming-lab", daemon=True).start()

    def start(self, request: RunRequest, *, api_key: str | None = None) -> Run:
        """Start a run and return at once; the key is handed to the model and kept nowhere."""
        run = Run(request, thread_id=request.thread_id or str(uuid4()), clock=self._clock)
        with self._lock:
            self._runs[run.id] = run
            self._forget_old()
        asyncio.run_coroutine_threadsafe(drive(run, checkpointer=self._checkpointer, api_key=api_key), self._loop)
        return run

    def get(self, run_id: str) -> Run | None:
        """The run of this id, if it is still kept."""
        return self._runs.get(run_id)

    def turns(self, run: Run) -> list[Run]:
        """The runs of the same thread, oldest first, ending with the newest."""
        with self._lock:
            return [other for other in self._runs.values() if other.thread_id == run.thread_id]

    def _forget_old(self) -> None:
        ended = [run for run in self._runs.values() if run.ended]
        surplus = len(self._runs) - self._kept_runs
        for place, run in enumerate(ended):
            if place < surplus or run.age_s > self._kept_s:
                del self._runs[run.id]
                if all(other.thread_id != run.thread_id for other in self._runs.values()):
                    self._checkpointer.delete_thread(run.thread_id)


@cache
def lab() -> Lab:
    """The process's one lab."""
    return Lab()
