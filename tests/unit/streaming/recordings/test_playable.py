"""What a browser loads to play a recording, and for how long the server holds it."""

import gzip
import json
import zlib
from collections.abc import Iterable
from dataclasses import replace

import pytest

from streaming.core.errors import BadRecording
from streaming.live.folding import empty_view, fold
from streaming.recordings import playable
from streaming.recordings.format import Recording
from streaming.recordings.library import open_recording, recording_names
from streaming.recordings.playable import PlayableRecordings, patches_as_json
from tests.support.app_test import ROOT

FOLDER = ROOT / "recordings"
AGENT = "an-agent-with-its-tools-scripted.jsonl"


@pytest.fixture(scope="module")
def recording() -> Recording:
    return open_recording(FOLDER, AGENT)


@pytest.mark.parametrize("name", recording_names(FOLDER))
def test_the_patches_fold_to_the_end_of_the_run(name: str) -> None:
    recording = open_recording(FOLDER, name)
    held = PlayableRecordings()
    content = held.content(held.add(recording))
    assert content is not None
    entries = json.loads(gzip.decompress(content))["entries"]
    view = fold(empty_view(), [patch for _, patches in entries for patch in patches])
    assert view["over"]
    assert view["run"]["graph"] == recording.header.graph
    assert entries[-1][0] == pytest.approx(recording.length_s, abs=1e-3)
    assert [t for t, _ in entries] == sorted(t for t, _ in entries)


def test_no_full_id_is_sent(recording: Recording) -> None:
    run_id = "0123456789abcdef0123456789abcdef"
    named = replace(recording, header=replace(recording.header, run_id=run_id, prompt=f"About {run_id}"))
    held = PlayableRecordings()
    content = held.content(held.add(named))
    assert content is not None
    assert b"About 012345" in gzip.decompress(content)
    assert run_id.encode() not in gzip.decompress(content)


def test_each_opening_has_an_id_of_its_own_and_no_other_id_opens_anything(recording: Recording) -> None:
    held = PlayableRecordings()
    first, second = held.add(recording), held.add(recording)
    assert first != second
    assert min(len(first), len(second)) >= 22
    assert held.content("guess") is None


def test_the_oldest_is_dropped_when_there_are_too_many(recording: Recording) -> None:
    held = PlayableRecordings(most=2)
    keys = [held.add(recording) for _ in range(2)]
    held.content(keys[0])
    held.add(recording)
    assert [key in held for key in keys] == [True, False]


def test_the_oldest_is_dropped_when_they_are_too_large(recording: Recording) -> None:
    held = PlayableRecordings(max_bytes=1)
    first = held.add(recording)
    assert held.content(first) is not None
    assert first in held, "the last one stays, however large"
    second = held.add(recording)
    assert held.content(second) is not None
    assert first not in held


def test_a_recording_that_no_browser_could_hold_is_refused(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playable, "MAX_JSON_BYTES", 1000)
    held = PlayableRecordings()
    key = held.add(recording)
    for _ in range(2):
        with pytest.raises(BadRecording, match="too large to be played"):
            held.content(key)


def test_the_events_of_older_recordings_are_given_up_and_what_a_browser_has_asked_for_stays(
    recording: Recording,
) -> None:
    large = [replace(recording, file_bytes=60) for _ in range(3)]
    held = PlayableRecordings(max_open_bytes=max(60, playable.EVENT_BYTES * len(recording.events)) * 2)
    played, forgotten = held.add(large[0]), held.add(large[1])
    assert held.content(played) is not None
    newest = held.add(large[2])
    assert held.recording(newest) is large[2]
    assert held.recording(played) is large[0], "it was asked for last"
    assert forgotten not in held
    held.add(large[1])
    assert held.recording(played) is None
    assert held.content(played) is not None


def test_the_newest_recording_stays_however_large_it_is(recording: Recording) -> None:
    held = PlayableRecordings(max_open_bytes=1)
    key = held.add(recording)
    assert held.recording(key) is recording


def unpacked(parts: Iterable[bytes] | None) -> list[bytes]:
    assert parts is not None
    unpacker = zlib.decompressobj(wbits=31)
    return [unpacker.decompress(part) for part in parts]


def test_it_is_sent_while_it_is_computed_and_held_from_then_on(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playable, "_CHUNK", 5_000)
    held = PlayableRecordings()
    key = held.add(recording)
    left = held.chunks(key)
    assert left is not None
    next(iter(left))  # a reader that leaves
    parts = unpacked(held.chunks(key))
    assert len(parts) > 2
    assert all(parts), "each part can be read when it comes"
    assert b"".join(parts) == gzip.decompress(held.content(key) or b"") == patches_as_json(recording)
    assert [b"".join(unpacked(held.chunks(key)))] == unpacked(held.chunks(key)), "in one part"
    assert held.chunks("guess") is None


def test_one_that_becomes_too_large_while_it_is_sent_ends_with_the_reason(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playable, "_CHUNK", 500)
    monkeypatch.setattr(playable, "MAX_JSON_BYTES", 5_000)
    held = PlayableRecordings()
    key = held.add(recording)
    *lines, last = b"".join(unpacked(held.chunks(key))).split(b"\n")
    assert "too large" in json.loads(last)["error"]
    assert len(lines) > 2
    for again in (held.chunks, held.content):
        with pytest.raises(BadRecording, match="too large"):
            again(key)
