"""Keeping secrets out of what is said."""

import json
import re
import sys
from collections.abc import Sequence
from typing import Any

from streaming.providers.transient_errors import error_chain

MAX_QUOTE_CHARS = 200
MIN_KEY_CHARS = 8
"""A shorter key is none: servers on one's own machine take “x” or “ollama”, and those words stand in honest text."""

_KEY_LIKE = re.compile(r"\b(?:sk|gsk|pk|key)[-_][\w*-]{6,}|\bBearer\s+\S+", re.IGNORECASE)
_URL_LOGIN = re.compile(r"(?<=://)[^/\s@]+@")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_FAMILIES = (ValueError, TypeError, AttributeError, Exception)


def redact(text: str, secrets: Sequence[str] = (), *, most: int = MAX_QUOTE_CHARS) -> str:
    """The text without these secrets, anything that looks like one, and terminal codes; cut to `most` characters."""
    for secret in _forms(secrets):
        text = text.replace(secret, "[key]")
    text = _CONTROL.sub("", _URL_LOGIN.sub("", _KEY_LIKE.sub("[key]", text)))
    return text if len(text) <= most else text[: most - 1] + "…"


def redact_error(error: Exception, secrets: Sequence[str]) -> Exception:
    """The error and what it came from, with `redact` in all that they say; status, code and type stay as they are.

    LangGraph writes what a node raised into the thread's database. An error that cannot be changed comes back as a
    plain one of the same family.
    """
    for link in error_chain(error):
        link.args = tuple(_clean(value, secrets) for value in link.args)
        for name, value in getattr(link, "__dict__", {}).items():
            setattr(link, name, _clean(value, secrets))
    if not any(secret in f"{error!r} {error}" for secret in _forms(secrets)):
        return error
    family = next(
        kind for kind in (ValueError, TypeError, AttributeError, RuntimeError, Exception) if isinstance(error, kind)
    )
    return family(_clean(str(error), secrets)).with_traceback(error.__traceback__)


def _clean(value: Any, secrets: Sequence[str]) -> Any:
    if isinstance(value, str):
        return redact(value, secrets, most=sys.maxsize)
    if isinstance(value, bytes):
        return _clean(value.decode(errors="replace"), secrets).encode()
    if isinstance(value, dict):
        return {_clean(name, secrets): _clean(part, secrets) for name, part in value.items()}
    return [_clean(part, secrets) for part in value] if isinstance(value, list) else value


def _forms(secrets: Sequence[str]) -> set[str]:
    """The secrets that are long enough to be one, also as JSON and as Python write them."""
    known = [secret for secret in secrets if len(secret) >= MIN_KEY_CHARS]
    return {form for secret in known for form in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1])}
