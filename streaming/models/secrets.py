"""Keeping secrets out of what is said."""

import re
from collections.abc import Sequence

QUOTE = 200
SHORTEST = 8
"""A shorter key is none: servers on one's own machine take “x” or “ollama”, and those words stand in honest text."""

_KEY_LIKE = re.compile(r"\b(?:sk|gsk|pk|key)[-_][\w*-]{6,}|\bBearer\s+\S+", re.IGNORECASE)
_URL_LOGIN = re.compile(r"(?<=://)[^/\s@]+@")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def redact(text: str, secrets: Sequence[str] = (), *, most: int = QUOTE) -> str:
    """The text without these secrets, anything that looks like one, and terminal codes; cut to `most` characters."""
    for secret in secrets:
        if len(secret) >= SHORTEST:
            text = text.replace(secret, "[key]")
    text = _CONTROL.sub("", _URL_LOGIN.sub("", _KEY_LIKE.sub("[key]", text)))
    return text if len(text) <= most else text[: most - 1] + "…"
