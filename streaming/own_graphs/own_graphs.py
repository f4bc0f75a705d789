"""All graphs of the setting `GRAPH`, each in its process; built once and closed with the server."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from streaming.own_graphs.own_graph import OwnGraph
from streaming.own_graphs.process import GraphProcess
from streaming.own_graphs.sources import Source, find_sources


class OwnGraphs:
    """Starts the processes of graphs and describes them. Safe to use from any thread."""

    def __init__(self, setting: str = "", *, interpreter: str = "") -> None:
        self._processes = [GraphProcess(source) for source in self._sources(setting, interpreter)]

    @staticmethod
    def _sources(setting: str, interpreter: str) -> Sequence[Source]:
        return find_sources(setting, interpreter=interpreter) if setting.strip() else ()

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
