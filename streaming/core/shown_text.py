r"""Finds secrets in a text that a screen shows without the signs of Markdown, or that has them in another case.

Models write `\_` and `\-` for `_` and `-`, and a renderer takes the backslash away; so it does with marks of emphasis
and of code within a word, brackets, and the address of a link. All of them are left out of the text and of the secret,
and what is found so must have the secret's own signs.

The functions of bytes that do this read a megabyte in milliseconds, whatever is in it.
"""

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from typing import AnyStr

HIDDEN = b"[key]"
MARKS = b"\\*_~`[]<>!"
MIN_SHOWN = 8
"""Of a secret without its signs: fewer characters are in ordinary text."""
MIN_ANY_CASE = 16
"""A shorter secret is found in its own case only: “LM-Studio” is a name, also where the key is “lm-studio”."""

_BEGIN_CHARS, _SHORT_CHARS = 4, 60
_BLANK = b"\0" * len(HIDDEN)
"""What was hidden before has a word of its own, which is no part of a secret."""
_LOWER = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz")
_IS_SHOWN = bytes(byte not in MARKS for byte in range(256))
_ADDRESS = rb"\((?:[^()]++|\([^()]*+(?:\)|\Z))*+(?:\)|\Z)"
_LABEL = rb"\[[^\[\]]*+(?:\]|\Z)"
_REST_OF_LINK = (
    re.compile(rb"\]%b" % _ADDRESS),
    re.compile(rb"\](?:\([^()]*+(?:\)|\Z)|%b)" % _LABEL),
    re.compile(rb"\](?:%b|%b)" % (_ADDRESS, _LABEL)),
)
"""From the end of a link's text to the link's: with an address that may have brackets, with another one or a label, or
with any: what a renderer takes for a link depends on what is before it. No character is read more than three times,
however many links begin."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ShownSecrets:
    """Secrets as a screen may show them, each with the ways to write it."""

    written: dict[bytes, list[bytes]]
    begins: frozenset[bytes]

    @classmethod
    def of(cls, secrets: Sequence[bytes]) -> "ShownSecrets":
        """The secrets of which enough is shown."""
        written = defaultdict(list)
        for secret in secrets:
            shown = shown_of(secret)
            short_number = len(secret) < MIN_ANY_CASE and shown.isdigit()
            if len(shown) >= MIN_SHOWN and not short_number:
                written[shown].append(secret)
        return cls(dict(written), begins_of(list(written)))

    def found(self, text: bytes) -> list[Span]:
        """Where these secrets are in the text, in no order, and some may overlap; other readings may have more then."""
        text = text.replace(HIDDEN, _BLANK)
        for reading in readings(text):
            if may_have(reading.shown, self.begins) and (found := list(self._found(text, reading))):
                return found
        return []

    def _found(self, text: bytes, reading: "Reading") -> Iterator[Span]:
        places: Sequence[int] = ()
        for secret in self.written:
            at = reading.shown.find(secret)
            while at >= 0:
                places = places or reading.places()
                start, end = places[at], places[at + len(secret) - 1] + 1
                if any(_is_written(one, text[start:end]) for one in self.written[secret]):
                    yield start, end
                at = reading.shown.find(secret, at + len(secret))


def begins_of(texts: Iterable[AnyStr]) -> frozenset[AnyStr]:
    """How these texts begin, for `may_have`."""
    return frozenset(text[:_BEGIN_CHARS] for text in texts)


def may_have(text: AnyStr, begins: frozenset[AnyStr]) -> bool:
    """Whether one that begins so may be in the text: in a short one, to search for each takes ten times as long."""
    if len(text) > _SHORT_CHARS:
        return True
    return not begins.isdisjoint([text[at : at + _BEGIN_CHARS] for at in range(len(text) - _BEGIN_CHARS + 1)])


@lru_cache(maxsize=8)
def shown_secrets(secrets: tuple[bytes, ...]) -> ShownSecrets:
    """The same as `ShownSecrets.of`, which takes a tenth of the time that a small event does."""
    return ShownSecrets.of(secrets)


def shown_of(text: bytes) -> bytes:
    """The text in lower case and without signs."""
    return text.translate(_LOWER, MARKS)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a text, and what is shown then."""

    shown: bytes
    _text: bytes
    _left_out: re.Pattern[bytes] | None

    def places(self) -> Sequence[int]:
        """Where each byte that is shown is in the text."""
        is_shown = bytearray(self._text.translate(_IS_SHOWN))
        for part in self._left_out.finditer(self._text) if self._left_out is not None else ():
            is_shown[part.start() : part.end()] = bytes(len(part[0]))
        return array("I", compress(range(len(self._text)), is_shown))


def has_links(text: bytes) -> bool:
    """Whether a link may be in the text."""
    return b"](" in text or b"][" in text


def readings(text: bytes) -> Iterator[Reading]:
    """With all that is between brackets, and as far as there are links without their addresses.

    A link at the end may have only begun.
    """
    yield Reading(shown_of(text), text, None)
    for rest in _REST_OF_LINK if has_links(text) else ():
        yield Reading(shown_of(rest.sub(b"", text)), text, rest)


def _is_written(secret: bytes, text: bytes) -> bool:
    """Whether the text has the secret's own signs too, and its case if that is short."""
    if len(secret) >= MIN_ANY_CASE:
        if not any(mark in secret for mark in MARKS):
            return True
        secret, text = secret.lower(), text.lower()
    rest = iter(text)
    return all(byte in rest for byte in secret)
