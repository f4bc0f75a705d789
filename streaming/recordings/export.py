"""Recordings for other people.

The full id of a run gives the right to follow and to stop it, that of a thread the right to continue it. So a file that
leaves the app contains only their first characters.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from streaming.core.events import LogEntry, Started, Token
from streaming.core.run import SHORT_ID_LENGTH, short_id
from streaming.recordings.format import Recording, dump_recording

_KEY = re.compile(
    r"\b(?:sk|pk|xai|nvapi|pplx|tvly)-[\w-]{16,}|\b(?:gsk|hf|lsv2_pt|lsv2_sk|gh[oprsu])_\w{16,}|\bAIza[\w-]{30,}"
    r"|\bBearer\s+[\w.~+/-]{16,}"
)
"""Keys of providers beyond doubt: a name such as `key_figures` in a text or a state stays."""


def export_recording(recording: Recording) -> bytes:
    """The recording as a file with shortened ids of its run and of its thread, wherever they occur in it."""
    return dump_recording(without_full_ids(recording))


def without_full_ids(recording: Recording) -> Recording:
    """The same recording with shortened ids of its run and of its thread, wherever they occur in it."""
    threads = {entry.event.thread_id for entry in recording.events if isinstance(entry.event, Started)}
    ids = [full for full in {recording.header.run_id, *threads} if len(full) > SHORT_ID_LENGTH]

    def shorten(text: str) -> str:
        for full in ids:
            text = text.replace(full, short_id(full))
        return text

    return _with_all_texts(recording, shorten)


def without_keys(recording: Recording) -> Recording:
    """The same recording with `[key]` for everything that has the form of a provider's key, wherever it occurs."""
    # Split ones first: the beginning of a key can have the form of one.
    whole = replace(recording, events=_without_split_keys(recording.events))
    return _with_all_texts(whole, without_keys_in_text)


def _without_split_keys(events: list[LogEntry]) -> list[LogEntry]:
    """The entries without the keys that a model wrote in several tokens."""
    cleaned = list(events)
    for name in ("text", "reasoning"):
        places: dict[str, list[int]] = {}
        for place, entry in enumerate(cleaned):
            if isinstance(entry.event, Token) and getattr(entry.event, name):
                places.setdefault(entry.event.message_id, []).append(place)
        for found in places.values():
            pieces = [getattr(cleaned[place].event, name) for place in found]
            for place, before, after in zip(found, pieces, _without_key_across(pieces), strict=True):
                if after != before:
                    entry = cleaned[place]
                    changes: dict[str, Any] = {name: after}
                    cleaned[place] = replace(entry, event=replace(entry.event, **changes))
    return cleaned


def _without_key_across(pieces: list[str]) -> list[str]:
    """The pieces of a text with `[key]` in the one where a key begins, and without the rest of it."""
    keys = [match.span() for match in _KEY.finditer("".join(pieces))]
    if not keys:
        return pieces
    cleaned, start = [], 0
    for piece in pieces:
        end, at, kept = start + len(piece), start, ""
        for first, last in keys:
            if first < end and last > start:
                kept += piece[max(at - start, 0) : max(first - start, 0)] + ("[key]" if first >= start else "")
                at = min(last, end)
        cleaned.append(kept + piece[at - start :])
        start = end
    return cleaned


def without_keys_in_text(text: str) -> str:
    """The text with `[key]` for everything that has the form of a provider's key."""
    return _KEY.sub("[key]", text)


def _with_all_texts(recording: Recording, change: Callable[[str], str]) -> Recording:
    return Recording(
        header=_with_texts(recording.header, change),
        events=[_with_event_texts(entry, change) for entry in recording.events],
    )


def _with_event_texts(entry: LogEntry, change: Callable[[str], str]) -> LogEntry:
    event = _with_texts(entry.event, change)
    return entry if event is entry.event else replace(entry, event=event)


def _with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """The dataclass with every text changed, at any depth; the same object if none of them differs."""
    different = {
        name: new
        for name in _names(value.__class__)
        if (new := _changed(old := getattr(value, name), change)) is not old
    }
    return replace(value, **different) if different else value


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind) if item.name != "kind")


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        new = change(value)
        return value if new == value else new
    if not value or isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        pairs = {_changed(key, change): _changed(item, change) for key, item in value.items()}
        same = all(a is b and pairs[a] is value[b] for a, b in zip(pairs, value, strict=False))
        return value if same and len(pairs) == len(value) else pairs
    if isinstance(value, list | tuple):
        items = [_changed(item, change) for item in value]
        return value if all(a is b for a, b in zip(items, value, strict=True)) else type(value)(items)
    return _with_texts(value, change) if is_dataclass(value) else value
