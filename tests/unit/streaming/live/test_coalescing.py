"""Coalesced patches give the same view as all of them."""

from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from streaming.core.events import LogEntry
from streaming.live import patches
from streaming.live.coalescing import coalesce
from streaming.live.folding import View, empty_view, fold
from streaming.live.patches import Patch
from streaming.live.view import patches_of
from tests.support.event_logs import random_logs


def view_of(*batches: list[Patch]) -> View:
    view = empty_view()
    for batch in batches:
        fold(view, batch)
    return view


def all_patches(log: list[LogEntry]) -> list[Patch]:
    return [patch for _, found in patches_of(log, views=patches.VIEWS) for patch in found]


def order(view: View) -> list[list[str]]:
    return [list(part) for part in view.values() if isinstance(part, dict)]


@settings(max_examples=50, deadline=None)
@given(random_logs())
def test_coalesced_patches_fold_to_the_same_view_in_the_same_order(log: list[LogEntry]) -> None:
    found = all_patches(log)
    whole, short = view_of(found), view_of(coalesce(found))
    assert short == whole
    assert order(short) == order(whole)
    assert len(coalesce(found)) <= len(found)


@settings(max_examples=50, deadline=None)
@given(random_logs(), st.data())
def test_any_pieces_of_the_patches_may_be_coalesced_on_their_own(log: list[LogEntry], data: st.DataObject) -> None:
    found = all_patches(log)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(found)), max_size=4)))
    pieces = [found[a:b] for a, b in zip([0, *cuts], [*cuts, len(found)], strict=True)]
    assert view_of(*map(coalesce, pieces)) == view_of(found)
    assert view_of(coalesce([patch for piece in pieces for patch in coalesce(piece)])) == view_of(found)


@settings(max_examples=50, deadline=None)
@given(random_logs(max_size=20))
def test_the_given_patches_stay_as_they_are(log: list[LogEntry]) -> None:
    found = all_patches(log)
    before = deepcopy(found)
    coalesce(found)
    assert found == before


def test_texts_of_a_message_join_across_those_of_another() -> None:
    found = [
        patches.message("m1", {"t": 0}),
        patches.message("m2", {"t": 0}),
        *(patches.text(f"m{1 + n % 2}", f"{n} ", n) for n in range(6)),
    ]
    assert coalesce(found)[2:] == [["text", "m1", "0 2 4 ", 4], ["text", "m2", "1 3 5 ", 5]]


def test_text_after_a_whole_message_is_appended_to_it() -> None:
    found = [patches.message("m", {}), ["text", "m", "x", 1], ["whole", "m", "A", 2], ["text", "m", "b", 3]]
    assert coalesce(found) == [["msg", "m", {}], ["whole", "m", "Ab", 3]]
    assert view_of(found)["messages"]["m"]["text"] == "Ab"


def test_a_message_that_is_taken_back_leaves_only_the_drop() -> None:
    found = [patches.message("m1", {}), patches.text("m1", "x", 1), patches.drop("m1"), patches.message("m2", {})]
    assert coalesce(found) == [["drop", "m1"], ["msg", "m2", {}]]


def test_an_operation_that_is_not_known_changes_nothing() -> None:
    assert fold(empty_view(), [["later", 1, 2]]) == empty_view()
