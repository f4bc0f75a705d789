"""The bytes of a provider's response on their way to a client: bounded, decompressed, normalised, without keys.

Everything here works on one piece after another, in linear time, and keeps no more than one line or one event.
"""

import re
import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import orjson

from streaming.core.errors import BrokenStream, ModelError
from streaming.core.escaped_secrets import TooManyEscapes, bytes_with_escapes, in_pieces
from streaming.core.json_limits import has_too_many_values
from streaming.providers.key_forms import MIN_KEY_CHARS, forms_of
from streaming.providers.stream_errors import MAX_ERROR_BYTES, as_error, error_of_choice, is_error, json_error, parsed

MAX_RECEIVED_BYTES = 32_000_000
MAX_DECOMPRESSED_BYTES = 32_000_000
MAX_LINE_BYTES = 3_000_000
"""A picture in an answer is one line."""
MAX_WHOLE_BYTES = 3_000_000
"""An answer that is not a stream, and an event of several lines: they are parsed in one go."""
MAX_TEXT_BYTES = 500_000
"""Of one event or a whole answer, what is no picture: to clean, parse and log it takes a tenth of a second at most."""
MAX_LISTED_BYTES = 2_000_000
"""The same of an answer to another question: it is cleaned and parsed once."""
MAX_PARTS = 500
"""Objects and lists of one event: a client takes a tenth of a millisecond for each, and the whole loop waits."""
MAX_VALUES = 20_000
MAX_LISTED_PARTS, MAX_LISTED_VALUES = 20_000, 200_000
"""The same for an answer to another question, such as the list of a provider's models."""
MAX_ESCAPES = 30_000
"""Escaped characters of ASCII in what is cleaned in one go, its lines, and its groups of digits: a key may be written
so."""
CLEANED_BYTES = 200_000
"""Of a larger event, as many are cleaned in one go."""
TURN = b""
"""Among the pieces of a body: other tasks can have their turns here."""
_PIECE_BYTES = 65_536
_ADVICE = "What had arrived is kept. Check the provider at this address, or choose another one."
_LINE_END = re.compile(rb"\r\n|\n|\r")
_OTHER_LINES = re.compile(rb"(?:(?<=[\r\n])|\A)(?!data|event|error:|\{\"error\")[^\r\n]+(?:\r\n|\n|\r)")
_EMPTY_LINES = re.compile(rb"(?:\r\n|\n|\r){3,}")
_CHARSETS = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp037", "utf-7")
_CONTENT_ENCODINGS = ("gzip", "x-gzip", "deflate")


def too_large(what: str, limit: int) -> BrokenStream:
    """The error of a response that is larger than allowed."""
    return BrokenStream(f"The provider sent {what} of more than {limit / 1_000_000:g} MB.", advice=_ADVICE)


def check_text(data: bytes, *, limit: int = MAX_TEXT_BYTES) -> None:
    """Raise `BrokenStream` for an event, or a whole answer, of more bytes beside its pictures."""
    if len(data) > limit and bytes_with_escapes(data) > limit:
        raise too_large("a piece of text", limit)


def check_parts(data: bytes, *, parts: int = MAX_PARTS, values: int = MAX_VALUES) -> None:
    """Raise `BrokenStream` for JSON of more objects and lists, or more values, before anything parses it."""
    if has_too_many_values(data, containers=parts, values=values):
        raise BrokenStream(
            f"The provider sent a piece of more than {parts:,} objects and lists, or {values:,} values.", advice=_ADVICE
        )


