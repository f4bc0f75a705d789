"""The arguments of a tool call that are not whole yet, read in linear time.

LangChain reads the arguments of every chunk, of all chunks together, and of saved ones. Its own way takes one character
off the end after another and parses again: for 40 KB of spaces the whole event loop stood still for 20 seconds.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from langchain_core.messages import ai

MAX_VALUES = 20_000
"""Brackets and commas of one call's arguments; of more, the text stays, and is no call."""
MAX_PARTIAL_CHARS = 500_000
"""Longer arguments are a call only if they are whole."""

MAX_DEPTH = 100
"""Objects and lists in each other; of more, which no database of threads and no protocol takes, the text stays."""
_TOO_DEEP = "The arguments are nested too deeply."
_LEAST_INT, _MOST_INT = -(2**63), 2**64 - 1
"""The integers that a database of threads saves."""
_MOST_DIGITS = 20

_STRING_OR_SIGN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z|\\\Z)|[\[\]{},]', re.DOTALL)
_HALF_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u[0-9a-fA-F]{0,3})?\Z")
_CLOSING = {"{": "}", "[": "]"}


def parse_partial_json(text: str, *, strict: bool = False) -> Any:
    """The value of JSON whose end may be missing: what has begun is closed, and a field without a value left out.

    Raises `ValueError` for a text that is no JSON, or too much of it, or nested too deeply.
    """
    if text.count("[") + text.count("{") + text.count(",") > MAX_VALUES:
        raise ValueError("The arguments have too many values.")
    try:
        return _parsed(text, strict=strict)
    except json.JSONDecodeError as error:
        if len(text) > MAX_PARTIAL_CHARS:
            raise
        for whole in _completed(text, error.pos):
            try:
                return _parsed(whole, strict=strict)
            except json.JSONDecodeError:
                continue
        raise


def _parsed(text: str, *, strict: bool) -> Any:
    try:
        value = json.loads(text, strict=strict, parse_int=_int)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(value)
    return value


def _int(digits: str) -> int | str:
    """The number; one that no database of threads saves stays a text, which a tool reads as a number too."""
    number = int(digits) if len(digits) <= _MOST_DIGITS else None
    return number if number is not None and _LEAST_INT <= number <= _MOST_INT else digits


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [item for one in level for item in (one.values() if isinstance(one, dict) else one)]
        level = [item for item in level if isinstance(item, dict | list)]
        if not level:
            return
    raise ValueError(_TOO_DEEP)


def _completed(text: str, wrong_at: int) -> Iterator[str]:
    """The text with an end; its parser stopped at `wrong_at`: before or in a string without its end, or after all."""
    read, rest = text[:wrong_at], text[wrong_at:]
    closing: list[str] = []
    begun, in_string = 0, False
    for found in _STRING_OR_SIGN.finditer(read):
        sign = found[0]
        in_string = sign[0] == '"' and found.end() == wrong_at and (len(sign) == 1 or sign[-1] != '"')
        if sign in _CLOSING:
            closing.append(_CLOSING[sign])
            begun = found.end()
        elif sign == ",":
            begun = found.start()
        elif sign in ("}", "]"):
            closing.pop()
    end = "".join(reversed(closing))
    if in_string or rest.startswith('"'):
        yield _HALF_ESCAPE.sub(r"\1", text) + '"' + end
    yield _HALF_ESCAPE.sub(r"\1", read) + '"' + end if in_string else read + end
    yield text[:begun] + end


def replace_in_langchain() -> None:
    """Let LangChain's messages read partial arguments by `parse_partial_json`, in the whole process."""
    ai.parse_partial_json = parse_partial_json  # type: ignore[assignment, attr-defined]
