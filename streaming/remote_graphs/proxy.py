"""A graph on a LangGraph Server, with the methods of a compiled graph that the executor uses."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import httpx
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, StateSnapshot

from streaming.core.errors import UnknownMode
from streaming.core.events import Mode
from streaming.core.graph_description import Edge
from streaming.core.serialization import to_plain_with_keys
from streaming.providers.token_cleaning import TokenCleaner, cleaned
from streaming.remote_graphs.errors import failed_there, remote_error
from streaming.remote_graphs.parts import no_snapshot, part_of, server_modes, snapshot_of
from streaming.remote_graphs.run_stream import RunStream
from streaming.remote_graphs.servers import RemoteServer

CANCEL_TIMEOUT_S = 5.0
STARTED = "started"
"""The type of the part that says that the server has started the run; the other types are LangGraph's modes."""

_NOT_FOUND = 404
_OWN_FIELDS = frozenset({"thread_id", "checkpoint_id", "checkpoint_ns", "checkpoint_map"})


class RemoteGraphProxy:
    """An assistant of a server. Each method opens its own connections, on the event loop that calls it.

    `on_notice` is called with sentences about the connection.
    """

    nodes: Mapping[str, Any] = {}
    """Unknown here: a node that runs there is stopped there."""

    def __init__(self, server: RemoteServer, assistant_id: str, edges: Sequence[Edge] = ()) -> None:
        self.server = server
        self._edges = edges
        self.assistant_id = assistant_id
        self.on_notice: Callable[[str], object] = lambda _: None

    def hide(self, secrets: Sequence[str]) -> None:
        """Take these texts, which a person has typed for this run, out of all that the server sends."""
        self.server = replace(self.server, typed=tuple(secrets))

    async def astream(
        self,
        graph_input: Any,
        config: RunnableConfig,
        *,
        stream_mode: Sequence[Mode],
        subgraphs: bool = False,
        context: Mapping[str, Any] | None = None,
        interrupt_before: Sequence[str] | None = None,
        **_: Any,
    ) -> AsyncGenerator[Mapping[str, Any], None]:
        """The parts of a run in the shape of LangGraph's v2, after a part of the type `STARTED`.

        Cancelling the task, or closing the iterator, cancels the run on the server. Raises a `LabError`.
        """
        body = {
            **self._start(graph_input, config),
            "stream_mode": server_modes(stream_mode),
            "stream_subgraphs": subgraphs,
            "context": to_plain_with_keys(context) if context is not None else None,
            "interrupt_before": list(interrupt_before) if interrupt_before else None,
        }
        async with self.server.client() as client:
            stream = RunStream(
                client,
                self.server,
                config["configurable"]["thread_id"],
                {name: value for name, value in body.items() if value is not None},
                on_join=lambda: self.on_notice(f"The connection to {self.server.label} was cut. Joining it again."),
            )
            try:
                cleaner = TokenCleaner(self.server.secrets)
                async with aclosing(cleaned(self._parts(stream, stream_mode), cleaner)) as parts:
                    async for part in parts:
                        yield part
            except (asyncio.CancelledError, GeneratorExit):
                await asyncio.shield(_stop(stream))
                raise
            except (httpx.HTTPError, ValueError, TypeError, KeyError) as error:
                raise remote_error(error, self.server) from None

    async def _parts(self, stream: RunStream, modes: Sequence[Mode]) -> AsyncGenerator[Mapping[str, Any], None]:
        started = False
        async with aclosing(stream.events()) as events:
            async for event in events:
                if event.name == "error":
                    raise failed_there(event.data, self.server)
                if not started:
                    started = True
                    yield {"type": STARTED, "ns": (), "data": None}
                elif event.name == "metadata":
                    self.on_notice(f"{self.server.label} runs the graph again, from its last checkpoint.")
                if (part := part_of(event, modes)) is not None:
                    yield part

    async def ainvoke(self, graph_input: Any, config: RunnableConfig, **options: Any) -> Any:
        """The state at the end."""
        state: Any = {}
        options.pop("stream_mode", None)
        async for part in self.astream(graph_input, config, stream_mode=("values",), **options):
            if part["type"] == "values":
                state = part["data"]
        return state

    async def aget_state(self, config: RunnableConfig, *, subgraphs: bool = False) -> StateSnapshot:
        """The newest state of the thread, or that at the checkpoint of the config. Raises a `LabError`."""
        configurable = config["configurable"]
        try:
            async with self.server.client() as client:
                state = await client.threads.get_state(
                    configurable["thread_id"], checkpoint=_checkpoint(configurable), subgraphs=subgraphs
                )
        except httpx.HTTPStatusError as error:
            if error.response.status_code == _NOT_FOUND:
                return no_snapshot(config)
            raise remote_error(error, self.server) from None
        except httpx.HTTPError as error:
            raise remote_error(error, self.server) from None
        return snapshot_of(state, config)

    async def aupdate_state(self, config: RunnableConfig, values: Any, as_node: str | None = None) -> RunnableConfig:
        """Change the state, and return where its new checkpoint is. Raises a `LabError`."""
        configurable = config["configurable"]
        try:
            async with self.server.client() as client:
                answer: Any = await client.threads.update_state(
                    configurable["thread_id"],
                    to_plain_with_keys(values),
                    as_node=as_node,
                    checkpoint=_checkpoint(configurable),
                )
        except httpx.HTTPError as error:
            raise remote_error(error, self.server) from None
        return {"configurable": {**configurable, **answer["checkpoint"]}}

    async def aget_state_history(
        self, config: RunnableConfig, *, limit: int | None = None, **_: Any
    ) -> AsyncGenerator[StateSnapshot, None]:
        """The states of the thread, newest first. Raises a `LabError`."""
        try:
            async with self.server.client() as client:
                states = await client.threads.get_history(config["configurable"]["thread_id"], limit=limit or 100)
        except httpx.HTTPError as error:
            raise remote_error(error, self.server) from None
        for state in states:
            yield snapshot_of(state, config)

    def astream_events(self, *_: Any, **__: Any) -> Any:
        """A server has no event APIs: raises `UnknownMode`."""
        raise UnknownMode(
            f"{self.server.label} streams by modes only, not by an event API.", advice="Choose stream modes."
        )

    def get_graph(self) -> Any:
        """Its edges with source, target and whether they are conditional, as the server draws them."""
        edges = [
            SimpleNamespace(source=source, target=target, conditional=when) for source, target, when in self._edges
        ]
        names = dict.fromkeys(name for edge in self._edges for name in edge[:2])
        return SimpleNamespace(nodes=names, edges=edges)

    def _start(self, graph_input: Any, config: RunnableConfig) -> dict[str, Any]:
        configurable = config["configurable"]
        given = {name: value for name, value in configurable.items() if name not in _OWN_FIELDS}
        command = isinstance(graph_input, Command)
        return {
            "assistant_id": self.assistant_id,
            "input": None if command else to_plain_with_keys(graph_input),
            "command": _command(graph_input) if command else None,
            "config": {
                "configurable": to_plain_with_keys(given),
                **({"recursion_limit": config["recursion_limit"]} if "recursion_limit" in config else {}),
            },
            "checkpoint": _checkpoint(configurable),
            "stream_resumable": True,
            "on_disconnect": "continue",
            "if_not_exists": "create",
        }


def _checkpoint(configurable: Mapping[str, Any]) -> Any:
    """The checkpoint that a config names, as the server takes it; `None` for the newest."""
    checkpoint_id = configurable.get("checkpoint_id")
    return {"checkpoint_id": checkpoint_id, "checkpoint_ns": ""} if checkpoint_id else None


def _command(command: Command[Any]) -> dict[str, Any]:
    """What it says, as the server takes it: a resume that is `None` would be an answer."""
    said = {"resume": command.resume, "update": command.update}
    return {name: to_plain_with_keys(value) for name, value in said.items() if value is not None}


async def _stop(stream: RunStream) -> None:
    """Stop the run on the server; a server that does not answer ends it by itself."""
    try:
        async with asyncio.timeout(CANCEL_TIMEOUT_S):
            await stream.cancel()
    except (httpx.HTTPError, TimeoutError):
        return
