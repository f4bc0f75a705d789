"""A graph as a Mermaid flowchart."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from threading import Lock
from typing import Literal, TypedDict

from graphs.base import CompiledGraph, Graph
from streaming.providers.scripted.model import ScriptedChatModel

_ENDS = {"__start__": "start", "__end__": "end"}
_HIGHLIGHT = "fill:#f59e0b,stroke:#92400e,color:#1c1917"
_COMPACT = '%%{init: {"flowchart": {"nodeSpacing": 24, "rankSpacing": 26, "padding": 8}}}%%'

_PLAIN = re.compile(r"[A-Za-z]\w*", re.ASCII)
_RESERVED = frozenset(
    {"call", "class", "classdef", "click", "default", "direction", "end", "flowchart", "graph", "href"}
) | {"linkstyle", "style", "subgraph"}
"""Words of Mermaid's own, in any case."""
_SIGNS = frozenset('"#&<>`\\;\n\r')
"""Signs that Mermaid would not take as part of a quoted label."""

Direction = Literal["TD", "LR"]


def mermaid(graph: CompiledGraph, *, highlighted: Collection[str] = (), direction: Direction = "TD") -> str:
    """The flowchart of the graph with some nodes highlighted; conditional edges are dotted."""
    drawable = graph.get_graph()
    ids = {name: _id(name, number) for number, name in enumerate(drawable.nodes)}
    code = [_COMPACT, f"flowchart {direction}"]
    code += [f"  {_shape(name, node_id)}" for name, node_id in ids.items()]
    code += [f"  {ids[e.source]} {'-.->' if e.conditional else '-->'} {ids[e.target]}" for e in drawable.edges]
    code += [f"  style {node_id} {_HIGHLIGHT}" for name, node_id in ids.items() if name in highlighted]
    return "\n".join(code)


def node_names(graph: CompiledGraph) -> list[str]:
    """The graph's nodes without its start and end."""
    return [name for name in graph.get_graph().nodes if name not in _ENDS]


def _edges(graph: CompiledGraph) -> list[tuple[str, str, bool]]:
    return [(edge.source, edge.target, edge.conditional) for edge in graph.get_graph().edges]


def _id(name: str, number: int) -> str:
    """The name itself if Mermaid can read it as an id, else a made-up one."""
    if name in _ENDS:
        return f"n_{name.strip('_')}"
    plain = _PLAIN.fullmatch(name) is not None and name.lower() not in _RESERVED
    return name if plain else f"node_{number}"


def _shape(name: str, node_id: str) -> str:
    if name in _ENDS:
        return f"{node_id}([{_ENDS[name]}])"
    if name == node_id:
        return f"{name}[{name}]"
    label = "".join(f"#{ord(sign)};" if sign in _SIGNS else sign for sign in name)
    return f'{node_id}["{label}"]'


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """The picture of a graph with any nodes highlighted."""

    graph: CompiledGraph
    direction: Direction = "TD"

    def __call__(self, highlighted: Collection[str], /) -> str:
        """The flowchart with these nodes highlighted."""
        return mermaid(self.graph, highlighted=highlighted, direction=self.direction)

    @property
    def edges(self) -> list[tuple[str, str, bool]]:
        """Source node, target node, and whether the edge is conditional."""
        return _edges(self.graph)


class DiagramSettings(TypedDict):
    """A graph for the player's panel `diagram`; an edge is its source, its target, and whether it is conditional."""

    nodes: list[str]
    edges: list[tuple[str, str, bool]]


def diagram_settings(graph: Graph) -> DiagramSettings:
    """The graph's nodes and edges, including its start and end; a subgraph is one node."""
    compiled = _compiled(graph)
    return {"nodes": list(compiled.get_graph().nodes), "edges": _edges(compiled)}


def drawer(graph: Graph, *, direction: Direction = "TD") -> Diagram:
    """Draws the graph's picture; the graph is built with the scripted model, which needs no key and no process."""
    return Diagram(graph=_compiled(graph), direction=direction)


def nodes_of(graph: Graph) -> list[str]:
    """Names of the graph's nodes."""
    return node_names(_compiled(graph))


def graphs_in(graph: Graph) -> list[tuple[str, ...]]:
    """The graph itself (an empty path) and all graphs in it, each by the names of the nodes that lead to it."""
    return [(), *(tuple(path.split("|")) for path, _ in _compiled(graph).get_subgraphs(recurse=True))]


_compiled_graphs: dict[Graph, CompiledGraph] = {}
"""A cache of values that do not change, as `lru_cache`, but filled once by concurrent callers."""
_compiling = Lock()


def _compiled(graph: Graph) -> CompiledGraph:
    """The compiled graph; it is compiled once, even if several visitors need it at the same time."""
    with _compiling:
        if graph not in _compiled_graphs:
            _compiled_graphs[graph] = graph.build(ScriptedChatModel())
        return _compiled_graphs[graph]
