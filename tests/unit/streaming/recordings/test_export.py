"""An exported recording plays as before and holds no id that grants access."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs import GRAPHS, TECHNIQUES
from streaming.core.events import LogEntry, Started, Token
from streaming.core.run import short_id
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.metrics import MetricsCollector
from streaming.recordings.export import export_recording, without_keys, without_keys_in_text
from streaming.recordings.format import Header, Recording, dump_recording, load_recording, recording_of
from streaming.recordings.library import recording_names
from tests.support.app_test import ROOT
from tests.support.recordings import run_of


@pytest.mark.parametrize("name", [*GRAPHS, *TECHNIQUES])
def test_an_export_holds_neither_the_run_id_nor_the_thread_id(name: str) -> None:
    run = run_of(name)
    full = dump_recording(recording_of(run))
    exported = export_recording(recording_of(run))
    for access in (run.id, run.thread_id):
        assert access.encode() in full
        assert access.encode() not in exported
        assert short_id(access).encode() in exported


def test_an_export_plays_as_the_original() -> None:
    original = recording_of(run_of("agent"))
    exported = load_recording(export_recording(original))
    assert len(exported.events) == len(original.events)
    assert [entry.t for entry in exported.events] == [entry.t for entry in original.events]
    for projection in (Messages, MetricsCollector):
        before, after = apply_all(projection(), original.events), apply_all(projection(), exported.events)
        assert repr(vars(before)) == repr(vars(after)) if hasattr(before, "__dict__") else True


def test_an_export_of_an_export_is_the_same() -> None:
    exported = export_recording(recording_of(run_of("joke")))
    assert export_recording(load_recording(exported)) == exported


def test_shipped_recordings_hold_no_full_ids() -> None:
    folder = ROOT / "recordings"
    assert recording_names(folder)
    for name in recording_names(folder):
        content = (folder / name).read_bytes()
        recording = load_recording(content)
        assert export_recording(recording).count(b"\n") == content.count(b"\n")
        threads = [entry.event.thread_id for entry in recording.events if isinstance(entry.event, Started)]
        assert all(len(full) == 8 for full in [recording.header.run_id, *threads])


KEYS = ["sk-proj-abcdefghijklmnop0123456789", "AIzaSyA0123456789abcdefghijklmnopqrstuv", "hf_abcdefghijklmnopqrst"]


@given(
    parts=st.lists(st.sampled_from([*KEYS, " and ", "key_figures ", "sk-", "."]), max_size=6),
    cuts=st.lists(st.integers(0, 120)),
)
def test_a_key_that_a_model_wrote_in_several_tokens_is_taken_out(parts: list[str], cuts: list[int]) -> None:
    whole = "".join(parts)
    ends = [*sorted(cut for cut in cuts if cut <= len(whole)), len(whole)]
    pieces = [whole[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    header = Header(run_id="r", created_at="", graph="chat", provider="p", model="m", modes=("messages",), prompt="")
    tokens = [
        LogEntry(seq=n, t=0.0, size=9, event=Token(ns=(), message_id="m", node="n", role="ai", text=piece))
        for n, piece in enumerate(pieces)
    ]
    cleaned = without_keys(Recording(header=header, events=tokens)).events
    assert len(cleaned) == len(tokens)
    assert "".join(entry.event.text for entry in cleaned) == without_keys_in_text(whole)  # type: ignore[union-attr]
