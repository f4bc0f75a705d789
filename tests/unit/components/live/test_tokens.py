"""Texts that grow are sent in pieces; what the screen shows already is not sent again."""

from typing import Any

import pytest

from components.live.tokens import TokenPane
from streaming.core.events import Ended, LogEntry, Token
from streaming.rendering.flush import FlushKind, FlushStrategy


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


def test_the_cost_of_drawing_is_told_while_the_text_grows_beside_that_of_the_direct_way() -> None:
    class Told(Screen):
        def caption(self, text: str) -> None:
            self.shown.append(text)

    told: Any = Told()
    screen: Any = Screen()
    entries = [LogEntry(seq=n, t=n, event=token("Hello, world! ")) for n in range(40)]
    pane = TokenPane(screen, flush=FlushStrategy(flush="every token"), cost_slot=told)
    pane.feed(entries[:20])
    assert told.shown == ["Drawn by **every token**: 0 B of text sent in 0 repaints; *direct* sends 0 B."]
    pane._cost_line._told_at -= 1  # type: ignore[union-attr]
    pane.feed(entries[20:21])
    assert "sent in 21 repaints; *direct* sends 294 B." in told.shown[-1]
    pane.feed([*entries[21:], LogEntry(seq=40, t=40, event=Ended(outcome="completed"))])
    assert "sent in 40 repaints; *direct* sends 560 B." in told.shown[-1]


def test_a_text_without_definitions_is_not_drawn_again_at_the_end() -> None:
    screen: Any = Screen()
    entries = [LogEntry(seq=n, t=n, event=token(text)) for n, text in enumerate(("One.\n\nTwo.\n", "\nThree."))]
    TokenPane(screen, flush=FlushStrategy()).consume([[entry] for entry in entries])
    assert "One.\n\n" in screen.shown
    assert screen.shown[-1] != "One.\n\nTwo.\n\nThree."
