"""A recording is played as its flush strategy drew it, with every patch, in order."""

from itertools import chain

import pytest

from streaming.live.folding import empty_view, fold
from streaming.live.patches import VIEWS, Patch
from streaming.live.view import patches_of
from streaming.recordings.drawn_patches import Entry, as_drawn
from streaming.recordings.library import open_recording
from streaming.rendering.flush import FlushKind, FlushStrategy
from tests.support.app_test import ROOT

FOLDER = ROOT / "recordings"
OVER: Patch = ["over"]


def tokens(*times: float) -> list[Entry]:
    opened: Entry = (0.0, [["msg", "m1", {"role": "ai"}]])
    return [opened, *((t, [["text", "m1", "x", t]]) for t in times), (9.0, [["end", "m1", {"t": 9.0}], OVER])]


def drawn(entries: list[Entry], flush: FlushStrategy) -> list[tuple[float, int]]:
    """When text is drawn, and how many pieces of it."""
    found = [(t, sum(patch[0] == "text" for patch in patches)) for t, patches in as_drawn(entries, flush)]
    return [(t, count) for t, count in found if count]


def test_every_n_tokens_draws_with_the_nth_and_the_rest_at_the_end() -> None:
    three = FlushStrategy(flush="every N tokens", every_tokens=3)
    assert drawn(tokens(1, 2, 3, 4, 5), three) == [(3, 3), (9.0, 2)]


def test_every_n_ms_draws_the_first_at_once_and_the_others_when_the_time_has_passed() -> None:
    second = FlushStrategy(flush="every N ms", every_ms=1000)
    assert drawn(tokens(1, 1.2, 1.4, 2.5), second) == [(1, 1), (2.0, 2), (3.0, 1)]


def test_other_patches_come_when_they_came_and_a_dropped_text_is_gone() -> None:
    entries: list[Entry] = [*tokens(1)[:2], (2.0, [["drop", "m1"]]), (3.0, [["fig", {"events": 3}]]), (4.0, [OVER])]
    played = list(as_drawn(entries, FlushStrategy(flush="every N tokens", every_tokens=5)))
    assert (3.0, [["fig", {"events": 3}]]) in played
    assert not fold(empty_view(), chain.from_iterable(patches for _, patches in played))["messages"]


@pytest.mark.parametrize("flush", ["direct", "blocks", "every N tokens", "every N ms"])
@pytest.mark.parametrize("name", ["an-agent-with-its-tools-scripted.jsonl"])
def test_a_run_ends_with_the_same_picture_and_time_does_not_go_back(name: str, flush: FlushKind) -> None:
    entries = list(patches_of(open_recording(FOLDER, name).events, views=VIEWS))
    played = list(as_drawn(entries, FlushStrategy(flush=flush)))
    assert [t for t, _ in played] == sorted(t for t, _ in played)
    views = [fold(empty_view(), chain.from_iterable(patches for _, patches in one)) for one in (entries, played)]
    assert views[0] == views[1]
