"""The rows of locks and claims: what a run does with its thread, as it is stored, and as another run reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from streaming.core.errors import AnsweredAlready
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.core.serialization import to_plain

MAX_QUOTE_CHARS = 80
THREAD = ""
"""The checkpoint id in the row of the thread itself."""

_ANSWERS, _TEXT, _SINCE = "answers", "text", "since"
_UNKNOWN = 0.0
END_OF_TIME = 1e11
"""Seconds since the epoch that are no time of a clock any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a run does with its thread: `answers` by interrupt id, or `text`; it `branches` if it forks or replaces.

    It was `submitted_at` this time of the system's clock, `age_s` seconds ago: the clock may have been set since then.
    `expects` is the newest checkpoint that the run knows of, if it can only go on from there.
    """

    answers: Mapping[str, Any]
    text: str
    submitted_at: float
    age_s: float
    checkpoint_id: str | None
    expects: str | None
    branches: bool

    @classmethod
    def of(cls, run: Run) -> "Move":
        """The move of this run."""
        request = run.request
        return cls(
            answers=request.resume.answers if request.resume else {},
            text=_text_of(request),
            submitted_at=run.created_at.timestamp(),
            age_s=run.since_created_s,
            checkpoint_id=request.fork.checkpoint_id if request.fork else request.checkpoint_id,
            expects=request.resume.expects if request.resume else None,
            branches=request.fork is not None or request.replaces_run_id is not None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A lock or a claim, as it is stored; a lock was taken at `since`, and renewed at `claimed_at`."""

    checkpoint_id: str
    answers: Mapping[str, Any]
    text: str
    since: float
    claimed_at: float
    is_open: bool

    @property
    def is_claim(self) -> bool:
        """Whether it is the claim of a run that went on from its checkpoint."""
        return self.checkpoint_id != THREAD and self.is_open


def _text_of(request: RunRequest) -> str:
    if request.fork is not None:
        return f"step {request.fork.step}"
    return "" if request.resume is not None else request.prompt


def dumped(move: Move, decided: Mapping[str, Any], since: float) -> str:
    """What a row stores of a move; one of several questions may have been `decided` at the same checkpoint."""
    answers = {**decided, **to_plain(dict(move.answers))}
    return json.dumps({_ANSWERS: answers, _TEXT: move.text, _SINCE: since})


def loaded(checkpoint_id: str, stored: Any, claimed_at: Any, is_open: Any) -> Row:
    """The row with these columns. What is damaged is unknown; a claim stays one, so that nothing is done twice."""
    content = _content(stored)
    # An older version stored the answers alone.
    if content.keys() != {_ANSWERS, _TEXT, _SINCE}:
        content = {_ANSWERS: content, _TEXT: "", _SINCE: claimed_at}
    answers, text = content[_ANSWERS], content[_TEXT]
    return Row(
        checkpoint_id=checkpoint_id,
        answers=answers if isinstance(answers, Mapping) else {},
        text=text if isinstance(text, str) else "",
        since=_time(content[_SINCE]),
        claimed_at=_time(claimed_at),
        is_open=bool(is_open),
    )


def _content(stored: Any) -> Mapping[str, Any]:
    try:
        content = json.loads(stored)
    except (TypeError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, Mapping) else {}


def _time(value: Any) -> float:
    """A time since the epoch; 0 if it is not known."""
    return float(value) if isinstance(value, int | float) and 0 < value < END_OF_TIME else _UNKNOWN


def refusal(rows: list[Row], move: Move) -> AnsweredAlready:
    """The error of the second run: what the newest other one has decided, and when."""
    advice = "Load the page again to see its result."
    for row in rows:
        known = [row.answers[question] for question in move.answers if question in row.answers]
        if known or not move.answers:
            what = f"This question was answered with {_quoted(known[0])}" if known else _continued(row)
            when = f" at {_when(row.claimed_at)}" if row.claimed_at != _UNKNOWN else ""
            return AnsweredAlready(f"{what}{when}, so nothing was done now.", advice=advice)
    if not rows:
        return AnsweredAlready(
            "This thread has no such open question; it may have expired or been deleted. Nothing was done now.",
            advice="Run again to be asked again.",
        )
    return AnsweredAlready("This question is not open any more, so nothing was done now.", advice=advice)


def _continued(row: Row) -> str:
    answer = next(iter(row.answers.values()), row.text)
    return f"This thread was continued with {_quoted(answer)}" if answer else "This thread was continued"


def _when(at_s: float) -> str:
    at = datetime.fromtimestamp(at_s, UTC)
    # Not every platform's `strftime` knows a day without a leading zero.
    return f"{at:%H:%M:%S} UTC on {at.day} {at:%B %Y}"


def _quoted(answer: Any) -> str:
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return f"“{text if len(text) <= MAX_QUOTE_CHARS else text[: MAX_QUOTE_CHARS - 1] + '…'}”"
