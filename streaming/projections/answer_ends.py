"""How each answer of a model ended: finished, or in one of the ways that leave it incomplete.

finished        the provider ended it in a normal way, or ended the stream by `[DONE]` without saying why
cut by length   its token limit was reached
filtered        the provider's content filter stopped it
refused         the model declined, in words that are kept
only thought    it has reasoning, but no text and no tool call
broken off      it was not finished: the connection failed, the run was stopped or reached a limit, or the provider
                reported that it gave up
kept incomplete it broke off in an earlier run, and a person kept it as it is instead of requesting the rest
unknown         the provider gave a reason that is not known here; it is quoted
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, assert_never

from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    Ended,
    LogEntry,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEvent,
    Token,
    TraceEvent,
    Updates,
    Values,
)
from streaming.core.message_content import finish_reason, reasoning_in, refusal_in, text_in

AnswerEnding = Literal[
    "finished", "cut by length", "filtered", "refused", "only thought", "broken off", "kept incomplete", "unknown"
]

_BY_REASON: Mapping[AnswerEnding, frozenset[str]] = {
    "finished": frozenset(
        [
            "stop",
            "stop_sequence",
            "end_turn",
            "eos",
            "eos_token",
            "end_of_turn",
            "complete",
            "completed",
            "done",
            "success",
            "finished",
            "stop_str",
            "tool_calls",
            "tool_call",
            "tool_use",
            "function_call",
            "pause_turn",
        ]
    ),
    "cut by length": frozenset(
        [
            "length",
            "max_tokens",
            "max_length",
            "max_output_tokens",
            "max_new_tokens",
            "error_limit",
            "token_limit",
            "model_length",
            "model_context_window_exceeded",
            "context_length_exceeded",
        ]
    ),
    "filtered": frozenset(
        [
            "content_filter",
            "content_filtered",
            "filter",
            "safety",
            "recitation",
            "blocklist",
            "prohibited_content",
            "spii",
            "image_safety",
            "guardrail_intervened",
            "guardrails",
            "error_toxic",
            "sensitive",
        ]
    ),
    "refused": frozenset({"refusal", "refused"}),
    "broken off": frozenset(
        [
            "error",
            "network_error",
            "abort",
            "aborted",
            "cancelled",
            "canceled",
            "timeout",
            "insufficient_system_resource",
            "failed",
            "expired",
            "model_error",
            "user_cancel",
            "malformed_function_call",
            "malformed_model_output",
        ]
    ),
}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MAX_QUOTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerEnd:
    """How an answer ended, the provider's `reason` if it gave one, and a `note`: what happened and what to do.

    A finished answer has no note.
    """

    message_id: str
    node: str
    ending: AnswerEnding
    reason: str | None = None
    note: str = ""


@dataclass(slots=True, kw_only=True)
class _Answer:
    node: str
    characters: int = 0
    thought: bool = False
    calls: bool = False
    refusal: bool = False
    content: bool = False
    kept: bool = False
    reason: str | None = None


class AnswerEnds:
    """How answers ended, from their messages; where the mode `messages` is missing, from those in the state.

    An answer is in `ends` once its provider has given a reason, or its run has ended. Dropped messages are removed.
    """

    def __init__(self) -> None:
        self._answers: dict[str, _Answer] = {}
        self._cut: set[str] = set()
        self._over = False

    @property
    def ends(self) -> list[AnswerEnd]:
        """The answers that have ended, in the order of their start."""
        known = (self.end_of(message_id) for message_id in self._answers)
        return [end for end in known if end is not None]

    @property
    def incomplete(self) -> list[AnswerEnd]:
        """The answers that ended in another way than finished."""
        return [end for end in self.ends if end.ending != "finished"]

    def end_of(self, message_id: str, *, cut: bool = False, over: bool = False) -> AnswerEnd | None:
        """How this answer ended; `None` if it goes on, unless its node is `over`, or it was `cut` off."""
        answer = self._answers.get(message_id)
        cut = cut or message_id in self._cut
        if answer is None or (answer.reason is None and not (cut or over or self._over)):
            return None
        ending = _ending(answer, cut=cut)
        note = _note(answer, ending)
        return AnswerEnd(message_id=message_id, node=answer.node, ending=ending, reason=answer.reason, note=note)

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case Token(role="ai") as token:
                self._token(token)
            case Values(state=state):
                self._state(state, node="")
            case Updates(deltas=deltas):
                for node, delta in deltas.items():
                    self._state(delta, node=node)
            case Attempt(dropped=dropped):
                for message_id in dropped:
                    self._answers.pop(message_id, None)
            case Ended(cut=cut):
                self._cut.update(cut)
                self._over = True
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event holds an answer
            case _ as never:
                assert_never(never)

    def _token(self, token: Token) -> None:
        answer = self._answers.get(token.message_id)
        if answer is None:
            answer = self._answers[token.message_id] = _Answer(node=token.node)
        answer.characters = len(token.text) if token.whole and token.text else answer.characters + len(token.text)
        answer.thought = answer.thought or bool(token.reasoning) or _thought_in(token.usage)
        answer.calls = answer.calls or bool(token.tool_calls)
        answer.refusal = answer.refusal or token.refusal
        answer.content = answer.content or bool(token.content)
        answer.reason = token.finish_reason or answer.reason
        # Until anything new arrives, an answer has only what an earlier run had received.
        answer.kept = token.kept or (answer.kept and not (token.text or token.reasoning or token.tool_calls))

    def _state(self, state: Any, *, node: str) -> None:
        messages = state.get("messages") if isinstance(state, Mapping) else state
        for message in messages if isinstance(messages, list) else [messages]:
            if isinstance(message, Mapping) and message.get("type") == "ai" and message.get("id"):
                self._answers.setdefault(str(message["id"]), _answer_in(message, node))


def _answer_in(message: Mapping[str, Any], node: str) -> _Answer:
    """An answer as it is in a state."""
    content, beside = message.get("content"), _mapping(message.get("additional_kwargs"))
    text = text_in(content)
    return _Answer(
        node=node,
        characters=len(text),
        thought=bool(reasoning_in(content, beside)) or _thought_in(message.get("usage_metadata")),
        calls=bool(message.get("tool_calls")),
        refusal=bool(refusal_in(content, beside)),
        content=bool(content) and not isinstance(content, str),
        reason=finish_reason(_mapping(message.get("response_metadata"))),
    )


def _ending(answer: _Answer, *, cut: bool) -> AnswerEnding:
    named = _named(answer.reason)
    if named in ("broken off", "filtered"):
        return named
    if answer.refusal or named == "refused":
        return "refused"
    if answer.thought and _is_empty(answer):
        return "broken off" if cut and answer.reason is None else "only thought"
    if answer.reason is None:
        if cut:
            return "broken off"
        return "kept incomplete" if answer.kept else "finished"
    return named


def _named(reason: str | None) -> AnswerEnding:
    if reason is None:
        return "finished"
    word = _CAMEL.sub("_", reason.rpartition(".")[2].strip()).lower().replace("-", "_").replace(" ", "_")
    word = word.removeprefix("finish_reason_")
    return next((ending for ending, words in _BY_REASON.items() if word in words), "unknown")


_DECLINED: Mapping[AnswerEnding, str] = {
    "filtered": "Stopped by the provider's content filter. Word the prompt differently.",
    "refused": "The model refused to answer. Word the prompt differently, or choose another model.",
}
_WITHOUT_A_WORD = "The model ended its answer without a word. Run it again, or word the prompt differently."


def _is_empty(answer: _Answer) -> bool:
    return not (answer.characters or answer.calls or answer.content)


def _note(answer: _Answer, ending: AnswerEnding) -> str:
    """What happened to the answer and what to do, in one line."""
    match ending:
        case "finished":
            return _WITHOUT_A_WORD if answer.reason is not None and _is_empty(answer) else ""
        case "cut by length":
            return "Cut off here: the token limit was reached. Allow more tokens under Model settings, or ask for less."
        case "filtered" | "refused":
            return _DECLINED[ending]
        case "only thought" if _named(answer.reason) == "cut by length":
            return "The token limit was reached while the model still thought. Allow more tokens under Model settings."
        case "only thought":
            return "The model only thought and gave no answer. Run it again, or choose another model."
        case "broken off" if answer.reason is not None:
            return f"Broke off: the provider ended it with “{_quoted(answer.reason)}”. Run it again."
        case "broken off":
            return f"Broke off here, after {_length(answer)}."
        case "kept incomplete":
            return f"Broke off here, after {_length(answer)}; kept as it is."
        case "unknown":
            reason = _quoted(answer.reason or "")
            return f"The provider ended the answer with a reason that is not known here: “{reason}”."
        case _:
            assert_never(ending)


def _length(answer: _Answer) -> str:
    return f"{answer.characters:,} character{'' if answer.characters == 1 else 's'}"


def summary_of(ends: Iterable[AnswerEnd]) -> str:
    """The incomplete answers of a run in a sentence; empty if there are none."""
    incomplete = [end for end in ends if end.note]
    if not incomplete:
        return ""
    first = incomplete[0]
    of = f" of {first.node}" if first.node else ""
    more = len(incomplete) - 1
    also = f" {more} more {'answer is' if more == 1 else 'answers are'} incomplete." if more else ""
    return f"The answer{of}: {first.note[0].lower()}{first.note[1:]}{also}"


def endings_of(ends: Iterable[AnswerEnd]) -> str:
    """The ways in which the answers of a run ended, each once, incomplete ones first."""
    endings = dict.fromkeys(end.ending for end in ends)
    return ", ".join(sorted(endings, key=lambda ending: ending == "finished"))


def _quoted(reason: str) -> str:
    printable = "".join(sign if sign.isprintable() else " " for sign in reason)
    return printable if len(printable) <= _MAX_QUOTE else printable[:_MAX_QUOTE] + "…"


def _thought_in(usage: Any) -> bool:
    """Whether the provider counts tokens of reasoning, which it may not have sent."""
    return bool(_mapping(_mapping(usage).get("output_token_details")).get("reasoning"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
