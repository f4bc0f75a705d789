"""All graphs of the setting `GRAPH`, each in its process; built once and closed with the server."""

from concurrent.futures import ThreadPoolExecutor

from streaming.own_graphs.own_graph import OwnGraph
from streaming.own_graphs.process import GraphProcess
from streaming.own_graphs.sources import look_for_sources


class OwnGraphs:
    """Starts the processes of graphs and describes them. Safe to use from any thread.

    `troubles` are the parts of the setting that name no graph.
    """

    def __init__(self, setting: str = "", *, interpreter: str = "") -> None:
        found = look_for_sources(setting, interpreter=interpreter)
        self.troubles = found.troubles
        self._processes = [GraphProcess(source) for source in found.sources]

    def check(self) -> None:
        """Raise `BadSettings` if a part of the setting names no graph."""
        for trouble in self.troubles:
            raise trouble

    def __bool__(self) -> bool:
        return bool(self._processes)

    def known(self) -> tuple[OwnGraph, ...]:
        """The graphs without waiting for those that load."""
        return tuple(OwnGraph(source=process.source, process=process) for process in self._processes)

    def graphs(self) -> tuple[OwnGraph, ...]:
        """The graphs with their descriptions; waits for those that load, and reloads what has changed."""
        if not self._processes:
            return ()
        with ThreadPoolExecutor(len(self._processes), thread_name_prefix="own-graphs") as pool:
            list(pool.map(GraphProcess.load, self._processes))
        return self.known()

    def close(self) -> None:
        """End all processes. Can be repeated."""
        for process in self._processes:
            process.close()
