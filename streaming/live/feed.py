"""The base of the feeds, which turn log entries into patches: one feed for each view, with its projections."""

from collections.abc import Iterable
from typing import Any, ClassVar

from streaming.core.events import EVENT_TYPES, LogEntry, Namespace
from streaming.live.patches import Patch

ALL_KINDS: frozenset[str] = frozenset(str(event.__dataclass_fields__["kind"].default) for event in EVENT_TYPES)


class Feed:
    """Applies the events of its `kinds` to its projections, and appends patches of what changed."""

    kinds: ClassVar[frozenset[str]] = ALL_KINDS
    counts_all: ClassVar[bool] = False
    """Whether it takes all entries as they are, and not only what `streaming.projections.bounds` leaves of them."""

    def take(self, entry: LogEntry, out: list[Patch]) -> bool | None:
        """Apply the entry and append its patches to `out`; returns whether those that it holds back
        should be sent now.
        """
        raise NotImplementedError


class PacedFeed(Feed):
    """A feed that sends at intervals, not with each token: its patches set values, so only the last one counts."""

    def pending(self, *, settle: bool = False) -> list[Patch]:
        """Patches of what changed since the last call with `settle`, which marks them as sent."""
        raise NotImplementedError


class Aliases:
    """Short names for long ids. An id that was released gets a new name if it comes again."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._names: dict[str, str] = {}
        self._count = 0

    def __contains__(self, key: str) -> bool:
        """Whether this id has a name."""
        return key in self._names

    def __getitem__(self, key: str) -> str:
        """The name of this id; a new one if it has none."""
        name = self._names.get(key)
        if name is None:
            self._count += 1
            name = self._names[key] = f"{self._prefix}{self._count}"
        return name

    def release(self, key: str) -> str | None:
        """Forget the id, and return the name that it had."""
        return self._names.pop(key, None)


def seconds(t: float | None) -> float | None:
    """A time in seconds as it is sent, rounded to a tenth of a millisecond: no view shows more."""
    return None if t is None else round(t, 4)


def path_of(ns: Namespace) -> str:
    """A namespace as it is sent."""
    return "|".join(ns)


class Sent:
    """Remembers the fields that were sent for each key, so that only changed ones are sent again."""

    def __init__(self) -> None:
        self._fields: dict[str, dict[str, Any]] = {}
        self._unsettled: dict[str, set[str]] = {}

    def send(self, key: str, now: dict[str, Any], *, settle: bool = True) -> dict[str, Any]:
        """The fields that differ from those sent before; `settle` marks them as sent.

        A field that was sent without being settled is sent again, even if it has its old value back.
        """
        before = self._fields.get(key)
        unsettled = self._unsettled.pop(key, set())
        if before is None:
            different = dict(now)
        else:
            different = {
                name: value
                for name, value in now.items()
                if name in unsettled or name not in before or before[name] != value
            }
        if settle:
            self._fields[key] = now
        else:
            self._unsettled[key] = unsettled.union(different)
        return different

    def forget(self, keys: Iterable[str]) -> None:
        """Forget what was sent for these keys."""
        for key in keys:
            self._fields.pop(key, None)
            self._unsettled.pop(key, None)
