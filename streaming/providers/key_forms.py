"""The forms in which a provider may repeat a key: as it is, escaped, or encoded in the ways that libraries have.

Forms that escape only some of the characters, or have something between them, are found by
`streaming.core.escaped_secrets`.
"""

import base64
import json
import re
from collections.abc import Iterable, Sequence
from copy import copy
from typing import AnyStr
from urllib.parse import quote

from streaming.core.escaped_secrets import SIGNS, plain_text
from streaming.core.shown_text import MARKS, Reading, ShownSecrets, begins_of, has_links, may_have, readings

MIN_KEY_CHARS = 8
"""Shorter keys are not secret: local servers accept “x” or “ollama”, and ordinary text contains those words."""

_OF_EACH_CHARACTER = ("\\u{:04x}", "\\u{:04X}", "\\x{:02x}", "&#{};", "&#x{:x};", "&#x{:X};")
_IN_A_LIST = ("{}", "{:o}", "{:03o}", "{:b}", "{:07b}", "{:08b}")
"""What is between the numbers of a list is taken out before."""
_POINTS = ("U+{:04X} ", "U+{:04X}, ", "U+{:04X},", "U+{:04X}")
_PERCENT, _OF_EQUALS = re.compile(r"%[0-9A-F]{2}"), re.compile(r"=[0-9A-F]{2}")
_QUOTES = re.compile(r"[\"'\\]")

HIDDEN = "[key]"
_SIGNS = tuple(sign.decode() for sign in SIGNS)
_MARKS = MARKS.decode()
_INVISIBLE = re.compile("[\u200b-\u200f\u2060-\u2064\u00ad\ufeff]")
_ESCAPE_CHARS = 16
"""Of one character: `&amp;#x000041;` is among the longest ways to write it."""
_BEGUN_ESCAPE = re.compile(
    r"(?:\\{1,8}(?:u[0-9a-f]{0,3}|u\{0{0,4}[0-9a-f]{0,2}|x[0-9a-f]?|[01][0-7]?|o\{?[01]?[0-7]{0,2}|0{0,4}[2-7]?)?|%(?:25?){0,4}(?:[0-9a-f]?|u0{0,2}[0-9a-f]?)"
    r"|&(?:amp;){0,2}(?:#(?:x0{0,4}[0-9a-f]{0,2}|0{0,4}[0-9]{0,3})|[a-z]{0,8})?)\Z",
    re.IGNORECASE,
)

MIN_LINE_CHARS, MAX_LINES = 16, 40
"""Of a key of several lines: a shorter line tells nothing, and is found in ordinary text."""


def forms_of(keys: Sequence[str]) -> list[str]:
    """All forms of the keys that are long enough, the longest first."""
    forms = set(forms_in_pieces(keys))
    for key in keys:
        if len(key) >= MIN_KEY_CHARS and key.isascii():
            forms |= {"".join(form.format(ord(char)) for char in key).rstrip(", ") for form in (*_IN_A_LIST, *_POINTS)}
    return _longest_first(forms)


def _longest_first(forms: set[str]) -> list[str]:
    return sorted(forms, key=lambda form: (-len(form), form))


def forms_in_pieces(keys: Sequence[str]) -> set[str]:
    """The forms that are also found where they come in pieces."""
    forms: set[str] = set()
    for key in (part for whole in keys for part in (whole, *_lines(whole))):
        if len(key) >= MIN_KEY_CHARS:
            escaped = json.dumps(key)[1:-1]
            forms |= {key, escaped, json.dumps(escaped)[1:-1], repr(key)[1:-1], key[::-1]}
            forms |= {"".join(form.format(ord(char)) for char in key) for form in _OF_EACH_CHARACTER}
            forms |= _encoded(key.encode(errors="replace"))
    return forms


def _lines(key: str) -> list[str]:
    """The lines of a key of several, such as a certificate's: a log and a sentence show them one by one."""
    lines = [line.strip() for line in key.splitlines()]
    return [line for line in lines if len(line) >= MIN_LINE_CHARS and not line.startswith("-----")][:MAX_LINES]


