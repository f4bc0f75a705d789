"""Merges patches into fewer ones with the same fold, for a snapshot and for the backlog of a slow follower."""

from collections.abc import Callable, Iterable
from typing import Any

from streaming.live.patches import Patch

_MERGE_ONE = frozenset({"run", "fig", "bar"})
_MERGE_BY_KEY = frozenset({"msg", "span", "own", "call", "branch", "kind"})
_REPLACE_ONE = frozenset({"active", "finished", "seen", "answer", "over", "clock"})
_REPLACE_BY_KEY = frozenset({"ns", "end"})
_TEXTS = frozenset({"text", "think", "whole", "arg"})


def coalesce(patches: Iterable[Patch]) -> list[Patch]:
    """Fewer patches that fold to the same view; does not change the patches that it gets.

    Only a `drop` depends on the order of different patches, so every other patch is merged into the earliest of its
    kind.
    """
    coalescer = Coalescer()
    for patch in patches:
        coalescer.add(patch)
    return coalescer.patches()


class Coalescer:
    """Merges patches one by one; see `coalesce`."""

    def __init__(self) -> None:
        self._merged: list[Any] = []
        self._index_of: dict[Any, int] = {}

    def __len__(self) -> int:
        """The number of merged patches."""
        return len(self._merged)

    def patches(self) -> list[Patch]:
        """The merged patches so far."""
        return [_finished(patch) for patch in self._merged if patch is not None]

    def add(self, patch: Patch) -> None:
        """Merge a patch into those before it."""
        op = patch[0]
        if op in _TEXTS:
            self._text(patch)
        elif op in _MERGE_ONE:
            self._merge((op,), patch, 1)
        elif op in _MERGE_BY_KEY:
            self._merge((op, patch[1]), patch, 2)
        elif op in _REPLACE_ONE:
            self._replace((op,), patch)
        elif op in _REPLACE_BY_KEY:
            self._replace((op, patch[1]), patch)
        elif op in _OTHERS:
            _OTHERS[op](self, patch)
        else:
            self._merged.append(patch)

    def _find(self, key: Any) -> Any:
        index = self._index_of.get(key)
        return None if index is None else self._merged[index]

    def _open(self, key: Any, patch: Any) -> None:
        self._index_of[key] = len(self._merged)
        self._merged.append(patch)

    def _merge(self, key: Any, patch: Patch, fields: int) -> None:
        """Merge the fields of this patch, which are its item number `fields`."""
        earlier = self._find(key)
        if earlier is None:
            self._open(key, [*patch[:fields], {**patch[fields]}])
        else:
            earlier[fields].update(patch[fields])

    def _replace(self, key: Any, patch: Patch) -> None:
        if key in self._index_of:
            self._merged[self._index_of[key]] = patch
        else:
            self._open(key, patch)

    def _extend(self, patch: Patch) -> None:
        op, rows = patch
        if (earlier := self._find((op,))) is None:
            self._open((op,), [op, [*rows]])
        else:
            earlier[1].extend(rows)

    def _text(self, patch: Patch) -> None:
        """Collect the pieces of one text in a list, so that a long text is joined only once."""
        op, message_id, text, *t = patch
        key = ("think" if op == "think" else "arg" if op == "arg" else "text", message_id)
        earlier = self._find(key)
        if op == "whole":
            if earlier is not None:
                self._merged[self._index_of.pop(key)] = None
            self._open(key, [op, message_id, [text], *t])
        elif earlier is None:
            self._open(key, [op, message_id, [text], *t])
        else:
            earlier[2].append(text)
            earlier[3:] = t

    def _lane(self, patch: Patch) -> None:
        _, mode, bins = patch
        lane = self._find(("lane", mode))
        if lane is None:
            lane = ["lane", mode, {}]
            self._open(("lane", mode), lane)
        lane[2].update({number: [number, count, size] for number, count, size in bins})

    def _rows(self, patch: Patch) -> None:
        _, tag, keep, rows, complete = patch
        earlier = self._find(("rows", tag))
        if earlier is None:
            self._open(("rows", tag), [*patch])
        elif keep >= earlier[2]:
            earlier[3:] = [[*earlier[3][: keep - earlier[2]], *rows], complete]
        else:
            earlier[2:] = [keep, rows, complete]

    def _drop(self, patch: Patch) -> None:
        """Remove the patches of a dropped message, and merge no later patch into an earlier one.

        The `drop` itself stays, because the message may have been opened before these patches.
        """
        for op in ("msg", "text", "think", "end"):
            if (index := self._index_of.pop((op, patch[1]), None)) is not None:
                self._merged[index] = None
        # A call is dropped with its message, but the patch that names that message may have come before these.
        for key in [key for key in self._index_of if key[0] in ("call", "arg", "turn")]:
            del self._index_of[key]
        self._merged.append(patch)


_OTHERS: dict[str, Callable[[Coalescer, Patch], None]] = {
    "lane": Coalescer._lane,
    "rows": Coalescer._rows,
    "turn": Coalescer._extend,
    "raw": Coalescer._extend,
    "drop": Coalescer._drop,
}


def _finished(patch: Any) -> Patch:
    match patch:
        case [("text" | "think" | "whole" | "arg") as op, key, list(pieces), *t]:
            return [op, key, "".join(pieces), *t]
        case ["lane", mode, dict(bins)]:
            return ["lane", mode, list(bins.values())]
        case _:
            return patch  # type: ignore[no-any-return]
