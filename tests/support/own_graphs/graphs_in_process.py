"""Graphs of a stranger's file behind the calls of their process, without the process: it takes two seconds to start."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from streaming.core.graph_description import GraphDescription
from streaming.own_graphs.own_graph import OwnGraph
from streaming.own_graphs.process import GraphProcess, LoadedGraph, description_of
from streaming.own_graphs.sources import find_sources
from streaming.own_graphs.worker.codec import dumps, loads
from streaming.own_graphs.worker.describing import describe
from streaming.own_graphs.worker.imported_files import ImportedFiles
from streaming.own_graphs.worker.loading import Loaded, load_object
from streaming.own_graphs.worker.serving import Calls

Listener = Callable[[Mapping[str, Any]], None]


class _NoStalls:
    """Stalls are found in a process alone: here other tests run beside the loop."""

    def watching(self) -> nullcontext[None]:
        return nullcontext()

    def found(self) -> list[Any]:
        return []


class _Connection:
    """Hands frames over as a socket would: encoded, and on the event loop of the graph."""

    def __init__(self, loaded: Loaded, loop: asyncio.AbstractEventLoop, paths: list[str]) -> None:
        self._loop, self._listeners, self._last = loop, dict[int, Listener](), 0
        files = ImportedFiles(paths[0], lambda *_: None, lambda *_: None)
        self._calls = Calls(cast(Any, self), loaded, paths, _NoStalls(), files)
        self.threads = set[str]()
        self.typed = set[str]()

    def put(self, payload: bytes) -> None:
        frame = loads(payload)
        if listener := self._listeners.get(frame["id"]):
            listener(frame)

    def open_call(self, name: str, listener: Listener, **fields: Any) -> int:
        self._last += 1
        self._listeners[self._last] = listener
        self.send(name, self._last, **fields)
        return self._last

    def send(self, name: str, number: int, **fields: Any) -> None:
        call = loads(dumps({"call": name, "id": number, **fields}))
        self._loop.call_soon_threadsafe(self._calls.receive, call)

    def forget_call(self, number: int) -> None:
        self._listeners.pop(number, None)

    def kill(self) -> None:
        raise AssertionError("a call did not end")


@dataclass
class _Process:
    source: Any
    loaded: LoadedGraph
    served: _Connection = field(repr=False)

    def load(self) -> LoadedGraph:
        return self.loaded

    def connection(self) -> _Connection:
        return self.served

    def had_thread(self, thread_id: str) -> bool:
        return thread_id in self.served.threads

    def learn(self, connection: _Connection) -> None:
        pass


class InProcess:
    """Opens the graphs of one file."""

    def __init__(self, file: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._file, self._loop = file, loop

    def open(self, attribute: str) -> OwnGraph:
        """The graph with this name; raises what its process would report."""
        (source,) = find_sources(f"{self._file}:{attribute}")
        loaded = Loaded(load_object(str(self._file), attribute))
        described = asyncio.run_coroutine_threadsafe(self._described(loaded), self._loop).result(30)
        connection = _Connection(loaded, self._loop, [str(self._file.parent)])
        process = _Process(source=source, loaded=LoadedGraph(description=described), served=connection)
        return OwnGraph(source=source, process=cast(GraphProcess, process))

    async def _described(self, loaded: Loaded) -> GraphDescription:
        async with loaded.use({"configurable": {}}) as graph:
            described = {**describe(graph, loaded.checkpointer), **loaded.origin}
            return description_of(loads(dumps(described)))


@contextmanager
def in_process(file: Path) -> Iterator[InProcess]:
    """The graphs of a file, on an event loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield InProcess(file, loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
