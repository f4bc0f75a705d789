"""What turns log entries into patches: one feed for each view, each with the projections that it shows."""

from collections.abc import Iterable
from typing import Any, ClassVar

from streaming.core.events import EVENT_TYPES, LogEntry, Namespace
from streaming.live.patches import Patch

ALL_KINDS: frozenset[str] = frozenset(str(event.__dataclass_fields__["kind"].default) for event in EVENT_TYPES)


class Feed:
    """Applies the kinds of events in `kinds` to its projections, and appends the patches of what changed."""

    kinds: ClassVar[frozenset[str]] = ALL_KINDS

    def take(self, entry: LogEntry, out: list[Patch]) -> bool | None:
        """Apply the entry; true where what a paced feed holds back should not wait."""
        raise NotImplementedError


class PacedFeed(Feed):
    """A feed whose patches need not come with each token: they only set values, so a later one has all that is new."""

    def pending(self, *, settle: bool = False) -> list[Patch]:
        """Patches of all that changed since it was last settled; `settle` says that they are sent."""
        raise NotImplementedError


class Aliases:
    """Short names for long ids. An id that was released gets another name when it comes again."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._names: dict[str, str] = {}
        self._count = 0

    def __contains__(self, key: str) -> bool:
        return key in self._names

    def __getitem__(self, key: str) -> str:
        """The name of this id, a new one for an id without."""
        name = self._names.get(key)
        if name is None:
            self._count += 1
            name = self._names[key] = f"{self._prefix}{self._count}"
        return name

    def release(self, key: str) -> str | None:
        """Forget the id, and return the name that it had."""
        return self._names.pop(key, None)


def seconds(t: float | None) -> float | None:
    """A time on the wire: a tenth of a millisecond is the finest that anything shows."""
    return None if t is None else round(t, 4)


def path_of(ns: Namespace) -> str:
    """A namespace on the wire."""
    return "|".join(ns)


class Sent:
    """The fields of each key as they were sent, so that only changed ones are sent again."""

    def __init__(self) -> None:
        self._fields: dict[str, dict[str, Any]] = {}

    def send(self, key: str, now: dict[str, Any], *, settle: bool = True) -> dict[str, Any]:
        """The fields that differ from what was sent; with `settle` they count as sent from here on."""
        before = self._fields.get(key)
        if settle:
            self._fields[key] = now
        if before is None:
            return dict(now)
        return {name: value for name, value in now.items() if name not in before or before[name] != value}

    def forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._fields.pop(key, None)
