"""The assistants of LangGraph Servers as graphs to run, and the threads that they have."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.base import BaseCheckpointSaver

from streaming.core.errors import LabError
from streaming.core.graph_description import Edge, GraphDescription, NodeDescription
from streaming.core.graph_prompt import MESSAGES, prompt_field, prompt_is_messages
from streaming.providers.url_policy import url_without_credentials
from streaming.remote_graphs.errors import remote_error
from streaming.remote_graphs.proxy import RemoteGraphProxy
from streaming.remote_graphs.servers import RemoteServer

MAX_ASSISTANTS = 100
MAX_THREADS = 50
_MAX_NAME = 64
"""As long as the history stores it."""
_SCHEMAS = ("input_schema", "config_schema", "context_schema", "state_schema")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteGraphSource:
    """An assistant of a server; the schemas are JSON schemas, `None` where the server gives none."""

    name: str
    title: str
    summary: str
    server: RemoteServer
    assistant_id: str
    graph_id: str
    input_schema: Mapping[str, Any] | None = None
    config_schema: Mapping[str, Any] | None = None
    context_schema: Mapping[str, Any] | None = None
    edges: tuple[Edge, ...] = ()
    examples: tuple[str, ...] = ()
    writes_custom: bool = False
    multi_turn: bool = False

    @property
    def description(self) -> GraphDescription:
        """What the server says of the graph; its threads outlive this app."""
        names = dict.fromkeys(end for source, target, _ in self.edges for end in (source, target))
        return GraphDescription(
            nodes=tuple(NodeDescription(name=name) for name in names),
            edges=self.edges,
            input_schema=self.input_schema or {},
            context_schema=self.context_schema or {},
            configurable_schema=self.config_schema or {},
            checkpointer="of the server",
            threads_last=True,
        )

    @property
    def program(self) -> tuple[str, ...]:
        """Calls the server; the key is in the environment."""
        url = url_without_credentials(self.server.url)
        return (
            "from langgraph.pregel.remote import RemoteGraph",
            "",
            "# The key, if the server needs one, is in LANGGRAPH_API_KEY.",
            f"graph = RemoteGraph({self.assistant_id!r}, url={url!r})",
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no event of a run may show."""
        return self.server.secrets

    @property
    def module(self) -> str:
        """The code is on the server."""
        return f"{self.graph_id} on {self.server.label}"

    def build(self, model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> Any:  # noqa: ARG002
        """The proxy; the server has its own model and its own checkpoints."""
        return RemoteGraphProxy(self.server, self.assistant_id, self.edges)

    def to_input(self, prompt: str, /) -> Any:
        """The prompt as the whole input, as a message, or as the first text field of the input."""
        schema = self.input_schema or {}
        if schema.get("type") == "string":
            return prompt
        if prompt_is_messages(schema):
            return [HumanMessage(prompt)]
        fields = schema.get("properties") or {}
        name = prompt_field(schema) if fields else MESSAGES
        return {MESSAGES: [HumanMessage(prompt)]} if name == MESSAGES else {name or next(iter(fields)): prompt}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteThread:
    """A thread of a server; `updated_at` is its time there, as an ISO date."""

    id: str
    status: str
    updated_at: str
    graph_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The graphs of all servers, and a sentence for each server that could not be asked."""

    graphs: Sequence[RemoteGraphSource]
    troubles: Sequence[str] = ()


async def find_graphs(servers: Sequence[RemoteServer]) -> Found:
    """Ask all servers at the same time for their assistants."""
    answers = await asyncio.gather(*map(_graphs_of, servers), return_exceptions=True)
    graphs, troubles = [], []
    for answer in answers:
        if isinstance(answer, LabError):
            troubles.append(str(answer))
        elif isinstance(answer, BaseException):
            raise answer
        else:
            graphs += answer
    return Found(graphs=graphs, troubles=troubles)


async def threads_of(source: RemoteGraphSource) -> list[RemoteThread]:
    """The newest threads of this assistant, newest first. Raises a `LabError`."""
    try:
        async with source.server.client() as client:
            found = await client.threads.search(
                metadata={"graph_id": source.graph_id}, limit=MAX_THREADS, sort_by="updated_at", sort_order="desc"
            )
    except httpx.HTTPError as error:
        raise remote_error(error, source.server) from None
    return [
        RemoteThread(
            id=thread["thread_id"],
            status=str(thread["status"]),
            updated_at=str(thread["updated_at"]),
            graph_id=source.graph_id,
        )
        for thread in found
    ]


async def _graphs_of(server: RemoteServer) -> list[RemoteGraphSource]:
    try:
        async with server.client() as client:
            assistants: Any = await client.assistants.search(limit=MAX_ASSISTANTS)
            schemas = await asyncio.gather(*(_schemas(client, one["assistant_id"]) for one in assistants))
            edges = await asyncio.gather(*(_edges(client, one["assistant_id"]) for one in assistants))
    except (httpx.HTTPError, KeyError, TypeError, ValueError) as error:
        raise remote_error(error, server) from None
    names: set[str] = set()
    return [
        replace(_source(server, one, found, names), edges=drawn)
        for one, found, drawn in zip(assistants, schemas, edges, strict=True)
    ]


async def _edges(client: Any, assistant_id: str) -> tuple[Edge, ...]:
    """The edges of an assistant's graph; none where the server cannot draw it."""
    try:
        drawn = await client.assistants.get_graph(assistant_id)
    except httpx.HTTPStatusError:
        return ()
    return tuple((edge["source"], edge["target"], bool(edge.get("conditional"))) for edge in drawn.get("edges") or ())


async def _schemas(client: Any, assistant_id: str) -> dict[str, Any]:
    """The schemas of an assistant; without them the graph can be run nevertheless."""
    try:
        found = await client.assistants.get_schemas(assistant_id)
    except httpx.HTTPStatusError:
        return {}
    return {name: found.get(name) or None for name in _SCHEMAS}


def _source(
    server: RemoteServer, assistant: Mapping[str, Any], schemas: Mapping[str, Any], names: set[str]
) -> RemoteGraphSource:
    title = str(assistant.get("name") or assistant["graph_id"])
    name = _free_name(f"{title}@{server.label}", assistant["assistant_id"], names)
    # A server gives no schema of the input where it is the same as that of the state.
    inputs = _without_false_need(schemas.get("input_schema") or schemas.get("state_schema"))
    return RemoteGraphSource(
        name=name,
        title=f"{title} ({server.label})",
        summary=str(assistant.get("description") or f"The graph “{assistant['graph_id']}” of {server.label}."),
        server=server,
        assistant_id=assistant["assistant_id"],
        graph_id=assistant["graph_id"],
        input_schema=inputs,
        config_schema=schemas.get("config_schema"),
        context_schema=schemas.get("context_schema"),
        multi_turn="messages" in ((inputs or {}).get("properties") or {}),
    )


def _without_false_need(schema: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The schema of an input, without required parts where it is probably that of a `TypedDict`.

    LangGraph needs no particular part of one, and the schema names them all. A class that checks its fields shows by a
    default; where none has one, the server has the last word.
    """
    fields = (schema or {}).get("properties") or {}
    checks = any("default" in field for field in fields.values() if isinstance(field, Mapping))
    return schema if checks or not schema or not schema.get("required") else {**schema, "required": []}


def _free_name(wanted: str, assistant_id: str, names: set[str]) -> str:
    """The name, with the beginning of the assistant's id where another one has the same name."""
    name = wanted[:_MAX_NAME]
    if name in names:
        name = f"{assistant_id[:8]}.{wanted}"[:_MAX_NAME]
    names.add(name)
    return name
