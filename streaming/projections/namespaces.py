"""The tree of namespaces: what each graph inside a graph sent."""

from collections import Counter
from dataclasses import dataclass, field

from streaming.core.events import Attempt, GraphEvent, LogEntry, Namespace, Token


@dataclass(slots=True, kw_only=True)
class NamespaceNode:
    """A graph in the tree, whose root has an empty namespace; times in seconds."""

    ns: Namespace
    first_at: float
    last_at: float
    events: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    nodes: list[str] = field(default_factory=list)
    chunks: int = 0

    @property
    def name(self) -> str:
        """The node that contains this graph; `(graph)` for the outer one."""
        return self.ns[-1].partition(":")[0] if self.ns else "(graph)"

    @property
    def depth(self) -> int:
        """The number of graphs around this one."""
        return len(self.ns)


class NamespaceTree:
    """The namespaces that sent events, parents before children, each with its counts.

    `chunks` do not include those of dropped messages.
    """

    def __init__(self) -> None:
        self._nodes: dict[Namespace, NamespaceNode] = {}
        self._chunks: dict[str, tuple[NamespaceNode, int]] = {}

    def at(self, ns: Namespace) -> NamespaceNode:
        """The graph with this namespace; raises `KeyError` if it has sent nothing."""
        return self._nodes[ns]

    @property
    def nodes(self) -> list[NamespaceNode]:
        """Depth first, children in the order of their first event."""
        order = {ns: index for index, ns in enumerate(self._nodes)}
        return sorted(self._nodes.values(), key=lambda node: [order[node.ns[: n + 1]] for n in range(node.depth)])

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        event = entry.event
        if isinstance(event, GraphEvent):
            self._count(event, entry)
        elif isinstance(event, Attempt):
            for message_id in event.dropped:
                self._drop(message_id)

    def _count(self, event: GraphEvent, entry: LogEntry) -> None:
        if event.ns not in self._nodes:
            for depth in range(len(event.ns) + 1):
                self._open(event.ns[:depth], entry.t)
        node = self._nodes[event.ns]
        node.events[event.kind] += 1
        node.bytes += entry.size
        node.last_at = entry.t
        name = getattr(event, "node", "")
        if name and name not in node.nodes and not name.startswith("__"):
            node.nodes.append(name)
        if isinstance(event, Token) and event.role == "ai" and event.text:
            node.chunks += 1
            _, chunks = self._chunks.get(event.message_id, (node, 0))
            self._chunks[event.message_id] = node, chunks + 1

    def _drop(self, message_id: str) -> None:
        if (dropped := self._chunks.pop(message_id, None)) is not None:
            node, chunks = dropped
            node.chunks -= chunks

    def _open(self, ns: Namespace, t: float) -> None:
        if ns not in self._nodes:
            self._nodes[ns] = NamespaceNode(ns=ns, first_at=t, last_at=t)
