"""Whatever passes the loader is shown: no projection, export or protocol breaks at a shape that its types allow."""

import logging
from datetime import UTC, datetime

import pytest

from streaming.analysis.final_answer import final_answers
from streaming.analysis.insights import run_insights
from streaming.analysis.mode_summary import mode_summaries
from streaming.recordings.export import export_recording
from streaming.recordings.format import dump_recording, load_recording
from streaming.recordings.playable import patches_as_json
from streaming.wires.base import RunFacts
from streaming.wires.catalogue import WIRE_NAMES
from streaming.wires.figures import wire_figures
from tests.support.odd_recordings import odd_recording

FACTS = RunFacts(run_id="r", thread_id="t", graph="g", model="m", created_at=datetime.now(UTC))


@pytest.mark.parametrize("block", range(4))
def test_a_recording_of_foreign_values_is_shown(block: int, caplog: pytest.LogCaptureFixture) -> None:
    for seed in range(block * 25, block * 25 + 25):
        recording = odd_recording(seed)
        with caplog.at_level(logging.WARNING):
            patches_as_json(recording)
        assert not caplog.records, f"a view gave up at seed {seed}"
        assert load_recording(dump_recording(recording)) == recording
        load_recording(export_recording(recording))
        final_answers(recording.events, prompt="Hello")
        run_insights(recording.events)
        mode_summaries(recording.events)
        for wire in WIRE_NAMES:
            wire_figures(wire, FACTS, recording.events, keep=1)
