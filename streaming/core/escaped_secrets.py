"""Takes secrets out of bytes, also where some or all of their characters are escaped, or something is between them.

JSON, Python, URLs and HTML write a character in other ways, in upper or lower case, and a gateway that quotes another
server's answer writes it so twice. A server may escape every character, or only some: PHP writes `\\/`, .NET `\\u002B`.
Base64 comes in lines, which may be indented, and hexadecimal digits in pairs.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise

from streaming.core.shown_text import HIDDEN, shown_secrets

MIN_REACH = 1_024
"""How many bytes on each side of a place tell at least whether a secret is there."""
PLACES_IN_A_ROW, MOST_PLACES = 64, 256
"""How many places are looked at to cut the data: so many, then others further on; and in all."""

_WAYS = (
    rb"\\(?<!\\\\)\\{0,7}(?:u00([2-7][0-9a-f])|x([2-7][0-9a-f])|(%s)|(0[4-7][0-7]|1[0-7]{2}))|%%(?:25){0,3}([2-7][0-9a-f])"
    rb"|&(?:amp;){0,2}(?:#(?:x0{0,4}([2-7][0-9a-f])(?![0-9a-f])|0{0,4}([0-9]{2,3})(?![0-9]));?|(%s);)"
    rb"|\\(?<!\\\\)\\{0,7}u\{0{0,4}([2-7][0-9a-f])\}|%%(?:25){0,3}u00([2-7][0-9a-f])"
    rb"|\\(?<!\\\\)\\{0,7}o\{?(0?[4-7][0-7]|1[0-7]{2})\}?|\\(?<!\\\\)\\{0,7}(?:0{4})?([2-7][0-9a-f])(?![0-9a-f]) ?"
)
_NAMES = {
    **{b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'", b"plus": b"+", b"equals": b"="},
    **{
        b"hyphen": b"-",
        b"dash": b"-",
        b"lowbar": b"_",
        b"underbar": b"_",
        b"period": b".",
        b"sol": b"/",
        b"colon": b":",
        b"num": b"#",
    },
    **{b"commat": b"@", b"percnt": b"%", b"dollar": b"$", b"ast": b"*", b"excl": b"!"},
}
_ESCAPE = re.compile(_WAYS % (b"/", b"|".join(_NAMES)), re.IGNORECASE)
_ESCAPE_OR_QUOTE = re.compile(_WAYS % (b"[\"'/]", b"|".join(_NAMES)), re.IGNORECASE)
"""JSON escapes every quote, so they are read only for a secret that has one."""
SIGNS = (b"\\", b"%", b"&")
"""How each escape begins; to look for them takes a tenth of the time of the expression."""
_HEX, _OCTAL, _DECIMAL, _ITSELF = {1, 2, 5, 6, 9, 10, 12}, {4, 11}, 7, 3
# A search is several times as quick where each way begins with a character, or with one of a set: so what must not be
# before the first backslash is looked for after it.
_END = rb"(?:\\\\{0,3}(?:r\\{1,4})?n|\r\n|\n)"
_BREAK = re.compile(rb"\\\\{0,3}(?:r\\{1,4})?n[ \t>]*|\r\n[ \t>]*|\n[ \t>]*|=%b| (?<!  ) *+%b[ \t>]*" % (_END, _END))
"""Between two lines, also as JSON, Python and quoted-printable write it, and in a quotation of Markdown."""
_UNSEEN = (
    rb"\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]|\xc2\xad|\xef\xbb\xbf|\xcd\x8f|\xe1\xa0\x8e|\xef\xb8[\x80-\x8f]"
    rb"|\xf3\xa0[\x80\x81][\x80-\xbf]|\\{1,8}u(?:200[b-f]|202[a-e]|206[0-9a-f]|00ad|feff|034f|180e|fe0[0-9a-f])"
    rb"|&(?:amp;){0,2}(?:#x0{0,4}(?:ad|200[b-f]|202[a-e]|206[0-9a-f]|feff|34f|180e|fe0[0-9a-f])(?![0-9a-f]);?"
    rb"|#0{0,4}(?:173|820[3-7]|823[4-8]|82(?:8[89]|9[0-9])|830[0-3]|65279|847|6158|650(?:2[4-9]|3[0-9]))(?![0-9]);?"
    rb"|(?:shy|zwn?j|zerowidthspace|negative[a-z]{4,10}space|nobreak|lrm|rlm|af|it|ic|applyfunction|invisible[a-z]{5});)"
)
_INVISIBLE = re.compile(_UNSEEN, re.IGNORECASE)
"""What no screen shows: a person would see the key, and copy it."""
# It is looked for first: an escape may be the beginning of it.
_ESCAPE_OR_INVISIBLE = re.compile(_UNSEEN + b"|" + _ESCAPE_OR_QUOTE.pattern, re.IGNORECASE)
_INVISIBLE_SIGNS = (
    *(b"\xe2\x80", b"\xe2\x81", b"\xc2\xad", b"\xef\xbb\xbf", b"\xcd\x8f", b"\xe1\xa0\x8e", b"\xef\xb8", b"\xf3\xa0"),
    *(b"\\u", b"&"),
)
_GOES_ON = re.compile(rb"(?:\\n|\n)[ \t>]*(?:[\w+/=%&*~`\[<!-]|\\[^nr\"])")
"""A word may go on in the next line."""
_GAP = rb"[\s:,;_-][\s:,;_-]{0,2}(?:0[xbo])?"
_BETWEEN_DIGITS = re.compile(rb"(?<=[0-9a-fA-F])" + _GAP + rb"(?=[0-9a-fA-F]{2,8}(?![0-9a-zA-Z]))")
"""The digit before it is looked for first: a search that begins in every gap takes half a second for four megabytes."""
_DIGITS_APART = re.compile(rb"(?<=[\s:,;_xob-])[0-9a-fA-F]{2,8}(?:%b[0-9a-fA-F]{2,8}){2}%b" % (_GAP, _GAP))
"""Three of these in a row are rare in any other text. It begins with a digit, because a search for gaps takes a second
for a megabyte of them."""
_HEX_DIGITS = re.compile(rb"[0-9a-f]{16,}")
_NO_ESCAPES = re.compile(rb"(?<![0-9A-Za-z+/=])[0-9A-Za-z+/=]{32768,}+")
"""A picture, which base64 writes: it has no escape, no end of a line and no gap, so only its ends are looked at."""
_ENDS = 8_192
"""Of a picture, at each side: more than a key has, also where all its characters are escaped."""

_Span = tuple[int, int]


class TooManyEscapes(ValueError):
    """The data has more escaped characters, lines or groups of digits than allowed."""


def _has_sign(text: bytes) -> bool:
    return any(sign in text for sign in SIGNS)


def _may_have_invisible(text: bytes) -> bool:
    return any(sign in text for sign in _INVISIBLE_SIGNS)


def without_secrets(data: bytes, secrets: Sequence[bytes], *, most: int = 0) -> bytes:
    """The data with `[key]` for each of these secrets, the longest first.

    Raises `TooManyEscapes` for `most` escaped printable characters of ASCII, ends of lines, or gaps between digits, or
    for twice as many signs that may begin one (0: no limit): each takes up to two microseconds.
    """
    for secret in secrets:
        if len(secret) <= len(data):
            data = _replaced(data, secret)
    if not secrets:
        return data
    parts = list(_with_escapes(data))
    if len(parts) == 1:
        return _without_escaped(data, secrets, most)
    return b"".join(part if is_picture else _without_escaped(part, secrets, most) for part, is_picture in parts)


def in_pieces(data: bytes, secrets: Sequence[bytes], size: int, *, most: int = 0) -> Iterator[bytes]:
    """The data without these secrets, in pieces of about this size of it; no secret is cut.

    `most` holds for each piece.
    """
    reach = max(MIN_REACH, 4 * max((len(secret) for secret in secrets), default=0))
    start = 0
    while start < len(data):
        end = _safe_end(data, secrets, start + size, reach)
        yield without_secrets(data[start:end], secrets, most=most)
        start = end


def _safe_end(data: bytes, secrets: Sequence[bytes], at: int, reach: int) -> int:
    """A place from here on at which the data can be cut: what is around it has the same secrets in two parts.

    The end of the data where none is found.
    """
    places = (start + step for start in range(at, len(data), reach) for step in range(PLACES_IN_A_ROW))
    for place in islice(places, MOST_PLACES):
        before, after = data[max(place - reach, 0) : place], data[place : place + reach]
        apart = without_secrets(before, secrets) + without_secrets(after, secrets)
        if without_secrets(before + after, secrets) == apart:
            return place
    return len(data)


def bytes_with_escapes(data: bytes) -> int:
    """The size of the data without its pictures."""
    return sum(len(part) for part, is_picture in _with_escapes(data) if not is_picture)


def _with_escapes(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """The parts of the data, and whether each is the inside of a picture."""
    end = 0
    for picture in _NO_ESCAPES.finditer(data):
        start, stop = picture.start() + _ENDS, picture.end() - _ENDS
        yield data[end:start], False
        yield data[start:stop], True
        end = stop
    yield data[end:], False


def _without_escaped(data: bytes, secrets: Sequence[bytes], most: int) -> bytes:
    """The data without secrets that are escaped, or have something between their characters."""
    if most and sum(data.count(sign) for sign in SIGNS) > 2 * most:
        raise TooManyEscapes
    together = b"".join(secrets)
    escape = _ESCAPE_OR_QUOTE if b'"' in together or b"'" in together else _ESCAPE
    reading = _Reading(data)
    for pattern, may_have in ((escape, _has_sign), (_INVISIBLE, _may_have_invisible), (_BREAK, _GOES_ON.search)):
        if reading.leave_out(pattern, may_have, most) and (spans := reading.spans_of(secrets)):
            return without_secrets(reading.cut(spans), secrets, most=most)
    if spans := shown_secrets(tuple(secrets)).found(reading.plain):
        return without_secrets(reading.cut(spans), secrets, most=most)
    if reading.leave_out(_BETWEEN_DIGITS, _DIGITS_APART.search, most) and (spans := reading.spans_of(secrets)):
        return without_secrets(reading.cut(spans), secrets, most=most)
    return data


class _Reading:
    """Data of which more and more is read as what it stands for, or left out."""

    def __init__(self, data: bytes) -> None:
        self.plain = self._data = data
        self._steps: list[tuple[bytes, re.Pattern[bytes]]] = []

    def leave_out(self, pattern: re.Pattern[bytes], may_have: Callable[[bytes], object], most: int) -> bool:
        """Read what the pattern finds as the character it stands for, or as nothing; whether there is any."""
        if not may_have(self.plain):
            return False
        before = self.plain
        self.plain, found = pattern.subn(_character, before, count=most)
        if most and found == most:
            raise TooManyEscapes
        if found:
            self._steps.append((before, pattern))
        return found > 0

    def spans_of(self, secrets: Sequence[bytes]) -> list[_Span]:
        """Where these secrets are in what is read now."""
        return [span for secret in secrets for span in _found(self.plain, secret)]

    def cut(self, spans: Iterable[_Span]) -> bytes:
        """The data without what these spans of what is read now cover."""
        return _cut(self._data, spans, [_Places(text, pattern) for text, pattern in reversed(self._steps)])


def plain_text(data: bytes) -> tuple[bytes, Callable[[int], int]]:
    """The data with its escaped characters as they are and without what no screen shows.

    Beside it, where each place of that is in the data.
    """
    plain, found = _ESCAPE_OR_INVISIBLE.subn(_character, data)
    return plain, _Places(data, _ESCAPE_OR_INVISIBLE).of if found else int


def _character(escape: re.Match[bytes]) -> bytes:
    """The character of an escape; what is none stays. What is between characters is nothing."""
    group = escape.lastindex
    if group is None:
        return b""
    value = escape[group]
    if group in _HEX:
        return bytes((int(value, 16),))
    if group in _OCTAL:
        return bytes((int(value, 8),))
    if group == _DECIMAL:
        return bytes((int(value),)) if int(value) < 128 else escape[0]
    return value if group == _ITSELF else _NAMES[value.lower()]


def _replaced(data: bytes, secret: bytes) -> bytes:
    """The data without the secret as it is; hexadecimal digits may be of both cases."""
    if secret in data:
        data = data.replace(secret, HIDDEN)
    if _HEX_DIGITS.fullmatch(secret) and (spans := list(_found(data.lower(), secret))):
        return _cut(data, spans, [])
    return data


def _found(plain: bytes, secret: bytes) -> Iterator[_Span]:
    at = plain.find(secret)
    while at >= 0:
        yield at, at + len(secret)
        at = plain.find(secret, at + len(secret))


def _merged(spans: Iterable[_Span]) -> Iterator[_Span]:
    """The spans in order; those that overlap are one."""
    start = end = -1
    for first, last in sorted(spans):
        if first < end:
            end = max(end, last)
            continue
        if end >= 0:
            yield start, end
        start, end = first, last
    if end >= 0:
        yield start, end


def _cut(data: bytes, spans: Iterable[_Span], places: Sequence["_Places"]) -> bytes:
    """The data without what these spans of its plain text cover."""

    def of(place: int) -> int:
        for each in places:
            place = each.of(place)
        return place

    kept = [0, *(place for start, end in _merged(spans) for place in (of(start), of(end))), len(data)]
    return HIDDEN.join(data[begin:end] for begin, end in list(pairwise(kept))[::2])


class _Places:
    """Where each byte of the plain text is in the data."""

    def __init__(self, data: bytes, pattern: re.Pattern[bytes]) -> None:
        self._text, self._pattern = data, pattern
        self._plain: list[int] = []
        self._data: list[int] = []

    def of(self, place: int) -> int:
        """The place in the data of this place in the plain text."""
        if not self._plain:
            self._look()
        known = bisect_right(self._plain, place) - 1
        return self._data[known] + place - self._plain[known]

    def _look(self) -> None:
        self._plain, self._data = [0], [0]
        longer = 0
        for escape in self._pattern.finditer(self._text):
            size = len(_character(escape))
            start = escape.start() - longer
            longer += len(escape[0]) - size
            self._plain += [start, start + size]
            self._data += [escape.start(), escape.end()]
