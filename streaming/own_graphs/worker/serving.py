"""Loads the graph and serves its calls: one task for each, all answers in one order over one connection."""

from __future__ import annotations

import asyncio
import inspect
import os
import queue
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from functools import cache, partial
from typing import Any

from . import leftovers
from .factories import EXECUTES, READS, UPDATES, default_context
from .framing import read_frame, send_frame
from .limits import TooLarge, trouble_of
from .troubles import WrongInput, failure, loading_trouble, missing_package, why_without_values

RUNS = ("stream", "events", "invoke")
"""The calls that execute nodes."""

MAX_UNSENT_BYTES = 256_000_000
"""How far a graph may run ahead of what has been read."""


class Outbox:
    """Sends frames from a thread of its own, so that a slow reader does not slow the graph."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._frames: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._unsent = 0
        threading.Thread(target=self._send, daemon=True).start()

    def put(self, payload: bytes) -> None:
        """Send this after everything before it; raises `BufferError` if the reader is too far behind."""
        with self._lock:
            if self._unsent > MAX_UNSENT_BYTES:
                raise BufferError("the graph streams faster than it can be read")
            self._unsent += len(payload)
        self._frames.put(payload)

    def flush(self) -> None:
        """Wait until everything is sent, a second at most."""
        deadline = threading.Event()
        for _ in range(100):
            if not self._unsent:
                return
            deadline.wait(0.01)

    def _send(self) -> None:
        while True:
            payload = self._frames.get()
            try:
                send_frame(self._connection, payload)
            except OSError:
                os._exit(0)
            with self._lock:
                self._unsent -= len(payload)


def serve(order: dict[str, Any]) -> None:
    """Connect, load the graph, and serve until the connection ends."""
    import json

    connection = socket.create_connection(("127.0.0.1", order["port"]))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    send_frame(connection, order["secret"].encode())
    trouble = missing_package()
    if trouble:
        send_frame(connection, json.dumps({"id": 0, "kind": "environment", "text": trouble}).encode())
        return
    sys.path[:0] = [path for path in order["paths"] if path not in sys.path]
    outbox = Outbox(connection)
    from .codec import dumps
    from .imported_files import ImportedFiles

    def tell(file: str, written: int | None) -> None:
        outbox.put(dumps({"id": 0, "kind": "imported", "file": file, "written": written}))

    def tell_sought(sought: list[tuple[str, str]]) -> None:
        outbox.put(dumps({"id": 0, "kind": "sought", "modules": sought}))

    files = ImportedFiles(order["folder"], tell, tell_sought)
    files.watch()
    try:
        from .loading import Loaded, load_object

        # Before there is an event loop: a module may run one of its own while it is imported.
        target, attribute = order["target"], order["attribute"]
        loaded = Loaded(load_object(target, attribute), f"“{attribute}” in {target}", attribute)
        _run(_serve(connection, outbox, loaded, order, files))
    except BaseException as error:  # noqa: BLE001 - whatever a stranger's module raises, also SystemExit
        outbox.put(dumps({"id": 0, "kind": "trouble", "text": loading_trouble(error, order["paths"])}))
        outbox.flush()


def _run(serving: Any) -> None:
    """Run it on an event loop that goes on when a node calls `exit()`: that ends the node's run alone."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    task = loop.create_task(serving)
    while not task.done():
        try:
            loop.run_until_complete(task)
        except (SystemExit, KeyboardInterrupt):
            # The task of the node has the exception too, so its run learns of it.
            continue
    task.result()


async def _serve(connection: socket.socket, outbox: Outbox, loaded: Any, order: dict[str, Any], files: Any) -> None:
    from .code_facts import owners_of
    from .codec import dumps, loads
    from .describing import describe, without_graph
    from .first_run import import_what_runs_need
    from .module_names import imported
    from .stalls import StallWatch

    owners: Callable[[], dict[Any, str]] = dict

    def learn(graph: Any) -> dict[str, Any]:
        nonlocal owners
        owners = cache(partial(owners_of, graph))
        # Now, and not at the end of the first run that stood still.
        with suppress(Exception):
            owners()
        return describe(graph, loaded.checkpointer)

    def tell(found: dict[str, Any]) -> None:
        description = {**found, **loaded.origin, **imported(order["target"])}
        outbox.put(dumps({"id": 0, "kind": "ready", "description": description}))

    try:
        async with loaded.use({"configurable": {}}) as graph:
            found = learn(graph)
    except Exception as error:
        why = why_without_values(error, order["paths"]) if loaded.takes_config else ""
        if not why:
            raise
        found = without_graph(why)
    import_what_runs_need()
    files.look()
    tell(found)
    loop = asyncio.get_running_loop()
    calls = Calls(outbox, loaded, order["paths"], StallWatch(lambda: owners()), files)
    if "unknown" in found:
        # Its schema of configurable values, if it has one, need not have those that the factory reads.
        calls.on_first_graph = lambda graph: tell({**learn(graph), "configurable_schema": {}})

    def read() -> None:
        while True:
            payload = read_frame(connection)
            if payload is None:
                os._exit(0)
            try:
                call = loads(payload)
            except BaseException:  # noqa: BLE001 - a process that hears nothing more would seem to work
                os._exit(1)
            loop.call_soon_threadsafe(calls.receive, call)

    threading.Thread(target=read, daemon=True).start()
    await asyncio.Event().wait()


