"""A recording as a flush strategy draws it: each text appears when it was due to be drawn, not when it arrived."""

from collections.abc import Iterable, Iterator

from streaming.live.patches import Patch
from streaming.rendering.flush import FlushStrategy

_TEXTS = frozenset({"text", "whole"})
_OF_TEXT = _TEXTS | {"turn", "end"}

Entry = tuple[float, list[Patch]]


def as_drawn(entries: Iterable[Entry], flush: FlushStrategy) -> Iterator[Entry]:
    """The same patches in the order of time; those of texts come at the next drawing, the rest as it was.

    The times that are in patches stay those of arrival, and with them the figures. `blocks` is drawn at its shortest
    pause. What a server needs to draw, some milliseconds, is not added.
    """
    if flush.flush not in ("blocks", "every N tokens", "every N ms"):
        yield from entries
        return
    pause_s, drawn_at = flush.pause_s, float("-inf")
    held: list[Patch] = []
    tokens, not_of_a_model = 0, set[str]()
    for t, patches in entries:
        if held and pause_s is not None and (due_at := drawn_at + pause_s) <= t:
            yield due_at, held
            held, tokens, drawn_at = [], 0, due_at
        texts = [patch for patch in patches if patch[0] in _OF_TEXT]
        others = [patch for patch in patches if patch[0] not in _OF_TEXT]
        if held and any(patch[0] in ("drop", "over") for patch in others):
            yield t, held
            held, tokens, drawn_at = [], 0, t
        held += texts
        not_of_a_model |= {patch[1] for patch in others if patch[0] == "msg" and patch[2].get("role", "ai") != "ai"}
        tokens += sum(patch[0] in _TEXTS and patch[1] not in not_of_a_model for patch in texts)
        if not tokens:
            yield t, patches
            held = []
            continue
        if others:
            yield t, others
        if flush.due(waited_s=t - drawn_at, tokens=tokens, tail_bytes=0):
            yield t, held
            held, tokens, drawn_at = [], 0, t
    if held:
        yield t, held
