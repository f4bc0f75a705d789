"""Who gets to see what: a filter over one run's events."""

from collections.abc import Iterable
from dataclasses import dataclass

from streaming.events import Namespace, Stamped, Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """One reader's filter; `None` lets everything of its sort through.

    `kinds` are stream modes, `nodes` and `tags` choose tokens, `root_only` leaves out what subgraphs send.
    """

    kinds: frozenset[str] | None = None
    nodes: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    root_only: bool = False

    def admits(self, stamped: Stamped) -> bool:
        """Whether this reader gets the event; the engine's own events (start, end) go to everybody."""
        event = stamped.event
        if event.kind in ("notice", "fallback", "started", "ended"):
            return True
        if self.kinds is not None and event.kind not in self.kinds:
            return False
        ns: Namespace = getattr(event, "ns", ())
        if self.root_only and ns:
            return False
        return not isinstance(event, Token) or self._hears(event)

    def of(self, batch: Iterable[Stamped]) -> list[Stamped]:
        """The part of the batch that this reader gets."""
        return [stamped for stamped in batch if self.admits(stamped)]

    def _hears(self, token: Token) -> bool:
        return (self.nodes is None or token.node in self.nodes) and (
            self.tags is None or bool(self.tags & set(token.tags))
        )
