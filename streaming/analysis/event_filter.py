"""A reader's filter over the events of one run."""

from dataclasses import dataclass
from typing import assert_never

from streaming.core.events import (
    GraphEvent,
    LogEntry,
    Namespace,
    OutputEvent,
    StateEvent,
    TaskEvent,
    Token,
    TraceEvent,
    Updates,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """The events that one reader gets; a field that is `None` does not filter.

    `kinds` are stream modes, `graphs` subgraphs by the names of the nodes that lead to them. `nodes` filters tokens and
    updates; a node that is a graph includes everything in it. `tags` filters tokens.
    """

    kinds: frozenset[str] | None = None
    nodes: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    graphs: frozenset[tuple[str, ...]] | None = None

    def admits(self, entry: LogEntry) -> bool:
        """Whether this reader gets the event; the engine's own events (start, end) pass every filter."""
        event = entry.event
        if not isinstance(event, GraphEvent):
            return True
        if self.kinds is not None and event.kind not in self.kinds:
            return False
        path = _path(event.ns)
        if self.graphs is not None and path not in self.graphs:
            return False
        match event:
            case Token(node=node, tags=tags):
                return self._wants(*path, node) and (self.tags is None or bool(self.tags & set(tags)))
            case Updates(deltas=deltas):
                return self._wants(*path, *deltas)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent():
                return True  # nodes and tags filter tokens and updates only
            case _ as never:
                assert_never(never)

    def _wants(self, *nodes: str) -> bool:
        return self.nodes is None or not self.nodes.isdisjoint(nodes)


def _path(ns: Namespace) -> tuple[str, ...]:
    """The names of the nodes that lead to a graph, without the ids of their tasks."""
    return tuple(part.partition(":")[0] for part in ns)
