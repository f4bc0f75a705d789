"""Texts that grow are sent in pieces; what the screen shows already is not sent again."""

from typing import Any

import pytest

from components.live.branches import ORDERS, BranchPanes, Order
from components.live.live_view import LiveView
from components.live.tokens import TokenPane
from streaming.core.events import Ended, Event, LogEntry, Token
from streaming.rendering.flush import FlushKind, FlushStrategy

PARAGRAPH = [*("a word " for _ in range(20)), "\n\n"]


class Screen:
    """A fake for any container of the screen, which counts what is sent to it."""

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


def token(text: str, *, id: str = "m", tags: tuple[str, ...] = ()) -> Token:
    return Token(ns=(), message_id=id, node=f"node {id}", role="ai", text=text, tags=tags)


def drawn(view: LiveView, *events: Event) -> None:
    """Give the view these events, and let it draw after each of them."""
    for seq, event in enumerate(events):
        if view.take(LogEntry(seq=seq, t=seq / 1000, event=event)):
            view.paint()


def view_of(name: str, screen: Any) -> LiveView:
    order: Order = "by arrival" if name == "by arrival" else "grouped by node"
    return BranchPanes(screen, order=order)


def sent(name: str, paragraphs: int) -> int:
    screen = Screen()
    # Two that take turns, so that the text in order of arrival has many pieces.
    pieces = enumerate(PARAGRAPH * paragraphs)
    drawn(view_of(name, screen), *(token(piece, id="xy"[place // 21 % 2]) for place, piece in pieces))
    assert any("a word" in shown for shown in screen.shown[-3:])
    return screen.sent


@pytest.mark.parametrize("name", ORDERS)
def test_a_text_twice_as_long_costs_twice_as_much(name: str) -> None:
    assert sent(name, 80) < 2.5 * sent(name, 40)


TEXTS = (
    "See the [guide][1].\n\nMore.\n\n[1]: http://example.org\n\nEnd.\n",
    "- ```sh\n  # no heading\n  ```\n- b\n\nEnd.[^1]\n\n[^1]: A note.",
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("flush", ["blocks", "every token", "every N tokens", "every N ms"])
def test_the_last_drawing_of_every_flush_strategy_is_the_whole_text(flush: FlushKind, text: str) -> None:
    screen: Any = Screen()
    pieces = [token(text[start : start + 7]) for start in range(0, len(text), 7)]
    entries = [LogEntry(seq=n, t=n / 10, event=event) for n, event in enumerate([*pieces, Ended(outcome="completed")])]
    TokenPane(screen, flush=FlushStrategy(flush=flush)).consume([entry] for entry in entries)
    assert screen.shown[-1] == text


def test_a_text_with_definitions_is_drawn_whole_at_the_end_of_a_run() -> None:
    screen = Screen()
    view = view_of("grouped by node", screen)
    drawn(view, *(token(TEXTS[0][start : start + 7]) for start in range(0, len(TEXTS[0]), 7)))
    assert screen.shown[-1] != TEXTS[0]
    view.finish()
    assert screen.shown[-1] == TEXTS[0]


def test_a_text_without_definitions_is_not_drawn_again_at_the_end() -> None:
    screen: Any = Screen()
    entries = [LogEntry(seq=n, t=n, event=token(text)) for n, text in enumerate(("One.\n\nTwo.\n", "\nThree."))]
    TokenPane(screen, flush=FlushStrategy()).consume([[entry] for entry in entries])
    assert "One.\n\n" in screen.shown
    assert screen.shown[-1] != "One.\n\nTwo.\n\nThree."
