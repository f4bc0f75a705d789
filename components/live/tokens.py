"""Live tokens: growing texts, drawn by a flush strategy."""

import time
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.answer_notes import AnswerNotes
from components.live.cost import Cost, CostLine
from components.shell.format import count, escape_markdown, format_seconds
from streaming.core.events import Attempt, Ended, LogEntry, Token
from streaming.projections.messages import Messages, StreamedMessage
from streaming.rendering.flush import FlushStrategy
from streaming.rendering.markdown_blocks import MarkdownBlocks
from streaming.rendering.markdown_safety import SafeMarkdownStream, safe_markdown

MAX_SHOWN = 200_000
"""Characters of one message on screen; a browser stalls on more."""

MAX_HEAD = 2_000
"""Characters that stay on screen of a message that is longer than `MAX_SHOWN`."""

_LONG_PROMPT = 1_000
"""Characters of a prompt of which a bubble shows the beginning (style.css)."""

WAITING = ":shimmer[Waiting for the first token]"


class TextSlot:
    """One text on the screen; with `by_block` a finished Markdown block is written once and never again."""

    def __init__(
        self,
        parent: DeltaGenerator,
        message: StreamedMessage,
        *,
        cost: Cost,
        by_block: bool,
        named: bool,
    ) -> None:
        self._message = message
        self._cost = cost
        self._by_block = by_block
        self._outer = parent.empty()
        self._box = self._outer.container()
        if named:
            self._box.caption(f"**{escape_markdown(message.node)}**")
        self._whole = self._box.empty()
        self._parts = self._whole.container() if by_block else self._whole
        self._tail = self._parts.empty() if by_block else self._whole
        self._blocks = MarkdownBlocks()
        self._fed = self._written = 0
        self.stale = False

    @property
    def tail_bytes(self) -> int:
        """The size of the text that the next repaint sends."""
        return len(self._message.text) - self._fed + self._blocks.tail_size

    @property
    def behind(self) -> bool:
        """Whether there is text that is not drawn yet."""
        return self._fed >= 0 and len(self._message.text) != self._fed

    def drop(self) -> None:
        """Remove the message from the screen: it will be sent again from its start."""
        self._outer.empty()

    def finish(self) -> None:
        """Draw the rest; a text whose link definitions or footnotes affect several blocks is drawn whole."""
        if self.stale or self.behind:
            self.paint()
        if self._by_block and self._fed >= 0 and self._written and self._blocks.depends_on_the_whole():
            self._by_block, self._tail = False, self._whole
            self.paint()

    def mark_cut(self) -> None:
        """Write below the text that it broke off here, with its size and the time."""
        message = self._message
        at = format_seconds(message.last_text_at)
        self._box.caption(
            f":material/content_cut: **Broke off here** after {count(message.chunks, 'chunk')}, "
            f"{len(message.text):,} characters, at {at}."
        )

    def paint(self) -> None:
        """Draw new text."""
        self.stale = False
        if len(self._message.text) > MAX_SHOWN:
            self._shorten()
            return
        start, self._fed = self._fed, len(self._message.text)
        if not self._by_block:
            self._tail.markdown(self._cost.add(safe_markdown(self._message.text)))
            return
        self._blocks.feed(self._message.text[start:])
        for block in self._blocks.finished[self._written :]:
            self._tail.markdown(self._cost.add(safe_markdown(block)))
            self._tail = self._parts.empty()
        self._written = len(self._blocks.finished)
        if self._blocks.tail.strip():
            self._tail.markdown(self._cost.add(safe_markdown(self._blocks.tail)))

    def _shorten(self) -> None:
        """Show only the beginning of a text that is too long for a browser to lay out."""
        if self._fed < 0:
            return
        self._fed = -1
        box = self._outer.container()
        box.markdown(self._cost.add(safe_markdown(self._message.text[:MAX_HEAD])))
        box.caption(f"The text is longer than {MAX_SHOWN:,} characters. The rest is stored but not shown.")


