"""What the code of a compiled graph says about its streaming: plain facts with file and line, and no judgement.

Runs in the process of the graph, so it imports nothing of this project but its neighbours. A fact is left out where the
code cannot be read; reading never raises.

    {"python": "3.11.7", "llm_cache": False, "node_cache": False,
     "models": [{"class", "disable_streaming", "streaming", "cache", "can_stream", "tags", "node",
                "structured"; "file" and "line" of an author's class that cannot stream}],
     "tools": {name: {"file", "line"}},
     "nodes": {path: {"file", "line", "async", "subgraph", "writes", "retries", "tasks": [name],
                      "calls": [{"kind", "text", "file", "line", …}]}},
     "streams": [{"file", "line", "text", "trouble"}]}

`streams` are the loops of the nodes' code, and those of its files over the graph itself, by a name of the module.
The path of a node in a subgraph is `outer/inner`. The kinds of calls: `model`, `sync model`, `structured`, `blocking`,
`waiting` (the same in code that runs in a thread, where it stops no loop),
`raw client`, `nested graph`, `lost context`, `own callbacks` (given to what may be a model), `thread writer`,
`rebuilt message`, `no stream tag`, `no streaming`, `dispatched event`, `joined stream` (of what is no model).
A `nested graph` whose code asks no model has `"asks_model": False`.
"""

from __future__ import annotations

import ast
import inspect
import platform
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from langchain_core.globals import get_llm_cache

from .code_calls import visits
from .code_loops import wrong_loops, wrong_loops_over
from .code_objects import (
    MAX_DEPTH,
    Scope,
    body_of_tool,
    functions_held_by,
    functions_of,
    held_by,
    in_library,
    is_response_format,
    is_structured,
    layers_of,
    model_facts,
    models_in,
    parse_function,
    place_of,
    pregel_in,
    scope_of,
    tool_facts,
    tools_in,
)

MAX_FUNCTIONS = 2_000
"""How many functions of one graph are read."""

_MAY_ASK = frozenset(
    ["model", "sync model", "structured", "raw client", "lost context", "own callbacks", "nested graph"]
)
"""The kinds of calls that may ask a model."""


def read_code_facts(graph: Any) -> dict[str, Any]:
    """The facts of a compiled graph, an entrypoint or a runnable around one, as plain JSON values."""
    return _Reader().read(graph)


def owners_of(graph: Any) -> dict[tuple[str, int], str]:
    """The path of the node that calls a function of the author's, by the file and the first line of the function."""
    reader = _Reader()
    reader.read(graph)
    return reader.owners