class Calls:
    """The calls that are open."""

    def __init__(self, outbox: Outbox, loaded: Any, paths: list[str], stalls: Any, files: Any) -> None:
        self._outbox, self._loaded, self._paths, self._stalls, self._files = outbox, loaded, paths, stalls, files
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._controls: dict[int, Any] = {}
        self._leaves_threads = False
        self._check: asyncio.Task[None] | None = None
        self.on_first_graph: Callable[[Any], None] | None = None
        """Is given the first graph that was used without an error, after its use."""

    def receive(self, call: dict[str, Any]) -> None:
        """Start the call, or cancel or drain the one that it names."""
        number, name = call["id"], call["call"]
        if name == "cancel":
            if task := self._tasks.get(number):
                task.cancel()
        elif name == "drain":
            if control := self._controls.get(number):
                control.request_drain()
        else:
            self._tasks[number] = asyncio.ensure_future(self._answer(number, name, call))

    async def _answer(self, number: int, name: str, call: dict[str, Any]) -> None:
        held = None
        try:
            with self._stalls.watching() if name in RUNS else nullcontext() as held:
                result = await getattr(self, f"_{name}")(number, call)
            end = {"kind": "result", "result": result}
        except asyncio.CancelledError:
            end = {"kind": "cancelled"}
            self._leaves_threads = True
        except TooLarge as error:
            end = {"kind": "too large", "text": str(error)}
        except WrongInput as error:
            end = {"kind": "wrong input", "text": str(error)}
        except BaseException as error:  # noqa: BLE001 - the parent reports it
            end = {"kind": "error", **failure(error, self._paths)}
        self._tasks.pop(number, None)
        self._controls.pop(number, None)
        if held:
            end["stalls"] = self._stalls.told(held)
        self._files.look()
        self._outbox.put(_bounded({"id": number, **end}, name))
        if self._leaves_threads and not self._tasks:
            self._check = asyncio.ensure_future(self._tell_of_leftovers())

    async def _tell_of_leftovers(self) -> None:
        """Let this process be ended if a stopped node still computes in it, and nothing else does."""
        from .codec import dumps

        computes = await leftovers.still_computes()
        if self._tasks:
            return  # the end of the last of them looks again
        self._leaves_threads = False
        if computes:
            self._outbox.put(dumps({"id": 0, "kind": "leftovers"}))

    async def _stream(self, number: int, call: dict[str, Any]) -> None:
        from .describing import gives_typed_parts

        config = call["config"]
        async with self._use(call, EXECUTES) as graph:
            accepted = inspect.signature(type(graph).astream).parameters
            options = self._options(number, call, accepted, graph)
            modes, subgraphs = call["modes"], call["subgraphs"]
            second = gives_typed_parts(graph)
            if second:
                options["version"] = "v2"
            start = _input(call, graph)
            parts = graph.astream(start, config, stream_mode=modes, subgraphs=subgraphs, **options)
            async for part in parts:
                shaped = part if second else _shaped(part, subgraphs)
                self._put_part(number, shaped)

    def _put_part(self, number: int, part: Any) -> None:
        from .codec import dumps

        payload = dumps({"id": number, "kind": "part", "part": part})
        if trouble := trouble_of(payload):
            raise TooLarge(trouble)
        self._outbox.put(payload)

    async def _events(self, number: int, call: dict[str, Any]) -> None:
        from .event_streams import send_events

        async with self._use(call, EXECUTES) as graph:
            options = self._options(number, call, (), graph)
            await send_events(
                graph, call["api"], _input(call, graph), call["config"], options, partial(self._put_part, number)
            )

    async def _invoke(self, number: int, call: dict[str, Any]) -> Any:
        async with self._use(call, EXECUTES) as graph:
            options = self._options(number, call, inspect.signature(type(graph).ainvoke).parameters, graph)
            return await graph.ainvoke(_input(call, graph), call["config"], **options)

    @asynccontextmanager
    async def _use(self, call: dict[str, Any], access: str) -> AsyncIterator[Any]:
        context = (call.get("options") or {}).get("context")
        async with self._loaded.use(call["config"], access=access, context=context) as graph:
            yield graph
            if self.on_first_graph is not None:
                self.on_first_graph(graph)
                self.on_first_graph = None

    def _options(self, number: int, call: dict[str, Any], accepted: Any, graph: Any) -> dict[str, Any]:
        given = {name: value for name, value in call["options"].items() if value is not None}
        options = {**self._loaded.options, **given}
        if "context" not in options and (context := default_context(graph)) is not None:
            options["context"] = context
        if call.get("drains") and "control" in accepted:
            from langgraph.runtime import RunControl

            self._controls[number] = options["control"] = RunControl()
        return options

    async def _state(self, _number: int, call: dict[str, Any]) -> Any:
        async with self._use(call, READS) as graph:
            return _snapshot(await graph.aget_state(call["config"]))

    async def _history(self, _number: int, call: dict[str, Any]) -> Any:
        async with self._use(call, READS) as graph:
            return [_snapshot(item) async for item in graph.aget_state_history(call["config"], limit=call["limit"])]

    async def _update(self, _number: int, call: dict[str, Any]) -> Any:
        async with self._use(call, UPDATES) as graph:
            return _config(await graph.aupdate_state(call["config"], call["values"], as_node=call["as_node"]))


