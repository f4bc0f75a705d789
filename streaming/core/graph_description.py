"""What is known of a graph that this repository does not define, as its own process or server reports it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

_START, _END = "__start__", "__end__"

Edge = tuple[str, str, bool]
"""Source, target, and whether the edge is conditional."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeDescription:
    """One node: its name, whether it is synchronous code (`None` if unknown), and where its code is."""

    name: str
    sync: bool | None = None
    file: str = ""
    line: int | None = None


class Drawing(TypedDict):
    """A graph for the player's panel `diagram`: all nodes with start and end, and the edges between them."""

    nodes: list[str]
    edges: list[Edge]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphDescription:
    """Nodes, edges and JSON schemas of a graph, and what runs it.

    `subgraphs` are the graphs in it, each by the names of the nodes that lead to it. A schema is empty if the graph has
    none. `checkpointer` and `store` name a class, and are empty for none. `code` is what its code says about its
    streaming, as `own_graphs.worker.code_facts` reads it. `typed_parts` is false if its stream has no parts of version
    2. `threads_last` is false if its threads end with its process. `made_by` is the code behind the name of its object
    that makes the graph, such as a call: empty for a graph, `None` where it is not known.
    `opened_by` are the keywords that this code has to begin with, such as `await`. `input_code` has the function,
    and the lines that import it, that makes the objects of an input of plain values; it is empty where the graph does.
    `left_out` are parts of a sentence: what the object does beside running the graph, and is not done here.
    A program in `folder` imports it from `module`. `unknown` says in sentences why nothing is known of the graph: its
    factory makes none without configurable values.
    """

    nodes: tuple[NodeDescription, ...] = ()
    edges: tuple[Edge, ...] = ()
    subgraphs: tuple[tuple[str, ...], ...] = ()
    input_schema: Mapping[str, Any] = field(default_factory=dict)
    output_schema: Mapping[str, Any] = field(default_factory=dict)
    context_schema: Mapping[str, Any] = field(default_factory=dict)
    configurable_schema: Mapping[str, Any] = field(default_factory=dict)
    interpreter: str = ""
    python: str = ""
    langgraph: str = ""
    checkpointer: str = ""
    store: str = ""
    code: Mapping[str, Any] = field(default_factory=dict)
    typed_parts: bool = True
    threads_last: bool = False
    made_by: str | None = ""
    opened_by: str = ""
    input_code: Mapping[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    folder: str = ""
    module: str = ""
    unknown: str = ""

    @property
    def schemas(self) -> Mapping[str, Mapping[str, Any]]:
        """The schema of each part that a run gives the graph, by the name of the part."""
        return {"input": self.input_schema, "context": self.context_schema, "configurable": self.configurable_schema}

    @property
    def sync_nodes(self) -> frozenset[str]:
        """The nodes that are known to be synchronous code."""
        return frozenset(node.name for node in self.nodes if node.sync)

    @property
    def node_names(self) -> list[str]:
        """The nodes without start and end, in the order in which the graph has them."""
        return [node.name for node in self.nodes if node.name not in (_START, _END)]

    @property
    def drawing(self) -> Drawing:
        """The graph as the player draws it; a subgraph is one node."""
        ends = {end for source, target, _ in self.edges for end in (source, target)}
        inner = dict.fromkeys([*self.node_names, *sorted(ends - {_START, _END})])
        nodes = [*([_START] if _START in ends else []), *inner, *([_END] if _END in ends else [])]
        return {"nodes": nodes, "edges": list(self.edges)}