class _Reader:
    """Collects the facts of one graph; `inside` are the ids of those whose code calls it."""

    def __init__(self, inside: frozenset[int] = frozenset()) -> None:
        self.owners: dict[tuple[str, int], str] = {}
        self.nodes: dict[str, dict[str, Any]] = {}
        self.models: list[dict[str, Any]] = []
        self.tools: dict[str, dict[str, Any]] = {}
        self._streams: dict[tuple[str, int], dict[str, Any]] = {}
        self._files: dict[str, Scope] = {}
        self._graphs: list[Any] = []
        self._inside = inside
        self._asks: dict[int, bool] = {}
        self._read = 0
        self._unread = False

    def read(self, graph: Any) -> dict[str, Any]:
        self._graph(pregel_in(graph), prefix="", depth=0)
        for file, scope in self._files.items():
            self._loops(file, 0, wrong_loops_over(self._graphs, file, scope))
        return {
            "python": platform.python_version(),
            "llm_cache": get_llm_cache() is not None,
            "node_cache": any(getattr(one, "cache", None) is not None for one in self._graphs),
            "models": self.models,
            "tools": self.tools,
            "nodes": self.nodes,
            "streams": list(self._streams.values()),
        }

    def may_ask_a_model(self, graph: Any) -> bool:
        """Whether the code of a graph asks a model, or is not known in whole."""
        facts = self.read(graph)
        kinds = {call["kind"] for node in self.nodes.values() for call in node["calls"] if call.get("asks_model", True)}
        return self._unread or bool(facts["models"] or kinds & _MAY_ASK)

    def _graph(self, graph: Any, *, prefix: str, depth: int) -> None:
        if graph is None or depth > MAX_DEPTH:
            self._unread = True
            return
        self._graphs.append(graph)
        for name, node in dict(graph.nodes).items():
            if name in ("__start__", "__end__"):
                continue
            # Objects of the author may raise on any access.
            with suppress(Exception):
                self._node(f"{prefix}{name}", getattr(node, "bound", node), depth)
                self.nodes[f"{prefix}{name}"]["retries"] = bool(getattr(node, "retry_policy", None))
                continue
            self._unread = True

    def _node(self, path: str, runnable: Any, depth: int) -> None:
        inner = pregel_in(runnable)
        facts: dict[str, Any] = {"subgraph": inner is not None, "async": False, "writes": False}
        facts |= {"calls": [], "tasks": []}
        self.nodes[path] = facts
        if inner is not None:
            self._graph(inner, prefix=f"{path}/", depth=depth + 1)
            return
        self._values(path, runnable)
        for function in functions_of(runnable):
            facts["async"] = facts["async"] or inspect.iscoroutinefunction(function)
            if (place := place_of(function)) and "file" not in facts and not in_library(function):
                facts["file"], facts["line"] = place
            self._function(path, facts, function, blocks=inspect.iscoroutinefunction(function), seen=set(), depth=0)
        for tool in tools_in(runnable):
            if (body := body_of_tool(tool)) is not None:
                self._function(path, facts, body, blocks=inspect.iscoroutinefunction(body), seen=set(), depth=0)

    def _function(
        self, path: str, facts: dict[str, Any], function: Any, *, blocks: bool, seen: set[Any], depth: int
    ) -> None:
        for layer in layers_of(function):
            code = layer.__code__
            if (code, blocks) in seen:
                continue
            if depth > MAX_DEPTH or self._read > MAX_FUNCTIONS:
                self._unread = True
                continue
            seen.add((code, blocks))
            self._read += 1
            if in_library(code):
                # Only what a library's node holds is ours to tell: its own code is not the author's.
                for value in held_by(layer):
                    self._values(path, value)
                    if is_response_format(value):
                        facts["calls"].append({"kind": "structured", "text": type(value).__name__})
                for held in functions_held_by(layer):
                    is_async = inspect.iscoroutinefunction(held)
                    self._function(path, facts, held, blocks=is_async, seen=seen, depth=depth + 1)
            else:
                self._layer(path, facts, layer, blocks=blocks, seen=seen, depth=depth)

    def _layer(
        self, path: str, facts: dict[str, Any], function: Any, *, blocks: bool, seen: set[Any], depth: int
    ) -> None:
        parsed = parse_function(function)
        if parsed is None:
            self._unread = True
            return
        tree, file, offset = parsed
        self.owners.setdefault((file, function.__code__.co_firstlineno), path)
        self._files.setdefault(file, getattr(function, "__globals__", {}))
        self._loops(file, offset, wrong_loops(tree))
        for visit in visits(tree, scope_of(function), blocks=blocks):
            for value in visit.values:
                self._values(path, value)
            facts["writes"] = facts["writes"] or visit.writes
            if visit.task:
                facts["tasks"].append(visit.task)
            if visit.call is not None:
                silent = {"asks_model": False} if visit.graph is not None and not self._asks_in(visit.graph) else {}
                call = {**visit.call, **silent, "file": file, "line": visit.line + offset}
                # A helper is read as a call and as a value: where it blocks, it is no work of a thread.
                if call["kind"] != "waiting" or {**call, "kind": "blocking"} not in facts["calls"]:
                    facts["calls"].append(call)
            for target, blocking in visit.follow:
                self._function(path, facts, target, blocks=blocking, seen=seen, depth=depth + 1)

    def _asks_in(self, graph: Any) -> bool:
        """Whether a graph that a node calls may ask a model; one that calls itself is not read again."""
        key = id(graph)
        if key in self._inside or len(self._inside) > MAX_DEPTH:
            return True
        if key not in self._asks:
            self._asks[key] = _Reader(self._inside | {key}).may_ask_a_model(graph)
        return self._asks[key]

    def _values(self, path: str, value: Any) -> None:
        for tool in tools_in(value):
            self.tools.setdefault(tool.name, tool_facts(tool))
        for model, tags in models_in(value):
            facts = model_facts(model, tags) | {"node": path, "structured": is_structured(value)}
            if facts not in self.models:
                self.models.append(facts)

    def _loops(self, file: str, offset: int, found: Iterator[tuple[ast.Call, str]]) -> None:
        for call, trouble in found:
            line = call.lineno + offset
            text = ast.unparse(call)[:120]
            self._streams.setdefault((file, line), {"file": file, "line": line, "text": text, "trouble": trouble})
