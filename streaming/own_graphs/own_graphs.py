"""All graphs of the setting `GRAPH`, each in its process; built once and closed with the server."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from streaming.own_graphs.own_graph import OwnGraph
from streaming.own_graphs.process import CHECK_S, GraphProcess
from streaming.own_graphs.sources import files_that_name_graphs, look_for_sources


class OwnGraphs:
    """Starts the processes of graphs and describes them. Safe to use from any thread.

    A `langgraph.json` that the setting names is read again when it has changed. `troubles` are the parts of the
    setting that name no graph; the graphs stay as they were while a changed `langgraph.json` is wrong.
    """

    def __init__(self, setting: str = "", *, interpreter: str = "") -> None:
        self._setting, self._interpreter = setting, interpreter
        self._lock = threading.Lock()
        self._times, self._checked_at = _times_of(setting), time.monotonic()
        found = look_for_sources(setting, interpreter=interpreter)
        self.troubles = found.troubles
        self._processes = [GraphProcess(source) for source in found.sources]
        self._left: list[GraphProcess] = []

    def check(self, *, all_of_them: bool = True) -> None:
        """Raise `BadSettings` if a part of the setting names no graph, or if no part of it names one."""
        for trouble in self.troubles if all_of_them or not self._processes else ():
            raise trouble

    def __bool__(self) -> bool:
        return bool(self._processes)

    def known(self) -> tuple[OwnGraph, ...]:
        """The graphs without waiting for those that load."""
        return tuple(OwnGraph(source=process.source, process=process) for process in self._current())

    def graphs(self) -> tuple[OwnGraph, ...]:
        """The graphs with their descriptions; waits for those that load, and reloads what has changed."""
        processes = self._current()
        if not processes:
            return ()
        with ThreadPoolExecutor(len(processes), thread_name_prefix="own-graphs") as pool:
            list(pool.map(GraphProcess.load, processes))
        return tuple(OwnGraph(source=process.source, process=process) for process in processes)

    def close(self) -> None:
        """End all processes. Can be repeated."""
        for process in (*self._processes, *self._left):
            process.close()

    def _current(self) -> list[GraphProcess]:
        """The processes of the graphs that the setting names now; those that it names no longer rest."""
        with self._lock:
            if not self._names_others():
                return self._processes
            found = look_for_sources(self._setting, interpreter=self._interpreter)
            self.troubles = found.troubles
            if not found.troubles:
                before = list(self._processes)
                kept = {process.source.name: process for process in before if process.source in found.sources}
                self._processes = [kept.get(source.name) or GraphProcess(source) for source in found.sources]
                left = [process for process in before if process not in self._processes]
                for process in left:
                    process.rest()
                self._left += left
            return self._processes

    def _names_others(self) -> bool:
        """Whether a `langgraph.json` has changed since it was read, or a part of the setting was wrong then."""
        now = time.monotonic()
        if not (self._times or self.troubles) or now - self._checked_at < CHECK_S:
            return False
        times, self._checked_at = _times_of(self._setting), now
        changed, self._times = times != self._times, times
        return changed or bool(self.troubles)


def _times_of(setting: str) -> Mapping[Path, int]:
    """When each `langgraph.json` of the setting was written last, in nanoseconds; zero for one that is not there."""
    return {file: file.stat().st_mtime_ns if file.is_file() else 0 for file in files_that_name_graphs(setting)}
