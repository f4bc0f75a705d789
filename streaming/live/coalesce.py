"""Fewer patches with the same fold: for a snapshot, and for the backlog of a slow reader."""

from collections.abc import Callable, Iterable
from typing import Any

from streaming.live.patches import Patch

_MERGE_ONE = frozenset({"run", "fig", "bar"})
_MERGE_BY_KEY = frozenset({"msg", "span", "own", "call", "branch", "kind"})
_REPLACE_ONE = frozenset({"active", "over", "clock"})
_REPLACE_BY_KEY = frozenset({"ns", "end"})
_TEXTS = frozenset({"text", "think", "whole", "arg"})


def coalesce(patches: Iterable[Patch]) -> list[Patch]:
    """Patches that fold to the same view, in fewer and without the steps between; the given ones stay as they are.

    Only a `drop` depends on the order of different patches, so everything else joins the earliest patch of its kind.
    """
    work = _Coalescer()
    for patch in patches:
        work.add(patch)
    return work.patches()


class _Coalescer:
    def __init__(self) -> None:
        self._out: list[Any] = []
        self._at: dict[Any, int] = {}

    def patches(self) -> list[Patch]:
        return [_written(patch) for patch in self._out if patch is not None]

    def add(self, patch: Patch) -> None:
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
            self._out.append(patch)

    def _known(self, key: Any) -> Any:
        place = self._at.get(key)
        return None if place is None else self._out[place]

    def _open(self, key: Any, patch: Any) -> None:
        self._at[key] = len(self._out)
        self._out.append(patch)

    def _merge(self, key: Any, patch: Patch, fields: int) -> None:
        known = self._known(key)
        if known is None:
            self._open(key, [*patch[:fields], {**patch[fields]}])
        else:
            known[fields].update(patch[fields])

    def _replace(self, key: Any, patch: Patch) -> None:
        if key in self._at:
            self._out[self._at[key]] = patch
        else:
            self._open(key, patch)

    def _extend(self, patch: Patch) -> None:
        op, rows = patch
        if (known := self._known((op,))) is None:
            self._open((op,), [op, [*rows]])
        else:
            known[1].extend(rows)

    def _text(self, patch: Patch) -> None:
        """Pieces of one text: a list until the end, so that a long text is joined once."""
        op, message_id, text, *t = patch
        key = ("think" if op == "think" else "arg" if op == "arg" else "text", message_id)
        known = self._known(key)
        if op == "whole":
            if known is not None:
                self._out[self._at.pop(key)] = None
            self._open(key, [op, message_id, [text], *t])
        elif known is None:
            self._open(key, [op, message_id, [text], *t])
        else:
            known[2].append(text)
            known[3:] = t

    def _lane(self, patch: Patch) -> None:
        _, mode, bins = patch
        known = self._known(("lane", mode))
        if known is None:
            known = ["lane", mode, {}]
            self._open(("lane", mode), known)
        known[2].update({place: [place, count, size] for place, count, size in bins})

    def _rows(self, patch: Patch) -> None:
        _, tag, keep, rows, complete = patch
        known = self._known(("rows", tag))
        if known is None:
            self._open(("rows", tag), [*patch])
        elif keep >= known[2]:
            known[3:] = [[*known[3][: keep - known[2]], *rows], complete]
        else:
            known[2:] = [keep, rows, complete]

    def _drop(self, patch: Patch) -> None:
        """What was written of a message that is taken back goes; what comes later is not joined with anything before.

        The `drop` itself stays: the message may have been opened before these patches.
        """
        for op in ("msg", "text", "think", "end"):
            if (place := self._at.pop((op, patch[1]), None)) is not None:
                self._out[place] = None
        # A call is taken back with its message, and which message that is may stand in a patch before these.
        for key in [key for key in self._at if key[0] in ("call", "arg", "turn")]:
            del self._at[key]
        self._out.append(patch)


_OTHERS: dict[str, Callable[[_Coalescer, Patch], None]] = {
    "lane": _Coalescer._lane,
    "rows": _Coalescer._rows,
    "turn": _Coalescer._extend,
    "raw": _Coalescer._extend,
    "drop": _Coalescer._drop,
}


def _written(patch: Any) -> Patch:
    match patch:
        case [("text" | "think" | "whole" | "arg") as op, key, list(pieces), *t]:
            return [op, key, "".join(pieces), *t]
        case ["lane", mode, dict(bins)]:
            return ["lane", mode, list(bins.values())]
        case _:
            return patch  # type: ignore[no-any-return]
