"""What looks like a key in values that a person has typed, and so must not get into a URL."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from streaming.core.names_of_secrets import SECRET_NAME
from streaming.providers.redaction import redact

_RANDOM = re.compile(
    r"(?=[^\W_]*[a-z])(?=[^\W_]*[A-Z])(?=[^\W_]*\d)[^\W_]{20,}"
    r"|\b[0-9a-z]{32,}\b|\b[0-9A-F]{32,}\b|\b(?:AKIA|ASIA)[0-9A-Z]{12,}|\bhf_[A-Za-z]{20,}",
    re.ASCII,
)
"""Letters and digits as no word and no name has them; an id with hyphens, such as a UUID, is none of them."""

_NOTHING: Final = object()


def without_likely_keys(value: Any, secrets: Sequence[str] = (), *, name: str = "") -> tuple[Any, list[str]]:
    """The value without what looks like a key, or is one of these secrets; the names of the parts that are left out.

    A list with such a part is left out as a whole; a value that is left out as a whole is `None`.
    """
    left_out: list[str] = []
    kept = _clean(value, secrets, name, left_out)
    return (None if kept is _NOTHING else kept), left_out


def looks_like_key(text: str, secrets: Sequence[str] = ()) -> bool:
    """Whether the text is or has something that looks like a key, or one of these secrets."""
    plain = " ".join(text.split())
    return redact(plain, secrets, max_chars=sys.maxsize) != plain or _RANDOM.search(plain) is not None


def _clean(value: Any, secrets: Sequence[str], path: str, left_out: list[str]) -> Any:
    if isinstance(value, Mapping):
        return {name: part for name, part in _fields(value, secrets, path, left_out) if part is not _NOTHING}
    if isinstance(value, list):
        inside: list[str] = []
        parts = [_clean(part, secrets, path, inside) for part in value]
        if not inside:
            return parts
    elif not isinstance(value, str) or not looks_like_key(value, secrets):
        return value
    left_out.append(path)
    return _NOTHING


def _fields(
    value: Mapping[Any, Any], secrets: Sequence[str], path: str, left_out: list[str]
) -> Iterator[tuple[str, Any]]:
    for name, part in value.items():
        inside = f"{path}.{name}".lstrip(".")
        # Numbers are none: `max_tokens` is a field of many graphs.
        named = SECRET_NAME.search(str(name)) and part and not isinstance(part, bool | int | float)
        if looks_like_key(str(name), secrets):
            left_out.append(f"{path}.…".lstrip("."))
        elif named:
            left_out.append(inside)
        else:
            yield str(name), _clean(part, secrets, inside, left_out)
