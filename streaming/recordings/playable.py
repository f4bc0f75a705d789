"""Recordings that browsers load once and play: each as patches in JSON, under an id that cannot be guessed."""

import secrets
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import chain
from operator import itemgetter

from streaming.core.errors import BadRecording
from streaming.core.serialization import to_json
from streaming.live.patches import VIEWS
from streaming.live.view import patches_of
from streaming.recordings.drawn_patches import Entry, as_drawn
from streaming.recordings.export import without_full_ids
from streaming.recordings.format import Header, Recording
from streaming.rendering.flush import FlushStrategy

MAX_PLAYABLE = 64
MAX_TOTAL_BYTES = 256_000_000
"""Limits of what is kept: the number of recordings, and their compressed bytes."""
MAX_OPEN_BYTES = 200_000_000
"""Bytes of the files whose events are in memory, which takes about six times as many."""
EVENT_BYTES = 200
"""The least that an event counts."""
MAX_JSON_BYTES = 100_000_000
"""Bytes of one recording's patches that a browser can be expected to hold."""

_GZIP_LEVEL, _GZIP_FORMAT = 1, 31
_CHUNK = 100_000
"""Bytes of JSON, at least, in each part of an answer that is sent while it is computed."""

_FIELDS = ("graph", "provider", "model", "modes", "api", "prompt", "created_at")


def about_recording(header: Header) -> dict[str, object]:
    """The fields of a run that are in no event, as the live view has them."""
    return {name: getattr(header, name) for name in _FIELDS}


@dataclass(slots=True, eq=False)
class _Playable:
    """A recording while there is room for its events, and its patches once they were asked for, or why it has none."""

    recording: Recording | None
    content: bytes = b""
    refusal: BadRecording | None = None
    encoded: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class PlayableRecordings:
    """Holds the newest recordings that were opened; an id is the right to load one.

    The events of older ones are given up, for all visitors together until they are opened again.
    """

    def __init__(
        self, *, most: int = MAX_PLAYABLE, max_bytes: int = MAX_TOTAL_BYTES, max_open_bytes: int = MAX_OPEN_BYTES
    ) -> None:
        self._most = most
        self._max_bytes = max_bytes
        self._max_open_bytes = max_open_bytes
        self._held: OrderedDict[str, _Playable] = OrderedDict()
        self._lock = threading.Lock()

    def __contains__(self, key: str) -> bool:
        """Whether the recording with this id is still held."""
        return key in self._held

    def add(self, recording: Recording) -> str:
        """Hold a recording; returns its id."""
        key = secrets.token_urlsafe(16)
        with self._lock:
            self._held[key] = _Playable(recording)
            self._drop_oldest()
        return key

    def recording(self, key: str) -> Recording | None:
        """The recording with this id; `None` if its events are not held any more."""
        playable = self._held.get(key)
        return playable.recording if playable else None

    def content(self, key: str) -> bytes | None:
        """`patches_as_json` gzipped; `None` if the recording is not held.

        The first call computes it, which takes about a second for 20,000 tokens. Raises `BadRecording` if it is too
        large.
        """
        with self._lock:
            playable = self._held.get(key)
            if playable is None:
                return None
            self._held.move_to_end(key)
        with playable.lock:
            recording = playable.recording
            if recording is not None and not playable.encoded:
                for _ in self._computed(playable, recording):
                    pass
        if playable.refusal is not None:
            raise playable.refusal
        return playable.content

    def chunks(self, key: str) -> Iterator[bytes] | None:
        """The same as `content` in parts, each as soon as it is computed; an error that comes later is the last line.

        Raises `BadRecording` if the recording is known to be too large.
        """
        with self._lock:
            playable = self._held.get(key)
            recording = None if playable is None or playable.encoded else playable.recording
            if playable is not None:
                self._held.move_to_end(key)
        if playable is None or recording is None:
            content = self.content(key)
            return None if content is None else iter((content,))
        computed = self._computed(playable, recording)
        first = next(computed)
        if playable.refusal is not None:
            raise playable.refusal
        return chain((first,), computed)

    def _computed(self, playable: _Playable, recording: Recording) -> Iterator[bytes]:
        """Each reader computes for itself, until one has come to the end: nobody waits for a slow one."""
        packer = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_FORMAT)
        packed: list[bytes] = []
        held: list[bytes] = []
        size = 0
        try:
            for line in json_lines(without_full_ids(recording)):
                held.append(line)
                size += len(line)
                if size >= _CHUNK:
                    packed.append(packer.compress(b"".join(held)) + packer.flush(zlib.Z_SYNC_FLUSH))
                    held, size = [], 0
                    yield packed[-1]
            packed.append(packer.compress(b"".join(held)) + packer.flush())
            playable.content, playable.encoded = b"".join(packed), True
            with self._lock:
                self._drop_oldest()
            yield packed[-1]
        except BadRecording as error:
            playable.refusal, playable.encoded = error, True
            yield packer.compress(b"\n" + to_json({"error": str(error)})) + packer.flush()

    def _drop_oldest(self) -> None:
        size = sum(len(playable.content) for playable in self._held.values())
        while len(self._held) > self._most or (size > self._max_bytes and len(self._held) > 1):
            size -= len(self._held.popitem(last=False)[1].content)
        newest = True
        room = self._max_open_bytes
        for key, playable in reversed(list(self._held.items())):
            if playable.recording is None:
                continue
            room -= _weight(playable.recording)
            if room < 0 and not newest:
                playable.recording = None
                if not playable.encoded:
                    del self._held[key]
            newest = False


def _weight(recording: Recording) -> int:
    """About the bytes of its file."""
    return max(recording.file_bytes, EVENT_BYTES * len(recording.events))


def patches_as_json(
    recording: Recording, *, drawn_by: FlushStrategy | None = None, more: Sequence[Entry] = ()
) -> bytes:
    """`{"seconds": length, "entries": [[t, [patch, …]], …]}`; raises `BadRecording` if it is too large.

    Each entry has a line of its own, so that a browser can read it in slices. With `drawn_by` each text comes when this
    strategy draws it, otherwise when it arrived. The entries `more`, in the order of time, are added. For files and
    browsers the recording comes without full ids: see `streaming.recordings.export`.
    """
    return b"".join(json_lines(recording, drawn_by=drawn_by, more=more))


def json_lines(
    recording: Recording, *, drawn_by: FlushStrategy | None = None, more: Sequence[Entry] = ()
) -> Iterator[bytes]:
    """The parts of `patches_as_json`, each as soon as it is computed."""
    size = 0
    # Encoded one by one, because the collector of garbage would walk through millions of small lists again and again.
    entries = patches_of(recording.events, about=about_recording(recording.header), views=VIEWS)
    yield b'{"seconds":%b,"entries":[' % to_json(recording.length_s)
    separator = b"\n"
    drawn = as_drawn(entries, drawn_by) if drawn_by else entries
    for entry in merge(drawn, more, key=itemgetter(0)):
        line = to_json(entry)
        size += len(line)
        if size > MAX_JSON_BYTES:
            raise BadRecording(
                f"The recording is too large to be played: {MAX_JSON_BYTES / 1e6:.0f} MB of pictures are the limit.",
                advice="Record a shorter run, or fewer stream modes.",
            )
        yield separator
        yield line
        separator = b",\n"
    yield b"\n]}"
