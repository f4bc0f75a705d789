"""Namespaces: which graph inside which graph sent what."""

from collections import Counter
from dataclasses import dataclass, field

from streaming.core.events import LogEntry, Namespace, Token


@dataclass(slots=True, kw_only=True)
class NamespaceNode:
    """A graph in the tree: the root's namespace is empty, a subgraph's ends with `node:task`."""

    ns: Namespace
    first_at: float
    last_at: float
    events: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    nodes: list[str] = field(default_factory=list)
    chunks: int = 0

    @property
    def name(self) -> str:
        return self.ns[-1].partition(":")[0] if self.ns else "(graph)"

    @property
    def depth(self) -> int:
        return len(self.ns)


class NamespaceTree:
    """The places that events came from, parents before children, each with its counts."""

    def __init__(self) -> None:
        self._places: dict[Namespace, NamespaceNode] = {}

    @property
    def places(self) -> list[NamespaceNode]:
        """Depth first, children in the order of their first event."""
        order = {ns: place for place, ns in enumerate(self._places)}
        return sorted(self._places.values(), key=lambda place: [order[place.ns[: n + 1]] for n in range(place.depth)])

    def apply(self, entry: LogEntry) -> None:
        ns = getattr(entry.event, "ns", None)
        if ns is None:
            return
        for depth in range(len(ns) + 1):
            self._open(ns[:depth], entry.t)
        place = self._places[ns]
        place.events[entry.event.kind] += 1
        place.bytes += entry.size
        place.last_at = entry.t
        node = getattr(entry.event, "node", "")
        if node and node not in place.nodes and not node.startswith("__"):
            place.nodes.append(node)
        if isinstance(entry.event, Token) and entry.event.role == "ai" and entry.event.text:
            place.chunks += 1

    def _open(self, ns: Namespace, t: float) -> None:
        if ns not in self._places:
            self._places[ns] = NamespaceNode(ns=ns, first_at=t, last_at=t)
