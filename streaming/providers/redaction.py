"""Removes secrets from texts and errors."""

import re
import sys
from collections.abc import Sequence
from typing import Any

from streaming.core.escaped_secrets import without_secrets
from streaming.providers.client_errors import error_chain
from streaming.providers.key_forms import MIN_KEY_CHARS, forms_of

__all__ = ["MAX_QUOTE_CHARS", "MIN_KEY_CHARS", "redact", "redact_error"]

MAX_QUOTE_CHARS = 200
"""The longest quote of a provider: enough for a sentence, not for the HTML page that some send."""
MAX_READ_CHARS = 100_000
"""No more of a text is cleaned; what comes from a provider is cut before."""

_KEY_LIKE = re.compile(
    r"\b(?:sk|gsk|pk)[-_][\w*-]{6,}|\bkey[-_](?=[a-z_-]{0,60}[\d*])[\w*-]{12,}|\bBearer\s+\S+", re.IGNORECASE
)
"""“key” is a word too: a model may be called `key-split1`, and a node `key_points`."""
_URL_LOGIN = re.compile(r"(?<=://)[^/\s@]+@")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def redact(text: str, secrets: Sequence[str] = (), *, max_chars: int = MAX_QUOTE_CHARS) -> str:
    """The text without these secrets, anything that looks like a key, and terminal codes; cut to `max_chars`."""
    forms = forms_of(secrets)
    if len(text) > MAX_READ_CHARS:
        # A key that the cut goes through is not left in part.
        text = text[:MAX_READ_CHARS]
        text = text[: len(text) - max((len(form) for form in forms), default=0)]
    # First of all: a key with zero bytes between its characters would be whole without them.
    text = _CONTROL.sub("", text)
    if forms:
        hidden = without_secrets(text.encode(errors="surrogatepass"), [form.encode() for form in forms])
        text = hidden.decode(errors="surrogatepass")
    text = _URL_LOGIN.sub("", _KEY_LIKE.sub("[key]", text))
    return text if len(text) <= max_chars else text[: max_chars - 1] + "…"


def quoted(sentence: str, secrets: Sequence[str]) -> str:
    """A provider's own sentence as the end of another one, without keys; a full stop if it sent none."""
    quote = " ".join(redact(sentence, secrets).split()).rstrip(" .")
    return f": “{quote}”." if quote else "."


def redact_error(error: Exception, secrets: Sequence[str]) -> Exception:
    """The error and its causes with all their texts redacted; status, code and type stay as they are.

    LangGraph writes what a node raised into the thread's database. An error that cannot be changed is replaced by a
    plain one of a built-in base class.
    """
    for link in error_chain(error):
        link.args = tuple(_clean(value, secrets) for value in link.args)
        for name, value in getattr(link, "__dict__", {}).items():
            setattr(link, name, _clean(value, secrets))
    shown = f"{error!r} {error}"
    if not any(secret in shown for secret in forms_of(secrets)):
        return error
    plain = next(
        kind for kind in (ValueError, TypeError, AttributeError, RuntimeError, Exception) if isinstance(error, kind)
    )
    return plain(_clean(str(error), secrets)).with_traceback(error.__traceback__)


def _clean(value: Any, secrets: Sequence[str]) -> Any:
    if isinstance(value, str):
        return redact(value, secrets, max_chars=sys.maxsize)
    if isinstance(value, bytes):
        return _clean(value.decode(errors="replace"), secrets).encode()
    if isinstance(value, dict):
        return {_clean(name, secrets): _clean(part, secrets) for name, part in value.items()}
    return [_clean(part, secrets) for part in value] if isinstance(value, list) else value
