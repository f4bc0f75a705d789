"""A graph of another process with the methods of a compiled graph that a run uses."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphDrained, GraphRecursionError
from langgraph.runtime import RunControl
from langgraph.types import Command, Interrupt, PregelTask, StateSnapshot

from streaming.core.errors import GraphFailed, InputError, LimitReached, ProcessEnded
from streaming.core.events import Stall
from streaming.core.graph_description import GraphDescription
from streaming.core.request import Api
from streaming.own_graphs.connection import Connection, Frame
from streaming.own_graphs.event_cleaning import EventCleaner
from streaming.own_graphs.process import GraphProcess
from streaming.own_graphs.worker.leftovers import GRACE_S
from streaming.own_graphs.worker.serving import RUNS
from streaming.providers.redaction import redact
from streaming.providers.token_cleaning import TokenCleaner, cleaned

STOP_GRACE_S = 2.0
"""How long a cancelled call may take to end before its process is killed: code that blocks does not hear of it."""
_DRAIN_CHECK_S = 0.1


class ProxiedGraph:
    """The graph for one run; it keeps the process that it began with, because a new one has other threads.

    `after_stop` says what becomes of a node that cannot be interrupted.
    """

    after_stop = f"it continues, unseen, and its process is ended if it still computes after {GRACE_S:g} s"

    def __init__(self, process: GraphProcess) -> None:
        self._process = process
        self._typed: tuple[str, ...] = ()
        self._connection: Connection | None = None
        self.end_note = ""
        self.stalls: tuple[Stall, ...] = ()

    @property
    def description(self) -> GraphDescription:
        """Its nodes, edges and schemas."""
        return self._process.loaded.description

    def hide(self, secrets: Sequence[str]) -> None:
        """Take these texts, which a person has typed for this run, out of all that the graph sends."""
        self._typed = tuple(secrets)

    @property
    def _secrets(self) -> tuple[str, ...]:
        return (*self._process.source.secrets, *self._typed)

    @property
    def nodes(self) -> Mapping[str, Any]:
        """The descriptions of its nodes by name."""
        return {node.name: node for node in self.description.nodes}

    def astream(self, input: Any, config: RunnableConfig | None = None, /, **options: Any) -> AsyncIterator[Any]:  # noqa: A002
        """The stream parts in the form of version 2."""
        fields = {"modes": list(options.pop("stream_mode")), "subgraphs": bool(options.pop("subgraphs", False))}
        options.pop("version", None)
        control = options.pop("control", None)
        parts = self._items("stream", control, _start(input, config, options), **fields)
        return cleaned(parts, TokenCleaner(self._secrets))

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, /, **options: Any) -> Any:  # noqa: A002
        """The state at the end."""
        return await self._ask("invoke", control=options.pop("control", None), **_start(input, config, options))

    def astream_events(self, *_: Any, **__: Any) -> Any:
        """Raises `GraphFailed`: these events hold objects of the other process. `aread_events` has them as values."""
        raise GraphFailed("The events of this graph are read as values.", advice="Run it by an API of the request.")

    def aread_events(
        self, api: Api, graph_input: Any, config: RunnableConfig | None = None, /, **options: Any
    ) -> AsyncGenerator[Any, None]:
        """The items of an event API, as `worker.event_streams` sends them."""
        events = self._items("events", None, _start(graph_input, config, options), api=api)
        return cleaned(events, EventCleaner(self._secrets))

    async def aget_state(self, config: RunnableConfig) -> StateSnapshot:
        """The newest checkpoint of a thread, or the one that the config names."""
        return _snapshot(await self._ask("state", config=config))

    async def aget_state_history(
        self, config: RunnableConfig, *, limit: int | None = None
    ) -> AsyncIterator[StateSnapshot]:
        """The checkpoints of a thread, newest first."""
        for state in await self._ask("history", config=config, limit=limit):
            yield _snapshot(state)

    async def aupdate_state(self, config: RunnableConfig, values: Any, as_node: str | None = None) -> RunnableConfig:
        """Change the state; returns the config of the new checkpoint."""
        new: RunnableConfig = await self._ask("update", config=config, values=values, as_node=as_node)
        return new

    def get_graph(self) -> Any:
        """Nodes and edges, for a drawing."""
        edges = [
            SimpleNamespace(source=source, target=target, conditional=conditional, data=None)
            for source, target, conditional in self.description.edges
        ]
        return SimpleNamespace(nodes=dict(self.nodes), edges=edges)

    async def _items(
        self, name: str, control: RunControl | None, start: Mapping[str, Any], **fields: Any
    ) -> AsyncGenerator[Any, None]:
        call = await self._open(name, control=control, **start, **fields)
        try:
            while (frame := await call.next())["kind"] == "part":
                yield frame["part"]
            self._result(frame)
        finally:
            await self._close(call)

    async def _ask(self, name: str, **fields: Any) -> Any:
        call = await self._open(name, **fields)
        try:
            return self._result(await call.next())
        finally:
            await self._close(call)

    async def _open(self, name: str, control: RunControl | None = None, **fields: Any) -> "_Call":
        if self._connection is None:
            # In a thread: the process may have to start, and its graph to load.
            self._connection = await asyncio.to_thread(self._process.connection)
        self._connection.typed.update(self._typed)
        if name in RUNS:
            self._connection.threads.add(fields["config"]["configurable"]["thread_id"])
        call = _Call(connection=self._connection, loop=asyncio.get_running_loop(), frames=asyncio.Queue())
        call.open(name, drains=control is not None, **fields)
        if control is not None:
            call.draining = asyncio.create_task(call.pass_drain(control))
        return call

    async def _close(self, call: "_Call") -> None:
        """Cancel the call if it goes on; its process is killed if it does not hear of it."""
        if call.draining is not None:
            call.draining.cancel()
        if not call.finished and not await call.cancel():
            call.connection.kill()
            self.end_note = (
                f" The graph did not stop within {STOP_GRACE_S:g} s, so its process was ended; a new one starts with"
                " the next run."
            )
        call.connection.forget_call(call.number)
        self.stalls += tuple(_stall(one, self._secrets) for one in call.stalls)

    def _result(self, frame: Frame) -> Any:
        kind = frame["kind"]
        if kind == "result":
            return frame["result"]
        if kind == "crash":
            raise ProcessEnded(str(frame["text"]), advice="A new process starts, and the next run waits for it.")
        if kind == "too large":
            raise LimitReached(str(frame["text"]), advice="What had arrived by then is kept. Let its nodes write less.")
        if kind == "wrong input":
            raise InputError(redact(str(frame["text"]), self._secrets), advice="Correct it in its form.")
        if kind == "cancelled":
            raise GraphFailed("The graph cancelled itself.", advice="What had arrived by then is kept.")
        raise self._error(frame)

    def _error(self, frame: Frame) -> Exception:
        if frame["drained"]:
            return GraphDrained()
        if frame["recursion"]:
            return GraphRecursionError(frame["text"])
        kind, text, where, cure, lead = (
            redact(str(frame[name]), self._secrets, max_chars=400) for name in ("type", "text", "where", "cure", "lead")
        )
        where = ", ".join(filter(None, (where, *map(self._place_of, frame["nodes"]))))
        said, place = text.rstrip("."), f" ({where})" if where else ""
        return GraphFailed(
            f"{lead} {kind}{': ' + said if said else ''}{place}.",
            advice=cure or "What had arrived by then is kept.",
        )

    def _place_of(self, name: str) -> str:
        """`file, line n` of a node, or of the one with this name in a subgraph; empty if it is not known."""
        node = next((node for node in self.description.nodes if node.name == name and node.file), None)
        if node is not None:
            return f"{node.file}, line {node.line}"
        inner = self.description.code.get("nodes", {})
        found = next((one for path, one in inner.items() if path.rpartition("/")[2] == name and one.get("file")), None)
        return f"{found['file']}, line {found['line']}" if found else ""


@dataclass(slots=True, kw_only=True)
class _Call:
    connection: Connection
    loop: asyncio.AbstractEventLoop
    frames: "asyncio.Queue[Frame]"
    number: int = 0
    finished: bool = False
    stalls: Sequence[Mapping[str, Any]] = ()
    draining: "asyncio.Task[None] | None" = None

    def open(self, name: str, **fields: Any) -> None:
        self.number = self.connection.open_call(name, self._receive, **fields)

    def _receive(self, frame: Frame) -> None:
        try:
            self.loop.call_soon_threadsafe(self.frames.put_nowait, frame)
        except RuntimeError:  # the server closes
            return

    async def next(self) -> Frame:
        frame = await self.frames.get()
        self.finished = frame["kind"] != "part"
        self.stalls = frame.get("stalls", ())
        return frame

    async def cancel(self) -> bool:
        """Cancel, and wait for the end; false if it does not come in time."""
        self.connection.send("cancel", self.number)
        try:
            async with asyncio.timeout(STOP_GRACE_S):
                while not self.finished:
                    await self.next()
        except TimeoutError:
            return False
        return True

    async def pass_drain(self, control: RunControl) -> None:
        """Tell the process when the run is asked to stop after its step; LangGraph's control has no callback."""
        while not control.drain_requested:  # noqa: ASYNC110
            await asyncio.sleep(_DRAIN_CHECK_S)
        self.connection.send("drain", self.number)


