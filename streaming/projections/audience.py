"""Who gets to see what: a filter over one run's events."""

from dataclasses import dataclass

from streaming.events import OWN_KINDS, Namespace, Stamped, Token, Updates


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """One reader's filter; `None` lets everything of its sort through.

    `kinds` are stream modes, `nodes` chooses tokens and updates, `tags` tokens, `root_only` leaves out subgraphs.
    """

    kinds: frozenset[str] | None = None
    nodes: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    root_only: bool = False

    def admits(self, stamped: Stamped) -> bool:
        """Whether this reader gets the event; the engine's own events (start, end) go to everybody."""
        event = stamped.event
        if event.kind in OWN_KINDS:
            return True
        if self.kinds is not None and event.kind not in self.kinds:
            return False
        ns: Namespace = getattr(event, "ns", ())
        if self.root_only and ns:
            return False
        match event:
            case Token(node=node, tags=tags):
                return self._wants(node) and (self.tags is None or bool(self.tags & set(tags)))
            case Updates(deltas=deltas):
                return any(self._wants(node) for node in deltas)
            case _:
                return True

    def _wants(self, node: str) -> bool:
        return self.nodes is None or node in self.nodes
