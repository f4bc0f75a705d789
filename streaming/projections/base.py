"""What every projection can do."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from streaming.events import Stamped


class Projection(Protocol):
    """Takes events in the order of the log; events that mean nothing to it change nothing."""

    def apply(self, stamped: Stamped) -> None: ...


P = TypeVar("P", bound=Projection)


def apply_all(projection: P, events: Iterable[Stamped]) -> P:
    """The projection after these events."""
    for stamped in events:
        projection.apply(stamped)
    return projection