class TokenPane:
    """Messages of a run as they grow, drawn by the chosen flush strategy.

    `nodes` and `tags` limit it to messages of these nodes and with one of these tags. `named` puts the node's name
    above each message; `idle` is shown before a run, `waits` until its first token. The placeholder `cost_slot` tells
    what drawing costs while it goes on.
    """

    def __init__(
        self,
        parent: DeltaGenerator,
        *,
        flush: FlushStrategy,
        nodes: frozenset[str] | None = None,
        tags: frozenset[str] | None = None,
        named: bool = True,
        idle: str = ":material/play_circle: Press Run: the text streams here.",
        waits: str = WAITING,
        cost_slot: DeltaGenerator | None = None,
    ) -> None:
        self.cost = Cost()
        self._cost_line = CostLine(cost_slot, flush, self.cost) if cost_slot is not None else None
        self._parent = parent.container()
        self._waiting = parent.empty()
        self._waiting.caption(idle)
        self._strategy = flush
        self._waits = waits
        self._nodes = nodes
        self._tags = tags
        self._named = named
        self._messages = Messages()
        self._notes = AnswerNotes(parent, thinking=self._waiting)
        self._slots: dict[str, TextSlot] = {}
        self._tokens = 0
        self._painted_at = 0.0
        self._restarted = False

    def consume(self, batches: Iterable[list[LogEntry]]) -> None:
        """Draw a run's batches until they end."""
        self.open()
        if self._strategy.flush == "st.write_stream":
            self._write_stream(batches)
        else:
            for batch in batches:
                self.feed(batch)
            self._finish()
        self._waiting.empty()

    def open(self) -> None:
        """Show that the run waits for its first token."""
        self._waiting.markdown(self._waits)

    def feed(self, batch: list[LogEntry]) -> None:
        """Draw one batch, for a caller that follows several runs; not with `st.write_stream`."""
        for entry in batch:
            if isinstance(entry.event, Attempt):
                for message_id in entry.event.dropped:
                    if (slot := self._slots.pop(message_id, None)) is not None:
                        slot.drop()
            if self._take(entry) and self._strategy.flush in ("every token", "every N tokens"):
                self._paint_if_due()
        if batch and isinstance(end := batch[-1].event, Ended):
            # Text first: the last picture of the other panels is heavier.
            self._finish()
            self._waiting.empty()
            for message_id in end.cut:
                if message_id in self._slots:
                    self._slots[message_id].mark_cut()
            self._note(marked=end.cut)
        elif self._strategy.flush in ("blocks", "every N ms"):
            self._paint_if_due()

    def _take(self, entry: LogEntry) -> bool:
        """Apply one event, and return whether it added text that is shown."""
        self._messages.apply(entry)
        self._notes.apply(entry, waits=not self._slots)
        token = entry.event
        if not isinstance(token, Token) or not token.text or token.role != "ai" or not self._is_shown(token):
            return False
        if token.message_id not in self._slots:
            self._open(token.message_id)
        self._slots[token.message_id].stale = True
        self._tokens += 1
        self.cost.arrived(token.text)
        return True

    def _is_shown(self, token: Token | StreamedMessage) -> bool:
        return (self._nodes is None or token.node in self._nodes) and (
            self._tags is None or bool(self._tags & set(token.tags))
        )

    def _open(self, message_id: str) -> None:
        if not self._slots:
            self._waiting.empty()
        self._slots[message_id] = TextSlot(
            self._parent,
            self._messages.messages[message_id],
            cost=self.cost,
            by_block=self._strategy.flush == "blocks",
            named=self._named,
        )

    def _paint_if_due(self) -> None:
        now = time.monotonic()
        tail = sum(slot.tail_bytes for slot in self._slots.values() if slot.stale)
        if self._tokens and self._strategy.due(waited_s=now - self._painted_at, tokens=self._tokens, tail_bytes=tail):
            self._paint()

    def _paint(self) -> None:
        for slot in self._slots.values():
            if slot.stale:
                slot.paint()
        self._tokens, self._painted_at = 0, time.monotonic()
        self._tell_cost()

    def _tell_cost(self, *, over: bool = False) -> None:
        if self._cost_line is not None:
            self._cost_line.tell(over=over)

    def _finish(self) -> None:
        for slot in self._slots.values():
            slot.finish()
        self._tokens, self._painted_at = 0, time.monotonic()
        self._tell_cost(over=True)

    def _note(self, *, marked: Collection[str] = ()) -> None:
        messages = self._messages.messages.values()
        shown = (message for message in messages if message.role == "ai" and self._is_shown(message))
        self._notes.finish(shown, marked=marked)

    def _write_stream(self, batches: Iterable[list[LogEntry]]) -> None:
        """Draw by `st.write_stream`, which starts again when text is dropped."""
        entries = chain.from_iterable(batches)
        outer = self._parent.empty()
        self._restarted = True
        while self._restarted:
            self._restarted = False
            outer.empty()
            with outer.container():
                st.write_stream(self._stream_pieces(entries))
        self._tell_cost(over=True)
        self._note()

    def _stream_pieces(self, entries: Iterable[LogEntry]) -> Iterator[str]:
        """The text in order of arrival for `st.write_stream`, which sends the whole text with every piece."""
        sent, last_id, safe = "", "", SafeMarkdownStream()
        for message in self._messages.answers(nodes=self._nodes, tags=self._tags):
            sent += safe.rest() + self._head(message.node) + safe.feed(message.text)
            last_id = message.message_id
        if sent:
            yield sent
        for entry in entries:
            self._messages.apply(entry)
            self._notes.apply(entry, waits=not sent)
            token = entry.event
            if isinstance(token, Attempt) and token.dropped:
                self._restarted = True
                return
            if not isinstance(token, Token) or not token.text or token.role != "ai" or not self._is_shown(token):
                continue
            if not sent:
                self._waiting.empty()
            head = "" if token.message_id == last_id else safe.rest() + self._head(token.node)
            last_id = token.message_id
            piece = head + safe.feed(token.text)
            sent += piece
            self.cost.add(sent)
            self.cost.arrived(token.text)
            self._tell_cost()
            yield piece
        yield safe.rest()

    def _head(self, node: str) -> str:
        return f"\n\n**{escape_markdown(node)}**\n\n" if self._named else ""


def user_turn(prompt: str) -> None:
    """The user's prompt as a chat bubble."""
    with st.chat_message("user", avatar=":material/person:"):
        st.text(prompt, width="stretch")  # so that a text from right to left has a right side to begin at
        if len(prompt) > _LONG_PROMPT:
            st.caption(f"{count(len(prompt), 'character')}: scroll in the text to read on.")