class Decompressor:
    """Decompresses gzip and deflate in pieces of a bounded size; raises `ModelError` for other encodings."""

    def __init__(self, encoding: str) -> None:
        names = [name.strip().lower() for name in encoding.split(",") if name.strip().lower() not in ("", "identity")]
        if len(names) > 1 or any(name not in _CONTENT_ENCODINGS for name in names):
            raise ModelError(
                f"The provider sent an answer in the encoding “{encoding[:40]}”, which was not asked for.",
                advice="Switch the compression off in the server or its gateway.",
            )
        self._compressed = bool(names)
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What this piece contains, in pieces of at most 64 KB."""
        if not self._compressed:
            yield data
            return
        while data:
            before = self._inflate.copy()
            try:
                piece = self._inflate.decompress(data, _PIECE_BYTES)
            except zlib.error as error:
                if self._started or data[:1] == b"\x1f":
                    yield _readable(before, data)
                    raise BrokenStream("The answer broke off: its compression is damaged.", advice=_ADVICE) from error
                # Some servers send deflate without its header.
                self._inflate, self._started = zlib.decompressobj(-zlib.MAX_WBITS), True
                continue
            self._started = True
            data = self._inflate.unconsumed_tail
            if self._inflate.eof:
                data, self._inflate = self._inflate.unused_data.lstrip(b"\0"), zlib.decompressobj(zlib.MAX_WBITS | 32)
            if piece:
                yield piece


def _readable(inflate: "zlib._Decompress", data: bytes) -> bytes:
    """What comes before the damage, at most 64 KB."""
    found = bytearray()
    with suppress(zlib.error):
        for byte in data[:_PIECE_BYTES]:
            found += inflate.decompress(bytes((byte,)), _PIECE_BYTES)
            if len(found) > _PIECE_BYTES:
                break
    return bytes(found)


def _without_other_lines(lines: bytes) -> bytes:
    """The lines without those that mean nothing here, at the speed of one search: a server may send millions of them.

    The first line stays, because it may be the end of another one.
    """
    first = _LINE_END.search(lines)
    if first is None:
        return lines
    rest = _OTHER_LINES.sub(b"", lines[first.end() :])
    return lines[: first.end()] + _EMPTY_LINES.sub(b"\n\n", rest)


class EventStream:
    """Server-sent events by the specification: a byte-order mark, comments, `id`, `retry` and events without data are
    left out, every line ends in a line feed, and an error is one of the shape that the clients know.
    """

    def __init__(self, cleaner: "KeyCleaner") -> None:
        self._cleaner = cleaner
        self._line = bytearray()
        self._data: list[bytes] = []
        self._data_size = 0
        self._event = b""
        self._first = True
        self._after_cr = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The events that this piece completes."""
        # JSON has no zero bytes; with them, UTF-16 would be lines of no meaning, and their text be lost unseen.
        piece = piece.replace(b"\0", b"")
        if self._after_cr and piece:
            self._after_cr = False
            piece = piece[1:] if piece[:1] == b"\n" else piece
        self._after_cr = piece[-1:] == b"\r"
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1
        yield from self._read_lines(_without_other_lines(piece[:end]))
        self._line += piece[end:]
        if len(self._line) > MAX_LINE_BYTES:
            raise too_large("a line", MAX_LINE_BYTES)

    def _read_lines(self, lines: bytes) -> Iterator[bytes]:
        start = 0
        for end in _LINE_END.finditer(lines):
            self._line += lines[start : end.start()]
            start = end.end()
            yield from self._end_line()

    def finish(self) -> Iterator[bytes]:
        """The last event, if it is whole: some servers leave out the empty line at the end."""
        yield from self._end_line()
        data = b"\n".join(self._data)
        if data.startswith(b"[DONE]") or parsed(data) is not None:
            yield from self._dispatch()

    def _end_line(self) -> Iterator[bytes]:
        line = bytes(self._line)
        self._line.clear()
        if len(line) > MAX_LINE_BYTES:
            raise too_large("a line", MAX_LINE_BYTES)
        if self._first:
            self._first = False
            line = line.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
        if not line:
            yield from self._dispatch()
            return
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
            self._data_size += len(line)
            if self._data_size > MAX_WHOLE_BYTES:
                raise too_large("an event", MAX_WHOLE_BYTES)
        elif name == b"event":
            self._event = value.strip()
        elif name == b"error" or line.startswith(b'{"error"'):
            # llama.cpp writes an error as a field of its own, and some servers write it without one.
            self._data, self._data_size = [value.strip() if name == b"error" else line], len(line)
            self._event = b"error"
            yield from self._dispatch()

    def _dispatch(self) -> Iterator[bytes]:
        data, event = b"\n".join(self._data), self._event
        self._data, self._data_size, self._event = [], 0, b""
        if not data.strip():
            return
        check_parts(data)
        check_text(data)
        data = yield from self._cleaner.clean_in_turns(data)
        error = as_error(data) if event == b"error" or is_error(data) else error_of_choice(data)
        data = error or data
        # Between values, JSON may have ends of lines; the clients take three microseconds for each line of an event.
        yield b"data: " + data.replace(b"\n", b" ") + b"\n\n"