def _bounded(end: dict[str, Any], name: str) -> bytes:
    """The end of a call; a state that is too large comes without its values, as its position is needed anyway."""
    from .codec import dumps

    payload = dumps(end)
    trouble = trouble_of(payload)
    if not trouble:
        return payload
    result = end.get("result")
    if name == "state" and isinstance(result, dict):
        tasks = [{**task, "result": None} for task in result["tasks"]]
        return dumps({**end, "result": {**result, "values": {}, "tasks": tasks}})
    return dumps({"id": end["id"], "kind": "too large", "text": trouble})


def _input(call: dict[str, Any], graph: Any) -> Any:
    if "command" in call:
        from langgraph.types import Command

        return Command(**call["command"])
    from .entrypoints import typed_input

    given = call["input"]
    if isinstance(given, dict) and _are_messages(given.get("messages")):
        from langchain_core.messages import convert_to_messages

        return {**given, "messages": convert_to_messages(given["messages"])}
    return typed_input(graph, given)


def _are_messages(value: Any) -> bool:
    """Whether a form gave these as plain messages: nodes expect LangChain's."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and "content" in item and ("role" in item or "type" in item) for item in value)
    )


def _shaped(part: Any, subgraphs: bool) -> dict[str, Any]:
    """A part of version 1 in the form of version 2."""
    namespace, mode, data = part if subgraphs else ((), *part)
    if mode != "values" or not isinstance(data, dict) or "__interrupt__" not in data:
        return {"type": mode, "ns": namespace, "data": data}
    state = {name: value for name, value in data.items() if name != "__interrupt__"}
    return {"type": mode, "ns": namespace, "data": state, "interrupts": data["__interrupt__"]}


def _snapshot(state: Any) -> dict[str, Any]:
    return {
        "values": state.values,
        # LangGraph 1.0 takes a task with a second question for one that has ended.
        "next": state.next or tuple(task.name for task in state.tasks if task.interrupts),
        "config": _config(state.config),
        "metadata": state.metadata,
        "created_at": state.created_at,
        "parent_config": _config(state.parent_config),
        "tasks": [
            {
                "id": task.id,
                "name": task.name,
                "error": None if task.error is None else f"{type(task.error).__name__}: {task.error}",
                "interrupts": [_question(item) for item in task.interrupts],
                "result": task.result,
            }
            for task in state.tasks
        ],
    }


def _question(interrupt: Any) -> dict[str, Any]:
    """An interrupt as plain values; before LangGraph 1.2 it has no schema for its answer."""
    return {"value": interrupt.value, "id": interrupt.id, "schema": getattr(interrupt, "response_schema", None)}


def _config(config: Any) -> Any:
    """The position that a config names; the rest of it are objects of the run."""
    if config is None:
        return None
    names = ("thread_id", "checkpoint_ns", "checkpoint_id")
    position = config.get("configurable") or {}
    return {"configurable": {name: position[name] for name in names if name in position}}
