"""Who gets to see what: a filter over one run's events."""

from dataclasses import dataclass

from streaming.core.events import ENGINE_KINDS, LogEntry, Namespace, Token, Updates


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """One reader's filter; `None` lets everything of its sort through.

    `kinds` are stream modes, `graphs` are graphs in the graph, by the names of the nodes that lead to them. `nodes`
    chooses tokens and updates; a node that is a graph stands for all that is in it. `tags` chooses tokens.
    """

    kinds: frozenset[str] | None = None
    nodes: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    graphs: frozenset[tuple[str, ...]] | None = None

    def admits(self, entry: LogEntry) -> bool:
        """Whether this reader gets the event; the engine's own events (start, end) go to everybody."""
        event = entry.event
        if event.kind in ENGINE_KINDS:
            return True
        if self.kinds is not None and event.kind not in self.kinds:
            return False
        path = _path(getattr(event, "ns", ()))
        if self.graphs is not None and path not in self.graphs:
            return False
        match event:
            case Token(node=node, tags=tags):
                return self._wants(*path, node) and (self.tags is None or bool(self.tags & set(tags)))
            case Updates(deltas=deltas):
                return self._wants(*path, *deltas)
            case _:
                return True

    def _wants(self, *nodes: str) -> bool:
        return self.nodes is None or not self.nodes.isdisjoint(nodes)


def _path(ns: Namespace) -> tuple[str, ...]:
    """The names of the nodes that lead to a graph, without the ids of their tasks."""
    return tuple(part.partition(":")[0] for part in ns)