@dataclass(frozen=True, slots=True)
class KeyCleaner:
    """Replaces keys in bytes, also encoded; see `forms_of`."""

    forms: Sequence[bytes]
    in_charsets: Mapping[bytes, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, keys: Sequence[str]) -> "KeyCleaner":
        """A cleaner for these keys."""
        written = {
            key.encode(charset, "replace"): "[key]".encode(charset)
            for key in keys
            if len(key) >= MIN_KEY_CHARS
            for charset in _CHARSETS
        }
        return cls([form.encode() for form in forms_of(keys)], written)

    def clean_whole(self, data: bytes) -> Generator[bytes, None, bytes]:
        """An answer that is no stream, without the keys: it may be in another charset, which its reader decodes."""
        for form, hidden in self.in_charsets.items():
            data = data.replace(form, hidden)
        yield TURN
        return (yield from self.clean_in_turns(data))

    def clean(self, data: bytes) -> bytes:
        """The data without the keys; JSON that writes characters as `\\u0041` is written anew first."""
        turns = self.clean_in_turns(data)
        while True:
            try:
                next(turns)
            except StopIteration as end:
                cleaned: bytes = end.value
                return cleaned

    def clean_in_turns(self, data: bytes) -> Generator[bytes, None, bytes]:
        """The same as a return value, after a `TURN` for each piece of a large event."""
        if not self.forms or not data:
            return data
        is_large = len(data) > CLEANED_BYTES
        if is_large:
            yield TURN
        if b"\\u00" in data and (value := parsed(data)) is not None:
            data = orjson.dumps(value)
        cleaned = []
        try:
            for piece in in_pieces(data, self.forms, CLEANED_BYTES, most=MAX_ESCAPES):
                cleaned.append(piece)
                if is_large:
                    yield TURN
        except TooManyEscapes as error:
            what = f"a piece of more than {MAX_ESCAPES:,} escaped characters, lines or groups of digits"
            raise BrokenStream(f"The provider sent {what}.", advice=_ADVICE) from error
        return b"".join(cleaned)


class Body:
    """One response's body: `feed` and `finish` give the bytes for the client, `done` says that no more are needed.

    Where other tasks may have their turns, they give a `TURN`.
    """

    def __init__(
        self,
        *,
        status: int,
        content_type: str,
        encoding: str,
        streams: bool,
        keys: Sequence[str],
        is_chat: bool = False,
    ) -> None:
        self._is_chat = is_chat
        self._cleaner = KeyCleaner.of(keys)
        self._decompressor = Decompressor(self._cleaner.clean(encoding.encode()).decode())
        self._events: EventStream | None = None
        self._streams = streams and status < 400
        self._is_event_stream = content_type.lower().startswith("text/event-stream") and status < 400
        self._limit = MAX_ERROR_BYTES if status >= 400 else MAX_WHOLE_BYTES
        self._is_error = status >= 400
        self._whole = bytearray()
        self._received = self._decompressed = 0
        self._known = False
        self.done = False

    def clean(self, text: str) -> str:
        """A text beside the body, such as a header, without the keys."""
        return self._cleaner.clean(text.encode(errors="surrogatepass")).decode(errors="replace")

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes for the client that these received bytes complete."""
        self._received += len(data)
        if self._received > MAX_RECEIVED_BYTES:
            raise too_large("an answer", MAX_RECEIVED_BYTES)
        for piece in self._decompressor.feed(data):
            self._decompressed += len(piece)
            if self._decompressed > MAX_DECOMPRESSED_BYTES:
                raise too_large("a compressed answer", MAX_DECOMPRESSED_BYTES)
            yield from self._read(piece)
            if self.done:
                return

    def finish(self) -> Iterator[bytes]:
        """The bytes for the client at the end of the body."""
        if self._events is not None:
            yield from self._events.finish()
            return
        whole = bytes(self._whole)
        if not self._is_error:
            most = (MAX_PARTS, MAX_VALUES) if self._is_chat else (MAX_LISTED_PARTS, MAX_LISTED_VALUES)
            # UTF-16 has zero bytes between the others.
            check_parts(whole.replace(b"\0", b""), parts=most[0], values=most[1])
            check_text(whole, limit=MAX_TEXT_BYTES if self._is_chat else MAX_LISTED_BYTES)
        whole = yield from self._cleaner.clean_whole(whole)
        if self._streams and whole and b'"choices"' not in whole and (error := json_error(whole)) is not None:
            whole = b"data: " + error + b"\n\n"
        if whole:
            yield whole

    def _read(self, piece: bytes) -> Iterator[bytes]:
        if self._events is None and self._is_events(piece):
            self._events = EventStream(self._cleaner)
            piece = bytes(self._whole) + piece
            self._whole.clear()
        if self._events is not None:
            yield from self._events.feed(piece)
            return
        self._whole += piece
        if len(self._whole) > self._limit:
            if not self._is_error:
                raise too_large("an answer", self._limit)
            del self._whole[self._limit :]
            self.done = True

    def _is_events(self, piece: bytes) -> bool:
        """Whether the body is a stream of events: by its type, or by how it begins if a stream was asked for."""
        if self._is_event_stream:
            return True
        begin = (bytes(self._whole[:64]) + piece[:64]).removeprefix(b"\xef\xbb\xbf").lstrip()
        return self._streams and begin.startswith((b"data:", b"event:", b":", b"id:", b"retry:"))
