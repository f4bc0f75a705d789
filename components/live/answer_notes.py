"""What is to be known about answers beside their text: the reasoning before them, and how they ended."""

import time
from collections.abc import Collection, Iterable

from streamlit.delta_generator import DeltaGenerator

from components.shell.format import escape_markdown, format_bytes
from streaming.core.events import LogEntry, Token
from streaming.projections.answer_ends import AnswerEnds
from streaming.projections.messages import StreamedMessage

_IN_SIGHT = 120
_LONGEST = 20_000
_PACE_S = 0.1


class AnswerNotes:
    """A line of the reasoning while there is no text, and notes below the texts when the run has ended."""

    def __init__(self, parent: DeltaGenerator, *, thinking: DeltaGenerator) -> None:
        self._box = parent.container()
        self._thinking = thinking
        self._ends = AnswerEnds()
        self._drawn_at = 0.0
        self._thought = ""

    def apply(self, entry: LogEntry, *, waits: bool) -> None:
        """Take one log entry; `waits` is whether no text is on the screen yet, so that the reasoning is shown."""
        self._ends.apply(entry)
        event = entry.event
        if not (waits and isinstance(event, Token) and event.role == "ai" and event.reasoning):
            return
        self._thought = (self._thought + event.reasoning)[-_IN_SIGHT:]
        if (now := time.monotonic()) - self._drawn_at >= _PACE_S:
            self._drawn_at = now
            self._thinking.caption(f":material/psychology: {escape_markdown(' '.join(self._thought.split()))}")

    def finish(self, messages: Iterable[StreamedMessage], *, marked: Collection[str] = ()) -> None:
        """Draw the notes of these messages; those in `marked` say already that they broke off."""
        for message in messages:
            if message.reasoning:
                took = "" if message.thought_s is None else f" for {message.thought_s:.1f} s"
                self._box.expander(f"Thought{took}").text(message.reasoning[:_LONGEST])
            for (kind, media), size in message.parts.items():
                named = " ".join(filter(None, (kind, media)))
                self._box.caption(f"Not drawn here: {escape_markdown(named)}, {format_bytes(size)}")
            end = self._ends.end_of(message.message_id)
            if end is not None and end.note and message.message_id not in marked:
                self._box.caption(f":material/info: {escape_markdown(end.note)}")
