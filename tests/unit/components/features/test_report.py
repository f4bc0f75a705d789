"""The report is one file that loads nothing, whatever the run contains."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from components.charts.gaps import NO_GAPS
from components.features.report import html_report
from streaming.core.events import Token
from streaming.core.model_spec import ModelSpec, Pace
from streaming.recordings.format import recording_of
from streaming.recordings.library import open_recording, recording_names
from tests.support.recordings import run_of

ROOT = Path(__file__).parents[4]


def test_every_shipped_recording_gives_a_report_with_figures_text_and_timeline() -> None:
    assert recording_names(ROOT / "recordings")
    for name in recording_names(ROOT / "recordings"):
        page = html_report(open_recording(ROOT / "recordings", name))
        assert "TTFT" in page
        assert 'role="img"' in page
        assert "<pre>" in page


def test_the_report_of_a_run_that_blocked_says_so_and_draws_no_empty_chart() -> None:
    blocked = run_of(
        "chat", modes=("messages",), api="invoke", labels={"flush": "every N tokens", "every_tokens": "10"}
    )
    page = html_report(recording_of(blocked))
    assert "invoke (blocking)" in page
    assert "<th>modes</th>" not in page
    assert "every N tokens" not in page
    assert NO_GAPS in page
    streamed = html_report(recording_of(run_of("chat")))
    assert "blocking" not in streamed
    assert NO_GAPS not in streamed


def test_a_report_loads_nothing_and_runs_nothing() -> None:
    hostile = "<script>alert(1)</script><img src=http://127.0.0.1:9/x.png>"
    page = html_report(recording_of(run_of("chat", labels={"owner": "secret-owner"})))
    assert not re.search(r"<script|<link|<img|src=|url\((?!#)|@import", page)
    assert "secret-owner" not in page
    original = recording_of(run_of("joke"))
    bad = replace(original, header=replace(original.header, prompt=hostile, graph=hostile, model=hostile))
    assert "<script" not in html_report(bad)
    assert "<img" not in html_report(bad)


def test_no_key_and_no_full_id_is_in_a_report() -> None:
    original = open_recording(ROOT / "recordings", recording_names(ROOT / "recordings")[0])
    run_id, key = "0123456789abcdef0123456789abcdef", "sk-planted-0123456789abcdefghij"
    header = replace(original.header, run_id=run_id, prompt=f"About {run_id} with {key}")
    entries = [
        replace(one, event=replace(one.event, text=f"It is {key}.")) if isinstance(one.event, Token) else one
        for one in original.events
    ]
    page = html_report(replace(original, header=header, events=entries))
    assert "About 012345" in page
    assert "It is [key]" in page
    assert run_id not in page
    assert key not in page


def test_the_run_panel_loads_no_chart_library() -> None:
    code = "import sys, components.run_panel.launcher; print([n for n in ('vl_convert', 'altair') if n in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert loaded.stdout.strip() == "[]"


def test_a_report_has_the_reasoning_and_says_how_an_answer_ended() -> None:
    model = ModelSpec(provider="scripted", max_tokens=8, pace=Pace(ttft_ms=0, tokens_per_s=5000, thinking_tokens=20))
    page = html_report(recording_of(run_of("chat", model=model)))
    assert "<details><summary>reply thought for" in page
    assert "The question is about" in page
    assert "the token limit was reached" in page