def _start(given: Any, config: RunnableConfig | None, options: Mapping[str, Any]) -> dict[str, Any]:
    start = (
        {"command": {"resume": given.resume, "update": given.update}}
        if isinstance(given, Command)
        else {"input": given}
    )
    return {**start, "config": config or {}, "options": dict(options)}


def _stall(told: Mapping[str, Any], secrets: Sequence[str]) -> Stall:
    # A key may stand in the line.
    return Stall(**{**told, "text": redact(str(told["text"]), secrets)})


def _snapshot(state: Mapping[str, Any]) -> StateSnapshot:
    tasks = tuple(
        PregelTask(
            id=task["id"],
            name=task["name"],
            path=(),
            error=None if task["error"] is None else GraphFailed(task["error"]),
            interrupts=tuple(
                Interrupt(value=item["value"], id=item["id"], response_schema=item["schema"])
                for item in task["interrupts"]
            ),
            result=task["result"],
        )
        for task in state["tasks"]
    )
    return StateSnapshot(
        values=state["values"],
        next=tuple(state["next"]),
        config=state["config"],
        metadata=state["metadata"],
        created_at=state["created_at"],
        parent_config=state["parent_config"],
        tasks=tasks,
        interrupts=tuple(item for task in tasks for item in task.interrupts),
    )
