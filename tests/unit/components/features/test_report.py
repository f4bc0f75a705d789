"""The report stands alone, and nothing in a run can change it."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from components.features.report import configuration_link, html_report
from streaming.recordings.library import open_recording, recording_names
from streaming.services import get_services
from tests.unit.streaming.recordings.test_format import recorded, run_of

ROOT = Path(__file__).parents[4]


def test_every_shipped_recording_gives_a_report_with_figures_text_and_timeline() -> None:
    for name in recording_names(get_services().settings.recordings):
        page = html_report(open_recording(get_services().settings.recordings, name))
        assert "TTFT" in page
        assert 'role="img"' in page
        assert "<pre>" in page


def test_a_report_loads_nothing_and_runs_nothing() -> None:
    hostile = "<script>alert(1)</script><img src=http://127.0.0.1:9/x.png>"
    page = html_report(recorded(run_of("chat", labels={"owner": "secret-owner"})))
    assert not re.search(r"<script|<link|<img|src=|url\((?!#)|@import", page)
    assert "secret-owner" not in page
    original = recorded(run_of("joke"))
    bad = replace(original, header=replace(original.header, prompt=hostile, graph=hostile, model=hostile))
    assert "<script" not in html_report(bad)
    assert "<img" not in html_report(bad)


def test_a_shared_link_holds_the_controls_and_nothing_of_the_visitor() -> None:
    query = {"graph": "rag", "prompt": "a b&c", "run": "secret", "thread": "secret", "autorun": "1"}
    link = configuration_link("http://127.0.0.1:8501/values?run=secret", query)
    assert link == "http://127.0.0.1:8501/values?graph=rag&prompt=a+b%26c"


def test_a_desk_needs_none_of_what_draws_a_report() -> None:
    code = "import sys, components.run_panel.panel; print([n for n in ('vl_convert', 'altair') if n in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert said.stdout.strip() == "[]"
