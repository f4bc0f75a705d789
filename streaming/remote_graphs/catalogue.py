"""The graphs of all named LangGraph Servers, asked for again after a while."""

import asyncio
import threading
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from streaming.core.run import Clock
from streaming.remote_graphs.servers import RemoteServer
from streaming.remote_graphs.sources import Found, RemoteGraphSource, RemoteThread, find_graphs, threads_of

_T = TypeVar("_T")

FRESH_S, RETRY_S = 30.0, 4.0
"""A list is shown for this long before the servers are asked again: a whole one, and one that lacks a server's."""


class RemoteGraphs:
    """Lists graphs and threads; safe to use from any thread, which waits for the servers."""

    def __init__(self, servers: Sequence[RemoteServer], *, clock: Clock = time.monotonic) -> None:
        self.servers = tuple(servers)
        self._clock = clock
        self._lock = threading.Lock()
        self._found: tuple[float, Found] | None = None

    def found(self, *, again: bool = False) -> Found:
        """The graphs, and what was wrong with the servers that did not answer; `again` asks them now."""
        if not self.servers:
            return Found(graphs=())
        with self._lock:
            if again or self._found is None or self._clock() - self._found[0] > self._fresh_s:
                self._found = self._clock(), _waited_for(find_graphs(self.servers))
            return self._found[1]

    def known(self) -> Found:
        """The graphs as they were last found; asks the servers only if it has not asked them yet."""
        return self._found[1] if self._found is not None else self.found()

    @property
    def _fresh_s(self) -> float:
        return RETRY_S if self._found is not None and self._found[1].troubles else FRESH_S

    def threads(self, source: RemoteGraphSource) -> list[RemoteThread]:
        """The newest threads of a graph. Raises a `LabError`."""
        return _waited_for(threads_of(source))


def _waited_for(work: Coroutine[Any, Any, _T]) -> _T:
    """The result of the work, in a thread of its own: the caller's may have an event loop already."""
    with ThreadPoolExecutor(max_workers=1) as threads:
        return threads.submit(asyncio.run, work).result()
