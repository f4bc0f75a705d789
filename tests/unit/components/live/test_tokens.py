"""Texts that grow are sent in pieces: what stands on the screen already is not sent again."""

from typing import Any

import pytest

from components.live.branches import ORDERS, BranchPanes, Order
from components.live.filtered_views import SpokenText, TableView
from components.live.live_view import LiveView
from streaming.core.events import Attempt, Event, LogEntry, Token

PARAGRAPH = [*("a word " for _ in range(20)), "\n\n"]


class Screen:
    """Stands for every place on a screen, and counts what is sent to it."""

    def __init__(self) -> None:
        self.sent = 0
        self.shown: list[str] = []

    def container(self, **options: Any) -> "Screen":
        return self

    def empty(self) -> "Screen":
        return self

    def columns(self, count: int) -> list["Screen"]:
        return [self] * count

    def caption(self, text: str) -> None:
        pass

    def markdown(self, text: str) -> None:
        self.sent += len(text)
        self.shown.append(text)

    def table(self, data: Any) -> None:
        self.shown.append(str(data))


def token(text: str, *, id: str = "m", tags: tuple[str, ...] = ()) -> Token:
    return Token(ns=(), message_id=id, node=f"node {id}", role="ai", text=text, tags=tags)


def drawn(view: LiveView, *events: Event) -> None:
    """Give the view these events, and let it draw after each of them."""
    for seq, event in enumerate(events):
        if view.take(LogEntry(seq=seq, t=seq / 1000, event=event)):
            view.paint()


def view_of(name: str, screen: Any) -> LiveView:
    order: Order
    for order in ORDERS:
        if name == order:
            return BranchPanes(screen, order=order)
    return SpokenText(screen, data_tag="data")


def sent(name: str, paragraphs: int) -> int:
    screen = Screen()
    # Two that take turns, so that the text in order of arrival has many pieces.
    pieces = enumerate(PARAGRAPH * paragraphs)
    drawn(view_of(name, screen), *(token(piece, id="xy"[place // 21 % 2]) for place, piece in pieces))
    assert any("a word" in shown for shown in screen.shown[-3:])
    return screen.sent


@pytest.mark.parametrize("name", [*ORDERS, "spoken"])
def test_a_text_twice_as_long_costs_twice_as_much(name: str) -> None:
    assert sent(name, 80) < 2.5 * sent(name, 40)


def test_a_text_that_is_said_again_begins_anew() -> None:
    screen = Screen()
    again = Attempt(number=2, of=3, reason="x", pause_s=0, dropped=("m",))
    drawn(SpokenText(screen, data_tag="data"), token("first"), again, token("second"))  # type: ignore[arg-type]
    assert screen.shown == ["first", "second"]


def test_a_table_is_drawn_when_its_rows_change_and_data_is_no_text() -> None:
    table, text = Screen(), Screen()
    events = [token(piece, tags=("data",)) for piece in ('[{"a": "x', "y", '"}', "  ", "\n", "]")]
    drawn(TableView(table, tag="data"), *events)  # type: ignore[arg-type]
    drawn(SpokenText(text, data_tag="data"), *events)  # type: ignore[arg-type]
    assert table.shown == ["{'a': ['x']}", "{'a': ['xy']}"]
    assert text.shown == []
