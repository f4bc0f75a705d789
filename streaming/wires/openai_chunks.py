"""OpenAI's `chat.completion.chunk`: the text of a run as one streamed completion."""

from collections.abc import Iterator
from typing import Any

from streaming.core.events import Ended, LogEntry
from streaming.wires.base import Json, Numbered, RunFacts, WireEvent, outcome_text
from streaming.wires.finish import finish_word
from streaming.wires.flow import Closed, MessageFlow, Step, Wrote

BETWEEN = "\n\n"
"""Between two messages of one choice."""


class OpenAIWire:
    """Messages that follow each other are one choice; those that are written at the same time are choices of their own.

    So a client that reads the first choice only, as most do, gets every message of a graph without parallel branches.
    """

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._numbered = Numbered()
        self._flow = MessageFlow()
        self._choice_of: dict[str, int] = {}
        self._written: set[int] = set()
        self._reasons: dict[int, str | None] = {}

    def start(self) -> list[WireEvent]:
        """The role, as OpenAI's first chunk has it."""
        return [self._chunk(0, {"role": "assistant", "content": ""})]

    def feed(self, entry: LogEntry) -> list[WireEvent]:
        """The text of this entry."""
        chunks = [chunk for step in self._flow.feed(entry) for chunk in self._step(step)]
        return [*chunks, *self._last(entry.event)] if isinstance(entry.event, Ended) else chunks

    def end(self) -> list[WireEvent]:
        """`[DONE]`."""
        return [self._numbered.encoded("[DONE]")]

    def _step(self, step: Step) -> Iterator[WireEvent]:
        match step:
            case Wrote(message=message, text=text):
                new = message not in self._choice_of
                choice = self._choice_of.setdefault(message, self._free_choice())
                if new and choice not in self._reasons and choice > 0:
                    yield self._chunk(choice, {"role": "assistant", "content": ""})
                between = BETWEEN if new and choice in self._written else ""
                self._written.add(choice)
                self._reasons.setdefault(choice, None)
                yield self._chunk(choice, {"content": between + text}, text=text)
            case Closed(message=message, reason=reason):
                if (used := self._choice_of.pop(message, None)) is not None:
                    self._reasons[used] = reason
            case _:
                pass  # tools, reasoning and withdrawn messages have no form that a client could leave alone

    def _free_choice(self) -> int:
        taken = set(self._choice_of.values())
        return next(number for number in range(len(taken) + 1) if number not in taken)

    def _last(self, ended: Ended) -> Iterator[WireEvent]:
        if ended.outcome in ("failed", "timed out", "cancelled"):
            error = {"message": outcome_text(ended), "type": "run_error", "code": ended.outcome}
            yield self._numbered.event({"error": error})
            return
        for choice in sorted({0, *self._reasons}):
            yield self._chunk(choice, {}, reason=finish_word(self._reasons.get(choice)))
        if total := self._flow.total_usage():
            usage = {"prompt_tokens": total["input_tokens"], "completion_tokens": total["output_tokens"]}
            chunk = {**self._head(), "choices": [], "usage": {**usage, "total_tokens": total["total_tokens"]}}
            yield self._numbered.event(chunk)

    def _chunk(self, choice: int, delta: Json, *, reason: str | None = None, text: str = "") -> WireEvent:
        choices = [{"index": choice, "delta": delta, "logprobs": None, "finish_reason": reason}]
        return self._numbered.event({**self._head(), "choices": choices}, text=text)

    def _head(self) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{self._facts.run_id}",
            "object": "chat.completion.chunk",
            "created": int(self._facts.created_at.timestamp()),
            "model": self._facts.model,
        }