def _encoded(key: bytes) -> set[str]:
    wide = key.decode(errors="replace").encode("utf-16-le")
    once = _base64(key)
    forms = {key.hex(), key.hex().upper(), wide.hex()[:-2], wide.hex()[:-2].upper(), quote(key)}
    forms |= _percent_encoded(key) | _quoted_printable(key) | once | _base32(key) | _base85(key) | _base64(wide)
    forms |= {twice for form in once for twice in _base64(form.encode())}
    return {form for form in forms if len(form) >= MIN_KEY_CHARS}


def _base64(key: bytes) -> set[str]:
    """After one or two other bytes, a key is written with other characters."""
    return {
        encode(b"\0" * offset + key).decode().rstrip("=")[(0, 2, 3)[offset] : 4 * ((offset + len(key)) // 3)]
        for offset in range(3)
        for encode in (base64.b64encode, base64.urlsafe_b64encode)
    }


def _base32(key: bytes) -> set[str]:
    """The same, of which eight characters write five bytes."""
    forms = {
        base64.b32encode(b"\0" * offset + key).decode()[-(-8 * offset // 5) : 8 * (offset + len(key)) // 5]
        for offset in range(5)
    }
    return forms | {form.lower() for form in forms}


def _base85(key: bytes) -> set[str]:
    """The same, of which five characters write four bytes, and of which a group with other bytes tells nothing."""
    forms = set()
    for offset in range(4):
        whole = (key[-offset % 4 :] if offset else key)[: (len(key) - (-offset % 4)) // 4 * 4]
        # A form with quotes would make every quote of an answer one that may be part of it.
        forms |= {base64.b85encode(whole).decode(), *_QUOTES.split(base64.a85encode(whole).decode())}
    return forms


def _quoted_printable(key: bytes) -> set[str]:
    written = {"".join(f"={byte:02X}" for byte in key), key.decode(errors="replace").replace("=", "=3D")}
    return written | {_OF_EQUALS.sub(lambda code: code[0].lower(), form) for form in written}


def _percent_encoded(key: bytes) -> set[str]:
    """The key as part of a URL, once and twice, with digits of both cases, which differ from letters of the key."""
    written = {quote(key, safe=""), "".join(f"%{byte:02X}" for byte in key)}
    written.add("".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}" for byte in key))
    written |= {_PERCENT.sub(lambda code: code[0].lower(), form) for form in written}
    return written | {form.replace("%", "%25") for form in written}


class PieceCleaner:
    """Replaces keys in a text that comes in pieces; holds back an end that may be the beginning of a key."""

    HOLD_CHARS = 4
    """A shorter end is passed on: almost every text contains the first letters of a key."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._forms = _longest_first(forms_in_pieces(keys))
        self._begins = begins_of(self._forms)
        self._all_forms = "\0".join(self._forms)
        self._as_bytes = [_as_bytes(form) for form in self._forms]
        self._shown = ShownSecrets.of(self._as_bytes)
        self._all_shown = b"\0".join(self._shown.written)
        self._reach = _ESCAPE_CHARS * max((len(key) for key in keys), default=0)
        self._passed = ""
        self._held = ""

    def for_another_text(self) -> "PieceCleaner":
        """A cleaner of the same keys: to write their forms takes a millisecond, and an answer may have 500 texts."""
        other = copy(self)
        other._passed = other._held = ""
        return other

    def feed(self, piece: str) -> str:
        """The text that can be passed on."""
        if not self._forms or not piece:
            return piece
        start = len(self._passed)
        text = self._passed + self._held + piece
        # What is whole in the piece, the transport has found.
        near = start + len(self._held) + self._reach
        for form in self._forms if may_have(text, self._begins) else ():
            at = text.find(form)
            while at >= 0:
                # What was passed on already stays.
                text = text[: max(at, start)] + HIDDEN + text[at + len(form) :]
                at = text.find(form, max(at, start) + len(HIDDEN))
        if len(text) >= MIN_KEY_CHARS:
            text = self._without_written(text[:near], start) + text[near:]
        keep = max(self._begun(text), self._begun_written(text[-self._reach :]))
        keep = min(keep, len(text) - start)
        ready, self._held = text[start : len(text) - keep], text[len(text) - keep :]
        self._passed = self._end_of(self._passed + ready)
        return ready

    @property
    def holds(self) -> bool:
        """Whether an end is held back."""
        return bool(self._held)

    def finish(self) -> str:
        """The end that was held back."""
        held, self._held = self._held, ""
        return held

    def _without_written(self, text: str, start: int) -> str:
        """The text without keys that are escaped, marked or of another case, of which an earlier piece has the
        beginning.
        """
        data, first, has_sign = _as_bytes(text), len(_as_bytes(text[:start])), _has_sign(text)
        while True:
            plain, of = plain_text(data) if has_sign else (data, int)
            found = self._shown.found(plain)
            for form in self._as_bytes if plain != data else ():
                if (at := plain.find(form)) >= 0:
                    found.append((at, at + len(form)))
            if not found:
                return data.decode(errors="surrogatepass")
            begin, end = min(found)
            data = data[: max(of(begin), first)] + HIDDEN.encode() + data[of(end) :]

    def _end_of(self, passed: str) -> str:
        """So much of what was passed on that the beginning of a key is in it."""
        few = self.HOLD_CHARS - 1
        longest = few * _ESCAPE_CHARS
        keep = _size_of_shown(passed[-self._reach :], few, longest)
        return passed[-(max(keep, longest) if _has_sign(passed[-longest:]) else keep) :]

    def _begun(self, text: str) -> int:
        """How many characters at the end may be the beginning of a key."""
        # One search tells almost every text from the beginning of a key.
        return self._begun_of(text, self._forms) if text[-self.HOLD_CHARS :] in self._all_forms else 0

    def _begun_of(self, text: AnyStr, forms: Iterable[AnyStr]) -> int:
        end = text[-self.HOLD_CHARS :]
        keep = max((_overlap(text, form) for form in forms if end in form), default=0)
        return keep if keep >= self.HOLD_CHARS else 0

    def _begun_written(self, text: str) -> int:
        """The same, where some of them are escaped, marked or of another case; the last escape may have only begun."""
        has_sign = _has_sign(text)
        data = _as_bytes(_BEGUN_ESCAPE.sub("", text) if has_sign else text)
        plain, of = plain_text(data) if has_sign else (data, int)
        keep = self._begun(plain.decode("latin-1")) if has_sign else 0
        places = [len(plain) - keep] if keep else []
        places += [reading.places()[-begun] for reading in readings(plain) if (begun := self._begun_shown(reading))]
        return max((len(text) - len(data[: of(place)].decode(errors="ignore")) for place in places), default=0)

    def _begun_shown(self, reading: Reading) -> int:
        is_known = reading.shown[-self.HOLD_CHARS :] in self._all_shown
        return self._begun_of(reading.shown, self._shown.written) if is_known else 0


def _has_sign(text: str) -> bool:
    """Whether the text may have escaped characters, or some that no screen shows."""
    return any(sign in text for sign in _SIGNS) or (not text.isascii() and _INVISIBLE.search(text) is not None)


def _size_of_shown(text: str, number: int, longest: int) -> int:
    """The length of the end in which so many characters are shown, whichever way it is read; without links, at most the
    longest.
    """
    if has_links(data := _as_bytes(text)):
        places = [reading.places() for reading in readings(data)]
        begin = min(each[-number] if len(each) >= number else 0 for each in places)
        return len(text) - len(data[:begin].decode(errors="ignore"))
    shown = 0
    for size, char in enumerate(reversed(text[-longest:]), 1):
        shown += char not in _MARKS
        if shown == number:
            return size
    return min(len(text), longest)


def _as_bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _overlap(text: AnyStr, form: AnyStr) -> int:
    """The longest end of the text that is a beginning of the form, but not all of it."""
    return next((size for size in range(min(len(text), len(form) - 1), 0, -1) if text.endswith(form[:size])), 0)
