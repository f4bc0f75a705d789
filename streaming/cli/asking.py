"""Asks the questions of an interrupted run in the terminal, and reads answers from the command line."""

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from streaming.analysis.questions import (
    MAY_HAVE_TEXT,
    Action,
    Review,
    names_of,
    options_of,
    review_of,
    schema_of,
    sentence_of,
)
from streaming.cli.consoles import write
from streaming.cli.safe_text import printable
from streaming.core.errors import InputError
from streaming.core.events import Pending

_SHOWN_CHARS = 300
"""Of the arguments of one call, in a line."""


def can_ask() -> bool:
    """Whether a person sees questions here, and can answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(console: Console, questions: Sequence[Pending]) -> dict[str, Any] | None:
    """The answers by question; `None` if the person ends the input (Ctrl-D)."""
    try:
        return {question.id: _ask(console, question) for question in questions}
    except EOFError:
        return None


def answers_of(given: Sequence[str], questions: Sequence[Pending], *, run_id: str) -> dict[str, Any]:
    """The answers of options such as `yes`, `{"action": "approve"}`, `NODE=yes` or `ID=yes`.

    Raises an `InputError` that repeats the questions, with the command that answers them.
    """
    answers: dict[str, Any] = {}
    names = _names(questions)
    for text in given:
        named = next((name for name in names if text.startswith(f"{name}=")), None)
        if named is None and len(questions) != 1:
            many = "The run asks several questions." if questions else "The run asks nothing."
            raise InputError(many, advice=how_to_answer(questions, run_id))
        key = names[named] if named is not None else questions[0].id
        answers[key] = _value(text.removeprefix(f"{named}=") if named else text)
    if questions and not answers:
        raise InputError("The run waits for an answer.", advice=how_to_answer(questions, run_id))
    return answers


def command_of(questions: Sequence[Pending], run_id: str) -> str:
    """The command that answers these questions."""
    names = {key: name for name, key in reversed(_names(questions).items())}
    answers = "".join(f" --answer {shlex.quote(names[question.id])}=VALUE" for question in questions)
    return f"python -m streaming resume {run_id}{answers}"


def _names(questions: Sequence[Pending]) -> dict[str, str]:
    """What may name a question; the only one needs no name, and its answer may look like one."""
    return names_of(questions) if len(questions) > 1 else {question.id: question.id for question in questions}


def how_to_answer(questions: Sequence[Pending], run_id: str) -> str:
    """The questions, and the command that answers them, in lines of their own; empty if there are none."""
    return f"{lines_of(questions)}\n{command_of(questions, run_id)}" if questions else ""


def lines_of(questions: Sequence[Pending]) -> str:
    """What is asked, each in a line of its own with the answers to choose from."""
    lines = [
        f"  {one.node} asks: {sentence_of(one.value)}{_reviewed(one)}{_choices(one.value)} (id {one.id})"
        for one in questions
    ]
    return "\n".join(["", *lines])


def _reviewed(question: Pending) -> str:
    """The calls that wait for a decision, each with those that are allowed."""
    review = review_of(question.value, question.schema)
    return "".join(
        f" {action.name} {json.dumps(action.arguments, ensure_ascii=False, default=str)[:_SHOWN_CHARS]}"
        f" [{', '.join(action.allowed)}]"
        for action in (review.actions if review else ())
    )


def _choices(value: Any) -> str:
    actions = value.get("actions") if isinstance(value, Mapping) else None
    listed = ", ".join(map(str, options_of(value)))
    if isinstance(actions, list) and actions:
        listed = ", ".join(json.dumps({"action": action}) for action in actions)
    return f" [{listed}]" if listed else ""


def tell(console: Console, questions: Sequence[Pending]) -> None:
    """Write the questions with their ids."""
    for question in questions:
        write(console, f"{printable(question.node)} asks: {printable(sentence_of(question.value))}", "bold")
        write(console, f"  id {question.id}", "dim")
        if isinstance(question.value, Mapping | list):
            write(console, "  " + printable(json.dumps(question.value, ensure_ascii=False, default=str))[:2000], "dim")


def _ask(console: Console, question: Pending) -> Any:
    value = question.value
    tell(console, [question])
    if review := review_of(value, question.schema):
        return review.answer([_decide(console, review, action) for action in review.actions])
    actions = value.get("actions") if isinstance(value, Mapping) else None
    if isinstance(actions, list) and actions:
        chosen = _choose(console, [str(one) for one in actions])
        text = {"text": _read("Your text: ")} if chosen == "edit" else {}
        return {"action": chosen, **text}
    if options := options_of(value):
        words = [str(one) for one in options]
        answer = _choose(console, words, or_json=True)
        return options[words.index(answer)] if answer in words else json.loads(answer)
    if schema := schema_of(value, question.schema):
        names = ", ".join(map(str, schema.get("properties") or ())) or str(schema.get("type", "any value"))
        return _read_json(console, f"JSON with {printable(names)}: ")
    return _in_words(_read("Your answer: "))


def _decide(console: Console, review: Review, action: Action) -> dict[str, Any]:
    arguments = printable(json.dumps(action.arguments, ensure_ascii=False, default=str))
    write(console, f"{printable(action.name)} {arguments}")
    chosen = _choose(console, list(action.allowed))
    if chosen == "edit":
        return review.decision(action, chosen, arguments=_read_json(console, "Arguments as JSON: "))
    return review.decision(action, chosen, text=_read("Your words: ") if chosen in MAY_HAVE_TEXT else "")


def _choose(console: Console, options: Sequence[str], *, or_json: bool = False) -> str:
    """One of the options, by its name or its number; a JSON object where it may be given instead."""
    listed = ", ".join(f"{number} {printable(option)}" for number, option in enumerate(options, 1))
    while True:
        typed = _read(f"Choose ({listed}{', or a JSON object' if or_json else ''}): ").strip()
        if typed in options or (or_json and isinstance(_value(typed), Mapping)):
            return typed
        if typed.isascii() and typed.isdecimal() and len(typed) < 4 and 1 <= int(typed) <= len(options):
            return options[int(typed) - 1]
        write(console, "That is none of them.", "yellow")


def _read_json(console: Console, label: str) -> Any:
    while True:
        try:
            return json.loads(_read(label))
        except (json.JSONDecodeError, RecursionError) as error:
            write(console, f"This is not JSON: {error}", "yellow")


def _read(label: str) -> str:
    return input(label)


def _in_words(text: str) -> Any:
    """The text itself, as the form of the page gives it, unless it is a JSON object or list."""
    value = _value(text)
    return value if isinstance(value, Mapping | list) else text


def _value(text: str) -> Any:
    """JSON if it is JSON, else the text itself."""
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text
