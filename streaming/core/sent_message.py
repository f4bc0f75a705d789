"""A message part as LangGraph sent it, put together from tokens: each of them holds only what nothing else tells.

The fields of a message and its metadata are about 1 KB and the same in each of its parts, but for the text. So
`Token.sent` is `{"message": {field: value}, "metadata": {…}}` with what neither the token's other fields nor the first
token of its message tell. A message with a `type` has all of its fields; `TOLD` is for one that the token tells.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from streaming.core.events import Token

TOLD = "…"

Fields = Mapping[str, Any]


def told_fields(*, text: str, message_id: str, calls: Iterable[Fields], usage: Fields | None, whole: bool) -> Fields:
    """The fields of a message that a token tells by its own fields."""
    name_of_calls = "tool_calls" if whole else "tool_call_chunks"
    return {"content": text, "id": message_id, name_of_calls: list(calls), "usage_metadata": usage}


def all_fields(fields: Fields, told: Fields) -> dict[str, Any]:
    """What the first token of a message holds of its fields."""
    return {name: TOLD if name in told and told[name] == value else value for name, value in fields.items()}


def changed_fields(fields: Fields, told: Fields, first: Fields) -> dict[str, Any]:
    """What a later token holds of its message's fields; `first` are those of the first token's message."""
    if fields.keys() != first.keys() or fields["type"] != first["type"]:
        return all_fields(fields, told)
    known = {**first, **told}
    return {name: value for name, value in fields.items() if value != known[name]}


def message_of(token: Token, first: Token | None) -> dict[str, Any]:
    """The fields of the message of this token, whose message begins with the token `first`.

    Empty if they are not known: the events of earlier versions of the app have no `sent`.
    """
    own = _held(token, "message")
    base = {} if "type" in own else _held(first, "message")
    told = told_fields(
        text=token.text,
        message_id=token.message_id,
        calls=token.tool_calls,
        usage=token.usage,
        whole=token.whole,
    )
    held = {**base, **dict.fromkeys(told.keys() & base.keys(), TOLD), **own}
    return {name: told.get(name) if value == TOLD else value for name, value in held.items()}


def metadata_of(token: Token, first: Token | None) -> dict[str, Any]:
    """The metadata of this token; empty if it is not known."""
    held = _held(token, "metadata") or token.metadata or _held(first, "metadata") or (first and first.metadata)
    return dict(held or {})


def tells_content(token: Token) -> bool:
    """Whether the content of the message is the token's text."""
    return bool(_held(token, "message").get("content", TOLD) == TOLD)


def _held(token: Token | None, name: str) -> Fields:
    held: Fields = (token.sent or {}).get(name, {}) if token else {}
    return held
